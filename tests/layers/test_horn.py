"""Recurrent layers of oscillators: their equations, their gradients, and that they learn."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

ALPHA, OMEGA, GAMMA, V = 0.3, 0.4, 0.05, 0.2


@pytest.fixture(autouse=True)
def step():
    brainstate.environ.set(dt=1.0 * u.ms)
    brainstate.random.seed(0)


def layer(n_input=2, n_hidden=4, **options):
    return bm.HORNSeqLayer(n_input, n_hidden, alpha=ALPHA, omega=OMEGA, gamma=GAMMA, v=V, **options)


def by_hand(one, inputs, delay=0):
    weights, bias = np.asarray(one.h2h.conn.value(), float), np.asarray(one.h2h.coupling.b.value(), float)
    w, b = (np.asarray(one.i2h.weight.value[name], float) for name in ("weight", "bias"))
    x, y = np.zeros(len(bias)), np.zeros(len(bias))
    past, found = [y], []
    for sample in inputs:
        heard = weights @ past[max(len(past) - 1 - delay, 0)]
        y = y + ALPHA * np.tanh(sample @ w + b + heard + bias + V * x) - 2 * GAMMA * y - OMEGA**2 * x
        x = x + y
        past.append(y)
        found.append(x)
    return np.array(found)


SEQUENCE = np.random.default_rng(1).normal(size=(50, 2))


@pytest.mark.parametrize("delay", [None, 3])
def test_a_layer_solves_its_equations(delay):
    one = layer(delay=delay)
    found = one(SEQUENCE)
    assert found.shape == (50, 4)
    np.testing.assert_allclose(found, by_hand(one, SEQUENCE, delay or 0), rtol=2e-4, atol=1e-5)
    states, again = one(SEQUENCE, record_state=True)
    np.testing.assert_array_equal(again, found)
    np.testing.assert_allclose(np.diff(states["x"], axis=0), states["y"].mantissa[1:], rtol=1e-3, atol=1e-5)


def test_a_batch_is_its_sequences():
    net = bm.HORNSeqNetwork(2, [4, 3], 5)
    batch = np.random.default_rng(2).normal(size=(20, 6, 2))
    together = net(batch)
    assert together.shape == (6, 5)
    alone = [net(batch[:, b]) for b in range(6)]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-6)
    assert np.ptp(np.asarray(alone), 0).min() > 1e-4
    assert [h.shape for h in net.hidden_activation(batch)] == [(20, 6, 4), (20, 6, 3)]


def test_all_weights_train():
    net = bm.HORNSeqNetwork(1, 8, 1, delay=2.0, gamma=0.05)
    params = net.states(brainstate.ParamState)
    time = np.arange(40)
    frequency = np.linspace(0.1, 0.6, 12)
    batch, wanted = np.sin(time[:, None, None] * frequency[:, None]), frequency[:, None]

    def loss():
        return jnp.mean((net(batch) - wanted) ** 2)

    @brainstate.transform.jit
    def descend():
        gradients, value = brainstate.transform.grad(loss, params, return_value=True)()
        for path, gradient in gradients.items():
            step = lambda p, g: p - 0.05 * g / (jnp.linalg.norm(g) + 1e-3)  # noqa: E731
            params[path].value = jax.tree.map(step, params[path].value, gradient)
        return value, gradients

    first, gradients = descend()
    assert len(gradients) == 4  # recurrent weights and bias, input and readout layers
    assert all(np.any(leaf) for leaf in jax.tree.leaves(gradients))
    for _ in range(60):
        last, _ = descend()
    assert last < 0.5 * first


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"\(time, 2\)"):
        layer()(np.zeros((50, 3)))
    with pytest.raises(TypeError, match="not a number"):
        layer()("abc")
    with pytest.raises(ValueError, match="n_hidden"):
        bm.HORNSeqLayer(2, 0)
    with pytest.raises(ValueError, match="n_output"):
        bm.HORNSeqNetwork(2, 3, 1.5)

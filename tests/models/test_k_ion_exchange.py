"""Cells in a potassium bath: rest, its end, spikes, and what ions and distributions of potentials must obey."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

MODEL = bm.KIonExStep
NAMES = list(MODEL.declarations(bm.Variable))


def slopes(y, p, inputs):
    s = {n: y[i : i + 1] for i, n in enumerate(NAMES)}
    found = MODEL(1).bare_drift(s, p, inputs)
    return jnp.stack([found[n][0] for n in NAMES])


field = jax.jit(slopes)
jacobian = jax.jit(jax.jacfwd(slopes))


def parameters(**values):
    return {n: jnp.asarray(v) for n, v in (MODEL(1).bare_parameters() | values).items()}


def rest(K_bath, y):
    """The resting state near y, by Newton's method."""
    p = parameters(K_bath=K_bath)
    for _ in range(30):
        y = y - jnp.linalg.solve(jacobian(y, p, {}), field(y, p, {}))
    return y


def test_at_rest_the_bath_is_reached_and_the_pump_balances_potassium():
    y = rest(5.5, jnp.array([0.03, -73.0, 0.05, 0.7, 2.9]))
    p = parameters()
    np.testing.assert_allclose(field(y, p, {}), 0.0, atol=1e-12)
    s = {n: y[i : i + 1] for i, n in enumerate(NAMES)}
    np.testing.assert_allclose(MODEL(1).bare_read("K_out", s, p), 5.5, rtol=1e-9)
    assert np.linalg.eigvals(jacobian(y, p, {})).real.max() < 0
    _, V, n, DKi, _ = (float(value) for value in y)
    I_K = (0.12 + 22.0 * n) * (V - 26.64 * np.log(5.5 / (130.0 + DKi)))
    pump = 250.0 / (1 + np.exp((21.0 - 16.0 + DKi) / 2)) / (1 + np.exp(5.5 - 5.5))
    np.testing.assert_allclose(I_K, 2 * pump, rtol=1e-9)
    np.testing.assert_allclose(V, -72.8706, atol=1e-3)


def test_rest_ends_in_oscillations():
    """Followed with the bath, the resting state turns into a focus and loses its stability between 6.6 and 6.7 mM."""
    y, leading = jnp.array([0.03, -73.0, 0.05, 0.7, 2.9]), []
    for K_bath in (5.5, 5.8, 6.1, 6.3, 6.5, 6.6, 6.65, 6.7):
        y, p = rest(K_bath, y), parameters(K_bath=K_bath)
        np.testing.assert_allclose(field(y, p, {}), 0.0, atol=1e-11)
        values = np.linalg.eigvals(jacobian(y, p, {})[:3, :3])
        leading.append(values[values.real.argmax()])
    assert np.real(leading[-3]) < 0 < np.real(leading[-1])
    assert abs(np.imag(leading[-3])) > 0.3


@pytest.mark.parametrize(("K_bath", "fewest", "most", "low", "high"), [
    (5.5, 0, 0, -80.0, -70.0), (9.5, 10, 40, -80.0, 40.0), (14.5, 50, 150, -85.0, 40.0), (20.0, 0, 0, -21.0, -19.0),
])  # fmt: skip
def test_potassium_leads_from_rest_over_spikes_to_depolarisation_block(K_bath, fewest, most, low, high):
    """Spikes within a second, and the range of V, where the bath has already reached the cells."""
    node = MODEL(1, K_bath=K_bath, init_Kg=K_bath - 4.8)
    run = bm.Simulator(node, dt=0.01).run(2000.0, monitors=["V", "r"], transient=1000.0)
    V, r = run["V"].mantissa[:, 0], run["r"].mantissa[:, 0]
    assert fewest <= np.sum((V[1:] > -20.0) & (V[:-1] <= -20.0)) <= most
    assert low < V.min() < V.max() < high
    assert r.min() > 0.0
    assert np.ptp(V) > 90.0 or most == 0


def test_potassium_is_lost_only_to_the_bath():
    """What leaves the cells appears outside, in the ratio of the volumes."""
    p, node = parameters(), MODEL(1)
    s = {"x": 0.03, "V": -70.0, "n": 0.05, "DKi": 0.2, "Kg": 1.0}
    before = node.bare_read("K_out", {n: jnp.array([v]) for n, v in s.items()}, p)
    after = node.bare_read("K_out", {n: jnp.array([v]) for n, v in (s | {"DKi": 0.5}).items()}, p)
    np.testing.assert_allclose(720.0 * (after - before), -2160.0 * 0.3, rtol=1e-12)
    moved = field(jnp.array(list(s.values())), p, {})
    np.testing.assert_allclose(moved[4], 0.001 * (5.5 - before[0]), rtol=1e-12)


@pytest.mark.parametrize(("V", "R", "c"), [(-60.0, 0.5, -40.0), (-31.0, 0.5, -40.0), (-30.99, -0.5, -20.0)])
def test_width_of_the_distribution_of_potentials(V, R, c):
    """Independent cells (J = 0) with currents of half width Δ spread to Δ / 2R(c - V); synapses narrow that."""
    y = jnp.array([0.7, V, 0.1, 0.0, 0.0])
    alone, coupled = (field(y, parameters(J=J), {})[0] for J in (0.0, 2.0))
    np.testing.assert_allclose(alone, 1.0 + 2.0 * R * (V - c) * 0.7, rtol=1e-12)
    np.testing.assert_allclose(alone - coupled, 2.0 * 0.5 * 0.7**2 / np.pi, rtol=1e-9)


def test_coupling_is_a_conductance():
    """Synapses, own and distant, pull towards the reversal potential; the own ones also narrow the distribution."""
    y = jnp.array([0.03, -60.0, 0.05, 0.1, 0.5])
    p = parameters(E=-50.0)
    np.testing.assert_allclose(
        field(y, p, {"r_inp": 0.3}) - field(y, p, {}), [0.0, 0.3 * 10.0, 0.0, 0.0, 0.0], rtol=1e-9
    )
    own = field(y, p, {}) - field(y, parameters(E=-50.0, J=0.0), {})
    r = 0.5 * 0.03 / np.pi
    np.testing.assert_allclose(own, [-0.1 * r * 0.03, 0.1 * r * 10.0, 0.0, 0.0, 0.0], rtol=1e-9)
    y = y.at[1].set(-50.0)
    np.testing.assert_array_equal(field(y, p, {"r_inp": 0.3}), field(y, p, {}))

"""Self-delays: a variable that enters its own drift as it was some time ago."""

import copy
import pickle

import brainstate
import brainunit as u
import jax
import numpy as np
import pytest

import brainmass as bm
from tests.compiles import compilations

pytestmark = pytest.mark.usefixtures("x64")

DT, N, STEPS = 0.1, 4, 200
DELAYS = np.array([0.0, 0.14, 1.0, 3.7])
START = np.array([1.0, 0.5, 0.2, -1.0])


class Echo(bm.StateSpace):
    """x is driven by its own past, y follows x."""

    g = bm.Parameter(0.5, u.ms**-1, "gain")
    d = bm.Parameter(1.0 * u.ms, u.ms, "delay")
    x = bm.Variable(1.0, doc="x")
    y = bm.Variable(0.3, doc="y")
    x_inp = bm.Input(u.ms**-1, "drive", additive=True)
    x_past = bm.Delayed("x", by="d", doc="x, d ago")

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-p.g * s.x_past + inp.x_inp, y=p.g * (s.x - s.y))


def bank(delay=DELAYS, method="euler"):
    return Echo(N, d=delay, init_x=START, method=method)


def simulator(delay=DELAYS):
    return bm.Simulator(bank(delay), dt=DT)


def run(sim, steps=STEPS, **options):
    return sim.run(steps * DT, monitors="x", **options)["output"]


def by_hand(delay, steps=STEPS, gain=0.5):
    """Euler with a list of every earlier value."""
    back, x = np.rint(np.asarray(delay) / DT).astype(int), [START] * 200
    for _ in range(steps):
        x.append(x[-1] - DT * gain * np.array([x[-1 - d][i] for i, d in enumerate(back)]))
    return np.array(x[200:])


def test_a_delay_is_read_at_the_nearest_step():
    np.testing.assert_allclose(run(simulator()), by_hand(DELAYS), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cut", [1, 16, 37, 183])
def test_continuing_changes_no_bit(cut):
    sim = simulator()
    whole = run(sim)
    parts = [run(sim, cut), run(sim, STEPS - cut, init_states=False)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_batch_over_the_delay():
    sim, delays = simulator(), np.stack([DELAYS, DELAYS / 2, 3 * DELAYS])
    batch = run(sim, values={"d": delays})
    for b, delay in enumerate(delays):
        np.testing.assert_allclose(batch[:, b], by_hand(delay), rtol=1e-12, atol=1e-14)
    more = run(sim, 20, init_states=False, values={"d": delays})
    np.testing.assert_allclose(more[-1, 2], by_hand(delays[2], STEPS + 20)[-1], rtol=1e-12)


def test_a_function_over_the_delay_and_its_gradient():
    f = simulator().function(STEPS * DT, monitors="x", vary=["d", "g"])
    np.testing.assert_allclose(jax.jit(f)({"d": 2 * DELAYS}, 0)["output"], by_hand(2 * DELAYS), rtol=1e-12, atol=1e-14)
    assert np.isnan(f({"d": 20 * DELAYS}, 0)["output"][:, 3]).all()  # further back than the past that is kept

    def loss(gain):
        return (f({"g": gain}, 0)["output"] ** 2).mean()

    found, wanted = jax.grad(loss)(0.5), (loss(0.5 + 1e-5) - loss(0.5 - 1e-5)) / 2e-5
    np.testing.assert_allclose(found, wanted, rtol=1e-7)


def test_another_delay_compiles_nothing():
    sim = simulator()
    run(sim)
    sim.model.d = 0.5 * DELAYS * u.ms
    with compilations() as names:
        found = run(sim)
    assert names == []
    np.testing.assert_allclose(found, by_hand(DELAYS / 2), rtol=1e-12, atol=1e-14)


def test_update_does_the_same_and_a_run_goes_on_from_it():
    wanted = run(simulator())
    node = bank()
    with brainstate.environ.context(dt=DT * u.ms):
        brainstate.nn.init_all_states(node)
        seen = []
        for _ in range(50):
            node.update()
            seen.append(node.x.value)
    np.testing.assert_allclose(seen, wanted[:50], rtol=1e-12)
    rest = run(bm.Simulator(node, dt=DT), STEPS - 50, init_states=False)
    np.testing.assert_allclose(rest, wanted[50:], rtol=1e-12, atol=1e-14)


def test_its_time_step_is_that_of_its_past():
    node = bank()
    with brainstate.environ.context(dt=DT * u.ms):
        brainstate.nn.init_all_states(node)
        node.update()
    with brainstate.environ.context(dt=2 * DT * u.ms), pytest.raises(ValueError, match=r"dt=0.2 ms, but .* dt=0.1 ms"):
        node.update()
    with pytest.raises(ValueError, match=r"dt=0.2 ms, but .* dt=0.1 ms"):
        bm.Simulator(node, dt=2 * DT).run(1.0, init_states=False)
    run(bm.Simulator(node, dt=2 * DT))
    with brainstate.environ.context(dt=DT * u.ms), pytest.raises(ValueError, match=r"dt=0.1 ms, but .* dt=0.2 ms"):
        node.update()


def test_a_long_delay_is_ready_at_once():
    node = bank(3e4)  # 300 000 steps
    with brainstate.environ.context(dt=DT * u.ms):
        brainstate.nn.init_all_states(node, 2)
    assert node.x_past.value.shape == (2, 2**19, N)


def test_a_subclass_may_have_another_unit():
    class Amount(bm.StateSpace):
        d = bm.Parameter(1.0 * u.ms, u.ms, "delay")
        x = bm.Variable(1.0, doc="x")
        x_past = bm.Delayed("x", by="d", doc="x, d ago")

        @staticmethod
        def drift(s, p, inp):
            return dict(x=-s.x_past / (2.0 * u.ms))

    class Charge(Amount):
        x = bm.Variable(1.0 * u.nA, u.nA, "x")

    charge, amount = (bm.Simulator(kind(1), dt=DT).run(5.0)["output"] for kind in (Charge, Amount))
    np.testing.assert_array_equal(charge.to(u.nA).mantissa, amount)


def test_in_a_delayed_network():
    """Self-delay and coupling delay at once, over a cut, with a batch of one member that equals the single run."""
    weights = np.random.default_rng(0).uniform(size=(N, N))
    net = bm.Network(bank(), conn=weights, delays=0.7, k=0.05, coupling="additive", noise=bm.WhiteNoise(N, sigma=0.1))
    sim = bm.Simulator(net, dt=DT)
    whole = run(sim, seed=4)
    parts = [run(sim, 77, seed=4), run(sim, STEPS - 77, init_states=False)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_allclose(run(sim, seed=4, batch_size=3)[:, 0], whole, rtol=1e-12)


def test_without_a_past_the_present_counts():
    dx, _ = bank().derivative((START, START), 0.0)
    np.testing.assert_allclose(dx.to(u.ms**-1).mantissa, -0.5 * START)


def test_it_copies_and_pickles():
    sim = simulator()
    wanted = run(sim)
    for other in (copy.deepcopy(sim), pickle.loads(pickle.dumps(sim))):
        np.testing.assert_array_equal(run(other), wanted)


def test_mistakes():
    with pytest.raises(ValueError, match=r"Echo: d=-1.0 ms is a delay; it must be zero or more"):
        run(simulator(-1.0))
    sim = simulator()
    run(sim)
    with pytest.raises(ValueError, match="d has grown since the last run"):
        run(sim, init_states=False, values={"d": np.full(N, 50.0)})
    node = bank()
    brainstate.nn.init_all_states(node)
    with brainstate.environ.context(dt=DT * u.ms), pytest.raises(ValueError, match="call init_all_states"):
        node.update()
    for delayed in (bm.Delayed("z", by="d"), bm.Delayed("x", by="z"), bm.Delayed("x", by="g")):
        with pytest.raises(ValueError, match=r"past = Delayed\(.*takes a Variable and a Parameter in ms"):
            type("Wrong", (Echo,), {"past": delayed})
    f = simulator().function(1.0, vary="d")
    with pytest.raises(ValueError, match=r"d=-3.0 ms is a delay"):
        f({"d": np.full(N, -3.0)}, 0)

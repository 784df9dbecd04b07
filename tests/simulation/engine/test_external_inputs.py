"""Stimuli as inputs of a run: what the series of their values would do, whatever the way the run is cut."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.engine.external_inputs import exact_time, in_double
from brainmass.stimulus import PulseTrain, Series, Sine, Step
from tests.compiles import compilations

N, DT = 3, 0.1
STIMULUS = Sine(0.3, frequency=80.0) + PulseTrain(
    0.5, period=3.7, width=1.1, onset=2.05, weights=np.array([1.0, 0.0, -2.0])
)


def simulator():
    net = bm.Network(bm.HopfStep(N, a=0.1), conn=np.ones((N, N)), delays=1.0, k=0.1, coupled_var="x")
    return bm.Simulator(net, dt=DT)


def test_a_stimulus_is_the_series_of_its_values():
    series = np.asarray(STIMULUS.sample(np.arange(400), DT))
    assert series.shape == (400, N)
    wanted = simulator().run(40.0, inputs={"y_inp": series}, seed=1)["output"]
    given = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1)["output"]
    np.testing.assert_array_equal(given, wanted)
    silent = simulator().run(40.0, seed=1)["output"]
    assert np.abs(given - silent).max() > 0.1


def test_neither_chunks_nor_a_second_run_change_it():
    wanted = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1)["output"]
    cut = simulator().run(40.0, inputs={"y_inp": STIMULUS}, seed=1, chunk=5.0)["output"]
    np.testing.assert_array_equal(cut, wanted)
    sim = simulator()
    parts = [
        sim.run(17.3, inputs={"y_inp": STIMULUS}, seed=1)["output"],
        sim.run(22.7, inputs={"y_inp": STIMULUS}, init_states=False)["output"],
    ]
    np.testing.assert_array_equal(np.concatenate(parts), wanted)


def test_other_settings_compile_nothing():
    sim = simulator()
    first = sim.run(10.0, inputs=Step(0.1, onset=3.0), seed=1)["output"]
    with compilations() as names:
        second = sim.run(10.0, inputs=Step(0.4, onset=5.0), seed=1)["output"]
    assert names == []
    np.testing.assert_array_equal(second[:30], sim.run(10.0, seed=1)["output"][:30])
    assert np.abs(first - second)[-1].max() > 0.01


def test_the_first_free_input_takes_it_and_units_are_converted():
    node = bm.JansenRitStep(2)
    sim = bm.Simulator(node, dt=DT)
    in_volt = sim.run(20.0, inputs={"M_inp": Step(2e-3 * u.volt)}, seed=1)["output"]
    bare = sim.run(20.0, inputs={"M_inp": Step(2.0)}, seed=1)["output"]
    np.testing.assert_allclose(in_volt.mantissa, bare.mantissa, rtol=1e-5)
    np.testing.assert_array_equal(sim.run(20.0, inputs=Step(2.0), seed=1)["output"].mantissa, bare.mantissa)
    assert np.abs(bare.mantissa - sim.run(20.0, seed=1)["output"].mantissa).max() > 1e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"M_inp is in mV, and the stimulus in nA"):
        bm.Simulator(bm.JansenRitStep(2), dt=DT).run(1.0, inputs={"M_inp": Step(1.0 * u.nA)})
    with pytest.raises(ValueError, match="has 2 regions"):
        simulator().run(1.0, inputs={"x_inp": Series(np.ones((5, 2)), dt=1.0)})
    with pytest.raises(ValueError, match="inputs has the key 'z'"):
        simulator().run(1.0, inputs={"z": Step(1.0)})


LATE = 200_000_000  # steps, 5.6 h


class Leak(bm.StateSpace):
    """x' = inp − x/ms."""

    x = bm.Variable(0.0)
    inp = bm.Input(u.ms**-1, additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=inp.inp - s.x / u.ms)


def late(sim, first, call, steps):
    """A run that goes on from a late step, without the hours before it."""
    vars(sim.model)["clock"] = (0, first, DT)
    sim.model.x = 0.0
    return np.asarray(sim.run(steps * DT, inputs=call, init_states=False)["output"], np.float64)[:, 0]


@pytest.fixture(scope="module")
def leak():
    sim = bm.Simulator(Leak(1, method="euler"), dt=DT)
    sim.run(DT, seed=0)
    return sim


def test_a_callable_gets_the_time_of_a_late_step(leak):
    found = late(leak, LATE, lambda i, t: jnp.sin(2 * jnp.pi * 0.04 * (t / u.ms)) / u.ms, 1000)
    cycle = 4 * (np.arange(1000) + LATE) % 1000 / 1000
    x, wanted = 0.0, []
    for value in np.sin(2 * np.pi * cycle):
        x += DT * (value - x)
        wanted.append(x)
    assert np.abs(found - wanted).max() < 1e-5


def test_time_is_exact_after_ten_hours(leak):
    first = 360_000_000
    x = np.concatenate([[0.0], late(leak, first, lambda i, t: (t - 36_000_000 * u.ms) / u.ms / u.ms, 50)])
    given = np.diff(x) / DT + x[:-1]
    np.testing.assert_allclose(given, DT * np.arange(50), atol=1e-5)  # as far as x, a float32, tells
    with in_double():
        at = [float(exact_time(jnp.int32(i), DT) / u.ms) for i in (first, first + 7)]
    np.testing.assert_allclose(at, [36_000_000.0, 36_000_000.7], rtol=0, atol=1e-6)


def test_callables_compute_with_what_they_close_over(leak):
    """Arrays of float32, branches, random keys and JAX's strict switches: the values that NumPy has."""
    table, key = jnp.linspace(0.0, 1.0, 5), jax.random.key(3)
    calls = {
        "table": (lambda i, t: table[i % 5] / u.ms, lambda i, t: np.linspace(0, 1, 5)[i % 5]),
        "where": (lambda i, t: jnp.where(t > 0.55 * u.ms, 0.3, 0.0) / u.ms, lambda i, t: 0.3 * (t > 0.55)),
        "interp": (lambda i, t: jnp.interp(t / u.ms, table, 2 * table) / u.ms, lambda i, t: np.minimum(2 * t, 2.0)),
        "cond": (lambda i, t: jax.lax.cond(i > 5, lambda: 1.0, lambda: 0.0) / u.ms, lambda i, t: 1.0 * (i > 5)),
        "random": (
            lambda i, t: jax.random.randint(jax.random.fold_in(key, i), (), 0, 9) * 0.1 / u.ms,
            lambda i, t: [0.1 * int(jax.random.randint(jax.random.fold_in(key, j), (), 0, 9)) for j in i],
        ),
    }
    i = np.arange(20)
    for name, (call, wanted) in calls.items():
        with jax.numpy_dtype_promotion("strict"):
            given = leak.run(20 * DT, inputs=call, seed=0)["output"][:, 0].astype(float)
        before = np.concatenate([[0.0], given[:-1]])
        value = (given - before) / DT + before
        if name != "random":
            np.testing.assert_allclose(value, wanted(i, i * DT), atol=2e-6, err_msg=name)
        assert np.abs(value).max() > 0.1


def test_callables_inside_transformations(leak):
    def total(a):
        run = leak.run(20 * DT, inputs=lambda i, t: a * jnp.sin(t / u.ms) / u.ms, seed=0)
        return run["output"].sum()

    one = float(total(1.0))
    assert float(jax.jit(total)(1.0)) == pytest.approx(one, rel=1e-6)
    assert float(jax.grad(total)(1.0)) == pytest.approx(one, rel=1e-6)  # it is linear in a


def test_another_callable_compiles_no_run(leak):
    def run(a):
        return leak.run(20 * DT, inputs=lambda i, t: a * jnp.sin(t / u.ms) / u.ms, seed=0)["output"]

    first = run(1.0)
    with compilations() as names:
        second = run(2.0)
    assert names == ["jit(windows)"]
    np.testing.assert_allclose(second, 2 * first, rtol=1e-5)


def test_a_module_gets_the_time_of_a_late_step():
    class Echo(brainstate.nn.Module):
        def init_state(self, batch_size=None):
            self.x = brainstate.HiddenState(jnp.zeros(1))

        def update(self, value):
            self.x.value = value * jnp.ones(1, self.x.value.dtype)
            return self.x.value

    model = Echo()
    sim = bm.Simulator(model, dt=DT)
    sim.run(DT, inputs=lambda i, t: t / u.ms)
    sim._runs.cache.module.step_count = 360_000_000
    found = sim.run(1.0, inputs=lambda i, t: t / u.ms - 36_000_000.0, init_states=False)["output"][:, 0]
    np.testing.assert_allclose(found, DT * np.arange(10), atol=1e-6)
    fed_back = sim.run(1.0, inputs=lambda i, t: model.x.value + 1.0)["output"][:, 0]
    np.testing.assert_array_equal(fed_back, np.arange(1, 11))

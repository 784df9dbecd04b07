"""A batch is its members, ``Simulator.function`` is a pure function, and both say the same as ``run``."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.numerics.random_numbers import Generator, Key

pytestmark = pytest.mark.usefixtures("x64")

DT, N, TIME = 0.1, 4, 6.0
RNG = np.random.default_rng(0)
WEIGHTS = RNG.random((N, N)) * (1 - np.eye(N))
LENGTHS = RNG.uniform(0, 30, (N, N))
X, Y, LEVEL = RNG.normal(size=(3, N)) / 3


def network(*, interpolate=False, coupling="diffusive", speed=8.0, weights=WEIGHTS, delay_init=None, **arguments):
    noise = bm.OUProcess(N, sigma=0.3, tau=2.0, init=LEVEL)
    node = bm.HopfStep(N, **{**dict(a=0.2, noise_x=noise, init_x=X, init_y=Y), **arguments})
    options = dict(k=0.4, interpolate=interpolate, coupling=coupling, delay_init=delay_init)
    return bm.Network(node, conn=weights, distance=LENGTHS, speed=speed, **options)


def simulator(**arguments):
    return bm.Simulator(network(**arguments), dt=DT)


def assert_batch_is_loop(sim, values, seed=3):
    """Member b of a batch is the simulation b of its own values."""
    size = len(next(iter(values.values())))
    f = sim.function(TIME, vary=list(values))
    batch = f(values, seed)["output"]
    assert batch.shape == (round(TIME / DT), size, N)
    assert batch.dtype == jnp.float64
    assert np.ptp(batch, 1).max(0).min() > 1e-2
    for b in range(size):
        alone = f({path: value[b] for path, value in values.items()}, seed, simulation=b)["output"]
        np.testing.assert_allclose(batch[:, b], alone, rtol=1e-10, atol=1e-13)
    return batch


def test_sixteen_simulations_over_k_and_a():
    assert_batch_is_loop(simulator(), {"k": np.linspace(0, 1, 16), "node.a": np.linspace(-0.3, 0.4, 16)[::-1]})


def test_values_by_region_and_of_noise_coupling_and_initial_state():
    rng = np.random.default_rng(1)
    sim = simulator(coupling="tanh", a=np.linspace(-0.2, 0.2, N))
    values = {
        "node.a": rng.normal(size=(3, N)) / 5,
        "node.noise_x.sigma": np.array([0.1, 0.2, 0.3]),
        "node.init_x": rng.normal(size=(3, N)),
        "coupling.scale": np.array([0.5, 1.0, 3.0]),
    }
    assert_batch_is_loop(sim, values)


def test_weights_by_simulation():
    rng = np.random.default_rng(2)
    weights = rng.random((3, N, N)) * (rng.random((3, N, N)) < 0.7)
    batch = assert_batch_is_loop(simulator(), {"conn": weights, "k": np.array([0.2, 0.4, 0.9])})
    own = simulator(weights=weights[0])
    own.model.k = 0.2
    np.testing.assert_allclose(own.run(TIME, seed=3)["output"], batch[:, 0], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("interpolate", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_speed_by_simulation(interpolate):
    speeds = np.array([2.0, 8.0, 50.0])
    batch = assert_batch_is_loop(simulator(interpolate=interpolate), {"speed": speeds})
    own = simulator(interpolate=interpolate, speed=speeds[1])
    f = own.function(TIME)  # this plans its reads from the delays, where a batch reads every edge step by step
    np.testing.assert_allclose(f({}, 3, simulation=1)["output"], batch[:, 1], rtol=1e-10, atol=1e-13)


def test_run_and_function_say_the_same():
    sim, k = simulator(), np.array([0.1, 0.4, 0.9])
    f = sim.function(TIME, vary="k", monitors=["x", "y"], transient=2.0 * u.ms)
    wanted = f({"k": k}, 3)
    run = sim.run(TIME, values={"k": k}, monitors=["x", "y"], transient=2.0 * u.ms, seed=3)
    sized = sim.run(TIME, batch_size=3, monitors=["x", "y"], transient=2.0 * u.ms, seed=3)
    for name in ("x", "y"):
        np.testing.assert_array_equal(run[name], wanted[name])
        np.testing.assert_allclose(sized[name][:, 1], wanted[name][:, 1], rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(sim.model.node.x.value, sized["x"][-1])
    assert sim.model.node.x.value.shape == (3, N)


def test_random_initial_values_belong_to_their_simulation():
    node = bm.HopfStep(N, a=0.0, w=0.0, beta=0.0)  # it stays where it begins
    f = bm.Simulator(node, dt=DT).function(2 * DT, vary="w")
    batch = f({"w": np.zeros(5)}, 3)["output"]
    assert len(np.unique(batch[0])) == 5 * N
    assert (batch >= 0).all()
    assert (batch <= 0.05).all()
    for b in range(5):
        np.testing.assert_array_equal(f({}, 3, simulation=b)["output"], batch[:, b])
    assert (f({}, 4)["output"] != batch[:, 0]).all()


def test_an_initializer_may_draw_from_brainstate():
    """The numbers are those of the seed and the simulation, and the global random state does not move."""
    node = bm.HopfStep(N, a=0.0, w=0.0, beta=0.0, init_x=lambda shape: brainstate.random.rand(*shape))
    sim = bm.Simulator(node, dt=DT)
    brainstate.random.seed(1)
    wanted = brainstate.random.rand(2)
    brainstate.random.seed(1)
    batch = sim.run(2 * DT, batch_size=3, seed=3)["output"]
    np.testing.assert_array_equal(brainstate.random.rand(2), wanted)
    assert len(np.unique(batch[0])) == 3 * N
    f = sim.function(2 * DT)
    for b in range(3):
        np.testing.assert_array_equal(f({}, 3, simulation=b)["output"], batch[:, b])
    assert (f({}, 4)["output"] != batch[:, 0]).all()


def test_a_generator_never_repeats_itself():
    """An initializer may draw row by row, more often than it has columns."""
    generator = Generator(Key(np.uint32(1), np.uint32(2)), np.uint32(0))
    rows = np.array([generator.normal(size=np.int64(8)) for _ in range(100)])
    assert len(np.unique(rows)) == 800


def test_a_random_early_history_belongs_to_its_simulation():
    """However many columns of history its delays need, and with whatever else it runs."""

    def past(shape, rng):
        return rng.normal(size=shape)

    sim = simulator(delay_init=past)
    speeds = np.array([2.0, 8.0, 50.0])
    batch = sim.function(TIME, vary="speed")({"speed": speeds}, 3)["output"]
    for b, speed in enumerate(speeds):
        own = bm.Simulator(network(speed=speed, delay_init=past), dt=DT)
        np.testing.assert_allclose(own.function(TIME)({}, 3, simulation=b)["output"], batch[:, b], rtol=1e-10)


def test_a_run_inside_jit_leaves_nothing_behind():
    """The first run of a simulator is traced; the next, outside, plans its reads from concrete delays."""
    sim = simulator()
    traced = jax.jit(lambda k: sim.run(TIME, values={"k": k}, seed=3)["output"])(0.4)
    np.testing.assert_allclose(sim.run(TIME, seed=3)["output"], traced, rtol=1e-10, atol=1e-13)


def test_a_run_goes_on_in_another_precision():
    """The history and States of a float64 run start a float32 one."""
    sim, whole = simulator(), simulator().run(2 * TIME, seed=3)["output"]
    sim.run(TIME, seed=3)
    jax.config.update("jax_enable_x64", False)
    try:
        rest = sim.run(TIME, init_states=False)["output"]
    finally:
        jax.config.update("jax_enable_x64", True)
    assert rest.dtype == np.float32
    np.testing.assert_allclose(rest, whole[round(TIME / DT) :], rtol=1e-4, atol=1e-5)


def test_a_function_is_pure():
    sim = simulator()
    f = sim.function(TIME, vary=["k", "node.a"])
    before = f({"k": 0.4}, 3)["output"]
    with pytest.raises(AttributeError, match="no value yet"):
        sim.model.node.x  # noqa: B018
    assert sim.model.k.value() == 0.4
    run = sim.run(TIME, seed=8)["output"]
    f({"k": 0.9, "node.a": -0.1}, 5)
    np.testing.assert_array_equal(sim.model.node.x.value, run[-1])
    assert sim.model.k.value() == 0.4
    sim.model.k = 0.7  # the function keeps the value that it was made with
    np.testing.assert_array_equal(f({}, 3)["output"], before)
    assert np.abs(sim.run(TIME, seed=3)["output"] - before).max() > 1e-3


@pytest.mark.parametrize("mapped", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_function_may_be_compiled_and_mapped(mapped):
    f = simulator().function(TIME, vary=["k", "node.a"])
    wanted = f({"k": 0.7, "node.a": 0.1}, 3, simulation=2)["output"]
    if mapped:
        k, simulations = jnp.array([0.3, 0.7]), jnp.array([0, 2])
        found = jax.vmap(lambda k, b: f({"k": k, "node.a": 0.1}, 3, b)["output"])(k, simulations)[1]
    else:
        found = jax.jit(f)({"k": 0.7, "node.a": 0.1}, 3, 2)["output"]
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("simulation", [[0, 1, 2], np.arange(3), 0.7, -1, "x", None, True])
def test_the_number_of_a_simulation_is_one_integer(simulation):
    f = simulator().function(DT, vary="k")
    with pytest.raises(TypeError, match=r"^simulation=.* must be one integer"):
        f({"k": np.zeros(3)}, 0, simulation=simulation)


def test_values_are_for_one_run():
    sim = simulator()
    own = sim.run(TIME, seed=3)["output"]
    other = sim.run(TIME, seed=3, values={"k": 0.9, "node.a": -100.0 * u.Hz})["output"]
    assert np.abs(own - other).max() > 1e-2
    np.testing.assert_array_equal(sim.run(TIME, seed=3)["output"], own)
    sim.model.k, sim.model.node.a = 0.9, -0.1
    np.testing.assert_array_equal(sim.run(TIME, seed=3)["output"], other)


def test_a_callable_sees_the_values_of_its_simulation():
    sim, k = simulator(), np.array([0.1, 0.4, 0.9])
    monitors = {"x": "x", "scaled": lambda m: m.k.value() * m.node.x.value + m.node.a.value()}
    found = sim.run(TIME, values={"k": k}, monitors=monitors, seed=3)
    np.testing.assert_allclose(found["scaled"], k[:, None] * found["x"] + 0.2, rtol=1e-12)

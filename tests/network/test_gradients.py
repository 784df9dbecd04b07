"""Gradients through a delayed noisy network equal central finite differences."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

DT, N, TIME = 0.1, 4, 12.0
RNG = np.random.default_rng(5)
WEIGHTS = RNG.normal(size=(N, N)) / 2
WEIGHTS[0, 2] = WEIGHTS[3, 1] = WEIGHTS[1, 0] = 0.0
STEPS = np.array([[0, 0, 7, 35], [1, 0, 14, 15], [16, 40, 0, 0], [3, 22, 0, 0]])
TARGET = np.corrcoef(RNG.normal(size=(N, 10)))


def node(a, noise="coloured"):
    x, y = np.random.default_rng(6).normal(size=(2, N)) / 3
    noises = {
        "coloured": lambda: dict(noise_x=bm.OUProcess(N, sigma=0.5, tau=2.0)),
        "white": lambda: dict(noise_x=bm.WhiteNoise(N, sigma=0.3)),
    }
    return bm.HopfStep(N, a=a, w=0.6, init_x=x, init_y=y, **noises[noise]())


def loss_of(sim, vary):
    """The squared distance of the functional connectivity from a target, (values, simulation) -> number."""
    f = sim.function(TIME, vary=vary, transient=2.0 * u.ms)

    def loss(values, simulation=0):
        fc = bm.functional_connectivity(f(values, 3, simulation)["output"])
        return ((fc - TARGET) ** 2).sum((-2, -1))

    return loss


def present(sim, vary):
    read = bm.simulation.setup.read_values(sim.model)
    return {path: jnp.asarray(read[path], float) for path in vary}


def finite_difference(loss, values, path, at, step=1e-3):
    """Central, of fourth order, with respect to one entry."""

    def moved(by):
        return float(loss({**values, path: values[path].at[at].add(by)}))

    near, far = moved(step) - moved(-step), moved(2 * step) - moved(-2 * step)
    return (8 * near - far) / (12 * step)


def entries(value, given=None):
    return [()] if value.ndim == 0 else given or list(np.ndindex(value.shape))


def assert_gradient(loss, values, some=None):
    """Every entry (of the weights and lengths: ``some``) to 1e-5 of itself."""
    loss = jax.jit(loss)
    gradient = jax.jit(jax.grad(loss))(values)
    for path, value in values.items():
        found = [float(gradient[path][at]) for at in entries(value, (some or {}).get(path))]
        wanted = [finite_difference(loss, values, path, at) for at in entries(value, (some or {}).get(path))]
        assert np.abs(wanted).max() > 1e-4, path
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7 * np.abs(wanted).max(), err_msg=path)
    return gradient


ZERO_NOW = [(0, 2), (3, 1), (1, 0)]  # near, far, and of one step
OTHERS = [(0, 1), (0, 3), (1, 2), (1, 3), (2, 0), (3, 0)]


def test_strength_parameters_noise_initial_state_and_weights():
    net = bm.Network(node(a=0.1), conn=WEIGHTS, delays=STEPS * DT, k=0.4)
    sim = bm.Simulator(net, dt=DT)
    vary = ["k", "node.a", "node.noise_x.sigma", "node.noise_x.tau", "node.init_x", "conn"]
    gradient = assert_gradient(loss_of(sim, vary), present(sim, vary), {"conn": ZERO_NOW + OTHERS})
    np.testing.assert_array_equal(np.diag(gradient["conn"]), 0.0)


def test_values_by_region_and_of_interpolated_delays():
    lengths = (STEPS + np.random.default_rng(7).uniform(0.3, 0.7, (N, N))) * DT * 8.0
    a, k = np.linspace(-0.1, 0.2, N), np.linspace(0.2, 0.6, N)
    net = bm.Network(node(a=a), conn=WEIGHTS, distance=lengths, speed=8.0, k=k, interpolate=True)
    sim = bm.Simulator(net, dt=DT)
    vary = ["k", "node.a", "speed", "distance"]
    assert_gradient(loss_of(sim, vary), present(sim, vary), {"distance": OTHERS})


@pytest.mark.slow
def test_white_noise_and_another_coupling_without_delays():
    net = bm.Network(node(a=-0.1, noise="white"), conn=WEIGHTS, k=0.4, coupling="tanh")
    sim = bm.Simulator(net, dt=DT)
    vary = ["k", "node.noise_x.sigma", "coupling.scale"]
    assert_gradient(loss_of(sim, vary), present(sim, vary))


@pytest.mark.slow
def test_the_gradient_of_a_batch_is_that_of_its_members():
    net = bm.Network(node(a=0.1, noise="white"), conn=WEIGHTS, delays=STEPS * DT, k=0.4)
    loss = loss_of(bm.Simulator(net, dt=DT), ["k", "node.a"])
    values = {"k": jnp.array([0.1, 0.3, 0.5]), "node.a": jnp.array([0.2, 0.0, -0.1])}
    batch = jax.jit(jax.grad(lambda v: loss(v).sum()))(values)
    single = jax.jit(jax.grad(loss))
    for b in range(3):
        member = single({path: value[b] for path, value in values.items()}, b)
        for path in values:
            np.testing.assert_allclose(batch[path][b], member[path], rtol=1e-9)


@pytest.mark.slow
def test_forward_and_reverse_mode_agree():
    net = bm.Network(node(a=0.1), conn=WEIGHTS, delays=STEPS * DT, k=0.4)
    loss = loss_of(bm.Simulator(net, dt=DT), ["k"])
    forward, reverse = (
        jax.jit(jax.jacfwd(lambda k: loss({"k": k})))(0.4),
        jax.jit(jax.grad(lambda k: loss({"k": k})))(0.4),
    )
    np.testing.assert_allclose(forward, reverse, rtol=1e-9)


def test_an_eager_gradient_through_run_without_delays():
    net = bm.Network(bm.HopfStep(3, init_x=0.3), conn=np.ones((3, 3)), coupled_var="x")

    def loss(k):
        return jnp.sum(bm.Simulator(net, dt=0.1).run(2.0, values={"k": k}, seed=0)["output"])

    slope = (loss(0.31) - loss(0.29)) / 0.02
    np.testing.assert_allclose(jax.grad(loss)(0.3), slope, rtol=1e-2, atol=1e-3)


@pytest.mark.slow
def test_fc_distance_through_delays_and_bold():
    """And in groups of windows: its memory is far below that of what every window would leave behind."""
    noises = {name: bm.OUProcess(N, sigma=0.3, tau=2.0) for name in ("noise_x", "noise_y")}
    nodes = bm.HopfStep(N, a=np.linspace(-0.05, -0.02, N), w=0.6, **noises)
    lengths = np.random.default_rng(8).uniform(2.0, 60.0, (N, N))
    net = bm.Network(nodes, conn=WEIGHTS, distance=lengths, speed=10.0, k=0.3, coupled_var="x", interpolate=True)
    sim = bm.Simulator(net, dt=DT)
    f = sim.function(800.0, monitors={"bold": bm.Bold("x", tr=20.0)}, vary=["k", "speed", "node.a"])

    def loss(values):
        return ((bm.functional_connectivity(f(values, 1)["bold"]) - TARGET) ** 2).mean()

    at = {"k": jnp.asarray(0.3), "speed": jnp.asarray(10.0), "node.a": jnp.linspace(-0.05, -0.02, N)}
    program = jax.jit(jax.grad(loss)).lower(at).compile()
    found, value = program(at), jax.jit(loss)
    for name, step in (("k", 1e-6), ("speed", 1e-5), ("node.a", 1e-6)):
        apart = jnp.zeros_like(at[name]).ravel().at[0].set(step).reshape(at[name].shape)
        wanted = (value(at | {name: at[name] + apart}) - value(at | {name: at[name] - apart})) / (2 * step)
        np.testing.assert_allclose(found[name].ravel()[0], wanted, rtol=1e-5, atol=1e-10, err_msg=name)
        assert abs(wanted) > 1e-7
    assert program.memory_analysis().temp_size_in_bytes < 500 * 8000  # bytes for each of 8000 steps of 4 regions


def test_a_network_with_delays_shorter_than_a_window_has_a_gradient_outside_of_jit():
    """Its random initial values once took minutes to compile where nothing around it was compiled."""
    node = bm.HopfStep(3, a=0.2, w=0.3)
    net = bm.Network(node, conn=np.ones((3, 3)), delays=np.ones((3, 3)), coupled_var="x", k=0.1)
    run = bm.Simulator(net, dt=0.1).function(5.0, vary=["k"])

    def total(k):
        return run({"k": k}, 1)["output"].sum()

    slope = (total(0.11) - total(0.09)) / 0.02
    np.testing.assert_allclose(jax.grad(total)(0.1), slope, rtol=1e-2)


@pytest.mark.parametrize("steps", [300, 16 * 313])
def test_groups_of_windows_that_do_not_come_out_even(steps):
    """19 windows take five groups of four, 313 take 21 of 15; what comes back is that of a run."""
    net = bm.Network(node(0.2), conn=WEIGHTS, delays=0.1 * STEPS, coupled_var="x", k=0.3)
    sim = bm.Simulator(net, dt=DT)
    monitors = {
        "x": "x",
        "mean": bm.TemporalAverage("x", period=0.7 * u.ms),
        "bold": bm.Bold("x", tr=2.0 * u.ms),
        "fc": bm.StreamingFC("y"),
    }
    found = jax.jit(sim.function(steps * DT, monitors=monitors, vary=["k"]))({"k": 0.3}, 1)
    run = sim.run(steps * DT, monitors=monitors, seed=1)
    for name in monitors:
        np.testing.assert_allclose(found[name], np.asarray(run[name]), rtol=1e-12, atol=1e-14, err_msg=name)
    f = sim.function(30.0, vary=["k"])

    def end(k):
        return f({"k": k}, 1)["output"][-1].sum()

    slope = (end(0.3 + 1e-5) - end(0.3 - 1e-5)) / 2e-5
    np.testing.assert_allclose(jax.jit(jax.grad(end))(0.3), slope, rtol=1e-6)

"""Delayed coupling equals two nested NumPy loops, for every kind of delay, weight, coupling, history and window."""

import brainstate
import brainunit as u
import hypothesis
import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brainstate.nn import Param

import brainmass as bm
from brainmass.network.delayed_reads import EdgeGroup, EdgeGroupReader, plan_delayed_reads
from tests.oracle import hopf_network

pytestmark = pytest.mark.usefixtures("x64")

DT = 0.1
HOPF = dict(a=0.2, w=0.9, beta=1.1)
STEPS = 61
"""More than three windows, and not a whole number of them."""

PATTERNS = {
    "none": lambda n, rng: np.zeros((n, n)),
    "one step": lambda n, rng: np.ones((n, n)),
    "fourteen": lambda n, rng: np.full((n, n), 14.0),
    "fifteen": lambda n, rng: np.full((n, n), 15.0),
    "sixteen": lambda n, rng: np.full((n, n), 16.0),
    "short": lambda n, rng: rng.integers(0, 15, (n, n)).astype(float),
    "long": lambda n, rng: rng.integers(15, 50, (n, n)).astype(float),
    "all different": lambda n, rng: rng.permutation(n * n).reshape(n, n).astype(float),
    "one per row": lambda n, rng: np.repeat(rng.integers(0, 45, (n, 1)), n, 1).astype(float),
    "one per column": lambda n, rng: np.repeat(rng.integers(0, 45, (1, n)), n, 0).astype(float),
    "longer than the run": lambda n, rng: rng.integers(STEPS, 3 * STEPS, (n, n)).astype(float),
    "everything": lambda n, rng: rng.choice([0, 0, 1, 2, 14, 15, 16, 17, 31, 32, 33, 100], (n, n)).astype(float),
}


def wiring(n, rng, density=1.0):
    """Asymmetric weights of both signs, a fraction of them zero."""
    weights = rng.normal(size=(n, n)) * (rng.random((n, n)) < density) / n
    np.fill_diagonal(weights, 0.0)
    return weights


def start(n, rng):
    return dict(x=rng.normal(size=n), y=rng.normal(size=n))


def network(weights, x, y, *, method="euler", k=0.4, **options):
    n = len(x)
    node = bm.HopfStep(n, **HOPF, init_x=x, init_y=y, method=method)
    return bm.Network(node, conn=weights, k=k, **options)


def simulated(net, steps=STEPS, dt=DT, **options):
    found = bm.Simulator(net, dt=dt).run(steps * dt, monitors=["x", "y"], **options)
    assert found["x"].dtype == np.float64
    return found["x"], found["y"]


def expected(weights, delay_steps, x, y, *, k=0.4, dt=DT, steps=STEPS, **options):
    return hopf_network(weights, delay_steps, x, y, **HOPF, k=k, dt=dt, steps=steps, **options)


def assert_same(found, wanted):
    """To 1e-9, on trajectories that move and that the coupling shapes."""
    for one, other in zip(found, wanted, strict=True):
        assert np.ptp(other, 0).min() > 1e-3
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def check(n, pattern, seed, *, density=1.0, method="euler"):
    rng = np.random.default_rng(seed)
    weights, delay_steps, s = wiring(n, rng, density), PATTERNS[pattern](n, rng), start(n, rng)
    found = simulated(network(weights, **s, method=method, delays=delay_steps * DT))
    assert_same(found, expected(weights, delay_steps, **s, method=method))


@pytest.fixture(scope="module")
def six_regions():
    """One simulator for many delays and weights: they are data, so it compiles once per combination of read levels."""
    rng = np.random.default_rng(7)
    s = start(6, rng)
    return bm.Simulator(network(wiring(6, rng), **s, delays=np.ones((6, 6))), dt=DT), s


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_kind_of_delay_matrix(six_regions, pattern):
    sim, s = six_regions
    rng = np.random.default_rng(5)
    weights, delay_steps = wiring(6, rng), PATTERNS[pattern](6, rng)
    found = sim.run(STEPS * DT, monitors=["x", "y"], values={"delays": delay_steps * DT, "conn": weights})
    assert_same((found["x"], found["y"]), expected(weights, delay_steps, **s))


delay_matrices = st.lists(st.sampled_from([0, 1, 2, 7, 13, 14, 15, 16, 17, 30, 31, 40, 47]), min_size=36, max_size=36)


@hypothesis.given(delays=delay_matrices, seed=st.integers(0, 2**32 - 1))
@hypothesis.settings(
    max_examples=40, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_random_delays_and_weights(six_regions, delays, seed):
    sim, s = six_regions
    rng = np.random.default_rng(seed)
    delay_steps, weights = np.array(delays, float).reshape(6, 6), wiring(6, rng)
    delay_steps[0, 1] = 47  # one length of history, so one program
    found = sim.run(STEPS * DT, monitors=["x", "y"], values={"delays": delay_steps * DT, "conn": weights})
    assert_same((found["x"], found["y"]), expected(weights, delay_steps, **s))


@pytest.mark.parametrize("n", [1, 2, 13, 40])
def test_every_delay_at_once_with_the_default_method(n):
    check(n, "everything", seed=n, method="exp_euler")


@pytest.mark.parametrize("density", [0.0, 0.15])
def test_sparse_weights(density):
    check(20, "everything", seed=2, density=density)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("n", [1, 3, 17, 40])
def test_every_kind_of_delay_matrix_at_every_size(pattern, n):
    check(n, pattern, seed=100 + n, density=0.7, method="exp_euler")


@pytest.mark.slow
@hypothesis.given(data=st.data(), n=st.integers(1, 40), density=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_random_networks_of_any_size(data, n, density, seed):
    rng = np.random.default_rng(seed)
    longest = data.draw(st.integers(0, 150), label="longest")
    delay_steps = rng.integers(0, longest + 1, (n, n)).astype(float)
    weights, s = wiring(n, rng, density), start(n, rng)
    steps = data.draw(st.integers(1, 50), label="steps")
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = expected(weights, delay_steps, **s, steps=steps)
    hypothesis.assume(np.isfinite(wanted).all())  # Euler's steps grow without bound from a start far outside
    found = simulated(network(weights, **s, delays=delay_steps * DT), steps)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


# -- where a run starts, is cut and recorded ---------------------------------------------------------------------------


def test_a_run_may_be_cut_at_every_place_in_a_window():
    rng = np.random.default_rng(4)
    n, piece, pieces = 6, 17, 16
    weights, delay_steps, s = wiring(n, rng), PATTERNS["everything"](n, rng), start(n, rng)
    sim = bm.Simulator(network(weights, **s, delays=delay_steps * DT), dt=DT)
    parts = [sim.run(piece * DT, monitors=["x", "y"], init_states=i == 0) for i in range(pieces)]
    joined = [np.concatenate([part[name] for part in parts]) for name in ("x", "y")]
    assert_same(joined, expected(weights, delay_steps, **s, steps=piece * pieces))
    stamps = np.concatenate([part["ts"].to_decimal(u.ms) for part in parts])
    np.testing.assert_allclose(stamps, DT * np.arange(1, piece * pieces + 1), rtol=1e-14)


@pytest.mark.parametrize("transient", [16, 33])
def test_a_transient_is_run_and_not_recorded(transient):
    rng = np.random.default_rng(5)
    weights, delay_steps, s = wiring(6, rng), PATTERNS["everything"](6, rng), start(6, rng)
    net = network(weights, **s, delays=delay_steps * DT)
    found = simulated(net, transient=transient * DT * u.ms)
    assert_same(found, [series[transient:] for series in expected(weights, delay_steps, **s)])


def test_every_so_many_steps_are_recorded():
    rng = np.random.default_rng(6)
    weights, delay_steps, s = wiring(6, rng), PATTERNS["everything"](6, rng), start(6, rng)
    sim = bm.Simulator(network(weights, **s, delays=delay_steps * DT), dt=DT)
    found = sim.run(STEPS * DT, monitors=["x", "y"], transient=7 * DT * u.ms, sample_every=4)
    assert_same((found["x"], found["y"]), [series[7::4] for series in expected(weights, delay_steps, **s)])
    np.testing.assert_allclose(found["ts"].to_decimal(u.ms), DT * np.arange(8, STEPS + 1)[::4], rtol=1e-14)


# -- how delays, history and weights are given -------------------------------------------------------------------------


def test_one_delay_for_all_edges():
    rng = np.random.default_rng(8)
    weights, s = wiring(5, rng), start(5, rng)
    found = simulated(network(weights, **s, delays=1.63))
    assert_same(found, expected(weights, np.full((5, 5), 16.0), **s))


def test_a_network_without_delays():
    rng = np.random.default_rng(8)
    weights, s = wiring(5, rng), start(5, rng)
    assert_same(simulated(network(weights, **s)), expected(weights, np.zeros((5, 5)), **s))


def test_distance_over_speed_is_a_delay():
    rng = np.random.default_rng(9)
    weights, s, lengths = wiring(6, rng), start(6, rng), rng.uniform(0, 40, (6, 6))
    delay_steps = np.rint(lengths / 8.0 / DT)
    assert len(set(delay_steps.ravel())) > 10
    found = simulated(network(weights, **s, distance=lengths / 10 * u.cm, speed=8.0 * u.meter / u.second))
    assert_same(found, expected(weights, delay_steps, **s))
    same = simulated(network(weights, **s, delays=lengths / 8.0 * 1000 * u.us))
    np.testing.assert_array_equal(found, same)


@pytest.mark.filterwarnings("ignore:dt=0.25 ms is")  # long for these rates, as it is for the reference
def test_another_dt_means_other_step_counts_and_the_same_delays():
    rng = np.random.default_rng(10)
    weights, s, delays = wiring(5, rng), start(5, rng), rng.uniform(0, 4, (5, 5))
    net = network(weights, **s, delays=delays)
    for dt in (DT, 0.25):
        assert_same(simulated(net, dt=dt), expected(weights, np.rint(delays / dt), **s, dt=dt))


def test_interpolated_delays_read_between_two_steps():
    rng = np.random.default_rng(11)
    n = 7
    weights, s, delay_steps = wiring(n, rng, 0.8), start(n, rng), rng.uniform(0, 40, (n, n))
    delay_steps[0, 1:4] = 0, 3, 20  # whole ones among them
    delay_steps[3, 1:3] = 0.4, 14.5
    found = simulated(network(weights, **s, delays=delay_steps * DT, interpolate=True))
    assert_same(found, expected(weights, delay_steps, **s))


def test_interpolated_and_rounded_delays_agree_on_the_grid():
    rng = np.random.default_rng(12)
    weights, s, delay_steps = wiring(6, rng), start(6, rng), rng.integers(0, 40, (6, 6))
    found = simulated(network(weights, **s, delays=delay_steps * DT, interpolate=True))
    assert_same(found, expected(weights, delay_steps.astype(float), **s))


@pytest.mark.parametrize(
    "delay_init",
    [0.7, np.linspace(-1, 1, 6), lambda shape: np.linspace(0, 3, shape[0])[:, None] * np.arange(shape[1])],
    ids=["number", "per region", "callable"],
)
def test_history_before_the_run(delay_init):
    rng = np.random.default_rng(13)
    weights, s, delay_steps = wiring(6, rng), start(6, rng), PATTERNS["everything"](6, rng)
    net = network(weights, **s, delays=delay_steps * DT, delay_init=delay_init)
    plan = net.delay_plan({"delays": delay_steps * DT, "conn": weights}, DT)
    if callable(delay_init):
        past = delay_init((plan.length + 16, 6))
        history = lambda j, before: past[before, j]  # noqa: E731
    else:
        history = lambda j, before: np.broadcast_to(delay_init, 6)[j]  # noqa: E731
    assert_same(simulated(net), expected(weights, delay_steps, **s, history=history))


def test_self_connections():
    rng = np.random.default_rng(14)
    weights, s, delay_steps = rng.normal(size=(5, 5)) / 5, start(5, rng), rng.integers(1, 30, (5, 5)).astype(float)
    additive = dict(
        coupling="additive", constants={"b": 0.0}
    )  # in a diffusive one an undelayed self-connection is nothing
    kept = simulated(network(weights, **s, delays=delay_steps * DT, coupling="additive", self_connection=True))
    assert_same(kept, expected(weights, delay_steps, **s, **additive))
    dropped = simulated(network(weights, **s, delays=delay_steps * DT, coupling="additive"))
    assert_same(dropped, expected(weights * (1 - np.eye(5)), delay_steps, **s, **additive))


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize("delay_init", [0.7, np.linspace(-1, 1, 6), lambda shape: np.ones(shape) * np.arange(6)])
def test_updates_by_hand_begin_with_the_given_history(delay_init, batch_size):
    rng = np.random.default_rng(19)
    weights, s, delay_steps = wiring(6, rng), start(6, rng), PATTERNS["everything"](6, rng)
    net = network(weights, **s, delays=delay_steps * DT, delay_init=delay_init)
    wanted = simulated(net)[0][:30]
    with brainstate.environ.context(dt=DT * u.ms):
        brainstate.nn.init_all_states(net, *(() if batch_size is None else (batch_size,)))
        found = np.array([net.update() for _ in range(30)]).reshape(30, -1, 6)
    for i in range(batch_size or 1):
        np.testing.assert_allclose(found[:, i], wanted, rtol=1e-9, atol=1e-12)


def test_updates_by_hand_with_traced_weights_and_speed():
    """Trainable weights and speed, which brainstate keeps in float32, read the same history under a transformation."""
    rng = np.random.default_rng(20)
    weights, s, lengths = wiring(5, rng), start(5, rng), rng.uniform(1, 30, (5, 5))
    options = dict(distance=lengths, **s, coupling="diffusive", interpolate=True)

    def stepped(jitted, **given):
        net = network(given.pop("weights", weights), **options, **given)
        with brainstate.environ.context(dt=DT * u.ms):
            brainstate.nn.init_all_states(net)
            step = brainstate.transform.jit(net.update) if jitted else net.update
            return np.array([step() for _ in range(20)])

    wanted = stepped(False, speed=9.0)
    kept = weights * (1 - np.eye(5))
    np.testing.assert_allclose(stepped(True, speed=9.0, weights=Param(kept, fit=True)), wanted, rtol=1e-5)
    np.testing.assert_allclose(stepped(True, speed=Param(9.0, fit=True)), wanted, rtol=1e-5)


def test_updates_by_hand_keep_the_step_and_the_number_of_inputs():
    rng = np.random.default_rng(21)
    net = network(wiring(4, rng), **start(4, rng), delays=2.0)
    with brainstate.environ.context(dt=0.1 * u.ms):
        brainstate.nn.init_all_states(net)
        with pytest.raises(TypeError, match="at most 1 inputs: y_inp"):
            net.update(0.1, 5.0)
    with brainstate.environ.context(dt=0.05 * u.ms), pytest.raises(ValueError, match=r"dt=0.05 ms, but .* dt=0.1 ms"):
        net.update()


def test_a_network_without_delays_keeps_no_history():
    """However few its edges; so it may go on with others."""
    sim = bm.Simulator(bm.Network(bm.HopfStep(4), conn=np.zeros((4, 4)), k=0.1), dt=DT)
    sim.run(1.0)
    assert "history" not in vars(sim.model)
    sim.model.conn = np.roll(np.eye(4), 1, 1)
    sim.run(1.0, init_states=False)


def test_updates_by_hand_are_the_steps_of_a_run():
    rng = np.random.default_rng(18)
    weights, s, delay_steps = wiring(4, rng), start(4, rng), rng.choice([0, 1, 5, 17], (4, 4))
    net = network(weights, **s, delays=delay_steps * DT)
    brainstate.environ.set(dt=DT * u.ms)
    brainstate.nn.init_all_states(net)
    found = np.array([np.asarray(net.update()) for _ in range(25)])
    assert_same([found], expected(weights, delay_steps, **s, steps=25)[:1])


CONSTANTS = {
    "diffusive": {},
    "additive": {"b": 0.13},
    "laplacian": {},
    "sigmoidal": {"a": 1.7, "b": 0.2, "slope": 2.3, "midpoint": 0.4},
    "tanh": {"scale": 1.4},
    "sigmoidal_jansen_rit": {"cmin": -0.3, "cmax": 0.9, "midpoint": 0.2, "r": 1.3},
}


@pytest.mark.parametrize("coupling", CONSTANTS)
def test_every_coupling_with_delays(coupling):
    rng = np.random.default_rng(15)
    weights, s, delay_steps = 3 * wiring(6, rng), start(6, rng), PATTERNS["everything"](6, rng)
    constants = CONSTANTS[coupling]
    rule = bm.network.coupling.COUPLINGS[coupling](**constants)
    found = simulated(network(weights, **s, delays=delay_steps * DT, coupling=rule))
    assert_same(found, expected(weights, delay_steps, **s, coupling=coupling, constants=constants))


def test_strength_by_region():
    rng = np.random.default_rng(16)
    weights, s, delay_steps = wiring(6, rng), start(6, rng), PATTERNS["everything"](6, rng)
    k = rng.uniform(0.2, 2, 6)
    found = simulated(network(weights, **s, k=k, delays=delay_steps * DT, coupling="tanh"))
    assert_same(found, expected(weights, delay_steps, **s, k=k, coupling="tanh", constants={"scale": 2.0}))


def test_a_coupling_of_two_functions():
    rng = np.random.default_rng(17)
    weights, s, delay_steps = wiring(6, rng), start(6, rng), PATTERNS["everything"](6, rng)
    own = bm.Coupling(pre=lambda x, p: x, post=lambda total, x, p: p.k * (total - p.strength * x))
    found = simulated(network(weights, **s, delays=delay_steps * DT, coupling=own))
    assert_same(found, expected(weights, delay_steps, **s))


# -- the reads themselves, also with other levels than a run uses ------------------------------------------------------


@pytest.mark.parametrize("simulations", [1, 3])
@pytest.mark.parametrize("interpolate", [False, True])
@pytest.mark.parametrize("sizes", [(1,), (16, 1), (16, 4, 1)], ids=str)
def test_reads_of_any_level_size(sizes, interpolate, simulations):
    rng = np.random.default_rng(len(sizes))
    n = 5
    steps = rng.uniform(0, 60, (n, n)) if interpolate else rng.integers(0, 60, (n, n)).astype(float)
    steps[0] = [0, 1, 7, 8, 31]
    pattern, conn = rng.random((n, n)) < 0.8, rng.normal(size=(n, n))
    plan = plan_delayed_reads(steps, pattern, interpolate=interpolate, sizes=sizes)
    undelayed = np.zeros((n, n), bool) if plan.undelayed is None else plan.undelayed
    columns = plan.length + 2 * max(sizes)
    history = rng.normal(size=(n, columns, simulations))
    now = columns - max(sizes) - 3
    below = np.floor(steps).astype(int)
    sums = []
    for group in plan.edge_groups:  # each read as often as its size asks for
        reading = jax.jit(
            lambda first, group=group: EdgeGroupReader(group, conn, columns, simulations)(
                jnp.asarray(history), now + first
            )[0]
        )
        sums.append(np.concatenate([reading(first) for first in range(0, max(sizes), group.size)]))
        assert sums[-1].shape == (max(sizes), n, simulations)
    for ahead in range(max(sizes)):
        found = np.einsum("ij,jb->ib", conn * undelayed, history[:, now + ahead])
        found = found + sum(series[ahead] for series in sums)
        wanted = np.zeros((n, simulations))
        for i, j in zip(*np.nonzero(pattern), strict=True):
            at, part = now + ahead - below[i, j], steps[i, j] - below[i, j]
            wanted[i] += conn[i, j] * ((1 - part) * history[j, at] + part * history[j, at - 1])
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@hypothesis.given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 9), longest=st.integers(0, 80))
@hypothesis.settings(max_examples=100, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_a_plan_holds_every_edge_once_and_reads_only_what_is_known(seed, n, longest):
    rng = np.random.default_rng(seed)
    steps, pattern = rng.integers(0, longest + 1, (n, n)).astype(float), rng.random((n, n)) < rng.random()
    plan = plan_delayed_reads(steps, pattern, interpolate=False, sizes=(16, 4, 1))
    listed = isinstance(plan.undelayed, EdgeGroup)
    share = np.zeros((n, n)) if plan.undelayed is None or listed else plan.undelayed.astype(float)
    for group in plan.edge_groups + ((plan.undelayed,) if listed else ()):
        assert (group.delay[group.share > 0] >= group.size - 1).all()
        assert (group.delay < max(plan.length, 1)).all()
        for i, k in zip(*np.nonzero(group.share), strict=True):
            target, source = divmod(group.edge[i, k], n)
            assert (target, source) == (i, group.source[i, k])
            assert group.delay[i, k] == steps[i, source]
            share[i, source] += group.share[i, k]
    np.testing.assert_array_equal(share, pattern)

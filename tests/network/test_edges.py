"""Parameters of single edges, and weights of which most are zero."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.sparse import BCOO
from scipy.sparse import csr_array

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

N, DT = 5, 0.1
RNG = np.random.default_rng(0)
WEIGHTS = RNG.random((N, N)) * (RNG.random((N, N)) < 0.8)
WEIGHTS[3, 1], WEIGHTS[2, 2] = 0.6, 0.7  # the latter is no connection
LENGTHS = RNG.uniform(0.0, 5.0, (N, N))
LENGTHS[0, 1], LENGTHS[1, 0] = 0.0, 0.2
SLOPES, THRESHOLDS = RNG.uniform(0.5, 3.0, (N, N)), RNG.uniform(-0.2, 0.2, (N, N))
BEGIN = np.linspace(0.1, 0.5, N)

DELAYS = {
    "none": None,
    "undelayed": np.zeros((N, N)),
    "mixed": LENGTHS,
    "short": np.full((N, N), 0.3),
    "long": np.full((N, N), 4.0),
}


def network(coupling=None, conn=WEIGHTS, delays=None, **options):
    coupling = bm.PreSigmoidalCoupling(G=SLOPES, theta=THRESHOLDS) if coupling is None else coupling
    node = bm.HopfStep(N, init_x=BEGIN, init_y=0.0, method="euler")
    return bm.Network(
        node,
        conn=conn,
        delays=delays,
        coupled_var="x",
        coupling=coupling,
        **({} if isinstance(coupling, Scaled) else {"k": 0.3}),
        **options,
    )


def oracle(delays, steps, slopes=SLOPES):
    """Euler with two nested loops over edges."""
    lags = np.zeros((N, N), int) if delays is None else np.rint(delays / DT).astype(int)
    x, y, past = BEGIN.copy(), np.zeros(N), [BEGIN.copy()]
    for _ in range(steps):
        current = np.zeros(N)
        for i in range(N):
            for j in range(N):
                if i != j:
                    seen = past[max(len(past) - 1 - lags[i, j], 0)][j]
                    current[i] += WEIGHTS[i, j] * 0.5 * (1 + np.tanh(slopes[i, j] * (seen - THRESHOLDS[i, j])))
        growth = 0.25 - x**2 - y**2
        x, y = x + DT * (growth * x - 0.2 * y + 0.3 * current), y + DT * (growth * y + 0.2 * x)
        past.append(x.copy())
    return np.array(past[1:])


@pytest.mark.parametrize("delays", DELAYS)
def test_an_edge_passes_what_it_reads_through_its_own_sigmoid(delays):
    run = bm.Simulator(network(delays=DELAYS[delays]), dt=DT).run(12.0)["output"]
    np.testing.assert_allclose(run, oracle(DELAYS[delays], 120), rtol=1e-11)


def test_a_step_by_hand_does_the_same():
    net = network(delays=LENGTHS)
    brainstate.environ.set(dt=DT * u.ms)
    brainstate.nn.init_all_states(net)
    by_hand = np.array([net.update() for _ in range(40)])
    np.testing.assert_allclose(by_hand, oracle(LENGTHS, 40), rtol=1e-11)


def test_a_batch_and_a_gradient_over_edge_parameters():
    f = bm.Simulator(network(delays=LENGTHS), dt=DT).function(6.0, vary=["coupling.G", "k"])
    both = np.stack([SLOPES, 2 * SLOPES])
    batch = f({"coupling.G": both}, 0)["output"]
    for b in range(2):
        np.testing.assert_allclose(batch[:, b], oracle(LENGTHS, 60, both[b]), rtol=1e-11)
    together = f({"k": np.array([0.1, 0.3, 0.5])}, 0)["output"]
    np.testing.assert_allclose(together[:, 1], batch[:, 0], rtol=1e-11)

    def loss(slopes):
        return jnp.sum(f({"coupling.G": slopes}, 0)["output"] ** 2)

    gradient = jax.jit(jax.grad(loss))(jnp.asarray(SLOPES))
    for i, j in ((0, 2), (3, 1), (2, 2)):
        moved = [SLOPES + h * np.eye(N)[:, [i]] * np.eye(N)[[j]] for h in (1e-5, -1e-5)]
        difference = (loss(moved[0]) - loss(moved[1])) / 2e-5
        np.testing.assert_allclose(gradient[i, j], difference, rtol=1e-6, atol=1e-9)
    assert gradient[2, 2] == 0
    assert abs(gradient[3, 1]) > 1e-6


def test_several_things_sent_and_interpolated_delays():
    """With the same value on all edges it is the coupling with one value."""
    for interpolate in (False, True):
        one, each = (
            bm.Simulator(network(bm.PreSigmoidalCoupling(G=G), delays=LENGTHS, interpolate=interpolate), dt=DT)
            for G in (1.3, np.full((N, N), 1.3))
        )
        np.testing.assert_allclose(one.run(12.0)["output"], each.run(12.0)["output"], rtol=1e-11)

    class Two(bm.Coupling):
        b = bm.Parameter(0.0)

        @staticmethod
        def pre(x, p):
            return jnp.sin(x + p.b), jnp.cos(x)

        @staticmethod
        def post(total, x, p):
            return p.k * (total[0] * jnp.cos(x) - total[1] * jnp.sin(x))

    one, each = (bm.Simulator(network(Two(b=b), delays=LENGTHS), dt=DT) for b in (0.2, np.full((N, N), 0.2)))
    np.testing.assert_allclose(one.run(12.0)["output"], each.run(12.0)["output"], rtol=1e-11)


def test_what_belongs_to_the_target_takes_no_matrix():
    with pytest.raises(ValueError, match="k belongs to the target"):
        bm.Network(bm.HopfStep(N), conn=WEIGHTS, k=np.ones((N, N)))
    with pytest.raises(ValueError, match="alpha belongs to the target"):
        network(bm.KuramotoCoupling(alpha=np.full((N, N), 0.4)))
    with pytest.raises(ValueError, match="shape"):
        network(bm.PreSigmoidalCoupling(G=np.ones((N, N - 1))))


class Scaled(bm.Coupling):
    """All of it belongs to the source, the strength too."""

    pre = staticmethod(lambda x, p: p.k * x / p.strength)
    post = staticmethod(lambda total, x, p: total)


def test_a_batch_over_k_of_each_edge_is_its_members():
    both = np.stack([0.1 * SLOPES, SLOPES])
    sim = bm.Simulator(network(Scaled(k=SLOPES), delays=LENGTHS), dt=DT)
    batch = sim.run(5.0, values={"k": both})["output"]
    for b in range(2):
        np.testing.assert_allclose(batch[:, b], sim.run(5.0, values={"k": both[b]})["output"], rtol=1e-11)
    assert np.abs(batch[-1, 0] - batch[-1, 1]).max() > 1e-3


def test_the_strength_of_a_source_is_the_same_seen_from_regions_and_edges():
    one, each = (bm.Simulator(network(Scaled(k=k), delays=LENGTHS), dt=DT) for k in (0.3, np.full((N, N), 0.3)))
    np.testing.assert_allclose(one.run(5.0)["output"], each.run(5.0)["output"], rtol=1e-11)


def test_values_of_regions_do_not_become_values_of_edges():
    net = network(bm.PreSigmoidalCoupling(G=2.0), delays=LENGTHS)
    with pytest.raises(ValueError, match="make a new Network"):
        net.coupling.G = SLOPES


def test_a_tuple_of_one_is_a_tuple():
    one = bm.Coupling(pre=lambda x, p: (x,), post=lambda total, x, p: p.k * total[0])
    found = [bm.Simulator(network(c, delays=LENGTHS), dt=DT).run(5.0)["output"] for c in (one, "additive")]
    np.testing.assert_allclose(*found, rtol=1e-12)


# -- sparse weights ----------------------------------------------------------------------------------------------------


def ring(n):
    """Each region hears its two neighbours."""
    return np.roll(np.eye(n), 1, 1) + 0.5 * np.roll(np.eye(n), -1, 1)


@pytest.mark.parametrize("delays", [None, 3.0])
def test_sparse_matrices_are_weights(delays):
    n = 60
    node = dict(init_x=np.linspace(0.1, 0.5, n), init_y=0.0)
    runs = []
    for conn in (ring(n), BCOO.fromdense(ring(n)), csr_array(ring(n))):
        net = bm.Network(bm.HopfStep(n, **node), conn=conn, delays=delays, coupled_var="x", k=0.1)
        runs.append(bm.Simulator(net, dt=DT).run(5.0)["output"])
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


@pytest.mark.parametrize("simulations", [1, 3])
def test_few_undelayed_edges_are_read_from_lists_and_sum_the_same(simulations):
    n = 60
    net = bm.Network(bm.HopfStep(n), conn=ring(n), coupled_var="x", k=0.1)
    assert net.delay_plan({"conn": ring(n)}, DT).undelayed.source.shape == (n, 2)
    assert net.delay_plan({"conn": ring(n)}, DT, all_edges=True).undelayed.shape == (n, n)
    sim = bm.Simulator(net, dt=DT)
    weights = ring(n) if simulations == 1 else np.stack([ring(n)] * simulations)
    own = {"k": 0.1 if simulations == 1 else np.full(simulations, 0.1)}
    lists = sim.function(5.0, vary=["k"])(own, 1)["output"]
    dense = sim.function(5.0, vary=["conn"])({"conn": weights}, 1)["output"]
    np.testing.assert_allclose(lists, dense, rtol=1e-11)
    assert np.ptp(np.asarray(lists)) > 1e-3


def test_a_sparse_matrix_may_be_traced():
    def loss(values):
        net = bm.Network(
            bm.HopfStep(3, init_x=0.3, init_y=0.0),
            conn=BCOO((values, edges), shape=(3, 3)),
            delays=1.0,
            coupled_var="x",
        )
        return jnp.sum(bm.Simulator(net, dt=DT).run(3.0, seed=0)["output"])

    edges = jnp.array([[0, 1], [2, 0]])
    gradient = jax.grad(loss)(jnp.array([0.5, 0.7]))
    moved = [loss(jnp.array([0.5 + h, 0.7])) for h in (1e-5, -1e-5)]
    np.testing.assert_allclose(gradient[0], (moved[0] - moved[1]) / 2e-5, rtol=1e-5, atol=1e-9)

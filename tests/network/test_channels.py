"""Networks that send several things: several coupled variables, and couplings whose ``pre`` has several parts."""

import brainstate
import brainunit as u
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

DT, N, STEPS, K = 0.1, 5, 200, 0.2
RNG = np.random.default_rng(0)
WEIGHTS = RNG.uniform(size=(N, N)) * (1 - np.eye(N))
BACK = RNG.integers(0, 30, (N, N)) * (1 - np.eye(N, dtype=int))
START = RNG.uniform(-0.5, 0.5, (2, N))


class Phase(bm.StateSpace):
    """A phase that turns at a constant rate."""

    omega = bm.Parameter(0.3, u.ms**-1, "angular frequency")
    theta = bm.Variable(0.0, doc="phase")
    theta_inp = bm.Input(u.ms**-1, "drive", additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(theta=p.omega + inp.theta_inp + 0.0 * s.theta / u.ms)


def hopf(**options):
    node = bm.HopfStep(N, a=0.2, w=0.3, init_x=START[0], init_y=START[1], method="euler")
    return bm.Network(node, conn=WEIGHTS, delays=BACK * DT, k=K, **options)


def phases(alpha=0.4, back=BACK):
    node = Phase(N, init_theta=START[0], method="euler")
    return bm.Network(node, conn=WEIGHTS, delays=back * DT, coupling=bm.KuramotoCoupling(k=K, alpha=alpha))


def by_hand(start, slope, back=BACK):
    """Euler with every earlier state (variable, region) in a list; ``past`` is (variable, target, source)."""
    states = [start] * 80
    for _ in range(STEPS):
        past = np.array([[states[-1 - back[i, j]][:, j] for j in range(N)] for i in range(N)])
        states.append(states[-1] + DT * slope(states[-1], np.moveaxis(past, -1, 0)))
    return np.array(states[80:])


def hopf_slope(x, past):
    current = K * (WEIGHTS * (past - x[:, :, None])).sum(-1)
    growth = 0.2 - (x**2).sum(0)
    return np.stack([growth * x[0] - 0.3 * x[1], growth * x[1] + 0.3 * x[0]]) + current


def run(net, steps=STEPS, **options):
    found = bm.Simulator(net, dt=DT).run(steps * DT, monitors=["x", "y"], **options)
    return np.stack([found["x"], found["y"]], 1)


def test_two_variables_are_coupled_each_by_itself():
    net = hopf(coupled_var=["x", "y"])
    assert (net.coupled_var, net.target) == (("x", "y"), ("x_inp", "y_inp"))
    np.testing.assert_allclose(run(net), by_hand(START, hopf_slope), rtol=1e-11, atol=1e-13)


def test_targets_may_be_crossed_or_shared():
    crossed = run(hopf(coupled_var=["x", "y"], target=["y_inp", "x_inp"], coupling="additive"))
    shared = run(hopf(coupled_var=["x", "y"], target="x_inp", coupling="additive"))

    def slope(crossing):
        def of(x, past):
            sums = K * (WEIGHTS * past).sum(-1)
            return hopf_slope(x, x[:, :, None] + 0 * past) + (sums[::-1] if crossing else [sums.sum(0), 0 * sums[0]])

        return of

    np.testing.assert_allclose(crossed, by_hand(START, slope(True)), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(shared, by_hand(START, slope(False)), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("far", [0, 20])
def test_kuramoto_with_delays_and_a_phase_lag(far):
    back = BACK + far * (1 - np.eye(N, dtype=int))  # with far edges only, and with all kinds
    found = bm.Simulator(phases(back=back), dt=DT).run(STEPS * DT)["output"]

    def slope(x, past):
        return 0.3 + K * (WEIGHTS * np.sin(past - x[:, :, None] - 0.4)).sum(-1)

    np.testing.assert_allclose(found, by_hand(START[:1], slope, back)[:, 0], rtol=1e-11, atol=1e-13)


def test_kuramoto_without_delays():
    net = bm.Network(Phase(N, init_theta=START[0], method="euler"), conn=WEIGHTS, coupling="kuramoto", k=K)

    def slope(x, past):
        return 0.3 + K * (WEIGHTS * np.sin(past - x[:, :, None])).sum(-1)

    wanted = by_hand(START[:1], slope, 0 * BACK)[:, 0]
    np.testing.assert_allclose(bm.Simulator(net, dt=DT).run(STEPS * DT)["output"], wanted, rtol=1e-11)


def test_a_source_passes_through_its_sigmoid():
    shape = dict(H=0.7, Q=0.2, G=3.0, P=1.5, theta=0.1)
    found = run(hopf(coupled_var="x", coupling=bm.PreSigmoidalCoupling(k=K, **shape)))

    def slope(x, past):
        sent = 0.7 * (0.2 + np.tanh(3.0 * (1.5 * past[0] - 0.1)))
        return hopf_slope(x, x[:, :, None] + 0 * past) + np.stack([K * (WEIGHTS * sent).sum(-1), np.zeros(N)])

    np.testing.assert_allclose(found, by_hand(START, slope), rtol=1e-11, atol=1e-13)


def test_it_continues_and_runs_in_a_batch():
    net = hopf(coupled_var=["x", "y"])
    whole = run(net)
    np.testing.assert_array_equal(np.concatenate([run(net, 77), run(net, STEPS - 77, init_states=False)]), whole)
    batch = run(net, values={"k": np.array([0.1, K])})
    np.testing.assert_allclose(batch[:, :, 1], whole, rtol=1e-11, atol=1e-13)


def test_update_does_the_same():
    net, wanted = hopf(coupled_var=["x", "y"]), by_hand(START, hopf_slope)
    with brainstate.environ.context(dt=DT * u.ms):
        brainstate.nn.init_all_states(net)
        seen = [(net.update(), net.node.y.value) for _ in range(40)]
    np.testing.assert_allclose(seen, wanted[:40], rtol=1e-11, atol=1e-13)


def test_mistakes():
    with pytest.raises(ValueError, match="coupled_var='z' is unknown"):
        hopf(coupled_var=["x", "z"])
    with pytest.raises(ValueError, match="one input for each of x, y"):
        hopf(coupled_var=["x", "y"], target=["x_inp"])
    with pytest.raises(ValueError, match="noise would go to x_inp, y_inp; attach it to the node"):
        hopf(coupled_var=["x", "y"], noise=bm.OUProcess(N, sigma=0.1))
    with pytest.raises(ValueError, match="have different units"):
        bm.Network(bm.JansenRitStep(N), conn=WEIGHTS, coupled_var=["M", "Mv"], target="E_inp")


def test_a_model_may_send_another_thing_than_it_records():
    """The Epileptor is observed as its local field potential and coupled through x1."""
    for kind in (bm.EpileptorStep, bm.EpileptorRestingStateStep):
        net = bm.Network(kind(3), conn=np.ones((3, 3)))
        assert (net.coupled_var, net.target, kind.primary) == ("x1", "x1_inp", "lfp")

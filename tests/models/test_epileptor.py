"""The Epileptors: seizures above the threshold of epileptogenicity, rest below it, and how the variants agree."""

import numpy as np
import pytest
from scipy import optimize

import brainmass as bm
from brainmass.models.epileptor_codim3 import arc, upper_root

pytestmark = pytest.mark.usefixtures("x64")


def test_seizures_start_and_end_above_the_threshold_only():
    """x0 = −1.6 goes in and out of seizures, −2.4 rests (Jirsa et al. 2014); ten times faster permittivity.

    The times of the seizures are those of rk4 with a fifth of the step.
    """
    node = bm.EpileptorStep(2, x0=np.array([-1.6, -2.4]), r=0.0035)
    run = bm.Simulator(node, dt=0.05).run(2200.0, monitors=["x1", "z"], transient=500.0)
    active, rest = run["x1"].T
    assert active.min() < -1.3
    assert np.ptp(run["z"][:, 0]) > 0.2
    discharges = np.nonzero((active[1:] > 0) & (active[:-1] <= 0))[0] * 0.05
    seizures = np.split(discharges, 1 + np.nonzero(np.diff(discharges) > 60.0)[0])[1:-1]
    np.testing.assert_allclose(np.diff([s[0] for s in seizures]), 253.2, rtol=0.01)
    np.testing.assert_allclose([s[-1] - s[0] for s in seizures], 53.5, rtol=0.02)
    assert rest.max() < -1.5
    assert np.ptp(rest) < 1e-3


def test_rest_below_the_threshold():
    """The equilibrium: y1 = c − d x1², z = 4 (x1 − x0), and x1 the root of what is left."""

    def left(x, x0):
        return 1.0 - 5 * x**2 - 4 * (x - x0) + 3.1 - x**3 + 3 * x**2

    x = optimize.brentq(left, -3.0, -1.0, args=(-2.4,))
    node = bm.EpileptorStep(1, x0=-2.4, init_x1=x, init_y1=1 - 5 * x**2, init_z=4 * (x + 2.4))
    run = bm.Simulator(node, dt=0.05).run(200.0, monitors=["x1", "y1", "z"])
    np.testing.assert_allclose(run["x1"][-1], x, atol=1e-9)
    np.testing.assert_allclose(run["z"][-1], 4 * (x + 2.4), atol=1e-9)


def test_the_threshold_of_epileptogenicity():
    """Rest loses stability where x1 = −4/3, the fold of −x³ − 2x² + 4.1 − z, at x0 = −2.06 (Proix et al. 2014)."""
    fold = -4 / 3
    z = -(fold**3) - 2 * fold**2 + 4.1
    assert abs((fold - z / 4) + 2.06) < 0.005
    for x0, seizes in ((fold - z / 4 + 0.02, True), (fold - z / 4 - 0.02, False)):
        node = bm.Epileptor2DStep(1, x0=x0, r=0.005, init_x1=-1.4, init_z=z)
        run = bm.Simulator(node, dt=0.1).run(3000.0, monitors="x1")
        assert (run["output"].max() > 0.0) == seizes


def test_the_two_dimensional_epileptor_is_the_slaved_one():
    """At y1 = c − d x1² and x2 = 0 the slope of x1 is the same on both branches."""
    six, two = bm.EpileptorStep(4), bm.Epileptor2DStep(4)
    x, z = np.array([-1.5, -0.2, 0.3, 0.9]), np.array([3.0, 3.4, -0.5, 4.2])
    state = {"x1": x, "y1": 1 - 5 * x**2, "z": z, "x2": 0 * x, "y2": 0 * x, "g": 0 * x}
    full = six.bare_drift(state, six.bare_parameters(), {})
    small = two.bare_drift({"x1": x, "z": z}, two.bare_parameters(), {})
    np.testing.assert_allclose(small["x1"], full["x1"], rtol=1e-12)
    np.testing.assert_allclose(small["z"], full["z"], rtol=1e-12)


def test_permittivity_coupling_recruits():
    """A healthy region below the threshold seizes when the permittivity coupling from an epileptic one is strong."""
    weights = np.array([[0.0, 0.0], [1.0, 0.0]])
    seized = []
    for Ks in (0.0, -1.5):
        node = bm.Epileptor2DStep(2, x0=np.array([-1.6, -2.15]), Ks=Ks, r=0.0035)
        net = bm.Network(node, conn=weights, coupled_var="x1", target="c1", k=1.0)
        run = bm.Simulator(net, dt=0.1).run(2500.0, monitors="x1")
        assert run["output"][:, 0].max() > 0
        seized.append(run["output"][:, 1].max() > 0)
    assert seized == [False, True]


def test_the_resting_state_oscillator_is_beside_the_epileptor():
    both, alone = bm.EpileptorRestingStateStep(1), bm.EpileptorStep(1)
    names = list(alone.declarations(bm.Variable))
    first = bm.Simulator(both, dt=0.05).run(50.0, monitors=names)
    second = bm.Simulator(alone, dt=0.05).run(50.0, monitors=names)
    for name in names:
        np.testing.assert_allclose(first[name], second[name], rtol=1e-12)


def bursts(x, dt, pause=100.0):
    """Times of the troughs of x below −0.6 in each burst that ended and was not the first one."""
    middle = x[1:-1]
    troughs = (1 + np.nonzero((middle < -0.6) & (middle < x[:-2]) & (middle <= x[2:]))[0]) * dt
    return np.split(troughs, 1 + np.nonzero(np.diff(troughs) > pause)[0])[1:-1]


def test_bursts_begin_at_a_fold_and_end_at_a_saddle():
    """Fold–homoclinic bursting (Saggio et al. 2017): rest is lost at its fold, and oscillations end by slowing down."""
    node = bm.EpileptorCodim3Step(1)
    run = bm.Simulator(node, dt=0.1).run(4000.0, monitors=["x", "z"])
    x, z = run["x"][:, 0], run["z"][:, 0]

    def left(angle):
        mu2, mu1, _ = arc((0.3448, 0.02285, 0.2014), (0.3351, 0.07465, 0.2053), 0.4, angle)
        return float(4 * mu2**3 - 27 * mu1**2)  # of the cubic, positive with three equilibria

    fold, found = optimize.brentq(left, 0.0, 0.3), bursts(x, 0.1)
    assert len(found) == 4
    for times in found:
        assert 20 <= len(times) <= 26
        onset, offset = (round(t / 0.1) for t in times[[0, -1]])
        np.testing.assert_allclose(z[onset], fold, rtol=0.1)
        assert z[offset] < 0.1 * fold
        periods = np.diff(times)
        assert (np.diff(periods[-5:]) > 0).all()
        assert periods[-1] > 1.5 * periods[1]
        assert x[offset + 500 : offset + 4000].min() > 0.4  # 350 ms of rest
    np.testing.assert_allclose(np.diff([times[0] for times in found]), 693.0, rtol=0.01)


def test_resting_state_of_the_unfolding():
    """The largest root of the cubic, and beyond the fold at mu1 < 0 the real part of the pair that met there."""
    rng = np.random.default_rng(0)
    for mu2, mu1 in zip(rng.uniform(-0.4, 0.4, 50), rng.uniform(-0.1, 0.1, 50), strict=True):
        roots = np.roots([1.0, 0.0, -mu2, -mu1])
        real = roots[np.abs(roots.imag) < 1e-9].real
        lost = len(real) == 1 and mu1 < 0 < mu2
        wanted = max(roots.real) if lost else max(real)
        np.testing.assert_allclose(upper_root(mu2, mu1), wanted, rtol=1e-9)


def test_paths_lie_on_the_sphere():
    start, stop = np.array([0.3448, 0.02285, 0.2014]), np.array([0.3351, 0.07465, 0.2053])
    between = np.arccos(start @ stop / np.linalg.norm(start) / np.linalg.norm(stop))
    for angle in (0.0, 0.3 * between, between):
        np.testing.assert_allclose(np.linalg.norm(arc(tuple(start), tuple(stop), 0.4, angle)), 0.4, rtol=1e-12)
    np.testing.assert_allclose(arc(tuple(start), tuple(stop), 0.4, 0.0), 0.4 * start / np.linalg.norm(start))
    np.testing.assert_allclose(arc(tuple(start), tuple(stop), 0.4, between), 0.4 * stop / np.linalg.norm(stop))


def test_the_slow_modulation_is_codim3_on_a_moving_path():
    slow = bm.EpileptorCodim3SlowModStep(1)
    p = {n: np.asarray(v) for n, v in slow.bare_parameters().items()}
    s = {"x": np.array([0.4]), "y": np.array([0.1]), "z": np.array([0.2]), "uA": np.array([0.3]), "uB": np.array([0.4])}
    found = slow.bare_drift(s, p, {})
    point = {}
    for end, angle in (("A", s["uA"]), ("B", s["uB"])):
        first, last = ([p[f"mu2_{end}{w}"], -p[f"mu1_{end}{w}"], p[f"nu_{end}{w}"]] for w in ("in", "end"))
        point[end] = arc(tuple(first), tuple(last), p["R"], angle)
    plain = bm.EpileptorCodim3Step(1)
    path = {
        f"{n}_{w}": v
        for w, e in (("start", "A"), ("stop", "B"))
        for n, v in zip(("mu2", "mu1", "nu"), point[e], strict=True)
    }
    path |= {"mu1_start": -path["mu1_start"], "mu1_stop": -path["mu1_stop"], "c": p["c"]}
    wanted = plain.bare_drift({n: s[n] for n in "xyz"}, plain.bare_parameters() | path, {})
    for n in "xyz":
        np.testing.assert_allclose(found[n], wanted[n], rtol=1e-12)

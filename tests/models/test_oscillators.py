"""The phenomenological models: cycles, fixed points, bifurcations and locked phases in closed form."""

import jax
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")


def simulated(node, duration, dt, **options):
    """All variables, (time, variable, region), bare."""
    names = list(node.declarations(bm.Variable))
    found = bm.Simulator(node, dt=dt).run(duration, monitors=names, **options)
    return np.stack([np.asarray(found[n]) for n in names], 1)


def jacobian(node, state, **inputs):
    """Of the drift of one region, per ms."""
    names = list(node.declarations(bm.Variable))

    def field(x):
        s = {n: x[i : i + 1] for i, n in enumerate(names)}
        return jax.numpy.concatenate([node.bare_drift(s, node.bare_parameters(), inputs)[n] for n in names])

    state = jax.numpy.asarray(state, float)
    return np.asarray(field(state)), np.asarray(jax.jacfwd(field)(state))


def period(x, dt):
    """Mean time between the last upward crossings of the middle, interpolated."""
    x = x - (x.max() + x.min()) / 2
    at = np.nonzero((x[:-1] < 0) & (x[1:] >= 0))[0]
    times = (at - x[at] / (x[at + 1] - x[at])) * dt
    return (times[-1] - times[1]) / (len(times) - 2)


# -- Stuart–Landau -----------------------------------------------------------------------------------------------------


def test_stuart_landau_is_hopf_with_a_unit_cubic_term():
    start = dict(init_x=np.array([0.3, -1.0]), init_y=np.array([0.1, 0.7]))
    ours = simulated(bm.StuartLandauStep(2, a=0.4, w=0.7, method="rk4", **start), 80.0, 0.01)
    hopf = simulated(bm.HopfStep(2, a=0.4, w=0.7, beta=1.0, method="rk4", **start), 80.0, 0.01)
    np.testing.assert_allclose(ours, hopf, rtol=1e-12, atol=1e-12)
    z = ours[:, 0] + 1j * ours[:, 1]
    np.testing.assert_allclose(np.abs(z[-100:]), np.sqrt(0.4), rtol=1e-9)
    np.testing.assert_allclose(np.diff(np.unwrap(np.angle(z[-100:]), axis=0), axis=0), 0.007, rtol=1e-9)


# -- van der Pol -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mu", "published"), [(1.0, 6.66328686), (4.0, 10.20352369)])
def test_van_der_pol_period(mu, published):
    node = bm.VanDerPolStep(1, mu=mu, init_x=2.0, init_y=0.0, method="rk4")
    x = simulated(node, 100.0, 0.005)[4000:, 0, 0]
    assert abs(period(x, 0.005) / published - 1) < 1e-6
    assert 2.0 < np.abs(x).max() < 2.03


# -- FitzHugh–Nagumo ---------------------------------------------------------------------------------------------------


def trace_at_rest(V):
    """Of the Jacobian at an equilibrium with the potential V; it vanishes at a Hopf point."""
    return -9.0 * V**2 + 8.0 * V - 1.5 - 0.5 / 20.0


def drive_at_rest(V):
    return 3.0 * V**3 - 4.0 * V**2 + 1.5 * V + V / 0.5


@pytest.mark.parametrize(("bracket", "inwards"), [((0.1, 0.4), 1), ((0.5, 0.8), -1)])
def test_fitzhugh_nagumo_hopf_points(bracket, inwards):
    V = optimize.brentq(trace_at_rest, *bracket)
    drive = drive_at_rest(V)
    node = bm.FitzHughNagumoStep(1)
    slope, matrix = jacobian(node, [V, 2.0 * V], V_inp=drive)
    np.testing.assert_allclose(slope, 0.0, atol=1e-12)
    values = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(values.real, 0.0, atol=1e-12)
    assert values.imag.max() > 0.1
    swing = []
    for shift in (-0.05, 0.05):
        node = bm.FitzHughNagumoStep(1, init_V=V + 0.02, init_w=2.0 * V)
        held = {"V_inp": np.full(20_000, drive + inwards * shift)}
        swing.append(np.ptp(simulated(node, 2000.0, 0.1, inputs=held)[-3000:, 0]))
    assert swing[0] < 1e-3 < 0.3 < swing[1]


# -- generic two-dimensional oscillator --------------------------------------------------------------------------------


def test_generic_oscillator_bistable_set():
    """V̇ = Ẇ = 0 is (V + 1)(V² + V − 1) = 0 with W = 1 − 5 V²: rest, a saddle, and a focus inside a limit cycle."""
    golden, one = (1 + np.sqrt(5)) / 2, bm.Generic2dOscillatorStep(1, a=1.0, b=0.0, c=-5.0)
    np.testing.assert_allclose(1 - 5 * golden**2, -12.0901699, rtol=1e-8)
    for V, growing in ((-golden, 0), (-1.0, 1), (golden - 1, 2)):
        slope, matrix = jacobian(one, [V, 1 - 5 * V**2])
        np.testing.assert_allclose(slope, 0.0, atol=1e-12)
        assert (np.linalg.eigvals(matrix).real > 0).sum() == growing
    start = dict(init_V=np.array([-2.0, 1.0]), init_W=np.array([-12.0, 0.0]))
    V = simulated(bm.Generic2dOscillatorStep(2, a=1.0, b=0.0, c=-5.0, **start), 9000.0, 0.1)[-40_000:, 0]
    np.testing.assert_allclose(V[-1, 0], -golden, rtol=1e-5)
    assert V[:, 1].min() > -1.0
    assert np.ptp(V[:20_000, 1]) > 1
    np.testing.assert_allclose(np.ptp(V[:20_000, 1]), np.ptp(V[20_000:, 1]), rtol=1e-3)


def test_generic_oscillator_rests_by_default_and_noise_names_mean_the_derivative():
    assert np.ptp(simulated(bm.Generic2dOscillatorStep(1), 3000.0, 0.1)[-1000:, 0]) < 1e-6
    node, at = bm.Generic2dOscillatorStep(1), {"V": np.array([0.3]), "W": np.array([-1.0])}
    rest = node.bare_drift(at, node.bare_parameters(), {})
    for name, gain in (("V_inp", 0.02), ("add_V", 1.0)):
        moved = node.bare_drift(at, node.bare_parameters(), {name: 0.5})
        np.testing.assert_allclose(moved["V"] - rest["V"], 0.5 * gain, rtol=1e-12)


# -- Lorenz ------------------------------------------------------------------------------------------------------------


def test_lorenz_fixed_points_and_their_hopf_point():
    sigma, beta = 10.0, 8.0 / 3.0
    critical = sigma * (sigma + beta + 3) / (sigma - beta - 1)
    for rho, sign in ((critical - 0.1, -1), (critical, 0), (critical + 0.1, 1)):
        wing = np.sqrt(beta * (rho - 1))
        slope, matrix = jacobian(bm.LorenzStep(1, rho=rho), [wing, wing, rho - 1])
        np.testing.assert_allclose(slope, 0.0, atol=1e-11)
        np.testing.assert_allclose(np.trace(matrix), -(sigma + 1 + beta), rtol=1e-12)
        leading = np.linalg.eigvals(matrix).real.max()
        assert np.sign(leading) * (abs(leading) > 1e-9) == sign


def test_lorenz_attractor():
    """Chaos at ρ = 28: neighbours part at the known rate of 0.906 per unit of time; z stays around its known mean."""
    starts = 1.0 + np.random.default_rng(0).normal(size=20)
    pairs = np.stack([starts, starts], 1)
    run = simulated(bm.LorenzStep(40, init_x=pairs.ravel(), method="rk4"), 20.0, 0.01)
    again = run[-1].reshape(3, 20, 2)
    again[0, :, 1] += 1e-9
    begin = {f"init_{n}": v.ravel() for n, v in zip("xyz", again, strict=True)}
    run = simulated(bm.LorenzStep(40, method="rk4", **begin), 14.0, 0.01).reshape(-1, 3, 20, 2)
    apart = np.log(np.linalg.norm(run[..., 1] - run[..., 0], axis=1)).mean(-1)
    assert abs((apart[-1] - apart[300]) / (len(apart) - 301) / 0.01 - 0.906) < 0.1
    assert abs(run[:, 2].mean() - 23.55) < 0.5


# -- linear ------------------------------------------------------------------------------------------------------------


def test_linear_relaxation_is_exact():
    held = {"x_inp": np.full(10, 5.0)}
    x = simulated(bm.LinearStep(1, gamma=-2.0, init_x=3.0), 1.0, 0.1, inputs=held)[:, 0, 0]
    t = 0.1 * np.arange(1, 11)
    np.testing.assert_allclose(x, 2.5 + 0.5 * np.exp(-2.0 * t), rtol=1e-12)


# -- threshold-linear --------------------------------------------------------------------------------------------------


def test_threshold_linear_settles_at_the_gains_times_the_currents():
    held = {"E_inp": np.full((2000, 2), [100.0, -50.0]), "I_inp": np.full((2000, 2), [20.0, 60.0])}
    node = bm.ThresholdLinearStep(2, init_E=3.0, init_I=3.0)
    found = simulated(node, 1000.0, 0.5, inputs=held)[-1]
    np.testing.assert_allclose(found, [[6.6, 0.0], [7.02, 21.06]], rtol=1e-9, atol=1e-9)


def test_threshold_linear_circuit_of_the_paper():
    weights = dict(wEE=24.3, wIE=19.7, wEI=12.2, wII=12.5)
    held = {"E_inp": np.full(4000, 300.0), "I_inp": np.full(4000, 200.0)}
    found = simulated(bm.ThresholdLinearStep(1, **weights), 2000.0, 0.5, inputs=held)[-1, :, 0]
    bE, bI = 0.066, 0.351
    wanted = np.linalg.solve([[1 - bE * 24.3, bE * 19.7], [-bI * 12.2, 1 + bI * 12.5]], [bE * 300.0, bI * 200.0])
    assert wanted.min() > 1
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


# -- Kuramoto ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 2.0, 7.5])
def test_two_delayed_phase_oscillators_lock(delay):
    """In phase at Ω = ω − K sin(Ωτ) (Yeung & Strogatz 1999) wherever cos(Ωτ) > 0."""
    omega, strength, dt = 0.2, 0.15, 0.005
    node = bm.KuramotoStep(2, omega=omega, init_theta=np.array([0.0, 0.1]))
    net = bm.Network(node, conn=np.array([[0.0, 1.0], [1.0, 0.0]]), delays=delay, k=strength)
    assert type(net.coupling).__name__ == "KuramotoCoupling"
    theta = bm.Simulator(net, dt=dt).run(300.0).unwrapped("output")
    found = (theta[-1] - theta[-2001]) / (2000 * dt)
    locked = optimize.brentq(lambda W: W - omega + strength * np.sin(W * delay), 0.0, 0.25)
    assert np.cos(locked * delay) > 0
    np.testing.assert_allclose(found, locked, rtol=2e-3)
    np.testing.assert_allclose(theta[-1, 0], theta[-1, 1], atol=1e-6)


@pytest.mark.parametrize(("ratio", "wanted"), [(0.5, 0.0), (2.0, np.sqrt(0.5)), (4.0, np.sqrt(0.75))])
def test_onset_of_synchrony_with_lorentzian_frequencies(ratio, wanted):
    n, width = 200, 0.05
    omega = width * np.tan(np.pi * ((np.arange(n) + 0.5) / n - 0.5))
    net = bm.Network(bm.KuramotoStep(n, omega=omega), conn=np.full((n, n), 1.0 / n), k=ratio * 2 * width)
    theta = np.asarray(bm.Simulator(net, dt=0.5).run(600.0, transient=300.0, seed=2)["output"])
    assert abs(np.abs(np.exp(1j * theta).mean(1)).mean() - wanted) < (0.12 if wanted == 0 else 0.03)


# -- Hopfield ----------------------------------------------------------------------------------------------------------


def test_hopfield_pair_remembers():
    """Two regions that excite each other hold both the silent and the active pattern."""
    net = bm.Network(bm.HopfieldStep(2, init_x=np.zeros(2)), conn=np.array([[0.0, 1.0], [1.0, 0.0]]))
    sim = bm.Simulator(net, dt=0.1)
    for start, wanted in (((0.9, 0.6), 1.0), ((0.4, 0.45), 0.0)):
        found = sim.run(50.0, values={"node.init_x": np.array(start)})["output"][-1]
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_hopfield_threshold_follows_the_activity():
    node = bm.HopfieldAdaptiveStep(1, G=4.0, init_x=0.5)
    held = {"x_inp": np.full(2000, 0.8)}
    x, theta = simulated(node, 200.0, 0.1, inputs=held)[-1, :, 0]
    wanted = optimize.brentq(lambda v: v - 0.5 * (1 + np.tanh(4.0 * (0.8 - v))), 0, 1)
    np.testing.assert_allclose([x, theta], [0.8, wanted], rtol=1e-9)

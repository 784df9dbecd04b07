"""Linear networks have closed-form answers: stationary covariances, functional connectivity, characteristic roots."""

import brainunit as u
import numpy as np
import pytest
from scipy import linalg, optimize, special

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")


class LinearStep(bm.StateSpace):
    """dx/dt = −a x + input: a model is its declarations and a drift."""

    a = bm.Parameter(0.5, u.ms**-1, "decay rate")
    x = bm.Variable(0.0, doc="activity")
    x_inp = bm.Input(u.ms**-1, "drive", additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-p.a * s.x + inp.x_inp)


RATES = np.array([0.5, 0.8, 0.6, 1.1, 0.7])
WEIGHTS = np.array(
    [
        [0.0, 0.9, 0.0, -0.3, 0.0],
        [0.1, 0.0, 0.7, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.8, 0.2],
        [0.5, 0.0, -0.4, 0.0, 0.0],
        [0.6, 0.0, 0.0, 0.0, 0.0],
    ]
)
"""Asymmetric, of both signs, and stable with the rates."""
K = 0.6
SIGMA = np.array([0.5, 0.3, 0.8, 0.4, 0.6])


def phi(z):
    return np.expm1(z) / z


def one_step(method, dt, weights, delay_steps=None):
    """The integrator's own map: x' = Σ_d maps[d] x(t − d dt) + noise of the covariance returned."""
    gain, decay, spread = {
        "euler": (dt * np.ones(5), 1 - RATES * dt, dt * np.ones(5)),
        "exp_euler": (dt * phi(-RATES * dt), np.exp(-RATES * dt), dt * phi(-2 * RATES * dt)),
    }[method]
    delay_steps = np.zeros_like(weights, int) if delay_steps is None else delay_steps
    maps = np.stack([gain[:, None] * K * weights * (delay_steps == d) for d in range(delay_steps.max() + 1)])
    maps[0] += np.diag(decay)
    return maps, np.diag(SIGMA**2 * spread)


def companion(maps, noise):
    """The same as a first-order map of the stacked past."""
    depth, n, _ = maps.shape
    matrix, covariance = np.eye(depth * n, k=-n), np.zeros((depth * n, depth * n))
    matrix[:n] = np.concatenate(maps, 1)
    covariance[:n, :n] = noise
    return matrix, covariance


def standard_errors(matrix, covariance, samples, duration, n=5):
    """Of the second moments ``mean(x_i x_j)`` over ``samples`` independent runs of ``duration`` steps (Bartlett)."""
    lagged, total = covariance.copy(), np.zeros((n, n))
    for lag in range(duration):
        c, at = lagged[:n, :n], (1 - lag / duration) * (1 if lag == 0 else 2)
        variances, start = np.outer(np.diag(c), np.diag(c)), c * c.T
        total += at * (variances + start)
        lagged = matrix @ lagged
        if np.abs(lagged).max() < 1e-4 * np.abs(covariance).max():
            break
    return np.sqrt(total / duration / samples)


def activity(dt, steps, *, batch=64, weights=WEIGHTS, method="exp_euler", transient=None, **options):
    """(time, simulation, region) of a network that has forgotten its beginning."""
    node = LinearStep(5, a=RATES, noise_x=bm.WhiteNoise(5, sigma=SIGMA), method=method)
    net = bm.Network(node, conn=weights, k=K, coupling="additive", **options)
    silent = round(40 / dt)
    found = bm.Simulator(net, dt=dt).run((silent + steps) * dt, transient=silent * dt * u.ms, batch_size=batch, seed=5)
    return found["output"]


def assert_covariance(x, matrix, noise):
    """The second moments of ``x`` are the solution of the discrete Lyapunov equation of the map; returns both."""
    exact = linalg.solve_discrete_lyapunov(matrix, noise)
    found = np.einsum("tbi,tbj->ij", x, x) / x.shape[0] / x.shape[1]
    error = standard_errors(matrix, exact, x.shape[1], x.shape[0])
    scale = np.sqrt(np.outer(np.diag(exact)[:5], np.diag(exact)[:5]))
    assert (error / scale).max() < 0.03
    assert (np.abs(found - exact[:5, :5]) / error).max() < 4.5
    return found, exact[:5, :5]


def correlation(covariance):
    scale = np.sqrt(np.diag(covariance))
    return covariance / np.outer(scale, scale)


@pytest.mark.parametrize(("method", "dt"), [("exp_euler", 0.1), ("exp_euler", 0.8), ("euler", 0.5)])
def test_stationary_covariance_and_functional_connectivity(method, dt):
    steps = round(2000 / dt)
    x = activity(dt, steps, method=method)
    _, exact = assert_covariance(x, *companion(*one_step(method, dt, WEIGHTS)))
    wanted = correlation(exact)
    assert np.ptp(wanted[~np.eye(5, dtype=bool)]) > 0.3
    fc = np.asarray(bm.functional_connectivity(x[:: max(1, round(0.4 / dt))])).mean(0)
    np.testing.assert_allclose(fc, wanted, atol=0.02)
    # the other orientation of the weights is another network
    other = correlation(linalg.solve_discrete_lyapunov(*companion(*one_step(method, dt, WEIGHTS.T))))
    assert np.abs(other - wanted).max() > 0.1


def test_the_covariance_tends_to_that_of_the_differential_equation():
    matrix = -np.diag(RATES) + K * WEIGHTS
    continuous = linalg.solve_continuous_lyapunov(matrix, -np.diag(SIGMA**2))
    errors = [
        np.abs(linalg.solve_discrete_lyapunov(*companion(*one_step("exp_euler", dt, WEIGHTS))) - continuous).max()
        for dt in (0.1, 0.05, 0.025)
    ]
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 2.0, rtol=0.02)
    dt = 0.025
    x = activity(dt, round(1000 / dt), batch=128)
    found, _ = assert_covariance(x, *companion(*one_step("exp_euler", dt, WEIGHTS)))
    np.testing.assert_allclose(found, continuous, atol=errors[-1] + 0.01)


def test_covariance_of_a_delayed_network():
    dt, rng = 0.2, np.random.default_rng(3)
    delay_steps = rng.choice([0, 1, 4, 14, 15, 16, 25], (5, 5))
    x = activity(dt, 8000, batch=32, delays=delay_steps * dt)
    found, _ = assert_covariance(x, *companion(*one_step("exp_euler", dt, WEIGHTS, delay_steps)))
    undelayed = linalg.solve_discrete_lyapunov(*companion(*one_step("exp_euler", dt, WEIGHTS)))
    assert np.abs(found - undelayed).max() > 0.02


def test_noise_on_the_network_is_noise_on_the_nodes():
    node = LinearStep(5, a=RATES, method="exp_euler")
    net = bm.Network(node, conn=WEIGHTS, k=K, coupling="additive", noise=bm.WhiteNoise(5, sigma=SIGMA))
    x = bm.Simulator(net, dt=0.5).run(1000.0, transient=40.0 * u.ms, batch_size=64, seed=5)["output"]
    assert_covariance(x, *companion(*one_step("exp_euler", 0.5, WEIGHTS)))


def test_mean_of_a_driven_network():
    drive = np.linspace(-1, 1, 5)
    node = LinearStep(5, a=RATES)
    net = bm.Network(node, conn=WEIGHTS, k=K, coupling=bm.AdditiveCoupling(b=0.3), delays=2.5)
    held = np.broadcast_to(drive, (2000, 5))
    x = bm.Simulator(net, dt=0.1).run(200.0, inputs={"x_inp": held})["output"]
    np.testing.assert_allclose(x[-1], np.linalg.solve(np.diag(RATES) - K * WEIGHTS, drive + 0.3), rtol=1e-9)


# -- one region with a delayed connection to itself: dx/dt = −a x + b x(t − τ) ---------------------------------------


def feedback(a, b, tau, duration, dt=0.01):
    net = bm.Network(
        LinearStep(1, a=a, init_x=1.0, method="exp_euler"),
        conn=[[1.0]],
        k=b,
        coupling="additive",
        self_connection=True,
        delays=tau,
    )
    return bm.Simulator(net, dt=dt).run(duration)["output"][:, 0]


def continuous_root(a, b, tau):
    return -a + special.lambertw(b * tau * np.exp(a * tau)) / tau


def discrete_root(a, b, tau, dt):
    """The root of the integrator's own equation, z^(d+1) = e^{−a dt} z^d + dt φ(−a dt) b."""
    d = round(tau / dt)
    z = np.exp(continuous_root(a, b, tau) * dt)
    for _ in range(50):
        value = z ** (d + 1) - np.exp(-a * dt) * z**d - dt * phi(-a * dt) * b
        z = z - value / ((d + 1) * z**d - np.exp(-a * dt) * d * z ** (d - 1))
    return np.log(z) / dt


def measured_root(x, dt, period):
    """By least squares from x(n + 2m) = 2 Re(zᵐ) x(n + m) − |zᵐ|² x(n), where x = Re(c zⁿ), with m = ``period``."""
    late = x[len(x) // 2 :]
    near, middle, far = late[: -2 * period], late[period:-period], late[2 * period :]
    twice, square = np.linalg.lstsq(np.stack([middle, near], 1), far, rcond=None)[0]
    step = twice / 2 + np.sqrt(complex(twice**2 / 4 + square))
    return np.log(step) / dt / period


@pytest.mark.parametrize(("a", "b", "tau"), [(0.2, -0.9, 1.5), (0.5, -1.4, 0.8), (0.3, -2.0, 0.9)])
def test_characteristic_root_of_a_delayed_scalar(a, b, tau):
    dt = 0.01
    root = continuous_root(a, b, tau)
    x = feedback(a, b, tau, duration=24.0)
    found = measured_root(x, dt, period=round(0.15 / abs(root.imag) * 2 * np.pi / dt))
    exact = discrete_root(a, b, tau, dt)
    np.testing.assert_allclose([found.real, found.imag], [exact.real, abs(exact.imag)], rtol=1e-4)
    np.testing.assert_allclose([exact.real, abs(exact.imag)], [root.real, abs(root.imag)], atol=2 * dt)


@pytest.mark.parametrize(("a", "tau"), [(0.0, 1.0), (0.4, 2.0)])
def test_stability_boundary_of_a_delayed_scalar(a, tau):
    """At the boundary the root is iω, with a = b cos ωτ and ω = −b sin ωτ."""
    low, high = np.pi / 2 / tau, np.pi / tau
    omega = optimize.brentq(lambda w: w / np.tan(w * tau) + a, 0.999 * low, 0.999 * high)
    b = -omega / np.sin(omega * tau)
    growth = []
    for factor in (0.97, 1.03):
        x = feedback(a, factor * b, tau, duration=120.0)
        growth.append(np.abs(x[-2000:]).max() / np.abs(x[4000:6000]).max())
    assert growth[0] < 0.8
    assert growth[1] > 1.2

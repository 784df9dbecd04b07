"""The integrators have the orders they claim on a node by itself, and order one in a coupled network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy.integrate import solve_ivp

import brainmass as bm
from brainmass.state_space.methods import METHODS, own_derivative, phi, quarters

pytestmark = pytest.mark.usefixtures("x64")

HOPF = dict(a=0.4, w=0.9, beta=1.3)
X0, Y0 = np.array([0.1, -0.3, 0.5]), np.array([0.05, 0.2, -0.4])


def exact_hopf(t):
    """x of the Hopf normal form in polar coordinates, where it is solved in closed form."""
    a, w, beta = HOPF["a"], HOPF["w"], HOPF["beta"]
    square, phase = X0**2 + Y0**2, np.arctan2(Y0, X0) + w * t
    radius = np.sqrt(a / beta / (1 + (a / beta / square - 1) * np.exp(-2 * a * t)))
    return {"x": radius * np.cos(phase), "y": radius * np.sin(phase)}


def advance(method, field, s, h, steps):
    return jax.jit(lambda h, steps: lax.fori_loop(0, steps, lambda _, s: METHODS[method].step(field, s, h), s))(
        h, steps
    )


def bare_field(node):
    return lambda s: node.bare_drift(s, node.bare_parameters(), {})


def slope(sizes, errors):
    return np.polyfit(np.log(sizes), np.log(errors), 1)[0]


@pytest.mark.parametrize(
    ("method", "order"), [("euler", 1), ("symplectic", 1), ("exp_euler", 1), ("heun", 2), ("rk4", 4)]
)
def test_order_on_a_node_by_itself(method, order):
    field, end = bare_field(bm.HopfStep(3, **HOPF)), 4.0
    s, exact = {"x": jnp.asarray(X0), "y": jnp.asarray(Y0)}, exact_hopf(end)
    counts = 40 * 2 ** np.arange(4)
    errors = []
    for steps in counts:
        found = advance(method, field, s, end / steps, steps)
        errors.append(max(np.abs(found[name] - exact[name]).max() for name in exact))
    assert abs(slope(end / counts, errors) - order) < 0.1
    assert METHODS[method].order == order
    assert errors[-1] < {1: 0.03, 2: 1e-4, 4: 1e-8}[order]


@pytest.mark.parametrize("method", ["euler", "exp_euler", "heun", "rk4"])
def test_a_run_uses_the_method_it_is_given(method):
    node = bm.HopfStep(3, **HOPF, init_x=X0, init_y=Y0, method=method)
    run = bm.Simulator(node, dt=0.1).run(4.0, monitors=["x", "y"])
    by_hand = advance(method, bare_field(node), {"x": jnp.asarray(X0), "y": jnp.asarray(Y0)}, 0.1, 40)
    for name in ("x", "y"):
        np.testing.assert_allclose(run[name][-1], by_hand[name], rtol=1e-13)


@pytest.mark.parametrize("h", [1e-6, 0.3, 20.0])
def test_exponential_euler_is_exact_on_linear_scalars(h):
    rate, rest, x = np.array([-3.0, -0.01, 0.0, 0.5]), np.array([1.0, -2.0, 0.3, 0.7]), jnp.array([0.4, 5.0, 1.0, -2.0])
    found = METHODS["exp_euler"].step(lambda s: {"x": rate * s["x"] + rest}, {"x": x}, h)["x"]
    safe = np.where(rate == 0, 1.0, rate)
    exact = x * np.exp(rate * h) + rest * np.where(rate == 0, h, np.expm1(safe * h) / safe)
    np.testing.assert_allclose(found, exact, rtol=3e-15)


def test_phi_is_smooth_through_zero():
    z = np.concatenate([-np.geomspace(1e-18, 40, 400), [0.0], np.geomspace(1e-18, 40, 400)])
    for dtype, tolerance in ((np.float64, 2e-15), (np.float32, 5e-7)):
        at = z.astype(dtype).astype(float)
        safe = np.where(at == 0, 1.0, at)
        exact = np.where(at == 0, 1.0, np.expm1(safe) / safe)
        np.testing.assert_allclose(phi(jnp.asarray(at, dtype)), exact, rtol=tolerance)
    slopes = np.asarray(jax.vmap(jax.grad(phi))(jnp.asarray(z)))
    assert np.isfinite(slopes).all()
    near = np.abs(z) < 1e-3
    np.testing.assert_allclose(slopes[near], 0.5 + z[near] / 3 + z[near] ** 2 / 8, rtol=1e-9)


def test_the_own_derivative_is_that_of_one_variable():
    node = bm.HopfStep(3, **HOPF)
    s = {"x": jnp.asarray(X0), "y": jnp.asarray(Y0)}
    value, derivative = own_derivative(bare_field(node), s, "x")
    np.testing.assert_allclose(value, bare_field(node)(s)["x"], rtol=1e-14)
    np.testing.assert_allclose(derivative, HOPF["a"] - HOPF["beta"] * (3 * X0**2 + Y0**2), rtol=1e-13)


def test_the_symplectic_method_keeps_the_energy_of_an_oscillator():
    s = {"q": jnp.array([1.0]), "v": jnp.array([0.0])}
    field = lambda s: {"v": -s["q"], "q": s["v"]}  # noqa: E731
    energies = [
        float((s_["q"] ** 2 + s_["v"] ** 2)[0]) for s_ in (advance("symplectic", field, s, 0.1, n) for n in (7, 10_000))
    ]
    assert abs(energies[1] - energies[0]) < 0.11
    grown = advance("euler", field, s, 0.1, 10_000)
    assert float(grown["q"][0] ** 2 + grown["v"][0] ** 2) > 1e6


@pytest.mark.parametrize("method", ["euler", "exp_euler", "heun", "rk4"])
def test_every_method_is_of_first_order_in_a_coupled_network(method):
    weights, k, end = np.array([[0, 0.7, 0.2], [0.1, 0, 0.5], [0.9, 0.3, 0]]), 0.8, 4.0

    def field(_, s):
        x, y = s.reshape(2, 3)
        growth = HOPF["a"] - HOPF["beta"] * (x**2 + y**2)
        current = k * (weights @ x - weights.sum(1) * x)
        return np.concatenate([growth * x - HOPF["w"] * y + current, growth * y + HOPF["w"] * x])

    exact = solve_ivp(field, (0, end), np.concatenate([X0, Y0]), rtol=1e-11, atol=1e-12).y[:3, -1]
    node = bm.HopfStep(3, **HOPF, init_x=X0, init_y=Y0, method=method)
    net = bm.Network(node, conn=weights, k=k)
    sizes, errors = np.array([0.02, 0.005]), []
    for dt in sizes:
        x = bm.Simulator(net, dt=dt).run(end, monitors="x")["output"]
        errors.append(np.abs(x[-1] - exact).max())
    assert abs(slope(sizes, errors) - 1) < 0.1
    assert 1e-5 < errors[-1] < 0.01


class Bounded(bm.StateSpace):
    """A rate that may not leave [0, 1]."""

    drive = bm.Parameter(1.0)
    x = bm.Variable(0.5, bounds=(0, 1))

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.drive / bm.units.u.ms)


def test_a_bounded_variable_is_clamped_after_each_step():
    x = bm.Simulator(Bounded(2, drive=np.array([1.0, -2.0])), dt=0.1).run(1.0)["output"]
    np.testing.assert_allclose(x[:, 0], np.minimum(0.5 + 0.1 * np.arange(1, 11), 1), rtol=1e-12)
    np.testing.assert_allclose(x[:, 1], np.maximum(0.5 - 0.2 * np.arange(1, 11), 0), atol=1e-12)


class Skewed(bm.StateSpace):
    """dx = (−x + 0.6 x² − 0.5 x³) dt + 0.6 dW, with the density exp(2 ∫ drift / 0.36)."""

    x = bm.Variable(0.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=(-s.x + 0.6 * s.x**2 - 0.5 * s.x**3) / bm.units.u.ms)


def stationary_mean(method, h):
    """The mean of x after ever so many steps: what the expectation of x, taken again and again, tends to."""
    node, sigma, degree = Skewed(1, method=method), 0.6, 60
    ends, points = 2.5, np.polynomial.chebyshev.chebpts1(degree)
    normals, weights = np.polynomial.hermite_e.hermegauss(60)
    x, z = (jnp.asarray(v.ravel()) for v in np.meshgrid(ends * points, normals, indexing="ij"))
    after = []
    for quarter in range(4):
        white = [("add_x", sigma, z, False)]
        moved = node.step({"x": x}, node.bare_parameters(), {}, white, {}, h, quarter)["x"]
        after.append(np.clip(np.asarray(moved).reshape(degree, -1) / ends, -1, 1))
    values = np.polynomial.chebyshev.chebvander
    expected = sum(values(y, degree - 1).transpose(0, 2, 1) @ (weights / weights.sum()) for y in after) / 4
    operator = expected @ np.linalg.inv(values(points, degree - 1))
    return (np.linalg.matrix_power(operator, round(60 / h)) @ (ends * points)).mean()


def test_the_mean_under_noise_is_of_second_order():
    x = np.linspace(-3, 3, 20001)
    density = np.exp((-(x**2) / 2 + 0.2 * x**3 - x**4 / 8) * 2 / 0.36)
    exact = (x * density).sum() / density.sum()
    assert abs(exact - 0.0749) < 1e-4
    for method in ("heun", "rk4"):
        for h in (0.2, 0.1, 0.05):
            assert abs(stationary_mean(method, h) / exact - 1) < 0.5 * h**2, (method, h)


@pytest.mark.parametrize("method", ["heun", "rk4"])
def test_a_relaxation_keeps_its_variance_under_noise(method):
    node = bm.LinearStep(1, gamma=-1.0, method=method)
    for h in (0.1, 0.4):
        gains, kept = [], None
        for quarter in range(4):
            ends = [
                node.step({"x": jnp.full(1, x)}, node.bare_parameters(), {}, [("x_inp", 1.0, z, False)], {}, h, quarter)
                for x, z in ((1.0, jnp.zeros(1)), (0.0, jnp.ones(1)))
            ]
            kept, gain = (float(s["x"][0]) for s in ends)
            gains.append(gain)
        variance = np.square(gains).mean() / (1 - kept**2)
        assert abs(variance / 0.5 - 1) < 2 * h**4 / 16
        assert abs(np.square(gains[-1]) / (1 - kept**2) / 0.5 - 1) > 4 * h**4 / 16  # the same stages in every step


def test_quarters_of_steps_fall_evenly():
    for start in (0, 10**6, 2**31 - 200):
        found = np.asarray(quarters(jnp.arange(start, start + 160, dtype=jnp.uint32))).reshape(-1, 16)
        counts = np.stack([np.bincount(row, minlength=4) for row in found])
        assert counts.min() >= 3
        assert counts.max() <= 5

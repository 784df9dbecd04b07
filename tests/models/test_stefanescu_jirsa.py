"""The reduced sets: their coefficients from the equations of one neuron, and their modes."""

import numpy as np
import pytest

import brainmass as bm
from brainmass.models.stefanescu_jirsa import MODES, mode_integrals

pytestmark = pytest.mark.usefixtures("x64")

INSIDE = float(MODES["v"] @ MODES["gv"])
"""The share of the neurons that are not cut off."""


def alike(kind, sigma, excitatory, inhibitory, **arguments):
    """Slopes of the modes of populations without dispersion, divided by what one neuron of it contributes."""
    node = kind(1, sigma=sigma, **arguments)
    share = np.sqrt(sigma) * MODES["v"]
    state = {f"{n}{i + 1}": np.array([share[i] * x]) for n, x in (excitatory | inhibitory).items() for i in range(3)}
    slopes = node.bare_drift(state, node.bare_parameters(), {})
    return {n: np.array([slopes[f"{n}{i + 1}"][0] / share[i] for i in range(3)]) for n in excitatory | inhibitory}


def test_modes_are_orthonormal_thirds_of_a_normal_population():
    coarse = mode_integrals()
    widths = coarse["v"] ** 2
    np.testing.assert_allclose(coarse["v4"], 1 / widths, rtol=1e-12)
    np.testing.assert_allclose(coarse["v3"], 1 / np.sqrt(widths), rtol=1e-12)
    np.testing.assert_allclose(coarse["gv"] * coarse["v"], 1 / 3, rtol=2e-3)
    np.testing.assert_allclose(coarse["zv"], -coarse["zv"][::-1], atol=1e-12)
    assert 0.997 < INSIDE < 1


def test_fitzhugh_nagumo_neurons_that_are_alike_behave_as_one():
    """ξ_i = ∫v_i x for every neuron at x: each mode must move as the neuron does, seeing the mean fields."""
    x, y, p, q = 0.7, -0.3, -1.1, 0.4
    mu, c, a, b = 0.2, 3.0, 0.45, 0.9
    found = alike(bm.ReducedSetFitzHughNagumoStep, 1e-6, dict(xi=x, eta=y), dict(alpha=p, beta=q), mu=mu)
    wanted = dict(
        xi=c * (x - x**3 / 3 - y + mu) + 0.5 * (INSIDE * x - x) - 0.15 * (INSIDE * p - x),
        eta=(x - b * y + a) / c,
        alpha=c * (p - p**3 / 3 - q + mu) + 0.15 * (INSIDE * x - p),
        beta=(p - b * q + a) / c,
    )
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, err_msg=name)


def test_hindmarsh_rose_neurons_that_are_alike_behave_as_one():
    x, y, z, p, q, w = 0.7, -3.0, 2.5, -1.1, -4.0, 3.0
    found = alike(
        bm.ReducedSetHindmarshRoseStep, 1e-6, dict(xi=x, eta=y, tau=z), dict(alpha=p, beta=q, gamma=w), mu=3.0
    )
    r, s, rest = 0.006, 4.0, -1.6
    wanted = dict(
        xi=y - x**3 + 3 * x**2 - z + 3.0 + 0.5 * (INSIDE * x - x) - 0.1 * (INSIDE * p - x),
        eta=1 - 5 * x**2 - y,
        tau=r * (s * (x - rest) - z),
        alpha=q - p**3 + 3 * p**2 - w + 3.0 + 0.15 * (INSIDE * x - p),
        beta=1 - 5 * p**2 - q,
        gamma=r * (s * (p - rest) - w),
    )
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("sigma", [0.2, 0.5])
def test_dispersion_acts_through_the_mean_excitability_of_each_mode(sigma):
    """At rest only ∫ z v_i is left of the excitatory equation: the mean of z over the third, times the mode's share."""
    node = bm.ReducedSetFitzHughNagumoStep(1, sigma=sigma, mu=0.3)
    state = {name: np.zeros(1) for name in node.declarations(bm.Variable)}
    slopes = node.bare_drift(state, node.bare_parameters(), {})
    z = np.random.default_rng(0).uniform(-3.2, 3.2, 400_000)
    edges = [z < -0.4307, np.abs(z) < 0.4307, z > 0.4307]
    for i, third in enumerate(edges):
        share = np.sqrt(sigma) * MODES["v"][i]
        np.testing.assert_allclose(slopes[f"xi{i + 1}"][0] / 3.0 / share, 0.3 + sigma * z[third].mean(), atol=0.01)


def test_the_population_output_is_the_sum_of_its_modes():
    run = bm.Simulator(bm.ReducedSetFitzHughNagumoStep(1), dt=0.02).run(50.0, monitors=["xi", "xi1", "xi2", "xi3"])
    np.testing.assert_allclose(run["xi"], run["xi1"] + run["xi2"] + run["xi3"], rtol=1e-12)
    assert np.ptp(run["xi"]) > 1

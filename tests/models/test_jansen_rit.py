"""The Jansen–Rit column: its bifurcations as published, its units, and its rhythms."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

NAMES = ("M", "E", "I", "Mv", "Ev", "Iv")
HOPF_POINTS = (-12.147, 89.829, 315.696)
FOLDS = (113.586, -41.301)
"""Hz; Grimbert & Faugeras 2006, doi:10.1162/neco.2006.18.12.3052."""


def sigmoid(v):
    return 5.0 / (1 + np.exp(0.56 * (6.0 - v)))


def equilibrium(potential):
    """State (mV, mV/s) and input p (Hz) of the one equilibrium with E − I = ``potential`` mV."""
    M = 3.25 / 100 * sigmoid(potential)
    I = 22.0 / 50 * 135 * 0.25 * sigmoid(135 * 0.25 * M)
    p = (potential + I) * 100 / 3.25 - 135 * 0.8 * sigmoid(135 * M)
    return np.array([M, potential + I, I, 0.0, 0.0, 0.0]), p


@pytest.fixture
def column(x64):
    """The model's own drift and Jacobian, of states in mV and mV/s, in units per second."""
    node = bm.JansenRitStep(1)
    p = node.bare_parameters()

    def field(x, drive):
        slopes = node.bare_drift({n: x[i : i + 1] for i, n in enumerate(NAMES)}, p, {"E_inp": drive})
        return 1000 * jnp.concatenate([slopes[n] for n in NAMES])

    return jax.jit(field), jax.jit(jax.jacfwd(field))


def leading(jacobian, potential):
    """The largest real part of an oscillating pair of eigenvalues, and the determinant, at an equilibrium."""
    state, p = equilibrium(potential)
    matrix = np.asarray(jacobian(state, p))
    values = np.linalg.eigvals(matrix)
    pair = values[np.abs(values.imag) > 1e-6]
    return max(pair.real, default=-np.inf), np.linalg.det(matrix)


def crossings(function, grid):
    values = np.array([function(v) for v in grid])
    at = np.nonzero(np.isfinite(values[1:] + values[:-1]) & (values[1:] * values[:-1] < 0))[0]
    roots = [optimize.brentq(function, grid[i], grid[i + 1], xtol=1e-13) for i in at]
    return [v for v in roots if abs(function(v)) < 1e-6 * np.nanmax(np.abs(values[np.isfinite(values)]))]  # no jumps


def test_equilibria_are_those_of_the_equations(column):
    field, _ = column
    for potential in np.linspace(-5, 25, 31):
        state, p = equilibrium(potential)
        np.testing.assert_allclose(field(state, p), 0.0, atol=1e-8)


def test_hopf_points(column):
    found = [equilibrium(v)[1] for v in crossings(lambda v: leading(column[1], v)[0], np.linspace(-8, 20, 400))]
    np.testing.assert_allclose(sorted(found), sorted(HOPF_POINTS), atol=1e-3)


def test_folds(column):
    found = [equilibrium(v)[1] for v in crossings(lambda v: leading(column[1], v)[1], np.linspace(-8, 20, 400))]
    np.testing.assert_allclose(sorted(found), sorted(FOLDS), atol=1e-3)


def driven(p, duration=4.0, dt=1e-4, **arguments):
    """The EEG output in mV, driven by p Hz."""
    node = bm.JansenRitStep(1, **arguments)
    steps = round(duration / dt)
    held = {"E_inp": np.full(steps, p) * u.Hz}
    found = bm.Simulator(node, dt=dt * u.second).run(duration * u.second, inputs=held)
    return found["output"].to_decimal(u.mV)[:, 0]


def test_alpha_rhythm_between_the_hopf_points():
    eeg = driven(150.0)[20_000:]
    assert abs(np.ptp(eeg) / 2.945 - 1) < 0.01  # as with rk4
    spectrum = np.abs(np.fft.rfft(eeg - eeg.mean()))
    assert 8 < np.fft.rfftfreq(len(eeg), 1e-4)[spectrum.argmax()] < 13


def test_rest_above_the_last_hopf_point():
    eeg = driven(700.0)
    potential = optimize.brentq(lambda v: equilibrium(v)[1] - 700.0, 8, 30)
    np.testing.assert_allclose(eeg[-1], potential, rtol=1e-5)


def test_arguments_in_other_units_mean_the_same():
    other = dict(Ae=3.25e-3 * u.volt, be=0.1 / u.ms, s_max=5e-3 * u.kHz, v0=6e3 * u.uvolt, r=560 / u.volt)
    np.testing.assert_allclose(driven(150.0, duration=0.3, **other), driven(150.0, duration=0.3), rtol=1e-9)


def test_the_output_is_the_potential_of_the_pyramidal_cells():
    node = bm.JansenRitStep(2, E_init=7.0, I_init=np.array([3.0, 4.5]))
    found = bm.Simulator(node, dt=0.1).run(5.0, monitors=["eeg", "E", "I"])
    assert found["eeg"].unit == u.mV
    np.testing.assert_allclose(found["eeg"].mantissa, (found["E"] - found["I"]).to_decimal(u.mV), rtol=1e-12)
    np.testing.assert_allclose(node.eeg().to_decimal(u.mV), found["eeg"].mantissa[-1], rtol=1e-12)

"""Functional connectivity equals NumPy's correlation, also where NumPy's breaks down, and has the right gradient."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainmass.metrics import functional_connectivity

RNG = np.random.default_rng(1)
SIGNAL = RNG.standard_normal((300, 6)) @ RNG.standard_normal((6, 6)) + 5 * RNG.standard_normal(6)


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


@pytest.mark.usefixtures("float64")
def test_equals_numpy_in_float64():
    fc = functional_connectivity(SIGNAL)
    assert fc.dtype == np.float64
    np.testing.assert_allclose(fc, np.corrcoef(SIGNAL.T), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(np.diag(fc), 1)


def test_equals_numpy_in_float32():
    fc = functional_connectivity(SIGNAL)
    assert fc.dtype == np.float32
    np.testing.assert_allclose(fc, np.corrcoef(SIGNAL.T), atol=2e-6)


@pytest.mark.usefixtures("float64")
def test_a_batch_is_its_members():
    batch = np.stack([SIGNAL, SIGNAL**2, -SIGNAL[::-1]], axis=1)
    fc = functional_connectivity(batch)
    assert fc.shape == (3, 6, 6)
    for member in range(3):
        np.testing.assert_allclose(fc[member], np.corrcoef(batch[:, member].T), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(jax.vmap(functional_connectivity, in_axes=1)(batch), fc, rtol=1e-12, atol=1e-13)


def test_units_and_integers():
    expected = functional_connectivity(SIGNAL)
    np.testing.assert_array_equal(functional_connectivity(SIGNAL * u.mV), expected)
    counts = np.array([[0, 1], [1, 3], [5, 2], [2, 2]])
    np.testing.assert_allclose(functional_connectivity(counts), np.corrcoef(counts.T), atol=1e-6)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_tiny_and_huge_numbers_neither_vanish_nor_overflow(size):
    np.testing.assert_allclose(functional_connectivity(SIGNAL * size), np.corrcoef(SIGNAL.T), atol=1e-5)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7e4])
def test_constant_regions_correlate_with_nobody(constant):
    signal = SIGNAL.copy()
    signal[:, [1, 4]] = constant  # two of them: rounding must not correlate them with each other
    fc = np.asarray(functional_connectivity(signal))
    moving = [0, 2, 3, 5]
    np.testing.assert_array_equal(fc[[1, 4]], np.eye(6)[[1, 4]])
    np.testing.assert_allclose(fc[np.ix_(moving, moving)], np.corrcoef(signal[:, moving].T), atol=2e-6)
    gradient = jax.grad(lambda x: (functional_connectivity(x) ** 2).sum())(jnp.asarray(signal))
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[:, moving]).max() > 0


def test_copies_and_mirror_images_stay_within_one():
    fc = functional_connectivity(np.stack([SIGNAL[:, 0], 3 * SIGNAL[:, 0] + 1, -SIGNAL[:, 0]], axis=1))
    np.testing.assert_allclose(fc, [[1, 1, -1], [1, 1, -1], [-1, -1, 1]], atol=1e-6)
    assert np.abs(fc).max() <= 1


def test_nan_is_not_hidden():
    signal = SIGNAL.copy()
    signal[10, 2] = np.nan
    fc = np.asarray(functional_connectivity(signal))
    others = [0, 1, 3, 4, 5]
    assert np.isnan(fc[2, others]).all()
    assert np.isfinite(fc[np.ix_(others, others)]).all()


@pytest.mark.usefixtures("float64")
def test_gradient_equals_finite_differences():
    target = np.corrcoef(RNG.standard_normal((6, 40)))

    def loss(signal):
        return ((functional_connectivity(signal) - target) ** 2).sum()

    signal = SIGNAL[:40]
    gradient = jax.jit(jax.grad(loss))(signal)
    for time, region in [(0, 0), (3, 1), (17, 4), (39, 5), (int(np.abs(SIGNAL[:40, 2]).argmax()), 2)]:
        step = np.zeros_like(signal)
        step[time, region] = 1e-5
        slope = (loss(signal + step) - loss(signal - step)) / 2e-5
        np.testing.assert_allclose(gradient[time, region], slope, rtol=1e-6)


@pytest.mark.parametrize("shape", [(5,), (1, 3), (0, 3), (4, 2, 2, 2), ()])
def test_other_shapes_are_refused_in_one_sentence(shape):
    with pytest.raises(ValueError, match=r"^signal must be \(time, region\) or .* but is \(.*\)\.$"):
        functional_connectivity(np.ones(shape))

"""Metrics equal those of NumPy and SciPy, also where these break down, and have the right gradients."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal as sps
from scipy import stats

from brainmass import metrics
from brainmass.metrics import functional_connectivity

X64 = pytest.mark.usefixtures("x64")
RNG = np.random.default_rng(1)
SIGNAL = RNG.standard_normal((300, 6)) @ RNG.standard_normal((6, 6)) + 5 * RNG.standard_normal(6)


def wave(rng=RNG, time=400, regions=5):
    """Noise around oscillations of 6, 11, 16, ... Hz sampled every 2 ms, and a slow drift that regions share."""
    t = np.arange(time)[:, None] * 0.002
    noise = rng.standard_normal((time, regions)) + rng.standard_normal((time, 1)).cumsum(0) / 5
    return np.sin(2 * np.pi * (6 + 5 * np.arange(regions)) * t + np.arange(regions)) + 0.5 * noise + 3


WAVE = wave()
FC = np.corrcoef(wave().T)


def check_gradient(function, x, rtol=1e-5, atol=1e-9):
    """The gradient of a scalar function of x is finite, and by central differences right at 6 random entries."""
    both = jax.jit(jax.value_and_grad(function))
    gradient = np.asarray(both(x)[1])
    assert np.isfinite(gradient).all()
    rng = np.random.default_rng(3)
    for _ in range(6):
        place = tuple(rng.integers(n) for n in x.shape)
        step = np.zeros_like(x)
        step[place] = 1e-6
        slope = (both(x + step)[0] - both(x - step)[0]) / 2e-6
        np.testing.assert_allclose(gradient[place], slope, rtol=rtol, atol=atol)
    assert np.abs(gradient).max() > 100 * atol


@X64
def test_equals_numpy_in_float64():
    fc = functional_connectivity(SIGNAL)
    assert fc.dtype == np.float64
    np.testing.assert_allclose(fc, np.corrcoef(SIGNAL.T), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(np.diag(fc), 1)


def test_equals_numpy_in_float32():
    fc = functional_connectivity(SIGNAL)
    assert fc.dtype == np.float32
    np.testing.assert_allclose(fc, np.corrcoef(SIGNAL.T), atol=2e-6)


@X64
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


@X64
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


@X64
def test_fcd_equals_numpy_window_by_window():
    rows, columns = np.triu_indices(5, 1)
    edges = [np.corrcoef(WAVE[at : at + 60].T)[rows, columns] for at in range(0, 341, 20)]
    fcd = metrics.functional_connectivity_dynamics(WAVE, 60, 20)
    np.testing.assert_allclose(fcd, np.corrcoef(edges), rtol=1e-10)
    for k in (1, 3):
        wanted = np.corrcoef(edges)[np.triu_indices(18, k)]
        np.testing.assert_allclose(metrics.off_diagonal(fcd, k), wanted, rtol=1e-10)
        np.testing.assert_allclose(metrics.fcd_variance(fcd, k), np.var(wanted), rtol=1e-10)
    np.testing.assert_allclose(metrics.upper_triangle(jnp.asarray(WAVE[:60])), edges[0], rtol=1e-10)
    check_gradient(lambda x: metrics.fcd_variance(metrics.functional_connectivity_dynamics(x, 60, 20)), WAVE)


BATCH = np.stack([wave(), wave()[::-1] + 2 * wave()[:, :1], wave() ** 2], axis=1)
EACH = {
    "fc": metrics.functional_connectivity,
    "fcd": lambda x: metrics.functional_connectivity_dynamics(x, 80, 40),
    "fcd variance": lambda x: metrics.fcd_variance(metrics.functional_connectivity_dynamics(x, 80, 40)),
    "fcd distribution": lambda x: metrics.fcd_distribution(metrics.functional_connectivity_dynamics(x, 80, 40)),
    "gbc": lambda x: metrics.global_brain_connectivity(functional_connectivity(x)),
    "fc correlation": lambda x: metrics.fc_correlation(functional_connectivity(x), FC),
    "fc rmse": lambda x: metrics.fc_rmse(FC, functional_connectivity(x)),
    "sfc": lambda x: metrics.structure_function_coupling(FC, functional_connectivity(x)),
    "regional sfc": lambda x: metrics.regional_structure_function_coupling(FC, functional_connectivity(x)),
    "synchrony": lambda x: metrics.synchrony(metrics.phase(x)),
    "envelopes": lambda x: functional_connectivity(metrics.envelope(x)),
    "metastability": metrics.metastability,
    "plv": metrics.phase_locking_value,
    "power": lambda x: metrics.power_spectrum(x, 2.0)[1],
    "peak": lambda x: metrics.peak_frequency(*metrics.power_spectrum(x, 2.0), band=(4, 40)),
    "band power": lambda x: metrics.band_power(*metrics.power_spectrum(x, 2.0), band=(4, 40)),
    "coherence": lambda x: metrics.coherence(x, 2.0)[1],
    "ks": lambda x: metrics.kolmogorov_smirnov(metrics.upper_triangle(x), np.linspace(-0.3, 0.9, 23)),
    "wasserstein": lambda x: metrics.wasserstein(metrics.upper_triangle(x), np.linspace(-0.3, 0.9, 23)),
}


def everything(x):
    return {name: metric(x) for name, metric in EACH.items()}


@X64
def test_the_batch_axis_leads_and_nothing_crosses_it():
    together, members = jax.jit(everything)(BATCH), jax.jit(jax.vmap(everything, in_axes=1))(BATCH)
    for name, found in together.items():
        assert np.ptp(found, axis=0).max() > 0
        np.testing.assert_allclose(found, members[name], rtol=1e-8, atol=1e-12, err_msg=name)


def test_constant_and_equal_regions_leave_gradients_finite_in_float32():
    @jax.jit
    def gradients(x):
        return {name: jax.grad(lambda x, f=metric: jnp.nansum(f(x)))(x) for name, metric in EACH.items()}

    partly = WAVE.copy()
    partly[:, [1, 3]] = 0.1
    for x in (partly, np.full_like(WAVE, -7.0), np.repeat(WAVE[:, :1], 5, axis=1)):
        for name, gradient in gradients(x).items():
            assert gradient.dtype == np.float32
            assert np.isfinite(gradient).all(), name


@X64
@pytest.mark.parametrize("time", [399, 400])
def test_phase_and_envelope_are_those_of_the_analytic_signal(time):
    signal = WAVE[:time]
    analytic = sps.hilbert(signal - signal.mean(0), axis=0)
    np.testing.assert_allclose(np.exp(1j * metrics.phase(signal)), np.exp(1j * np.angle(analytic)), atol=1e-10)
    np.testing.assert_allclose(metrics.envelope(signal), np.abs(analytic), atol=1e-11)
    batch = np.stack([signal, signal**2], 1)
    np.testing.assert_allclose(metrics.phase(batch)[:, 0], metrics.phase(signal), atol=1e-12)
    turns = RNG.standard_normal(signal.shape)
    check_gradient(lambda x: ((metrics.phase(x) + metrics.envelope(x)) * turns).sum(), signal, rtol=1e-4)
    still = np.concatenate([signal, np.full((time, 1), 0.3)], 1)
    np.testing.assert_array_equal(metrics.phase(still)[:, 5], 0)
    np.testing.assert_array_equal(metrics.envelope(still)[:, 5], 0)


@X64
def test_order_parameter_synchrony_and_metastability_follow_their_formulas():
    phase = np.angle(sps.hilbert(WAVE - WAVE.mean(0), axis=0)) + 2 * np.pi * RNG.integers(-3, 4, WAVE.shape)
    order = np.abs(np.exp(1j * phase).mean(1))
    np.testing.assert_allclose(metrics.kuramoto_order(phase), order, rtol=1e-12)
    np.testing.assert_allclose(metrics.synchrony(phase), order.mean(), rtol=1e-12)
    np.testing.assert_allclose(metrics.metastability(phase), order.std(), rtol=1e-12)
    assert metrics.kuramoto_order(np.stack([phase, phase], 1)).shape == (400, 2)
    z = np.exp(1j * phase)
    np.testing.assert_allclose(metrics.phase_locking_value(phase), np.abs(z.T @ z.conj()) / 400, atol=1e-12)
    check_gradient(lambda x: metrics.synchrony(x) + 3 * metrics.metastability(x), phase)
    check_gradient(lambda x: (metrics.phase_locking_value(x) * FC).sum(), phase)


@X64
def test_regions_in_phase_and_evenly_spread():
    together = np.repeat(WAVE[:, :1], 4, axis=1)
    spread = together + np.array([0, 0.5, 1, 1.5]) * np.pi
    np.testing.assert_allclose(metrics.kuramoto_order(together), 1, rtol=1e-14)
    np.testing.assert_allclose(metrics.kuramoto_order(spread), 0, atol=1e-14)
    np.testing.assert_allclose(metrics.phase_locking_value(spread), 1, rtol=1e-14)


@X64
@pytest.mark.parametrize(("window", "overlap"), [(200, 0.5), (202 * u.ms, 0.5), (0.2 * u.second, 0.9), (800.0, 0)])
def test_power_and_coherence_are_those_of_scipy(window, overlap):
    samples = round(u.get_mantissa(window / u.ms if isinstance(window, u.Quantity) else window) / 2)
    options = dict(fs=500.0, nperseg=samples, noverlap=int(samples * overlap))
    frequencies, power = metrics.power_spectrum(WAVE * u.mV, 2 * u.ms, window, overlap)
    wanted = sps.welch(WAVE.T, **options)
    np.testing.assert_allclose(frequencies, wanted[0], rtol=1e-12)
    np.testing.assert_allclose(power, wanted[1], rtol=1e-9)
    if samples == 400:
        with pytest.raises(ValueError, match="makes one segment"):
            metrics.coherence(WAVE, 2.0, window, overlap)
        return
    frequencies, coherence = metrics.coherence(WAVE, 0.002 * u.second, window, overlap)
    _, wanted = sps.coherence(WAVE.T[:, None], WAVE.T[None], **options)
    np.testing.assert_allclose(coherence, wanted, rtol=1e-8, atol=1e-12)


@X64
def test_spectra_have_the_right_gradients():
    weights = RNG.standard_normal((5, 51))
    check_gradient(lambda x: (metrics.power_spectrum(x, 2.0)[1] * weights).sum(), WAVE)
    check_gradient(lambda x: (metrics.coherence(x, 2.0)[1] * weights[:, None]).sum(), WAVE, rtol=1e-4)
    check_gradient(lambda x: metrics.peak_frequency(*metrics.power_spectrum(x, 2.0), band=(4, 40)).sum(), WAVE)
    check_gradient(lambda x: metrics.band_power(*metrics.power_spectrum(x, 2.0), band=(4, 40)).sum(), WAVE)


@X64
def test_peaks_lie_between_frequencies_and_bands_add_up():
    frequencies = np.array([6.0, 10.3, 14.71, 30.5])
    sines = np.sin(2 * np.pi * frequencies * np.arange(4000)[:, None] * 0.002) + 1e-3 * RNG.standard_normal((4000, 4))
    grid, power = metrics.power_spectrum(sines, 2.0, window=1000.0)
    np.testing.assert_allclose(grid[1], 1.0)
    np.testing.assert_allclose(metrics.peak_frequency(grid, power), frequencies, atol=0.03)
    both = np.asarray(power[0] + power[3])
    np.testing.assert_allclose(metrics.peak_frequency(grid, both, (20 * u.Hz, 0.05 / u.ms)), 30.5, atol=0.03)
    np.testing.assert_allclose(jax.jit(metrics.peak_frequency)(grid, power), metrics.peak_frequency(grid, power))
    falling = 1 / np.maximum(grid, 0.5)
    assert metrics.peak_frequency(grid, falling, (8, 13)) == 8
    assert np.isnan(metrics.peak_frequency(grid, np.zeros(len(grid))))
    np.testing.assert_allclose(metrics.band_power(grid, power), 0.5, rtol=1e-3)  # the variance of a sine
    parts = [metrics.band_power(grid, power, band) for band in ((0, 8), (8, 13), (13, 30), (30, 300))]
    np.testing.assert_allclose(sum(parts), metrics.band_power(grid, power), rtol=1e-12)
    np.testing.assert_allclose(parts[1], np.asarray(power)[:, 8:13].sum(-1), rtol=1e-12)


@X64
@pytest.mark.parametrize("kind", ["continuous", "tied", "equal"])
def test_distances_of_samples_are_those_of_scipy(kind):
    a, b = RNG.standard_normal(80), 0.4 + 1.3 * RNG.standard_normal(53)
    if kind == "tied":
        a, b = np.round(2 * a), np.round(2 * b)
    if kind == "equal":
        b = a[::-1]
    np.testing.assert_allclose(metrics.kolmogorov_smirnov(a, b), stats.ks_2samp(a, b).statistic, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(metrics.wasserstein(a, b), stats.wasserstein_distance(a, b), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(metrics.wasserstein(a * u.volt, 1e3 * b * u.mV), metrics.wasserstein(a, b), atol=1e-14)
    if kind == "continuous":
        check_gradient(lambda x: metrics.wasserstein(x, b), a)
        check_gradient(lambda x: metrics.wasserstein(a, x), b)
    if kind == "equal":
        np.testing.assert_array_equal(jax.grad(metrics.wasserstein)(a, b), 0)
    a[3] = np.nan
    assert np.isnan(metrics.kolmogorov_smirnov(a, b))
    assert np.isnan(metrics.wasserstein(a, b))


@X64
def test_comparisons_of_matrices_are_those_of_numpy_and_scipy():
    rows, columns = np.triu_indices(5, 1)
    other, off = np.corrcoef(SIGNAL[:, :5].T), ~np.eye(5, dtype=bool)
    a, b = FC[rows, columns], other[rows, columns]
    np.testing.assert_allclose(metrics.fc_correlation(FC, other), np.corrcoef(a, b)[0, 1], rtol=1e-12)
    np.testing.assert_allclose(metrics.fc_rmse(FC, other), np.sqrt(np.mean((a - b) ** 2)), rtol=1e-12)
    np.testing.assert_allclose(metrics.global_brain_connectivity(FC), (FC.sum(1) - 1) / 4, rtol=1e-12)
    weights = RNG.uniform(size=(5, 5)) * (RNG.uniform(size=(5, 5)) < 0.5)
    mean = (weights + weights.T) / 2
    assert (mean[rows, columns] == 0).sum() > 1
    wanted = stats.spearmanr(mean[rows, columns], a).statistic
    np.testing.assert_allclose(metrics.structure_function_coupling(weights * u.mS, FC), wanted, rtol=1e-12)
    wanted = [stats.spearmanr(mean[i, off[i]], FC[i, off[i]]).statistic for i in range(5)]
    np.testing.assert_allclose(metrics.regional_structure_function_coupling(weights, FC), wanted, rtol=1e-12)
    for metric in (metrics.fc_correlation, metrics.fc_rmse):
        check_gradient(lambda x, metric=metric: metric(functional_connectivity(x), other), WAVE)
        np.testing.assert_allclose(jax.grad(metric)(jnp.asarray(FC), FC), 0, atol=1e-12)
    assert metrics.fc_correlation(np.ones((5, 5)), other) == 0


SPECTRUM = metrics.power_spectrum, metrics.coherence
REFUSED = {
    "window=900 ms must be 4 to 800 ms, the whole signal.": [(f, (WAVE, 2.0, 900.0)) for f in SPECTRUM],
    "window=0 ms must be 4 to 800 ms, the whole signal.": [(f, (WAVE, 2.0, 0.0)) for f in SPECTRUM],
    "overlap=1 must be a fraction of the window, from 0 to less than 1.": [(f, (WAVE, 2, 99, 1)) for f in SPECTRUM],
    "dt=0 ms must be a positive time between samples.": [(f, (WAVE, 0)) for f in SPECTRUM],
    "dt=-1 must be zero or more.": [(f, (WAVE, -1)) for f in SPECTRUM],
    "dt=2 mV has the unit mV; give it in ms or as a bare number.": [(f, (WAVE, 2 * u.mV)) for f in SPECTRUM],
    "dt=an array of shape (2,) must be one concrete number.": [(f, (WAVE, np.ones(2))) for f in SPECTRUM],
    "band=(8, 8.5) Hz holds no frequency of the spectrum; give (low, high) within it.": [
        (metrics.peak_frequency, (np.arange(9) * 3.0, np.ones(9), (8, 8.5)))
    ],
    "band=8 must be two frequencies, for example (8, 13).": [
        (f, (np.arange(9.0), np.ones(9), 8)) for f in (metrics.peak_frequency, metrics.band_power)
    ],
    "band=1 ms has the unit ms; give it in Hz or as a bare number.": [
        (metrics.band_power, (np.arange(9.0), np.ones(9), (1 * u.ms, 2 * u.ms)))
    ],
    "frequencies is (9,) and power (8,); give (frequency,) and (..., frequency) with three frequencies or more.": [
        (metrics.band_power, (np.arange(9.0), np.ones(8)))
    ],
    "phase must be (time, region) or (time, batch, region) with 1 samples and 1 regions or more, but is (4,).": [
        (f, (np.ones(4),)) for f in (metrics.synchrony, metrics.metastability, metrics.phase_locking_value)
    ],
    "fc_a must be square, ([batch,] n, n) with n of 3 or more, but is (2, 2).": [
        (metrics.fc_correlation, (np.eye(2), np.eye(3)))
    ],
    "fc_a is (3, 3) and fc_b (4, 4); give two of one size, or a batch and one matrix.": [
        (metrics.fc_rmse, (np.eye(3), np.eye(4)))
    ],
    "weights is (3, 3) and fc (4, 4); give two of one size, or a batch and one matrix.": [
        (metrics.structure_function_coupling, (np.eye(3), np.eye(4)))
    ],
    "b is in V and a in 1; give both in units of one dimension.": [(metrics.wasserstein, (FC[0], FC[0] * u.volt))],
    "b must be samples along the last axis, at least one, but is (0,).": [(metrics.wasserstein, (FC[0], []))],
    "k=5 must be 1 to 4, a diagonal of the matrix above the main one.": [(metrics.fcd_variance, (FC, 5))],
    "window=500 must be 2 to 400 samples, the whole signal.": [(metrics.functional_connectivity_dynamics, (WAVE, 500))],
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_sentence(message):
    for metric, given in REFUSED[message]:
        with pytest.raises(ValueError) as caught:
            metric(*given)
        assert str(caught.value) == message


@pytest.mark.parametrize("given", [None, {"output": WAVE}, WAVE * 1j])
def test_what_are_no_real_numbers_is_a_type_error(given):
    for metric in (functional_connectivity, metrics.phase, metrics.synchrony):
        with pytest.raises(TypeError, match=r"^(signal|phase) is (a \w+|complex); give .*real numbers\.$"):
            metric(given)

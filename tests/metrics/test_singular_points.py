"""Values and gradients stay finite where roots and quotients have no slope: silence, constants, equal inputs."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass import metrics, objectives
from brainmass.monitors.signals import Signal
from brainmass.monitors.statistic import ChunkSamples, SlidingStatistic
from brainmass.units import UNITLESS, float_dtype

N, TIME, DT = 4, 40, 1.0
RNG = np.random.default_rng(4)
WAVE = np.sin(np.arange(TIME)[:, None] * [0.3, 0.5, 0.7, 1.1]) + 0.1 * RNG.normal(size=(TIME, N)).cumsum(0)
SILENT = WAVE * [1, 0, 1, 0]
CASES = {
    "a silent region": (SILENT, WAVE),
    "silence in both": (SILENT, SILENT),
    "equal inputs": (WAVE, WAVE),
    "zeros": (np.zeros_like(WAVE), WAVE),
    "zeros in both": (np.zeros_like(WAVE), np.zeros_like(WAVE)),
    "a constant": (np.full_like(WAVE, -0.3), WAVE),
    "equal regions": (np.repeat(WAVE[:, :1], N, axis=1), WAVE),
    "opposite regions": (WAVE[:, :1] * [1, -1, 1, -1], WAVE),
    "tiny": (1e-25 * WAVE, 1e-25 * WAVE),
}


def fc(x):
    return metrics.functional_connectivity(x)


def dynamics(x):
    return metrics.functional_connectivity_dynamics(x, 12, 6)


def spectrum(x):
    return metrics.power_spectrum(x, DT)


GRID = np.linspace(0.0, 1.0, TIME)
METRICS = {
    "band_power": lambda x, y: metrics.band_power(*spectrum(x)),
    "coherence": lambda x, y: metrics.coherence(x, DT)[1],
    "envelope": lambda x, y: metrics.envelope(x),
    "fc_correlation": lambda x, y: metrics.fc_correlation(fc(x), fc(y)) + metrics.fc_correlation(x[:N], y[:N]),
    "fc_rmse": lambda x, y: metrics.fc_rmse(fc(x), fc(y)) + metrics.fc_rmse(x[:N], y[:N]),
    "fcd_distribution": lambda x, y: metrics.fcd_distribution(dynamics(x)),
    "fcd_of": lambda x, y: metrics.fcd_of(x),
    "fcd_variance": lambda x, y: metrics.fcd_variance(dynamics(x)),
    "functional_connectivity": lambda x, y: fc(x),
    "functional_connectivity_dynamics": lambda x, y: dynamics(x),
    "global_brain_connectivity": lambda x, y: metrics.global_brain_connectivity(fc(x)),
    "kolmogorov_smirnov": lambda x, y: metrics.kolmogorov_smirnov(x.ravel(), y.ravel()),
    "ks_distance": lambda x, y: metrics.ks_distance(x[:, 0] ** 2, y[:, 0] ** 2),
    "kuramoto_order": lambda x, y: metrics.kuramoto_order(x),
    "metastability": lambda x, y: metrics.metastability(x),
    "off_diagonal": lambda x, y: metrics.off_diagonal(x[:N]),
    "peak_frequency": lambda x, y: jnp.nan_to_num(metrics.peak_frequency(*spectrum(x))),  # NaN where nothing moves
    "phase": lambda x, y: metrics.phase(x),
    "phase_locking_value": lambda x, y: metrics.phase_locking_value(x),
    "power_spectrum": lambda x, y: spectrum(x)[1],
    "regional_structure_function_coupling": lambda x, y: metrics.regional_structure_function_coupling(x[:N], fc(y)),
    "structure_function_coupling": lambda x, y: metrics.structure_function_coupling(fc(x), fc(y)),
    "synchrony": lambda x, y: metrics.synchrony(x),
    "upper_triangle": lambda x, y: metrics.upper_triangle(x),
    "wasserstein": lambda x, y: metrics.wasserstein(x.ravel(), y.ravel()),
    "wasserstein_1d": lambda x, y: metrics.wasserstein_1d(x[:, 0] ** 2, y[:, 0] ** 2, GRID),
}
SHARED = {"fcd_distribution", "ks_distance", "wasserstein_1d"}  # of metrics, there already
OBJECTIVES = {
    "combine": objectives.combine((1.0, objectives.fc_rmse()), (2.0, objectives.cosine_sim())),
    "cosine_sim": objectives.cosine_sim(),
    "fc_corr": objectives.fc_corr(),
    "fc_rmse": objectives.fc_rmse(),
    "fcd": objectives.fcd(12, 6),
    "fcd_ks": objectives.fcd_ks(12, 6),
    "fcd_wasserstein": objectives.fcd_wasserstein(12, 6),
    "timeseries_rmse": objectives.timeseries_rmse(),
}


def found_by(monitor):
    """The value that a statistic finds in a signal, as in a run of one chunk."""

    def value(x, y):
        given = Signal((N,), UNITLESS, DT)
        samples = ChunkSamples(x[..., None].astype(float_dtype()), *map(np.uint32, (0, 0, 0, len(x))))
        state = monitor.begin(given, 1)
        if isinstance(monitor, SlidingStatistic):
            frames = jnp.stack([monitor.frame(samples.values[at : at + 12]) for at in range(0, TIME - 11, 6)])
            return monitor.finish(jnp.moveaxis(frames, -1, 1))
        return monitor.result(monitor.update(state, samples, given), given)

    return value


STATISTICS = {
    "StreamingFC": found_by(bm.StreamingFC("x")),
    "StreamingFCD": found_by(bm.StreamingFCD("x", 12, 6)),
    "StreamingPSD": found_by(bm.StreamingPSD("x", 10.0)),
}


def test_every_metric_objective_and_statistic_is_in_the_catalogue():
    assert METRICS.keys() == set(metrics.__all__)
    assert OBJECTIVES.keys() | SHARED == set(objectives.__all__)
    kinds = [getattr(bm, name) for name in bm.__all__ if inspect.isclass(getattr(bm, name))]
    assert STATISTICS.keys() == {k.__name__ for k in kinds if k.__name__.startswith("Streaming")}


def slopes(function):
    """The value and both gradients of a sum over what it gives, every entry with a weight of its own."""

    def total(x, y):
        value = function(x, y)
        return (value * jnp.cos(jnp.arange(value.size).reshape(value.shape) + 0.5)).sum()

    return jax.value_and_grad(total, (0, 1))


@pytest.mark.parametrize("catalogue", [METRICS, OBJECTIVES, STATISTICS], ids=["metrics", "objectives", "statistics"])
@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_values_and_gradients_are_finite(catalogue, precision):
    pairs = [np.stack(both).astype(precision) for both in zip(*CASES.values(), strict=True)]
    jax.config.update("jax_enable_x64", precision == "float64")
    try:
        every = {name: slopes(function) for name, function in catalogue.items()}
        found = jax.jit(jax.vmap(lambda x, y: {name: f(x, y) for name, f in every.items()}))(*pairs)
    finally:
        jax.config.update("jax_enable_x64", False)
    for name, (value, gradients) in found.items():
        assert value.dtype == precision, name
        for case, *parts in zip(CASES, np.asarray(value), *map(np.asarray, gradients), strict=True):
            assert all(np.isfinite(part).all() for part in parts), f"{name}: {case}"


def test_a_silent_region_has_no_slope_in_the_streamed_connectivity():
    """The case that was found: the value was right and the gradient NaN."""
    stored = jax.grad(lambda x: (fc(x) ** 2).sum())(jnp.asarray(SILENT))
    streamed = jax.grad(lambda x: (STATISTICS["StreamingFC"](x, None) ** 2).sum())(jnp.asarray(SILENT))
    np.testing.assert_allclose(streamed[:, [0, 2]], stored[:, [0, 2]], atol=1e-5)
    np.testing.assert_array_equal(streamed[:, [1, 3]], 0)
    assert np.abs(stored[:, [0, 2]]).max() > 1e-3


def test_the_envelope_and_phase_of_tiny_and_huge_signals_are_theirs():
    for size in (1e-25, 1e25):
        np.testing.assert_allclose(metrics.envelope(size * WAVE) / size, metrics.envelope(WAVE), rtol=1e-4)
        np.testing.assert_allclose(metrics.phase(size * WAVE), metrics.phase(WAVE), atol=1e-4)

"""What is drawn is what was given: line data, image arrays, the peak of the spectrum, units on the axes."""

import brainunit as u
import jax.numpy as jnp
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from brainmass import viz
from brainmass.datasets import load_dataset

RNG = np.random.default_rng(2)
TIMES = np.arange(200) * 0.5
SIGNAL = np.sin(TIMES[:, None] * np.linspace(0.1, 1, 8)) + np.arange(8)
LABELS = [f"R{i}" for i in range(8)]


@pytest.fixture(autouse=True)
def figures():
    with mpl.rc_context({"backend": "Agg"}):
        yield
        plt.close("all")


def drawn(ax):
    """What a user would see must also be drawable."""
    ax.figure.canvas.draw()
    return ax


def texts(ticks):
    return [tick.get_text() for tick in ticks]


PLOTS = {
    "timeseries": lambda **kw: viz.plot_timeseries(SIGNAL, **kw),
    "connectivity": lambda **kw: viz.plot_connectivity(np.eye(8), **kw),
    "functional_connectivity": lambda **kw: viz.plot_functional_connectivity(SIGNAL, **kw),
    "phase_portrait": lambda **kw: viz.plot_phase_portrait(SIGNAL, SIGNAL, **kw),
    "power_spectrum": lambda **kw: viz.plot_power_spectrum(SIGNAL, 0.5, **kw),
}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_draws_on_the_axes_given_or_on_a_new_figure(plot):
    _, mine = plt.subplots()
    assert plot(ax=mine) is mine
    first, second = plot(), plot()
    assert len({mine.figure, first.figure, second.figure}) == 3
    second.figure.tight_layout()
    drawn(second)


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray, lambda x: x * u.mV, lambda x: jnp.asarray(x) * u.mV])
def test_timeseries_draws_one_line_per_region(convert):
    ax = drawn(viz.plot_timeseries(convert(SIGNAL), ts=TIMES * u.ms, labels=LABELS, lw=3, alpha=0.5))
    assert len(ax.lines) == 8
    for region, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xdata(), TIMES)
        np.testing.assert_allclose(line.get_ydata(), SIGNAL[:, region], rtol=1e-6)
        assert (line.get_linewidth(), line.get_alpha()) == (3, 0.5)
    assert len({line.get_color() for line in ax.lines}) == 8
    assert texts(ax.get_legend().get_texts()) == LABELS


def test_timeseries_names_its_units():
    ax = viz.plot_timeseries(SIGNAL[:, 0] * u.mV, ts=TIMES / 1e3 * u.second)
    assert (ax.get_xlabel(), ax.get_ylabel(), len(ax.lines), ax.get_legend()) == ("time (s)", "signal (mV)", 1, None)
    ax = viz.plot_timeseries(SIGNAL, ts=TIMES)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "signal")
    ax = viz.plot_timeseries(SIGNAL * u.mV / u.ms**2)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sample", "signal (mV/ms²)")
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), np.arange(200))


@pytest.mark.parametrize("labelled", [True, False])
def test_timeseries_stacks_many_regions(labelled):
    signal = 3 * np.sin(TIMES[:, None] + np.arange(80)) + 50  # 6 mV from trough to peak
    labels = [f"region {i}" for i in range(80)] if labelled else None
    ax = drawn(viz.plot_timeseries(signal * u.mV, ts=TIMES, labels=labels))
    assert ax.get_legend() is None
    assert ax.get_ylabel() == "region (one row is 6 mV)"
    heights = [line.get_ydata().mean() for line in ax.lines]
    np.testing.assert_allclose(np.diff(heights), -6)
    np.testing.assert_allclose(ax.lines[5].get_ydata() - heights[5], signal[:, 5] - signal[:, 5].mean(), atol=1e-12)
    shown = texts(ax.get_yticklabels())
    assert shown == ([f"region {i}" for i in range(0, 80, 4)] if labelled else [str(i) for i in range(0, 80, 4)])
    np.testing.assert_allclose(ax.get_yticks(), heights[::4], atol=1e-9)


def test_timeseries_stacks_silent_regions():
    assert drawn(viz.plot_timeseries(np.zeros((5, 30)))).get_ylabel() == "region (one row is 1)"


def test_connectivity_draws_the_matrix():
    conn = load_dataset("example_connectome")
    ax = drawn(viz.plot_connectivity(conn.weights, labels=list(conn.labels), vmax=2))
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), conn.weights)
    assert (image.get_cmap().name, image.get_clim()[1]) == ("viridis", 2)
    assert texts(ax.get_xticklabels()) == texts(ax.get_yticklabels()) == LABELS
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("source", "target")
    assert image.colorbar.ax.get_ylabel() == ""
    (image,) = viz.plot_connectivity(conn.distances).images
    assert image.colorbar.ax.get_ylabel() == "mm"
    assert image.get_array().max() == 80
    (image,) = viz.plot_connectivity(conn.distances, colorbar=False, cmap="magma").images
    assert (image.colorbar, image.get_cmap().name) == (None, "magma")


@pytest.mark.parametrize("name", ["synthetic_80", "synthetic_200", "synthetic_400"])
def test_connectivity_thins_the_ticks_of_many_regions(name):
    conn = load_dataset(name)
    ax = drawn(viz.plot_connectivity(conn.weights, labels=conn.labels))
    n = len(conn.labels)
    np.testing.assert_array_equal(ax.get_xticks(), np.arange(0, n, n // 20))
    assert texts(ax.get_yticklabels()) == list(conn.labels[:: n // 20])


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray, lambda x: x * u.mV])
def test_functional_connectivity_draws_the_correlations(convert):
    noisy = SIGNAL + RNG.standard_normal(SIGNAL.shape)
    ax = drawn(viz.plot_functional_connectivity(convert(noisy), labels=LABELS))
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array(), np.corrcoef(noisy.T), atol=1e-5)
    assert image.get_clim() == (-1, 1)
    low, middle, high = (np.array(image.get_cmap()(x)[:3]) for x in (0.0, 0.5, 1.0))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert middle.min() > 0.9
    assert image.colorbar.ax.get_ylabel() == "correlation"
    assert texts(ax.get_xticklabels()) == LABELS


def test_functional_connectivity_draws_a_matrix_as_it_is():
    matrix = RNG.uniform(-1, 1, (5, 5))
    (image,) = viz.plot_functional_connectivity(matrix, is_matrix=True, colorbar=False, vmin=0).images
    np.testing.assert_array_equal(image.get_array(), matrix)
    assert (image.colorbar, image.get_clim()) == (None, (0, 1))
    norm = mpl.colors.Normalize(-0.5, 0.5)
    (image,) = viz.plot_functional_connectivity(matrix, is_matrix=True, norm=norm).images
    assert image.norm is norm


def test_phase_portrait_draws_y_over_x():
    x, y = np.cos(TIMES), np.sin(TIMES)
    ax = drawn(viz.plot_phase_portrait(x * u.mV, jnp.asarray(y) / u.ms, color="k"))
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xydata(), np.stack([x, y], axis=1), atol=1e-6)
    assert (ax.get_xlabel(), ax.get_ylabel(), line.get_color()) == ("x (mV)", "y (1/ms)", "k")
    assert len(viz.plot_phase_portrait(SIGNAL, -SIGNAL).lines) == 8


@pytest.mark.parametrize("dt", [1.0, 1 * u.ms, 0.001 * u.second])
@pytest.mark.parametrize("loglog", [True, False])
def test_spectrum_of_a_10_hz_sine_peaks_at_10_hz(dt, loglog):
    sine = np.sin(2 * np.pi * 0.01 * np.arange(4000)) * u.mV
    ax = drawn(viz.plot_power_spectrum(sine, dt, loglog=loglog))
    (line,) = ax.lines
    frequency, power = line.get_data()
    assert frequency[power.argmax()] == pytest.approx(10)
    assert frequency[-1] == pytest.approx(500)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("frequency (Hz)", "power (mV²/Hz)")
    assert ax.get_xscale() == ax.get_yscale() == ("log" if loglog else "linear")
    assert frequency[0] == (frequency[1] / 2 if loglog else 0)


def test_spectrum_is_a_density():
    noise = 3 * RNG.standard_normal((20_000, 2))
    ax = viz.plot_power_spectrum(noise, 0.5, loglog=False)
    for line in ax.lines:
        frequency, power = line.get_data()
        assert power.sum() * frequency[1] == pytest.approx(9, rel=0.05)
    assert ax.get_ylabel() == "power (1/Hz)"
    assert viz.plot_power_spectrum(noise * u.mV / u.second, 0.5).get_ylabel() == "power ((mV/s)²/Hz)"


@pytest.mark.parametrize("samples", [1000, 500, 30])
def test_spectrum_of_a_short_signal_still_peaks_near_100_hz(samples):
    line = viz.plot_power_spectrum(np.sin(2 * np.pi * 0.1 * np.arange(samples)), 1.0).lines[0]
    frequency, power = line.get_data()
    assert frequency[power.argmax()] == pytest.approx(100, abs=2 * frequency[0])


CUBE = np.ones((4, 3, 2))


@pytest.mark.parametrize(
    ("plot", "sentence"),
    [
        (
            lambda: viz.plot_timeseries(CUBE),
            r"signal must be \(time,\) or \(time, region\), but has shape \(4, 3, 2\)\.",
        ),
        (lambda: viz.plot_timeseries(np.ones((0, 3))), r"signal must be .*, but has shape \(0, 3\)\."),
        (lambda: viz.plot_timeseries(SIGNAL, TIMES[1:]), r"ts must be one time for each of the 200 samples, but .*\."),
        (
            lambda: viz.plot_timeseries(SIGNAL, labels=["a"]),
            r"labels must be one for each of the 8 regions, but there are 1\.",
        ),
        (lambda: viz.plot_connectivity(CUBE), r"The matrix must be \(region, region\), but has shape \(4, 3, 2\)\."),
        (lambda: viz.plot_connectivity(SIGNAL), r"The matrix must be \(region, region\), but has shape \(200, 8\)\."),
        (
            lambda: viz.plot_connectivity(np.eye(3), labels=LABELS),
            r"labels must be one for each of the 3 regions, .*\.",
        ),
        (
            lambda: viz.plot_functional_connectivity(CUBE),
            r"data must be .* is_matrix=True, but has shape \(4, 3, 2\)\.",
        ),
        (
            lambda: viz.plot_phase_portrait(SIGNAL, TIMES),
            r"x and y must have one shape, .* \(200, 8\) and \(200, 1\)\.",
        ),
        (lambda: viz.plot_phase_portrait(CUBE, CUBE), r"x must be \(time,\) or .*\."),
        (lambda: viz.plot_power_spectrum(CUBE, 1.0), r"signal must be \(time,\) or .*\."),
        (lambda: viz.plot_power_spectrum(SIGNAL, 1 * u.mV), r"dt=.* mV .*\."),
        (lambda: viz.plot_power_spectrum(SIGNAL, -1.0), r"dt=-1.0 must be a positive time.*\."),
    ],
)
def test_mistakes_get_one_sentence_and_leave_no_figure(plot, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        plot()
    assert not plt.get_fignums()

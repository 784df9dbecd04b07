"""What is drawn is what was given, or what the equations say: lines, images, spectra, fixed points, bifurcations."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import brainmass as bm
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
    "phase_plane": lambda **kw: viz.plot_phase_plane(bm.HopfStep(1), starts=[], **kw),
    "bifurcation": lambda **kw: viz.plot_bifurcation(bm.HopfStep(1), "a", [-0.1, 0.1], duration=10.0, **kw),
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
    matrix = np.corrcoef(RNG.uniform(-1, 1, (5, 9)))
    (image,) = viz.plot_functional_connectivity(matrix, colorbar=False, vmin=0).images
    np.testing.assert_array_equal(image.get_array(), matrix)
    assert (image.colorbar, image.get_clim()) == (None, (0, 1))
    norm = mpl.colors.Normalize(-0.5, 0.5)
    (image,) = viz.plot_functional_connectivity(matrix, norm=norm).images
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


# -- phase plane -------------------------------------------------------------------------------------------------------


def marked(ax, kind):
    """The fixed points of a kind, (n, 2), by x."""
    found = [c.get_offsets() for c in ax.collections if c.get_label() == kind]
    return np.asarray(sorted(found[0].tolist()) if found else np.empty((0, 2)))


def nullcline(ax, which):
    """The vertices of the first (horizontal axis) or second nullcline."""
    contours = [c for c in ax.collections if type(c).__name__ == "QuadContourSet"]
    return contours[which].get_paths()[0].vertices


def drawn_lines(ax, colour):
    return [line.get_xydata() for line in ax.lines if line.get_color() == colour and line.get_linestyle() == "-"]


THREE = dict(gamma=-0.2, epsilon=1.0, delta=0.02)  # a FitzHugh–Nagumo node with three fixed points


def fitzhugh_nagumo(p, V_inp):
    """V of the fixed points and whether each is stable, on paper."""
    cubic = [-p["alpha"], p["beta"], p["gamma"] - 1 / p["epsilon"], V_inp + p["delta"] / p["epsilon"]]
    V = np.sort(np.roots(cubic)[np.abs(np.roots(cubic).imag) < 1e-9].real)
    own, back = -3 * p["alpha"] * V**2 + 2 * p["beta"] * V + p["gamma"], -p["epsilon"] / p["tau"]
    trace, determinant = own + back, own * back + 1 / p["tau"]
    return V, np.where(determinant < 0, "saddle", np.where(trace < 0, "stable", "unstable"))


@pytest.mark.parametrize("V_inp", [0.0, 100.0 * u.Hz])
@pytest.mark.parametrize("changed", [{}, THREE], ids=["one", "three"])
def test_fixed_points_and_nullclines_of_fitzhugh_nagumo(changed, V_inp):
    model = bm.FitzHughNagumoStep(1, **changed)
    p = {name: float(model.bare(name)) for name in model.declarations(bm.Parameter)}
    bare = 0.1 if isinstance(V_inp, u.Quantity) else V_inp
    V, kinds = fitzhugh_nagumo(p, bare)
    ax = drawn(viz.plot_phase_plane(model, inputs={"V_inp": V_inp}, ylim=(-1, 2), starts=[]))
    points = np.stack([V, (V - p["delta"]) / p["epsilon"]], 1)
    assert len(points) == (3 if changed and not bare else 1)
    for kind in ("stable fixed point", "unstable fixed point", "saddle"):
        np.testing.assert_allclose(marked(ax, kind), points[kinds == kind.split()[0]], atol=1e-9)
    x, y = nullcline(ax, 0).T
    np.testing.assert_allclose(y, -p["alpha"] * x**3 + p["beta"] * x**2 + p["gamma"] * x + bare, atol=2e-3)
    x, y = nullcline(ax, 1).T
    np.testing.assert_allclose(y, (x - p["delta"]) / p["epsilon"], atol=1e-6)
    for point in points:
        assert all(np.linalg.norm(nullcline(ax, which) - point, axis=1).min() < 0.02 for which in (0, 1))


@pytest.mark.parametrize(("a", "kind"), [(0.2, "unstable"), (-0.2, "stable"), (0.0, "neutral")])
def test_the_origin_of_hopf_changes_its_stability(a, kind):
    model = bm.HopfStep(3, a=[0.1, 0.2, -0.3])
    model.a = np.array([a, -a, -a])  # the first region counts, as it is now
    ax = drawn(viz.plot_phase_plane(model, duration=5.0))
    np.testing.assert_allclose(marked(ax, f"{kind} fixed point"), [[0, 0]], atol=1e-9)
    assert kind in texts(ax.get_legend().get_texts())[-1]


def test_a_saddle_between_two_stable_states():
    roots = np.roots([-(np.pi**2), 15.0, -5.0, 0.0, 1 / (4 * np.pi**2)])  # of r, with v = -1/(2 pi r)
    r = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    r = r[r > 0]
    ax = viz.plot_phase_plane(bm.MontbrioPazoRoxinStep(1), starts=[])
    points = np.stack([r, -1 / (2 * np.pi * r)], 1)
    np.testing.assert_allclose(marked(ax, "stable fixed point"), points[[0, 2]], atol=1e-9)
    np.testing.assert_allclose(marked(ax, "saddle"), points[[1]], atol=1e-9)


def test_trajectories_begin_where_asked_and_end_on_the_cycle():
    ax = drawn(viz.plot_phase_plane(bm.HopfStep(1, a=0.25, beta=4.0), starts=[(0.1, 0), (1, 1)], duration=100.0))
    paths = drawn_lines(ax, "C2")
    assert [path[0].tolist() for path in paths] == [[0.1, 0], [1, 1]]
    for path in paths:
        np.testing.assert_allclose(np.linalg.norm(path[-100:], axis=1), 0.25, rtol=1e-3)
    assert len(drawn_lines(viz.plot_phase_plane(bm.HopfStep(1), duration=1.0), "C2")) == 4


class Rooted(bm.StateSpace):
    """Defined for x above zero only."""

    x = bm.Variable(0.0, span=(0, 1))
    y = bm.Variable(0.0, span=(0, 1))

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-jnp.sqrt(s.x) / u.ms + 0.5 * s.y / u.ms, y=(0.25 - s.y) / u.ms)


def test_a_plane_that_is_not_defined_everywhere():
    ax = drawn(viz.plot_phase_plane(Rooted(1), starts=[(0.9, 0.1)], duration=5.0))
    np.testing.assert_allclose(marked(ax, "stable fixed point"), [[1 / 64, 0.25]], atol=1e-9)
    assert len(nullcline(ax, 0)) > 50


def test_a_trajectory_that_leaves_for_good_is_cut():
    escaping = bm.Generic2dOscillatorStep(1, f=-5.0, d=1.0)
    paths = drawn_lines(drawn(viz.plot_phase_plane(escaping)), "C2")
    assert len(paths) == 4
    assert all(np.nanmax(np.abs(path)) < 1e3 for path in paths)


def test_axes_carry_names_units_and_the_primary_variable():
    ax = viz.plot_phase_plane(bm.HORNStep(1), starts=[])  # it declares y before x
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y (1/ms)")
    assert texts(ax.get_legend().get_texts())[:2] == ["dx/dt = 0", "dy/dt = 0"]
    ax = viz.plot_phase_plane(bm.HORNStep(1), "y", starts=[], xlim=(-3, 1), ylim=(0, 1))
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim(), ax.get_ylim()) == ("y (1/ms)", "x", (-3, 1), (0, 1))
    ax = viz.plot_phase_plane(bm.WongWangStep(1), starts=[])
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)  # the variables are clamped there
    assert viz.plot_phase_plane(bm.HopfStep(1), starts=[]).get_xlim()[1] > 2


def test_a_plane_cut_out_of_more_variables():
    z = 3.0
    ax = drawn(viz.plot_phase_plane(bm.EpileptorStep(1), "x1", "y1", held={"z": z, "x2": -1.5}))
    found = np.concatenate([marked(ax, kind) for kind in ("stable fixed point", "unstable fixed point", "saddle")])
    assert len(found) == 3
    np.testing.assert_allclose(found[:, 1], 1 - 5 * found[:, 0] ** 2, atol=1e-6)
    below = found[found[:, 0] < 0]
    np.testing.assert_allclose(below[:, 1] - z + 3.1 - below[:, 0] ** 3 + 3 * below[:, 0] ** 2, 0, atol=1e-6)
    assert drawn_lines(ax, "C2") == []


def test_delays_inside_the_region_leave_the_stability_open():
    ax = drawn(viz.plot_phase_plane(bm.WilsonCowanDelayedStep(1), starts=[]))
    without = viz.plot_phase_plane(bm.WilsonCowanStep(1), starts=[])
    assert "fixed point" in texts(ax.get_legend().get_texts())
    both = np.concatenate([marked(without, "stable fixed point"), marked(without, "saddle")])
    np.testing.assert_allclose(marked(ax, "fixed point"), both[np.argsort(both[:, 0])], atol=1e-9)


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(m, id=name, marks=[] if name == "WilsonCowanStep" else [pytest.mark.slow])
        for name, m in bm.models.catalogue().items()
        if len(m.declarations(bm.Variable)) == 2
    ],
)
def test_a_plane_of_every_model_of_two_variables(model):
    ax = drawn(viz.plot_phase_plane(model(1)))
    assert len(drawn_lines(ax, "C2")) == 4
    kinds = [c.get_label() for c in ax.collections if "fixed" in c.get_label() or c.get_label() == "saddle"]
    assert kinds, "by default every one has a fixed point in its window"


def test_a_plot_leaves_the_model_and_its_surroundings_alone():
    model = bm.HopfStep(2, noise_x=bm.OUProcess(2, sigma=0.1))
    brainstate.random.seed(3)
    before = jax.random.key_data(brainstate.random.get_key())
    viz.plot_phase_plane(model, duration=1.0)
    viz.plot_bifurcation(model, "a", [0.1], duration=1.0)
    np.testing.assert_array_equal(jax.random.key_data(brainstate.random.get_key()), before)
    assert not jax.config.read("jax_enable_x64")
    assert not {"x", "clock"} & vars(model).keys()


# -- bifurcations ------------------------------------------------------------------------------------------------------


def dots(ax, kind):
    """(values, heights) of a kind of dots."""
    found = [line.get_data() for line in ax.lines if line.get_label() == kind]
    return found[0] if found else (np.empty(0), np.empty(0))


@pytest.mark.parametrize("values", [np.linspace(-0.3, 0.5, 5), np.linspace(-300, 500, 5) * u.Hz])
def test_the_amplitude_over_a_hopf_bifurcation(values):
    ax = drawn(viz.plot_bifurcation(bm.HopfStep(2, beta=[2.0, 5.0]), "a", values, duration=400.0))
    for kind, sign in (("maximum", 1), ("minimum", -1)):
        a, height = dots(ax, kind)
        np.testing.assert_allclose(np.unique(a), [0.1, 0.3, 0.5], atol=1e-12)
        np.testing.assert_allclose(height, sign * np.sqrt(a / 2.0), rtol=1e-3)
    a, height = dots(ax, "rest")
    np.testing.assert_allclose(np.unique(a), [-0.3, -0.1], atol=1e-12)
    np.testing.assert_allclose(height, 0, atol=1e-6)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a (1/ms)", "x")
    assert texts(ax.get_legend().get_texts()) == ["maximum", "minimum", "rest"]


def test_two_branches_of_a_bistable_model():
    eta = [-8.0, -5.0, -2.0]
    found, height = dots(viz.plot_bifurcation(bm.MontbrioPazoRoxinStep(1), "eta", eta, starts=8), "rest")
    for value in eta:
        roots = np.roots([-(np.pi**2), 15.0, value, 0.0, 1 / (4 * np.pi**2)])
        r = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
        stable = r[r > 0][::2]  # a saddle lies between two
        assert len(stable) == (2 if value == -5 else 1)
        np.testing.assert_allclose(np.unique(np.round(height[found == value], 3)), stable, atol=2e-3)


def test_every_value_starts_from_the_same_states():
    """Nothing moves, so each dot is an initial state."""
    gamma, height = dots(viz.plot_bifurcation(bm.LinearStep(1), "gamma", [0.0, -1e-12], starts=6, duration=1.0), "rest")
    first, second = height[gamma == 0.0], height[gamma != 0.0]
    assert len(np.unique(first)) == 6
    np.testing.assert_array_equal(first, second)


def test_over_an_input_with_an_output_and_a_style():
    ax = viz.plot_bifurcation(bm.LinearStep(1, gamma=-2.0), "x_inp", [-1.0, 3.0], starts=1, color="k", ms=7)
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xydata(), [[-1, -0.5], [3, 1.5]], rtol=1e-5)
    assert (line.get_color(), line.get_markersize()) == ("k", 7)
    ax = viz.plot_bifurcation(bm.JansenRitStep(1), "E_inp", [0.0, 200.0], duration=1000.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("E_inp (Hz)", "eeg (mV)")
    assert set(dots(ax, "maximum")[0]) == {200.0}  # alpha rhythm
    assert set(dots(ax, "rest")[0]) == {0.0}
    ax = viz.plot_bifurcation(bm.HopfStep(1), "a", [0.1], variable="y", inputs={"y_inp": 10 * u.Hz}, duration=10.0)
    assert ax.get_ylabel() == "y"


class Drifting(bm.StateSpace):
    """Goes on and on."""

    rate = bm.Parameter(1.0, u.ms**-1, "speed", bounds=(0.01, 2))
    x = bm.Variable(0.0, doc="place", span=(-10, 10))

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.rate)


def test_what_drifts_on_is_not_called_rest():
    rate, height = dots(viz.plot_bifurcation(Drifting(1), "rate", starts=1, duration=100.0), "not settled")
    assert (len(rate), rate[0], rate[-1]) == (100, 0.01, 2)
    np.testing.assert_allclose(height - height[0], 100 * (rate - rate[0]), rtol=2e-3)


def test_rounding_is_rest():
    ax = viz.plot_bifurcation(bm.FitzHughNagumoStep(1), "tau", [5.0, 50.0], duration=2000.0)
    assert len(dots(ax, "rest")[0]) == 8
    assert np.ptp(ax.get_ylim()) > 1e-3


def test_runs_that_diverge_are_left_out_with_a_warning():
    with pytest.warns(UserWarning, match=r"^4 of 8 runs diverged and are left out; try a smaller dt\.$"):
        ax = viz.plot_bifurcation(bm.HopfStep(1), "beta", [-1.0, 1.0], duration=200.0)
    assert {x for line in ax.lines for x in line.get_xdata()} == {1.0}
    with pytest.raises(FloatingPointError, match="diverged"):
        viz.plot_bifurcation(bm.HopfStep(1), "beta", [-1.0], duration=200.0)
    assert len(plt.get_fignums()) == 1


class Homeless(bm.StateSpace):
    """Two variables without a span."""

    q = bm.Parameter(1.0, doc="a parameter without bounds")
    x = bm.Variable(0.0)
    y = bm.Variable(0.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-s.x / u.ms, y=-p.q * s.y / u.ms)


HOPF = bm.HopfStep(1)


@pytest.mark.parametrize(
    ("plot", "error", "sentence"),
    [
        (
            lambda: viz.plot_phase_plane(bm.HopfStep),
            TypeError,
            r"model=.* must be a node bank, .*\.",
        ),
        (lambda: viz.plot_bifurcation(None, "a"), TypeError, r"model=None must be a node bank, .*\."),
        (lambda: viz.plot_phase_plane(bm.LinearStep(1)), ValueError, r"LinearStep has no two variables .*\."),
        (
            lambda: viz.plot_phase_plane(bm.LorenzStep(1)),
            ValueError,
            r"LorenzStep has 3 variables; choose two with x= and y= among x, y, z\.",
        ),
        (lambda: viz.plot_phase_plane(bm.LorenzStep(1), "x", "w"), ValueError, r"y='w' is unknown; .* x, y, z\."),
        (lambda: viz.plot_phase_plane(bm.LorenzStep(1), "x", "x"), ValueError, r"x and y are both 'x'; .*\."),
        (
            lambda: viz.plot_phase_plane(bm.LorenzStep(1), "x", "y", starts=[(0, 0)]),
            ValueError,
            r"starts: trajectories leave the plane, where z are held; give none\.",
        ),
        (lambda: viz.plot_phase_plane(HOPF, held={"x": 0}), ValueError, r"held=.* must be a dict of .* no variable\."),
        (lambda: viz.plot_phase_plane(HOPF, xlim=(1, 0)), ValueError, r"xlim=\(1, 0\) must be \(low, high\)\."),
        (lambda: viz.plot_phase_plane(HOPF, ylim=(1, 2, 3)), ValueError, r"ylim=.* must be \(low, high\)\."),
        (lambda: viz.plot_phase_plane(HOPF, starts=[1, 2]), ValueError, r"starts=.* must be a list of \(x, y\)\."),
        (lambda: viz.plot_phase_plane(HOPF, inputs={"z": 1}), ValueError, r"inputs='z' is unknown; .* x_inp, y_inp\."),
        (lambda: viz.plot_phase_plane(HOPF, inputs=1), TypeError, r"inputs=1 must be a dict .*\."),
        (
            lambda: viz.plot_phase_plane(HOPF, inputs={"x_inp": [1, 2]}),
            ValueError,
            r"inputs: x_inp=.* must be one number\.",
        ),
        (
            lambda: viz.plot_phase_plane(HOPF, inputs={"x_inp": 1 * u.mV}),
            ValueError,
            r"inputs: x_inp=1 mV .*\.",
        ),
        (lambda: viz.plot_phase_plane(Homeless(1)), ValueError, r"Homeless: x has .*; give xlim=\(low, high\)\."),
        (
            lambda: viz.plot_bifurcation(HOPF, "b"),
            ValueError,
            r"parameter='b' is unknown; HopfStep has a, w, beta, x_inp, y_inp\.",
        ),
        (lambda: viz.plot_bifurcation(HOPF, "x_inp"), ValueError, r"HopfStep: x_inp has no bounds; give values\."),
        (lambda: viz.plot_bifurcation(Homeless(1), "q"), ValueError, r"Homeless: q has no bounds; give values\."),
        (lambda: viz.plot_bifurcation(Homeless(1), "q", [1]), ValueError, r"Homeless: x has .*; declare one\."),
        (lambda: viz.plot_bifurcation(HOPF, "a", 0.3), ValueError, r"values has the shape \(\); give a list .*\."),
        (lambda: viz.plot_bifurcation(HOPF, "a", [1] * u.mV), ValueError, r"values=.* has the unit mV; .* 1/ms .*\."),
        (lambda: viz.plot_bifurcation(HOPF, "a", variable="z"), ValueError, r"variable='z' is unknown; .* x, y\."),
        (lambda: viz.plot_bifurcation(HOPF, "a", starts=0), ValueError, r"starts=0 must be a positive .*\."),
        (
            lambda: viz.plot_bifurcation(HOPF, "x_inp", [1], inputs={"x_inp": 1}),
            ValueError,
            r"inputs fixes 'x_inp', which is to vary; leave it out of inputs\.",
        ),
        (lambda: viz.plot_bifurcation(HOPF, "a", [1], transient=9999.0), ValueError, r"transient=9999.* shorter .*\."),
    ],
)
def test_mistakes_about_a_model_get_one_sentence_and_leave_no_figure(plot, error, sentence):
    with pytest.raises(error, match=f"^{sentence}$"):
        plot()
    assert not plt.get_fignums()


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
        (lambda: viz.plot_connectivity(CUBE), r"matrix must be \(region, region\), but has shape \(4, 3, 2\)\."),
        (lambda: viz.plot_connectivity(SIGNAL), r"matrix must be \(region, region\), but has shape \(200, 8\)\."),
        (
            lambda: viz.plot_connectivity(np.eye(3), labels=LABELS),
            r"labels must be one for each of the 3 regions, .*\.",
        ),
        (
            lambda: viz.plot_functional_connectivity(CUBE),
            r"data must be .*, but has shape \(4, 3, 2\)\.",
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

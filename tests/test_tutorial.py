"""The network tutorial, word for word: its code runs unchanged and prints what it says."""

import contextlib
import io

import brainunit as u
import matplotlib.pyplot as plt
import numpy as np
import pytest

import brainmass

SETUP = """\
import brainmass
import brainstate
import brainunit as u
import numpy as np
import matplotlib.pyplot as plt

# Set dt BEFORE building a delay-coupled Network (its delay buffer is sized now).
brainstate.environ.set(dt=0.1 * u.ms)
"""

CONNECTOME = """\
conn = brainmass.datasets.load_dataset("example_connectome")
N = conn.weights.shape[0]

print("regions:", list(conn.labels))
print("weights shape:", conn.weights.shape)
print("distances unit:", u.get_unit(conn.distances), "| max distance:", conn.distances.max())
print("zero diagonal:", bool(np.allclose(np.diag(conn.weights), 0)),
      "| symmetric:", bool(np.allclose(conn.weights, conn.weights.T)))
"""

MATRICES = """\
fig, (ax1, ax2) = plt.subplots(1, 2, figsize=(11, 4))
brainmass.viz.plot_connectivity(conn.weights, labels=list(conn.labels), ax=ax1)
ax1.set_title("structural weights")
brainmass.viz.plot_connectivity(conn.distances, labels=list(conn.labels), ax=ax2)
ax2.set_title("distances (mm)")
fig.tight_layout()
"""

NETWORK = """\
nodes = brainmass.HopfStep(in_size=N, a=0.2, w=0.3)

net = brainmass.Network(
    nodes,
    conn=conn.weights,
    distance=conn.distances,
    speed=10.0 * u.mm / u.ms,      # conduction speed -> delays = distance / speed
    coupling="diffusive",          # k * sum_j W_ij (x_j(delayed) - x_i)
    coupled_var="x",
    k=0.5,                          # global coupling strength
)

print("network of", net.n_node, "regions, coupling:", type(net.coupling).__name__)
"""

RUN = """\
sim = brainmass.Simulator(net, dt=0.1 * u.ms)
res = sim.run(
    300.0 * u.ms,
    monitors=lambda m: m.node.x.value,   # (steps, regions)
    transient=50.0 * u.ms,
)
activity = res["output"]
print("activity shape (steps, regions):", activity.shape)

ax = brainmass.viz.plot_timeseries(activity, ts=res["ts"], labels=list(conn.labels))
ax.set_title("Delay-coupled Hopf network: per-region activity")
ax.set_ylabel("x");
"""

FUNCTIONAL = """\
ax = brainmass.viz.plot_functional_connectivity(
    np.asarray(activity), labels=list(conn.labels)
)
ax.set_title("Functional connectivity (Pearson correlation)");
"""

NOISY = """\
brainstate.random.seed(0)
wc_nodes = brainmass.WilsonCowanStep(
    in_size=N,
    noise_E=brainmass.OUProcess(in_size=N, sigma=0.1, tau=50.0 * u.ms),
)
wc_net = brainmass.Network(
    wc_nodes,
    conn=conn.weights,
    distance=conn.distances,
    speed=10.0 * u.mm / u.ms,
    coupled_var="rE",
    k=0.1,
)
res_wc = brainmass.Simulator(wc_net, dt=0.1 * u.ms).run(
    300.0 * u.ms, monitors=lambda m: m.node.rE.value, transient=50.0 * u.ms
)
ax = brainmass.viz.plot_timeseries(res_wc["output"], ts=res_wc["ts"], labels=list(conn.labels))
ax.set_title("Noisy Wilson–Cowan resting-state network")
ax.set_ylabel("rE");
"""

PRINTED = {
    SETUP: "",
    CONNECTOME: (
        "regions: [np.str_('R0'), np.str_('R1'), np.str_('R2'), np.str_('R3'), "
        "np.str_('R4'), np.str_('R5'), np.str_('R6'), np.str_('R7')]\n"
        "weights shape: (8, 8)\n"
        "distances unit: mm | max distance: 80. mm\n"
        "zero diagonal: True | symmetric: True\n"
    ),
    MATRICES: "",
    NETWORK: "network of 8 regions, coupling: DiffusiveCoupling\n",
    RUN: "activity shape (steps, regions): (2500, 8)\n",
    FUNCTIONAL: "",
    NOISY: "",
}


@pytest.fixture(scope="module")
def tutorial():
    """What each cell printed, the Axes it left behind, and the names at the end."""
    names: dict = {}
    printed, drawn = {}, {}
    for cell in PRINTED:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(cell, names)
        printed[cell], drawn[cell] = out.getvalue(), names.get("ax")
    yield printed, drawn, names
    plt.close("all")


@pytest.mark.parametrize("cell", PRINTED, ids=["setup", "connectome", "matrices", "network", "run", "fc", "noisy"])
def test_a_cell_prints_what_the_tutorial_shows(tutorial, cell):
    assert tutorial[0][cell] == PRINTED[cell]


def test_the_time_stamps_are_those_of_the_recorded_steps(tutorial):
    for name in ("res", "res_wc"):
        ts = tutorial[2][name]["ts"].to_decimal(u.ms)
        np.testing.assert_allclose(ts, 50.0 + 0.1 * np.arange(1, 2501), rtol=1e-12)


def test_without_noise_every_region_keeps_moving(tutorial):
    last = np.asarray(tutorial[2]["activity"])[-500:]
    assert last.std(0).min() > 0.01


def test_with_noise_activity_fluctuates_and_correlations_differ(tutorial):
    activity = tutorial[2]["res_wc"]["output"]
    assert activity.shape == (2500, 8)
    assert np.asarray(activity).std(0).min() > 1e-4
    between = np.asarray(brainmass.functional_connectivity(activity))[~np.eye(8, dtype=bool)]
    assert np.ptp(between) >= 0.1


@pytest.mark.parametrize(
    ("cell", "name", "title", "ylabel"),
    [
        (RUN, "res", "Delay-coupled Hopf network: per-region activity", "x"),
        (NOISY, "res_wc", "Noisy Wilson–Cowan resting-state network", "rE"),
    ],
    ids=["run", "noisy"],
)
def test_the_figures_of_activity_show_every_sample(tutorial, cell, name, title, ylabel):
    ax, result = tutorial[1][cell], tutorial[2][name]
    assert (ax.get_title(), ax.get_ylabel(), ax.get_xlabel()) == (title, ylabel, "time (ms)")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(tutorial[2]["conn"].labels)
    drawn = np.stack([line.get_ydata() for line in ax.lines], axis=1)
    np.testing.assert_array_equal(drawn, np.asarray(result["output"]))
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), result["ts"].to_decimal(u.ms))


def test_the_figures_of_matrices_show_weights_lengths_and_correlations(tutorial):
    names = tutorial[2]
    shown = {
        "structural weights": (names["ax1"], names["conn"].weights),
        "distances (mm)": (names["ax2"], names["conn"].distances.to_decimal(u.mm)),
        "Functional connectivity (Pearson correlation)": (
            tutorial[1][FUNCTIONAL],
            np.corrcoef(names["activity"], rowvar=False),
        ),
    }
    for title, (ax, matrix) in shown.items():
        assert ax.get_title() == title
        np.testing.assert_allclose(ax.images[0].get_array(), matrix, atol=2e-4)

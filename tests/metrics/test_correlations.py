"""What is symmetric with a diagonal of 1 is a matrix of correlations everywhere, or refused where a signal is meant."""

import brainunit as u
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import brainmass as bm
from brainmass import metrics, objectives, viz
from brainmass.numerics.array_kinds import kind_of


@pytest.fixture(autouse=True)
def figures():
    yield
    plt.close("all")


RNG = np.random.default_rng(5)
N = 6
SIGNAL = RNG.normal(size=(90, N)) @ RNG.normal(size=(N, N))
FC = np.corrcoef(SIGNAL.T)
HOLED = np.corrcoef(np.where(np.arange(N) == 2, np.nan, SIGNAL).T)
BATCH = np.stack([FC, np.corrcoef(SIGNAL[:40].T), np.eye(N)])


def test_what_is_a_correlation_matrix():
    for matrix in (
        FC,
        FC.astype(np.float32),
        np.round(FC, 4),
        HOLED,
        BATCH,
        np.eye(2),
        jnp.asarray(FC),
        np.ma.array(FC),
    ):
        assert kind_of(matrix) == "correlations"
    for other in (SIGNAL, FC[:5], FC[0], np.ones((9, 1)), np.stack([FC, SIGNAL[:N]]), np.zeros((9, N, N))):
        assert kind_of(other) == "signal"
    for other in (SIGNAL[:N], np.tril(FC), np.full((N, N), np.nan), np.zeros((N, N)), np.ones((9, N, N))):
        assert kind_of(other) == "either"
    for other in (FC - np.eye(N), 2 * FC, FC * np.where(np.eye(N), np.nan, 1), np.cov(SIGNAL.T) * 1e-9):
        assert kind_of(other) == "matrix"
    assert kind_of(SIGNAL[:N] * 1e-9) == "either"  # small, and not symmetric
    assert kind_of(metrics.functional_connectivity(SIGNAL)) == "correlations"


OF_SIGNALS = {
    "functional_connectivity": metrics.functional_connectivity,
    "functional_connectivity_dynamics": lambda x: metrics.functional_connectivity_dynamics(x, 3, 1),
    "upper_triangle": metrics.upper_triangle,
    "power_spectrum": lambda x: metrics.power_spectrum(x, 1.0, window=4.0),
    "coherence": lambda x: metrics.coherence(x, 1.0, window=2.0),
    "phase": metrics.phase,
    "envelope": metrics.envelope,
    "kuramoto_order": metrics.kuramoto_order,
    "synchrony": metrics.synchrony,
    "metastability": metrics.metastability,
    "phase_locking_value": metrics.phase_locking_value,
    "objectives.fcd": lambda x: objectives.fcd(3, 1)(x, SIGNAL),
    "objectives.fcd_ks": lambda x: objectives.fcd_ks(3, 1)(SIGNAL, x),
    "plot_power_spectrum": lambda x: viz.plot_power_spectrum(x, 1.0),
    "plot_timeseries": viz.plot_timeseries,
}


@pytest.mark.parametrize("call", OF_SIGNALS.values(), ids=OF_SIGNALS)
def test_correlations_are_no_signal(call):
    with pytest.raises(ValueError, match=r"^\w+ is symmetric with a diagonal of 1, correlations of 6 regions and no"):
        call(FC)
    for other in (FC - np.eye(N), FC * np.where(np.eye(N), np.nan, 1)):  # as empirical matrices often are
        with pytest.raises(ValueError, match=r"^\w+ is \(6, 6\) and symmetric, a matrix of 6 regions and no signal; "):
            call(other)


def test_a_picture_of_correlations_is_the_matrix_and_of_a_signal_its_correlations():
    for data in (FC, FC.astype(np.float32), SIGNAL, SIGNAL * u.mV):
        (image,) = viz.plot_functional_connectivity(data).images
        np.testing.assert_allclose(image.get_array(), FC, atol=1e-5)
    for other in (FC - np.eye(N), SIGNAL[:N]):  # the diagonal of empirical matrices is often 0
        with pytest.raises(
            ValueError, match=r"^data is \(6, 6\), which .* but not symmetric with a diagonal of 1; give"
        ):
            viz.plot_functional_connectivity(other)


def test_objectives_take_the_matrix_on_either_side_and_refuse_what_is_traced_and_square():
    other = SIGNAL[::-1] ** 2
    both = zip((objectives.fc_corr(), objectives.fc_rmse()), (metrics.fc_correlation, metrics.fc_rmse), strict=True)
    for objective, of_matrices in both:
        wanted = objective(SIGNAL, other)
        fc = np.corrcoef(other.T)
        np.testing.assert_allclose(objective(FC, other), wanted, rtol=1e-4)
        np.testing.assert_allclose(objective(FC, fc), wanted, rtol=1e-4)
        np.testing.assert_allclose(jax.jit(lambda x, f=objective, to=fc: f(x, to))(SIGNAL), wanted, rtol=1e-4)
        np.testing.assert_allclose(jax.jit(of_matrices)(FC, fc), wanted, rtol=1e-4)
        for call in (jax.jit, jax.grad):  # of as many samples as regions: a signal, or a matrix
            with pytest.raises(
                ValueError, match=r"^prediction is traced and \(6, 6\), which signals or matrices could"
            ):
                call(lambda x, f=objective, to=fc: f(x, to))(SIGNAL[:N])
        np.testing.assert_allclose(objective(BATCH, fc)[0], wanted, rtol=1e-4)
        many = np.stack([SIGNAL] * N, 1)  # as many simulations as regions
        np.testing.assert_allclose(objective(many, other), wanted, rtol=1e-4)
        with pytest.raises(ValueError, match=r"^prediction is traced and \(3, 6, 6\), which signals or matrices could"):
            jax.jit(objective)(BATCH, fc)
        with pytest.raises(ValueError, match=r"^target is \(6, 6\), which a signal or functional connectivity could"):
            objective(SIGNAL, fc - np.eye(N))


COMPARISONS = metrics.fc_correlation, metrics.fc_rmse, metrics.structure_function_coupling


@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_region_without_values_is_named_and_a_run_that_diverged_gives_nan(compare):
    with pytest.raises(
        ValueError, match=r"^(fc_b|fc) is nan at \[0, 2\]; leave out the regions that lack a value, fc\[np"
    ):
        compare(FC, HOLED)
    keep = np.flatnonzero(np.isfinite(np.diag(HOLED)))
    kept = np.ix_(keep, keep)
    np.testing.assert_allclose(compare(FC[kept], HOLED[kept]), compare(FC[kept], FC[kept]), atol=1e-6)
    lost = np.where(np.eye(N) > 0, 1, np.nan)
    assert np.isnan(compare(lost, FC))
    several = np.asarray(compare(np.stack([FC, lost]), FC))
    assert np.isfinite(several[0])
    assert np.isnan(several[1])


def test_masked_values_are_missing():
    masked = np.ma.array(SIGNAL, mask=np.arange(90)[:, None] + np.zeros(N) == 4)
    with pytest.raises(ValueError, match=r"^signal is masked at \[4, 0\], and so missing"):
        metrics.functional_connectivity(masked)
    whole = metrics.functional_connectivity(np.ma.array(SIGNAL))
    np.testing.assert_array_equal(whole, metrics.functional_connectivity(SIGNAL))


def test_tables_are_compared_by_name():
    names = list("abcdef")
    table = pd.DataFrame(FC, names, names)
    assert metrics.fc_rmse(table, table) == 0
    turned = table.loc[names[::-1], names[::-1]]
    with pytest.raises(ValueError, match="fc_a and fc_b name the same regions in another order"):
        metrics.fc_rmse(table, turned)
    with pytest.raises(ValueError, match="another order"):
        metrics.global_brain_connectivity(table.loc[names[::-1]])
    ticks = [t.get_text() for t in viz.plot_functional_connectivity(table).get_xticklabels()]
    assert ticks == names
    with pytest.raises(ValueError, match="labels has the name 'a' twice"):
        viz.plot_connectivity(FC, labels=["a"] * N)


def test_one_default_for_the_windows_of_functional_connectivity_dynamics():
    signal = np.random.default_rng(0).normal(size=(120, 4))
    wanted = metrics.functional_connectivity_dynamics(signal, 83, 5)
    np.testing.assert_array_equal(metrics.functional_connectivity_dynamics(signal), wanted)
    np.testing.assert_array_equal(objectives.fcd()(signal), wanted)
    monitor = bm.StreamingFCD("x")
    assert (monitor.window, monitor.step) == (83, 5)
    for call in (
        lambda time: metrics.functional_connectivity_dynamics(signal, time),
        lambda time: objectives.fcd(time),
        lambda time: bm.StreamingFCD("x", time),
    ):
        with pytest.raises(ValueError, match=r"window\w*=60.0 s is a time; give a number of samples, as 83 for 60 s"):
            call(60.0 * u.second)


def test_a_connectome_is_drawn_and_a_result_says_what_to_give():
    conn = bm.datasets.load_dataset("example_connectome")
    ax = viz.plot_connectivity(conn)
    np.testing.assert_array_equal(ax.images[0].get_array(), conn.weights)
    assert [t.get_text() for t in ax.get_xticklabels()] == list(conn.labels)
    result = bm.Result({"bold": SIGNAL, "ts": np.arange(90.0) * u.ms})
    for plot in (viz.plot_timeseries, viz.plot_functional_connectivity, lambda x: viz.plot_power_spectrum(x, 1.0)):
        with pytest.raises(TypeError, match=r"is a Result; give one of its signals, for example result\['bold'\]\.$"):
            plot(result)


def test_masks_deep_in_lists_are_seen():
    with pytest.raises(ValueError, match=r"^signal is masked at \[1, 0\], and so missing"):
        metrics.functional_connectivity([[1.0, 2.0], [np.ma.masked, 3.0], [2.0, 5.0]])
    with pytest.raises(ValueError, match=r"^Connectome: weights is masked at \[0, 1\], and so missing"):
        bm.datasets.Connectome([[0, np.ma.masked], [1, 0]], np.ones((2, 2)), ["a", "b"])
    masked = np.ma.array(SIGNAL, mask=np.arange(90 * N).reshape(90, N) == 7)
    with pytest.raises(ValueError, match=r"^signal is masked at \[\d+, \d\], and so missing"):
        bm.datasets.Signal(masked, 1.0, list("abcdef"), FC)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: metrics.kolmogorov_smirnov(np.ones((3, 9)), np.ones((2, 5))),
            r"a is \(3, 9\) and b \(2, 5\); give two",
        ),
        (lambda: metrics.wasserstein(np.ones((3, 9)), np.ones((2, 5))), r"a is \(3, 9\) and b \(2, 5\); give two of"),
        (
            lambda: objectives.ks_distance(np.ones((3, 9)), np.ones((2, 9))),
            r"p is \(3, 9\) and q \(2, 9\); give two of",
        ),
        (
            lambda: objectives.wasserstein_1d(np.ones((3, 9)), np.ones((2, 9)), range(9)),
            r"p is \(3, 9\) and q \(2, 9\);",
        ),
        (lambda: objectives.ks_distance([], []), r"p is \(0,\) and q \(0,\); give"),
    ],
)
def test_batches_that_do_not_go_together_are_refused(call, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()

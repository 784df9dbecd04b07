"""EEG, MEG, SEEG: the lead field times the sources, references and the covariance of sensor noise."""

import brainunit as u
import jax
import numpy as np
import pandas as pd
import pytest

import brainmass as bm

SEED, DT = 5, 0.1
SENSORS = np.array([[0.0, 0.0, 100.0], [60.0, 0.0, 80.0], [0.0, 60.0, 80.0], [-60.0, 0.0, 80.0], [0.0, -60.0, 80.0]])
PLACES = np.array([[0.0, 0.0, 50.0], [20.0, 0.0, 40.0]])
ORIENTATIONS = np.array([[0.0, 0.0, 1.0], [0.6, 0.0, 0.8]])
CONDUCTIVITY = 0.33 * u.siemens / u.meter


def potentials():
    """Of unit dipoles in an infinite homogeneous conductor, p · r / (4 π σ r³) (Hämäläinen et al. 1993)."""
    apart = (SENSORS[:, None] - PLACES) * u.mm
    distance = u.math.sqrt((apart**2).sum(-1))
    return (apart * ORIENTATIONS).sum(-1) / (4 * np.pi * CONDUCTIVITY * distance**3)


def run(monitors, size=2, duration=300.0, **options):
    node = bm.HopfStep(size, a=0.1, w=np.linspace(0.1, 0.3, size))
    return bm.Simulator(node, dt=DT).run(duration, monitors=monitors, seed=SEED, **options)


def means(series, steps):
    return series[: len(series) // steps * steps].reshape(-1, steps, *series.shape[1:]).mean(1)


def test_eeg_of_dipoles_is_their_analytic_potential(x64):
    per_moment = potentials() * (10.0 * u.nA * u.meter)  # of a region whose x is 1
    monitors = {"eeg": bm.EEG("x", per_moment, reference=None), "seeg": bm.SEEG("x", per_moment), "x": "x"}
    result = run(monitors)
    moment = means(result["x"], 10) * 10e-9  # A m
    apart = (SENSORS[:, None] - PLACES) * 1e-3
    pattern = (apart * ORIENTATIONS).sum(-1) / (4 * np.pi * 0.33 * (apart**2).sum(-1) ** 1.5)
    wanted = moment @ pattern.T * 1e6
    assert result["eeg"].unit == u.uvolt
    np.testing.assert_allclose(result["eeg"].mantissa, wanted, rtol=1e-9)
    np.testing.assert_array_equal(result["seeg"].mantissa, result["eeg"].mantissa)
    assert np.abs(wanted).max() > 1e-2


@pytest.mark.parametrize("reference", ["average", 2])
def test_references(x64, reference):
    monitors = {"eeg": bm.EEG("x", potentials() * u.nA * u.meter, period=0.5, reference=reference), "x": "x"}
    result = run(monitors, duration=50.0)
    raw = means(result["x"], 5) @ (potentials() * u.nA * u.meter).to(u.uvolt).mantissa.T
    against = raw.mean(1) if reference == "average" else raw[:, reference]
    np.testing.assert_allclose(result["eeg"].mantissa, raw - against[:, None], rtol=1e-9, atol=1e-15)


def test_sensors_have_names(x64, tmp_path):
    lead, names = potentials() * u.nA * u.meter, ["Cz", "C4", "Fz", "C3", "Pz"]
    monitors = {
        "named": bm.EEG("x", lead, names=names, reference="Fz"),
        "numbered": bm.EEG("x", lead, reference=2),
        "meg": bm.MEG("x", np.eye(2) * 1.0, names=["left", "right"]),
    }
    result = run(monitors, duration=20.0)
    np.testing.assert_array_equal(result["named"].mantissa, result["numbered"].mantissa)
    result.save(tmp_path / "eeg.nc")
    loaded = bm.load_result(tmp_path / "eeg.nc")
    for found in (result, loaded, jax.tree.map(np.asarray, result), jax.jit(lambda r: r)(result)):
        assert list(found.axes["named"]["sensor"]) == names
        data = found.to_xarray()
        assert list(data["sensor_meg"].values) == ["left", "right"]
        assert list(data["sensor_numbered"].values) == [0, 1, 2, 3, 4]
        np.testing.assert_allclose(data["named"].sel(sensor_named="C3"), result["named"].mantissa[:, 3])


def test_what_watches_sensors_has_their_axis(tmp_path):
    """With as many sensors as regions too."""
    names = ["Fz", "Cz", "Pz"]
    eeg = bm.EEG("x", np.eye(3), names=names)
    monitors = {
        "eeg": eeg,
        "slow": bm.Sample(eeg, 5.0),
        "fc": bm.StreamingFC(eeg),
        "psd": bm.StreamingPSD(eeg, window=20.0),
        "mean": bm.GlobalAverage(eeg, 2.0),
        "fcd": bm.StreamingFCD(eeg, window=20, step=30),
        "x": "x",
    }
    result = run(monitors, size=3, duration=100.0)
    wanted = {
        "eeg": ("time_eeg", "sensor_eeg"),
        "slow": ("time_slow", "sensor_slow"),
        "fc": ("sensor_fc", "other_sensor_fc"),
        "psd": ("sensor_psd", "frequency_psd"),
        "mean": ("time_mean",),
        "fcd": ("window_fcd", "other_window_fcd"),
        "x": ("time", "region"),
    }
    result.save(tmp_path / "run.nc")
    for data in (result.to_xarray(), bm.load_result(tmp_path / "run.nc").to_xarray()):
        assert {name: array.dims for name, array in data.data_vars.items()} == wanted
        assert list(data["other_sensor_fc"].values) == names
    assert result["fcd"].shape == (3, 3)


def test_meg_in_femtotesla(x64):
    field = np.array([[3.0, -1.0], [0.5, 2.0], [0.0, 1.0]]) * 1e-15 * u.tesla
    result = run({"meg": bm.MEG("x", field), "x": "x"}, duration=20.0)
    assert result["meg"].unit == u.ftesla
    np.testing.assert_allclose(result["meg"].mantissa, means(result["x"], 10) @ (field / u.ftesla).T, rtol=1e-9)


@pytest.mark.parametrize("kind", ["number", "each", "covariance"])
def test_sensor_noise_has_its_covariance(x64, kind):
    mixing = np.random.default_rng(0).normal(size=(4, 4))
    noise, covariance = {
        "number": (2.0 * u.uvolt, 4.0 * np.eye(4)),
        "each": (np.array([1.0, 2.0, 3.0, 0.0]), np.diag([1.0, 4.0, 9.0, 0.0])),
        "covariance": (mixing @ mixing.T * 1e-12 * u.volt**2, mixing @ mixing.T),
    }[kind]
    leadfield = np.random.default_rng(1).normal(size=(4, 2))
    monitors = {
        "raw": bm.EEG("x", leadfield, period=0.1, noise=noise, reference=None),
        "averaged": bm.EEG("x", leadfield, period=0.1, noise=noise),
        "quiet": bm.EEG("x", leadfield, period=0.1, reference=None),
    }
    result = run(monitors, duration=2000.0)
    raw = result["raw"].mantissa - result["quiet"].mantissa
    averaged = result["averaged"].mantissa - (result["quiet"] - result["quiet"].mean(1, keepdims=True)).mantissa
    centring = np.eye(4) - 0.25
    for drawn, wanted in ((raw, covariance), (averaged, centring @ covariance @ centring)):
        products = drawn[:, :, None] * drawn[:, None]
        error = products.std(0) / np.sqrt(len(drawn))
        assert (np.abs(products.mean(0) - wanted) <= 4.5 * error + 1e-12).all()
        assert np.abs(np.corrcoef(drawn[1:, 0], drawn[:-1, 0])[0, 1]) < 0.04
    assert np.abs(np.corrcoef(raw[:, 0], averaged[:, 0])[0, 1]) < 0.04  # two monitors, two streams


def test_noise_belongs_to_seed_and_moment_and_not_to_how_the_run_is_cut():
    monitors = {"eeg": bm.EEG("x", np.ones((3, 2)), noise=1.0)}
    whole, cut = run(monitors), run(monitors, chunk=7.7)
    np.testing.assert_array_equal(cut["eeg"].mantissa, whole["eeg"].mantissa)
    batch = run(monitors, batch_size=2)["eeg"].mantissa
    assert np.ptp(batch[:, 0] - batch[:, 1]) > 0.1


def test_an_average_of_a_variable_keeps_its_unit():
    run = bm.Simulator(bm.JansenRitStep(2), dt=0.1).run(20.0, monitors={"E": bm.TemporalAverage("E", 1.0)})
    assert run["E"].unit == u.mV


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bm.EEG("x", np.ones(3)), r"leadfield=.* must be a matrix"),
        (lambda: bm.EEG("x", np.ones((3, 5))), "needs a column for each"),
        (lambda: bm.EEG("x", np.ones((3, 2)) * u.nA), "leadfield times its sources"),
        (lambda: bm.EEG("x", np.ones((3, 2)), noise=-1.0), "zero or more"),
        (lambda: bm.EEG("x", np.ones((3, 2)), noise=np.ones(4)), "one per sensor"),
        (lambda: bm.EEG("x", np.ones((3, 2)), names=["Fz", "Cz"]), "names=.* must be 3 texts"),
        (lambda: bm.EEG("x", np.ones((3, 2)), names=5), "names=5 must be 3 texts"),
        (lambda: bm.EEG("x", np.ones((2, 2)), names=["Cz", "Cz"]), "names=.* must be 2 texts, each once"),
        (lambda: bm.EEG("x", np.ones((2, 2)), names=["Fz", "Cz"], reference="Pz"), "reference='Pz' must be"),
        (lambda: bm.EEG("x", np.ones((3, 2)), noise=np.diag([1.0, -1.0, 1.0])), "is no covariance"),
        (lambda: bm.EEG("x", np.ones((3, 2)), noise=np.ones((2, 2))), "symmetric matrix"),
        (lambda: bm.MEG("x", np.ones((3, 2)), noise=1.0 * u.mV), "noise"),
        (lambda: bm.EEG("x", np.ones((3, 2)), reference=7), "reference=7"),
        (lambda: bm.EEG("x", np.ones((3, 2)), period=0.25), "period"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        run({"s": make()}, duration=10.0)


# -- names ------------------------------------------------------------------------------------------------------------

REGIONS = list("wxyz")
TAU = pd.Series([0.5, 1.0, 1.5, 2.0], REGIONS)
LEAD = pd.DataFrame(np.arange(8.0).reshape(2, 4), index=["Fz", "Cz"], columns=REGIONS)
NOISE = pd.Series([1.0, 20.0], ["Cz", "Fz"])


@pytest.fixture(scope="module")
def labelled():
    conn = pd.DataFrame(np.ones((4, 4)) - np.eye(4), REGIONS, REGIONS)
    return bm.Simulator(bm.Network(bm.HopfStep(4), conn=conn), dt=DT)


TURNED = list("yxwz")
BAD_REGIONS = {
    "BOLD in another order": bm.Bold("x", tr=100.0, tau=TAU[TURNED]),
    "BOLD of others": bm.Bold("x", tr=100.0, tau=TAU.set_axis(list("abcd"))),
    "BOLD, a second parameter": bm.Bold("x", tr=100.0, kappa=0.65 + 0 * TAU[TURNED]),
    "BOLD of what averages": bm.Bold(bm.TemporalAverage("x", 1.0), tr=100.0, tau=TAU[TURNED]),
    "FC of such": bm.StreamingFC(bm.Bold("x", tr=100.0, tau=TAU[TURNED])),
    "BOLD of a callable": bm.Bold(lambda m: m.node.x.value, tr=100.0, tau=TAU[TURNED]),
    "lead field": bm.EEG("x", LEAD[TURNED]),
    "BOLD of sensors": bm.Bold(bm.EEG("x", LEAD), tr=100.0, tau=pd.Series([1.0, 2.0], ["Cz", "Fz"])),
}


@pytest.mark.parametrize("monitor", BAD_REGIONS.values(), ids=BAD_REGIONS)
def test_tables_of_monitors_have_the_names_of_what_they_watch(labelled, monitor):
    with pytest.raises(ValueError, match=r"(in another order|other regions) \("):
        labelled.run(200.0, monitors=monitor)


def test_a_bank_has_names_too_and_a_stored_series():
    sim = bm.Simulator(bm.HopfStep(4, a=TAU), dt=DT)
    bold = bm.Bold("x", tr=100.0, tau=TAU[TURNED])
    with pytest.raises(ValueError, match="Bold: tau and HopfStep: a name the same regions in another order"):
        sim.run(200.0, monitors=bold)
    series = pd.DataFrame(np.zeros((200, 4)), columns=REGIONS)
    with pytest.raises(ValueError, match=r"Bold: tau and Bold\.of: series name the same regions in another order"):
        bold.of(series, 1.0)
    assert bm.Bold("x", tr=100.0, tau=TAU).of(series, 1.0).shape == (2, 4)


def test_right_names_are_taken(labelled):
    monitors = {
        "bold": bm.Bold("x", tr=10.0, tau=TAU),
        "eeg": bm.EEG("x", LEAD, noise=NOISE[["Fz", "Cz"]], names=["Fz", "Cz"]),
        "of": bm.Bold(bm.EEG("x", LEAD), tr=10.0, tau=pd.Series([1.0, 2.0], ["Fz", "Cz"])),
        "some": bm.Bold(lambda m: m.node.x.value[:2], tr=10.0, tau=pd.Series([1.0, 2.0], ["a", "b"])),
        "named": bm.EEG("x", np.ones((2, 4)), noise=NOISE),
    }
    result = labelled.run(20.0, monitors=monitors)
    assert list(result.axes["eeg"]["sensor"]) == ["Fz", "Cz"]
    assert list(result.axes["named"]["sensor"]) == ["Cz", "Fz"]


@pytest.mark.parametrize(
    "given",
    [
        dict(names=["Cz", "Fz"]),
        dict(names=["a", "b"]),
        dict(noise=NOISE),
        dict(noise=pd.DataFrame(np.eye(2), ["Fz", "Cz"], ["Cz", "Fz"])),
    ],
    ids=["another order", "other names", "noise", "covariance"],
)
def test_what_names_sensors_agrees(given):
    with pytest.raises(ValueError, match=r"(in another order|other sensors) \("):
        bm.EEG("x", LEAD, **given)
    with pytest.raises(ValueError, match="the same sensors in another order"):
        bm.EEG("x", LEAD.to_numpy(), names=["Fz", "Cz"], noise=NOISE)

"""A result becomes an xarray Dataset with its units and labels, and a file that is whole or not there."""

import copy
import errno
import json
import os
import pickle

import brainunit as u
import jax
import numpy as np
import pytest
import xarray

from brainmass import EEG, HopfStep, Network, Result, Simulator, load_result
from brainmass.datasets import load_dataset

TIMES = np.arange(1, 5) * 0.1
TS = TIMES * u.ms
LABELS = ["left", "middle", "right"]
FLAT = np.arange(12.0, dtype=np.float32).reshape(4, 3)
BATCH = np.arange(24.0).reshape(4, 2, 3)


def result(labels=LABELS, batched=False, **arrays):
    return Result({**arrays, "ts": TS}, labels=labels, batched=batched, attrs={"seed": 3, "jax": "1.2", "dt_ms": 0.1})


def reopened(saved, folder):
    saved.save(folder / "result.nc")
    return xarray.load_dataset(folder / "result.nc", engine="h5netcdf")


@pytest.mark.parametrize("through", [lambda r, _: r.to_xarray(), reopened], ids=["in memory", "through a file"])
def test_a_dataset_says_all_that_the_result_knows(through, tmp_path):
    data = through(result(x=FLAT, eeg=2.0 * FLAT * u.mV, mean=FLAT[:, 0] * u.Hz, **{"node.noise_x.x": FLAT}), tmp_path)
    assert set(data.data_vars) == {"x", "eeg", "mean", "node.noise_x.x"}
    assert data["x"].dims == data["eeg"].dims == ("time", "region")
    assert data["mean"].dims == ("time",)
    np.testing.assert_array_equal(data["x"], FLAT)
    np.testing.assert_array_equal(data["eeg"], 2 * FLAT)
    assert data["x"].dtype == np.float32
    assert {name: data[name].attrs["units"] for name in ("x", "eeg", "mean")} == {"x": "1", "eeg": "mV", "mean": "Hz"}
    np.testing.assert_array_equal(data["time"], TIMES)
    assert data["time"].attrs["units"] == "ms"
    assert data["region"].values.tolist() == LABELS
    np.testing.assert_array_equal(data["x"].sel(region="middle"), FLAT[:, 1])
    assert (data.attrs["seed"], data.attrs["jax"], data.attrs["dt_ms"]) == (3, "1.2", 0.1)


def test_a_batch_has_its_dimension(tmp_path):
    data = reopened(result(x=BATCH, mean=BATCH.mean(-1), batched=True), tmp_path)
    assert data["x"].dims == ("time", "batch", "region")
    assert data["mean"].dims == ("time", "batch")
    np.testing.assert_array_equal(data["x"], BATCH)
    assert data["region"].values.tolist() == LABELS


@pytest.mark.parametrize("labels", [LABELS, None], ids=["labels", "no labels"])
def test_observables_of_different_sizes(labels, tmp_path):
    pairs = np.arange(36.0).reshape(4, 3, 3)
    data = reopened(result(labels, x=FLAT, wide=np.ones((4, 5)), pairs=pairs), tmp_path)
    assert data["x"].dims == ("time", "region")
    assert data["wide"].dims[0] == data["pairs"].dims[0] == "time"
    assert (data["wide"].shape, data["pairs"].shape) == ((4, 5), (4, 3, 3))
    np.testing.assert_array_equal(data["pairs"], pairs)


def test_a_tree_is_flattened(tmp_path):
    data = reopened(result(both={"x": FLAT, "pair": (FLAT, 3.0 * FLAT * u.mV)}), tmp_path)
    assert set(data.data_vars) == {"both.x", "both.pair.0", "both.pair.1"}
    np.testing.assert_array_equal(data["both.pair.1"], 3 * FLAT)
    assert data["both.pair.1"].attrs["units"] == "mV"


def test_time_is_in_ms_whatever_the_stamps_are_in():
    seconds = Result({"x": FLAT, "ts": TS.to(u.second)}).to_xarray()
    np.testing.assert_allclose(seconds["time"], TIMES)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))], ids=["deepcopy", "pickle"])
def test_a_copy_is_complete(copied):
    first = result(x=FLAT, eeg=FLAT * u.mV, batched=True)
    second = copied(first)
    assert type(second) is Result
    assert (second.labels, second.batched, second.attrs) == (first.labels, True, first.attrs)
    np.testing.assert_array_equal(second["eeg"].mantissa, FLAT)
    assert second["eeg"].unit == u.mV


def test_a_result_is_a_tree_of_its_arrays():
    doubled = jax.tree.map(lambda x: 2 * x, result(x=FLAT, eeg=FLAT * u.mV))
    assert type(doubled) is Result
    np.testing.assert_array_equal(doubled["x"], 2 * FLAT)
    assert doubled["eeg"].unit == u.mV


# -- from a run -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran():
    brain = load_dataset("example_connectome")
    net = Network(HopfStep(8, method="euler"), conn=brain, speed=10.0, coupled_var="x")
    return Simulator(net, dt=0.1).run(1.0, monitors=["x", "y"], seed=7, batch_size=2)


def test_labels_of_a_connectome_come_with_the_result(ran, tmp_path):
    data = reopened(ran, tmp_path)
    assert data["x"].dims == ("time", "batch", "region")
    assert data["region"].values.tolist() == [f"R{i}" for i in range(8)]


def test_a_result_says_how_it_came_about(ran, tmp_path):
    attrs = reopened(ran, tmp_path).attrs
    assert (attrs["seed"], attrs["steps"], attrs["dt_ms"]) == (7, 10, 0.1)
    assert attrs["jax"] == jax.__version__
    assert attrs["precision"] == "float32"
    assert {"python", "brainmass", "brainstate", "device", "wall_s"} <= attrs.keys()
    assert attrs["wall_s"] > 0


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "result.nc"
    result(x=FLAT).save(path)
    before = path.read_bytes()

    def full_disk(self, partial, **given):
        partial.write_bytes(b"half a file")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xarray.Dataset, "to_netcdf", full_disk)
    with pytest.raises(OSError, match="No space left"):
        result(x=2 * FLAT).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["result.nc"]


def test_a_write_replaces_the_old_file(tmp_path):
    for factor in (1, 2):
        result(x=factor * FLAT).save(str(tmp_path / "result.nc"))
    data = xarray.load_dataset(tmp_path / "result.nc", engine="h5netcdf")
    np.testing.assert_array_equal(data["x"], 2 * FLAT)
    assert os.listdir(tmp_path) == ["result.nc"]


def test_a_saved_file_has_ordinary_permissions(tmp_path):
    (tmp_path / "ordinary").touch()
    result(x=FLAT).save(tmp_path / "result.nc")
    assert (tmp_path / "result.nc").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a folder that does not exist; make .*nowhere first\.$"):
        result(x=FLAT).save(tmp_path / "nowhere" / "result.nc")


def everything():
    return Result(
        {
            "x": FLAT * u.mV,
            "slow": BATCH[:2, 0],
            "fc": np.eye(3),
            "psd": np.ones((3, 2)) * u.mV**2 / u.Hz,
            "ts": TS,
        },
        times={"slow": TS[1::2]},
        whole=["fc", "psd"],
        axes={"psd": {"frequency": np.array([0.0, 2.5]) * u.Hz}},
        labels=LABELS,
        attrs={"seed": 3, "jax": "1.2"},
    )


def test_a_saved_result_comes_back_as_it_was(tmp_path):
    saved = everything()
    saved.save(tmp_path / "run.nc")
    loaded = load_result(tmp_path / "run.nc")
    assert list(loaded) == list(saved)
    for name, value in saved.items():
        assert u.get_unit(loaded[name]) == u.get_unit(value), name
        np.testing.assert_array_equal(u.get_mantissa(loaded[name]), u.get_mantissa(value), err_msg=name)
    assert loaded.whole == saved.whole
    np.testing.assert_array_equal(loaded.times_of("slow").mantissa, TIMES[1::2])
    assert loaded.axes["psd"]["frequency"].unit == u.Hz
    np.testing.assert_array_equal(loaded.axes["psd"]["frequency"].mantissa, [0.0, 2.5])
    assert list(loaded.labels) == LABELS
    assert not loaded.batched
    assert loaded.attrs == saved.attrs
    loaded.save(tmp_path / "again.nc")
    assert load_result(tmp_path / "again.nc").to_xarray().identical(saved.to_xarray())


def test_a_saved_batch_comes_back_as_it_was(tmp_path):
    result(batched=True, x=BATCH).save(tmp_path / "run.nc")
    loaded = load_result(tmp_path / "run.nc")
    assert loaded.batched
    np.testing.assert_array_equal(loaded["x"], BATCH)


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_result(tmp_path / "none.nc")
    (tmp_path / "text.nc").write_text("no")
    with pytest.raises(ValueError, match=r"text\.nc' is no netCDF file"):
        load_result(tmp_path / "text.nc")
    xarray.Dataset({"x": ("y", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="is no result of brainmass"):
        load_result(tmp_path / "other.nc")


def test_bids(tmp_path):
    times = np.arange(1, 5) * 720.0 * u.ms
    bold = Result({"bold": FLAT, "ts": times}, labels=LABELS, attrs={"seed": np.int64(3), "brainmass": "9.9"})
    (table,) = bold.to_bids(tmp_path / "data", "bold", subject="07")
    assert table.relative_to(tmp_path / "data").as_posix() == "sub-07/func/sub-07_task-rest_desc-bold_timeseries.tsv"
    rows = [line.split("\t") for line in table.read_text().splitlines()]
    assert rows[0] == LABELS
    np.testing.assert_allclose(np.array(rows[1:], float), FLAT)
    about = json.loads(table.with_suffix(".json").read_text())
    assert about["RepetitionTime"] == 0.72
    assert about["SamplingFrequency"] == pytest.approx(1 / 0.72)
    assert about["Simulation"]["seed"] == 3
    assert about["Signal"] == "bold"
    described = json.loads((tmp_path / "data" / "dataset_description.json").read_text())
    assert described["DatasetType"] == "derivative"
    assert described["GeneratedBy"] == [{"Name": "brainmass", "Version": "9.9"}]
    runs = result(batched=True, x=BATCH).to_bids(tmp_path / "data", "x", task="wake")
    assert [path.name for path in runs] == [f"sub-01_task-wake_run-{i}_desc-x_timeseries.tsv" for i in (1, 2)]
    with pytest.raises(ValueError, match="subject='a b'"):
        bold.to_bids(tmp_path, "bold", subject="a b")
    with pytest.raises(ValueError, match="'fc' must be two or more samples"):
        everything().to_bids(tmp_path, "fc")
    uneven = Result({"x": FLAT, "ts": np.array([1.0, 2.0, 3.0, 7.0]) * u.ms})
    with pytest.raises(ValueError, match="not evenly spaced"):
        uneven.to_bids(tmp_path, "x")


def test_sensors_have_an_axis_of_their_own_and_are_no_regions():
    run = Simulator(HopfStep(3, a=0.1), dt=0.1).run(5.0, monitors={"eeg": EEG("x", np.ones((3, 3)))}, seed=1)
    assert run.to_xarray()["eeg"].dims == ("time", "sensor_eeg")
    with pytest.raises(ValueError, match="'eeg' must be two or more samples of one number per region"):
        run.to_bids("unused", "eeg")


@pytest.mark.parametrize("period", ["a", range(3), np.ones(2), 0, -1.0, 1j, 2 * u.ms])
def test_a_period_is_one_positive_number(period):
    result = Result({"theta": np.zeros((5, 2)), "ts": np.arange(5.0) * u.ms})
    with pytest.raises((ValueError, TypeError), match=r"^unwrapped: period"):
        result.unwrapped("theta", period)


def test_diverged_and_coords_are_what_they_are_called():
    with pytest.raises(TypeError, match=r"^Result: diverged=3 must be a list of Diverged\.$"):
        Result({}, diverged=3)
    with pytest.raises(TypeError, match=r"^Result: coords=an array of shape \(3,\) must be a dict by name\.$"):
        Result({}, coords=np.ones(3))


MASKED = np.ma.masked_array(FLAT, FLAT > 10)
NOT_KEPT = {
    "masked": (dict(x=MASKED, ts=TS), r"arrays\['x'\] has values that are masked; fill them"),
    "masked in a tree": (dict(x={"a": MASKED}, ts=TS), r"arrays\['x.a'\] has values that are masked"),
    "objects": (dict(x=np.array([None] * 4), ts=TS), r"arrays\['x'\] is an array of object; give one of numbers"),
    "other times": (dict(x=FLAT[:3], ts=TS), r"arrays\['x'\] has 3 samples and its times are 4; give one time"),
    "no name": ({".": FLAT, "ts": TS}, r"arrays has the name '.'; give a text"),
    "a name that ends early": ({"x\0y": FLAT, "ts": TS}, "arrays has the name"),
}


@pytest.mark.parametrize(("arrays", "message"), NOT_KEPT.values(), ids=NOT_KEPT)
def test_what_a_file_would_lose_is_refused(arrays, message):
    with pytest.raises(TypeError, match=f"^Result: {message}"):
        Result(arrays)


def test_a_result_without_times_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match=r"^save: the result has no 'ts'.*give ts"):
        Result({"x": FLAT}).save(tmp_path / "x.nc")
    with pytest.raises(ValueError, match=r"an array 'x\.a/b', which is no name in a file"):
        Result({"x": {"a/b": FLAT}, "ts": TS}).save(tmp_path / "x.nc")
    assert not list(tmp_path.iterdir())
    own = Result({"x": FLAT[:2], "ts": TS}, times={"x": TS[:2]})
    own.save(tmp_path / "own.nc")
    assert load_result(tmp_path / "own.nc")["x"].shape == (2, 3)

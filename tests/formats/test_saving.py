"""What is written is read again as it was, by way of every kind."""

import zipfile

import brainunit as u
import numpy as np
import pytest

import brainmass as bm
from brainmass.formats import load_connectome, save_connectome
from tests.formats.made import CENTRES, LABELS, LENGTHS, WEIGHTS, connectome

KNOWN = dict(
    **dict(hemispheres=["left", "right", "", "left"], space="MNI152", source="somewhere", licence="CC0", terms="ask"),
    **dict(citation="doi:1", orientation="source_target", steps=("normalized('max')", "a second one, with a comma")),
)
UNKNOWN_LENGTHS = np.where(WEIGHTS == 0, np.nan, LENGTHS) / 3


def same(one, other, about=True):
    for name in ("weights", "labels", "hemispheres", "cortical"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("distances", "centres"):
        values = [getattr(x, name) for x in (one, other)]
        assert (values[0] is None) == (values[1] is None)
        if values[0] is not None:
            np.testing.assert_array_equal(values[0].mantissa, values[1].mantissa)
            assert values[0].unit == u.mm
    for name in ("space", "source", "licence", "terms", "citation", "orientation", "steps") if about else ():
        assert getattr(one, name) == getattr(other, name), name


def loaded(path, **named):
    with pytest.warns(UserWarning, match="Worth a look"):
        return load_connectome(path, **named)


@pytest.mark.parametrize("ending", ["nc", "npz"])
def test_all_that_is_known_comes_back(tmp_path, ending):
    whole = connectome(distances=UNKNOWN_LENGTHS, **KNOWN)
    save_connectome(whole, tmp_path / f"a.{ending}")
    same(loaded(tmp_path / f"a.{ending}"), whole)
    bare = bm.Connectome(WEIGHTS / 3, labels=["Süd, links", "日本", "c c", "x"])
    save_connectome(bare, tmp_path / f"a.{ending}")
    found = loaded(tmp_path / f"a.{ending}")
    same(found, bare, about=False)
    assert (found.source, found.steps, found.space) == (f"a.{ending}", (), None)


def test_numbers_pass_through_every_kind(tmp_path):
    start = connectome(weights=WEIGHTS / 3, distances=LENGTHS / 7, centres=CENTRES / 3)
    save_connectome(start, tmp_path / "a.zip")
    found = loaded(tmp_path / "a.zip")
    same(found, start, about=False)
    save_connectome(found, tmp_path / "b.nc")
    found = loaded(tmp_path / "b.nc")
    save_connectome(found, tmp_path / "c.npz")
    found = loaded(tmp_path / "c.npz")
    with pytest.warns(UserWarning, match=r"without hemispheres, cortical, source"):
        save_connectome(found, tmp_path / "d.csv")
    of_table = loaded(tmp_path / "d.csv", lengths=tmp_path / "d_lengths.csv", centres=tmp_path / "d_centres.csv")
    same(of_table.replace(cortical=found.cortical), found, about=False)
    with pytest.warns(UserWarning, match="source and steps are left out"):
        save_connectome(found, tmp_path / "e.zip")
    same(loaded(tmp_path / "e.zip"), start, about=False)


def test_a_table_reads_back_without_an_orientation(tmp_path):
    with pytest.warns(UserWarning, match="without hemispheres"):
        save_connectome(bm.Connectome(WEIGHTS, labels=LABELS), tmp_path / "a.csv")
    np.testing.assert_array_equal(loaded(tmp_path / "a.csv").weights, WEIGHTS)
    assert not (tmp_path / "a_lengths.csv").exists()


def test_a_zip_says_what_tvb_has_no_place_for(tmp_path):
    whole = connectome(distances=UNKNOWN_LENGTHS, centres=None, **KNOWN)
    with pytest.warns(
        UserWarning, match="lengths that are not known are 0; all centres are 0.*hemispheres are left out"
    ):
        save_connectome(whole, tmp_path / "a.zip")
    with pytest.warns(UserWarning, match="all its centres are 0, so there are none"):
        found = load_connectome(tmp_path / "a.zip")
    assert found.centres is None
    np.testing.assert_array_equal(found.distances.mantissa, np.nan_to_num(UNKNOWN_LENGTHS))
    with pytest.warns(UserWarning, match="has no tract_lengths, which TVB asks for; names have _"):
        save_connectome(bm.Connectome(WEIGHTS, labels=["a b", "#c", "d", "e"]), tmp_path / "a.zip")
    with pytest.warns(UserWarning, match="no lengths, so distances is None"):
        assert load_connectome(tmp_path / "a.zip").labels.tolist() == ["a_b", "_c", "d", "e"]
    with pytest.raises(ValueError, match="without spaces, names of regions are empty or alike"):
        save_connectome(bm.Connectome(WEIGHTS, labels=["a b", "a_b", "d", "e"]), tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_zip_has_what_tvb_reads(tmp_path):
    save_connectome(connectome(), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == {
            f"{name}.txt" for name in ("weights", "tract_lengths", "centres", "cortical", "hemispheres")
        }
        assert archive.read("hemispheres.txt") == b"0\n0\n1\n1\n"
        np.testing.assert_array_equal(np.loadtxt(archive.open("weights.txt")), WEIGHTS)


def test_wrong_arguments_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"has none of the endings \.nc, \.npz, \.zip, \.csv"):
        save_connectome(connectome(), tmp_path / "a.txt")
    with pytest.raises(TypeError, match=r"connectome=.* must be a Connectome"):
        save_connectome(WEIGHTS, tmp_path / "a.nc")
    with pytest.raises(FileNotFoundError, match="folder that does not exist"):
        save_connectome(connectome(), tmp_path / "no" / "a.nc")
    (tmp_path / "a.nc").mkdir()
    with pytest.raises(FileExistsError, match="is a folder"):
        save_connectome(connectome(), tmp_path / "a.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["a.nc"]

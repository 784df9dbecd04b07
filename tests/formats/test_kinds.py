"""Every kind of file gives the same connectome, or says what it does not know."""

import numpy as np
import pytest

from brainmass.formats import load_connectome
from tests.formats.made import (
    CENTRES,
    FILES,
    FOLDERS,
    HAS_CENTRES,
    HAS_LENGTHS,
    LABELS,
    LENGTHS,
    NEEDS,
    SAYS_ORIENTATION,
    WEIGHTS,
    N,
)

KINDS = FILES | FOLDERS
UNNAMED = {"npy", "fsl"}


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param])
    return request.param


def orientation_of(kind):
    return {} if kind in SAYS_ORIENTATION else {"orientation": "target_source"}


def test_weights_lengths_names_and_places_are_read(kind, tmp_path):
    with pytest.warns(UserWarning, match="weights differ by direction") as caught:
        found = load_connectome(KINDS[kind](tmp_path), **orientation_of(kind))
    assert len(caught) == 1
    np.testing.assert_allclose(found.weights, WEIGHTS, rtol=1e-15 if kind != "pconn" else 1e-6)
    expected = [f"region_{i}" for i in range(N)] if kind in UNNAMED else LABELS
    assert found.labels.tolist() == ([f"cortex_{i}" for i in range(N)] if kind == "sonata" else expected)
    if kind in HAS_LENGTHS:
        edges = WEIGHTS != 0
        np.testing.assert_array_equal(found.distances.mantissa[edges], LENGTHS[edges])
    else:
        assert found.distances is None
        assert "no lengths" in str(caught[0].message)
    assert (found.centres is not None) == (kind in HAS_CENTRES)
    if kind in HAS_CENTRES:
        np.testing.assert_array_equal(found.centres.mantissa, CENTRES)
    assert found.orientation == ("source_target" if kind == "fsl" else "target_source")
    assert found.source is not None


def test_what_rows_are_must_be_said_where_the_format_does_not(kind, tmp_path):
    path = KINDS[kind](tmp_path)
    if kind in SAYS_ORIENTATION:
        return
    with pytest.raises(
        ValueError, match=r'differ by direction.*orientation="target_source".*"source_target"'
    ) as raised:
        load_connectome(path)
    assert path.name in str(raised.value)


def test_what_the_user_says_of_rows_holds(kind, tmp_path):
    with pytest.warns(UserWarning, match="Worth a look"):
        found = load_connectome(KINDS[kind](tmp_path), orientation="source_target")
    expected = WEIGHTS if kind == "fsl" else WEIGHTS.T  # the one whose rows are sources
    np.testing.assert_allclose(found.weights, expected, rtol=1e-6)
    if kind in HAS_LENGTHS:
        lengths = LENGTHS if kind == "fsl" else LENGTHS.T
        edges = expected != 0
        np.testing.assert_array_equal(found.distances.mantissa[edges], lengths[edges])
    assert found.orientation == "source_target"


def test_the_content_tells_the_kind_where_the_ending_does_not(kind, tmp_path):
    path = KINDS[kind](tmp_path)
    if path.is_dir() or kind in ("pconn", "gml"):
        return
    path = path.rename(tmp_path / "unknown")
    with pytest.warns(UserWarning, match="Worth a look"):
        found = load_connectome(path, **orientation_of(kind))
    np.testing.assert_allclose(found.weights, WEIGHTS, rtol=1e-15)

"""What the door settles for every kind of file: rows, names, lengths, units, missing numbers, and what it says."""

import brainunit as u
import numpy as np
import pandas as pd
import pytest

from brainmass.formats import load_connectome
from tests.formats.made import CENTRES, LABELS, LENGTHS, SYMMETRIC, SYMMETRIC_LENGTHS, WEIGHTS, N, table, text


@pytest.fixture
def plain(tmp_path):
    """A symmetric matrix alone."""
    (tmp_path / "plain.csv").write_text(text(SYMMETRIC, ","))
    return tmp_path / "plain.csv"


def load(*args, match="", **named):
    with pytest.warns(UserWarning, match=match) as caught:
        found = load_connectome(*args, **named)
    assert len(caught) == 1, [str(one.message) for one in caught]
    assert caught[0].filename == __file__
    return found


def lengths_of(connectome):
    return connectome.distances.mantissa


def test_a_symmetric_matrix_needs_no_orientation(plain):
    found = load(plain, match="called region_0 to region_3; it has no lengths")
    assert found.orientation == "symmetric"
    assert found.labels.tolist() == ["region_0", "region_1", "region_2", "region_3"]
    assert found.source == "plain.csv"
    assert found.steps == ()
    np.testing.assert_array_equal(found.weights, SYMMETRIC)


def test_nothing_is_said_where_nothing_was_assumed(plain):
    found = load_connectome(plain, labels=LABELS, lengths=SYMMETRIC_LENGTHS)  # warnings are errors
    assert found.labels.tolist() == LABELS


@pytest.mark.parametrize("orientation", ["target_source", "source_target"])
def test_weights_and_lengths_are_transposed_together(tmp_path, orientation):
    for name, matrix in (("w.csv", WEIGHTS), ("l.csv", LENGTHS)):
        (tmp_path / name).write_text(text(matrix if orientation == "target_source" else matrix.T, ","))
    found = load(tmp_path / "w.csv", lengths=tmp_path / "l.csv", orientation=orientation)
    np.testing.assert_array_equal(found.weights, WEIGHTS)
    np.testing.assert_array_equal(lengths_of(found), LENGTHS)
    assert found.orientation == orientation
    turned = LENGTHS if orientation == "target_source" else LENGTHS.T
    found = load(tmp_path / "w.csv", lengths=turned * u.mm, orientation=orientation)
    np.testing.assert_array_equal(lengths_of(found), LENGTHS)


def test_lengths_that_differ_by_direction_ask_for_the_orientation(plain):
    with pytest.raises(ValueError, match=r"plain\.csv' has lengths that differ by direction.*orientation="):
        load_connectome(plain, lengths=LENGTHS)


def test_one_half_is_mirrored_and_said(tmp_path):
    (tmp_path / "sc.csv").write_text("# command_history: tck2connectome\n" + text(np.triu(SYMMETRIC)))
    (tmp_path / "len.csv").write_text(text(np.triu(SYMMETRIC_LENGTHS)))
    found = load(tmp_path / "sc.csv", lengths=tmp_path / "len.csv", match="one half of its weights is empty")
    np.testing.assert_array_equal(found.weights, SYMMETRIC)
    np.testing.assert_array_equal(lengths_of(found), SYMMETRIC_LENGTHS)
    assert found.orientation == "symmetric"
    assert found.steps == ("weights of one half mirrored", "lengths of one half mirrored")
    found = load(tmp_path / "sc.csv", orientation="target_source")
    np.testing.assert_array_equal(found.weights, np.triu(SYMMETRIC))


def test_minus_one_means_missing_where_it_is_said(tmp_path):
    weights, lengths = SYMMETRIC.copy(), SYMMETRIC_LENGTHS.copy()
    for matrix in (weights, lengths):
        matrix[0, 1] = matrix[1, 0] = -1
        np.fill_diagonal(matrix, -1)
    (tmp_path / "w.csv").write_text(text(weights, ","))
    with pytest.raises(ValueError, match=r"6 negative lengths, down to -1; where .* give missing=-1"):
        load_connectome(tmp_path / "w.csv", lengths=lengths)
    found = load(tmp_path / "w.csv", lengths=lengths, missing=-1)
    assert found.weights[0, 1] == 0
    np.testing.assert_array_equal(np.isnan(lengths_of(found)), lengths == -1)
    np.testing.assert_array_equal(found.weights, np.where(weights == -1, 0, weights))
    assert found.steps == ("missing=-1 made weights of 0",)
    load(tmp_path / "w.csv", match="5 weights are negative|6 weights are negative")


def test_nan_means_missing_where_it_is_said(tmp_path):
    weights = SYMMETRIC.copy()
    weights[0, 1] = weights[1, 0] = np.nan
    (tmp_path / "w.csv").write_text(text(weights, ","))
    with pytest.raises(ValueError, match=r"2 weights that are NaN.*give missing=float\('nan'\)"):
        load_connectome(tmp_path / "w.csv")
    assert load(tmp_path / "w.csv", missing=float("nan")).weights[0, 1] == 0


def test_an_edge_without_a_length_is_refused_with_the_name_of_the_file(plain):
    lengths = SYMMETRIC_LENGTHS.copy()
    lengths[0, 1] = lengths[1, 0] = np.nan
    with pytest.raises(ValueError, match=r"plain\.csv' makes no connectome: .*there is an edge"):
        load_connectome(plain, lengths=lengths)


def test_bare_lengths_have_the_unit_that_is_said(plain, tmp_path):
    (tmp_path / "l.csv").write_text(text(SYMMETRIC_LENGTHS / 10, ","))
    for lengths in (tmp_path / "l.csv", SYMMETRIC_LENGTHS / 10, SYMMETRIC_LENGTHS * u.mm):
        found = load_connectome(plain, labels=LABELS, lengths=lengths, length_unit=u.cm)
        np.testing.assert_allclose(lengths_of(found), SYMMETRIC_LENGTHS, rtol=1e-6)
    with pytest.raises(ValueError, match="length_unit=ms is no unit of length"):
        load_connectome(plain, length_unit=u.ms)
    with pytest.raises(TypeError, match="length_unit='mm' must be a unit"):
        load_connectome(plain, length_unit="mm")


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(LABELS),
        "# names\n" + "\n".join(f"{i}\t{name}" for i, name in enumerate(LABELS, 1)),
        "\n".join(f"{i},{LABELS[i]}" for i in (2, 0, 3, 1)),
        "0 ??? Unknown 0 0 0 0\n" + "\n".join(f"{i} {n} ctx-{n} 25 100 40 255" for i, n in enumerate(LABELS, 1)),
        "\n".join(f"{1001 + i} {name}" for i, name in enumerate(LABELS)),
    ],
)
def test_names_come_from_a_text(plain, tmp_path, content):
    (tmp_path / "names.txt").write_text(content)
    assert load(plain, labels=tmp_path / "names.txt").labels.tolist() == LABELS


def test_names_that_do_not_fit_are_refused(plain, tmp_path):
    (tmp_path / "names.txt").write_text("\n".join(f"{1005 - i} {name}" for i, name in enumerate(LABELS)))
    with pytest.raises(ValueError, match=r"names\.txt' numbers its names in an order"):
        load_connectome(plain, labels=tmp_path / "names.txt")
    with pytest.raises(ValueError, match=r"plain\.csv' has 4 regions, but labels= 3 names"):
        load_connectome(plain, labels=LABELS[:3])
    with pytest.raises(TypeError, match="labels=3 must be a list of names"):
        load_connectome(plain, labels=3)
    with pytest.raises(ValueError, match=r"in another order; leave labels= out"):
        load_connectome(table(tmp_path), labels=LABELS[::-1], orientation="target_source")
    named = load(table(tmp_path), labels=["a", "b", "c", "d"], orientation="target_source")
    assert named.labels.tolist() == ["a", "b", "c", "d"]


def test_lengths_of_other_regions_are_refused(tmp_path, plain):
    path = table(tmp_path)
    (tmp_path / "l.csv").write_text(path.read_text().replace("lV1", "lV9"))
    with pytest.raises(ValueError, match=r"l\.csv' names other regions than the weights"):
        load_connectome(path, lengths=tmp_path / "l.csv", orientation="target_source")
    shuffled = pd.DataFrame(LENGTHS, LABELS[::-1], LABELS[::-1])
    with pytest.raises(ValueError, match="lengths= names the regions of the file in another order"):
        load_connectome(path, lengths=shuffled, orientation="target_source")
    with pytest.raises(ValueError, match=r"has 4 regions, and lengths of 3"):
        load_connectome(plain, lengths=np.ones((3, 3)))
    with pytest.raises(TypeError, match="lengths=5 must be a matrix"):
        load_connectome(plain, lengths=5)


def test_places_come_from_an_array_or_a_text(plain, tmp_path):
    (tmp_path / "c.csv").write_text("name,x,y,z\n" + "".join(f"{n},{row}" for n, row in zip(LABELS, text(CENTRES, ",").splitlines(True), strict=True)))  # fmt: skip  # noqa: E501
    (tmp_path / "bare.txt").write_text(text(CENTRES))
    for centres in (tmp_path / "c.csv", tmp_path / "bare.txt", CENTRES, CENTRES * u.mm, (CENTRES / 10) * u.cm):
        found = load(plain, centres=centres, labels=LABELS)
        np.testing.assert_allclose(found.centres.mantissa, CENTRES, rtol=1e-6)
    with pytest.raises(ValueError, match="names other regions than the weights"):
        load_connectome(plain, centres=tmp_path / "c.csv")
    with pytest.raises(ValueError, match=r"has 4 regions, and centres= the shape \(3, 3\)"):
        load_connectome(plain, centres=CENTRES[:3])


def test_what_the_check_finds_is_said_in_the_same_warning(plain):
    load(plain, lengths=SYMMETRIC_LENGTHS / 1000, match=r"Worth a look: .*they may be in metres")


def test_wrong_arguments_are_refused(plain, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv' does not exist; give"):
        load_connectome(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match=r"lengths='.*none\.csv' does not exist"):
        load_connectome(plain, lengths=tmp_path / "none.csv")
    with pytest.raises(ValueError, match=r"is a folder without an fdt_network_matrix"):
        load_connectome(tmp_path)
    with pytest.raises(ValueError, match=r"labels='.*' is a folder"):
        load_connectome(plain, labels=tmp_path)
    with pytest.raises(TypeError, match="is not a path"):
        load_connectome(3)
    with pytest.raises(ValueError, match=r"orientation='rows' is none of .*rows are targets"):
        load_connectome(plain, orientation="rows")
    with pytest.raises(TypeError, match="missing='x'"):
        load_connectome(plain, missing="x")
    with pytest.raises(ValueError, match="key='sc' could choose; leave key= out"):
        load_connectome(plain, key="sc")
    with pytest.raises(TypeError, match=r"has no argument 'lenghts'.*did you mean 'lengths'"):
        load_connectome(plain, lenghts=3)
    with pytest.raises(ValueError, match="is a device or a pipe"):
        load_connectome("/dev/zero")


def test_one_region_is_a_connectome(tmp_path):
    (tmp_path / "one.txt").write_text("0\n")
    assert load(tmp_path / "one.txt").weights.shape == (1, 1)
    assert N == 4

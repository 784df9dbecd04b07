"""The many ways in which text holds a matrix."""

import numpy as np
import pandas as pd
import pytest

from brainmass.formats import load_connectome
from tests.formats.made import LABELS, SYMMETRIC, WEIGHTS, text
from tests.formats.test_door import load

HEADER = ",".join(LABELS)
FRAME = pd.DataFrame(SYMMETRIC, LABELS, LABELS)


def german(frame, **named):
    return frame.to_csv(sep=";", decimal=",", **named)


NAMED = {
    "header": HEADER + "\n" + text(SYMMETRIC, ","),
    "pandas": FRAME.to_csv(),
    "pandas without an index": FRAME.to_csv(index=False),
    "pandas without a header": FRAME.to_csv(header=False),
    "tabs": FRAME.to_csv(sep="\t"),
    "german": german(FRAME),
    "german, in UTF-8 with a mark": "\ufeff" + german(FRAME, index=False),
    "windows": FRAME.to_csv().replace("\n", "\r\n"),
    "quoted": FRAME.to_csv(quoting=2),
    "R": FRAME.to_csv(sep=" ").replace('""', "").lstrip(" "),
    "spaces": "x " + FRAME.to_csv(sep=" ").replace('""', "").lstrip(" "),
    "comments": "# one\n\n# two\n" + FRAME.to_csv(),
}
BARE = {
    "spaces": text(SYMMETRIC),
    "MATLAB": "".join("   " + "   ".join(f"{x:.16e}" for x in row) + "\n" for row in SYMMETRIC),
    "commas": text(SYMMETRIC, ","),
    "commas and spaces": text(SYMMETRIC, ", "),
    "commas at the end": text(SYMMETRIC, ",").replace("\n", ",\n"),
    "tabs": text(SYMMETRIC, "\t"),
    "tabs at the end": text(SYMMETRIC, "\t").replace("\n", "\t\n"),
    "semicolons": text(SYMMETRIC, ";"),
    "german": text(SYMMETRIC, ";").replace(".", ","),
    "german with tabs": text(SYMMETRIC, "\t").replace(".", ","),
    "german with spaces": text(SYMMETRIC, " ").replace(".", ","),
    "numbering of pandas": pd.DataFrame(SYMMETRIC).to_csv(),
    "numbering of pandas above": pd.DataFrame(SYMMETRIC).to_csv(index=False),
    "no end": text(SYMMETRIC, ",").rstrip("\n"),
}


@pytest.mark.parametrize("content", NAMED.values(), ids=NAMED)
def test_a_matrix_with_names(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content.encode())
    found = load(tmp_path / "a.csv", match="no lengths")
    np.testing.assert_allclose(found.weights, SYMMETRIC, rtol=1e-15)
    assert found.labels.tolist() == LABELS


@pytest.mark.parametrize("content", BARE.values(), ids=BARE)
def test_a_matrix_without_names(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content.encode())
    found = load(tmp_path / "a.csv", match="region_0 to region_3")
    np.testing.assert_allclose(found.weights, SYMMETRIC, rtol=1e-15)


def test_names_with_commas_and_spaces_in_quotes(tmp_path):
    names = ["Thalamus, left", "Thalamus, right", "V1 left", "V1 right"]
    pd.DataFrame(SYMMETRIC, names, names).to_csv(tmp_path / "a.csv")
    assert load(tmp_path / "a.csv").labels.tolist() == names


def test_a_first_row_of_ids_names_the_regions(tmp_path):
    for head in ("132,126,104,2", "1.32e2,126.0,104,2.00"):
        (tmp_path / "a.csv").write_text(head + "\n" + text(SYMMETRIC, ","))
        found = load(tmp_path / "a.csv", match="first row is numbers that name the regions")
        assert found.labels.tolist()[1:] == ["126", "104", "2"]
        np.testing.assert_array_equal(found.weights, SYMMETRIC)


def test_the_corner_says_what_rows_are(tmp_path):
    for corner, expected in (("target/source", WEIGHTS), ("source/target", WEIGHTS.T)):
        pd.DataFrame(WEIGHTS, LABELS, LABELS).to_csv(tmp_path / "a.csv", index_label=corner)
        np.testing.assert_array_equal(load(tmp_path / "a.csv").weights, expected)


def test_integers_with_a_comma_far_below(tmp_path):
    matrix = np.zeros((9, 9))
    matrix[8, 7] = matrix[7, 8] = 0.5
    (tmp_path / "a.csv").write_text(text(matrix, ";").replace(".0", "").replace(".", ","))
    np.testing.assert_array_equal(load(tmp_path / "a.csv", match="commas .* are decimal points").weights, matrix)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("1,2,3\n1,5,6\n", "2 rows and 3 columns, and not as many"),
        ("1 2\n" * 9, "more than 3 rows of 2 cells, and not as many rows as columns"),
        ("1,2\n3\n", "as many"),
        ("1,2,4\n2,3,5\n4,5\n", "has 2 cells in row 3 and 3 in the one before"),
        ("1,2\nx,4\n", "names where numbers must be"),
        ("a,b\n1,2\n3,oops\n", "'oops' in row 3"),
        ("a,b\n1,2_0\n3,4\n", "'2_0'"),
        ('a,b\n"1,5",2\n2,3\n', "commas inside of numbers"),
        ("1,5;2.5\n2,5;1\n", "with commas and with points"),
        ("1.234,5;2\n2;1\n", "with commas and with points"),
        ("x,a,b\nb,1,2\na,2,1\n", "names its columns otherwise than its rows, as 'a' and 'b'"),
        ("id,101,102\n7,0,1\n8,1,0\n", "names its columns otherwise than its rows, as '101' and '7'"),
        ("a,a\n1,2\n2,1\n", "has the name 'a' twice"),
        ("", "is empty"),
        ("# nothing\n\n", "is empty"),
        ("1e999,0\n0,0\n", "NaN or infinite"),
        ("1e300,0\n0,0\n", "more than single precision"),
    ],
)
def test_what_is_no_matrix_is_refused_in_a_sentence(tmp_path, content, why):
    (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(ValueError, match=why) as raised:
        load_connectome(tmp_path / "bad.csv")
    assert "bad.csv" in str(raised.value)


def test_text_in_another_code_is_refused(tmp_path):
    (tmp_path / "bad.csv").write_bytes("Süd,Nörd\n0,1\n1,0\n".encode("latin-1"))
    with pytest.raises(ValueError, match="no text in UTF-8; save it as UTF-8"):
        load_connectome(tmp_path / "bad.csv")
    (tmp_path / "bad.csv").write_bytes("a,b\n0,1\n1,0\n".encode("utf-16"))
    with pytest.raises(ValueError, match="no text"):
        load_connectome(tmp_path / "bad.csv")

"""What FSL's probtrackx writes in its network mode: rows are seeds, and so sources."""

from pathlib import Path

import numpy as np

from brainmass.formats.reading import (
    FileContent,
    Refused,
    check_no_key,
    checked_square,
    number_rows,
    row_of,
    text_lines,
)

_MATRIX, _LENGTHS, _TOTAL = "fdt_network_matrix", "fdt_network_matrix_lengths", "waytotal"


def is_fsl(folder: Path) -> bool:
    """Whether it is a folder of probtrackx."""
    return (folder / _MATRIX).is_file()


def read_fsl(path: Path, key: str | None) -> FileContent:
    """The counts of a folder, or of its matrix, as shares of the samples that each seed sent."""
    check_no_key(key)
    folder = path if path.is_dir() else path.parent
    weights = checked_square(_matrix(folder / _MATRIX if path.is_dir() else path), "a matrix")
    found = FileContent(weights=weights, orientation="source_target")
    if (folder / _LENGTHS).is_file():
        found.lengths = _matrix(folder / _LENGTHS)
    if not (folder / _TOTAL).is_file():
        found.assumed.append("its weights are counts, as there is no waytotal beside it")
        return found
    with (folder / _TOTAL).open("rb") as stream:
        cells = [cell for line in text_lines(stream) for cell in line.split()]
    totals = row_of(cells, _TOTAL, 0)
    if totals.shape != weights.shape[:1] or not (totals >= 0).all() or weights[totals == 0].any():
        raise Refused(f"has {len(weights)} seeds, and a waytotal that is not the count of samples for each")
    found.weights = weights / np.where(totals == 0, 1.0, totals)[:, None]
    found.assumed.append("weights are its counts over the waytotal of each seed")
    found.steps.append("rows of the file divided by waytotal")
    return found


def _matrix(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        return number_rows(text_lines(stream), path.name)

"""Matrices of BIDS, as proposal 17 has them: tables without names, a JSON, and names in a table of node indices."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from brainmass.formats.reading import (
    FileContent,
    Refused,
    check_no_key,
    checked_square,
    number_rows,
    text_lines,
    text_of,
)
from brainmass.units import unit_named

_ENDING, _INDICES = "_relmat.dense.tsv", "nodeindices.tsv"
_WEIGHTS = {"streamlinecount", "streamlinedensity", "weight", "weights", "sift2", "count"}
_LENGTHS = {"tractlength", "tractlengths", "length", "lengths", "meanlength"}


def is_bids(folder: Path) -> bool:
    """Whether there are such matrices in a folder."""
    return any(True for _ in folder.glob(f"*{_ENDING}"))


def read_bids(path: Path, key: str | None) -> FileContent:
    """A matrix, or that of a folder whose measure is ``key`` or has a known name, and the lengths beside it."""
    weights = path
    if path.is_dir():
        weights = _of_measure(sorted(path.glob(f"*{_ENDING}")), key)
    else:
        check_no_key(key)
    found = FileContent(weights=checked_square(_matrix(weights), "a matrix"))
    beside = [one for one in weights.parent.glob(f"*{_ENDING}") if _rest(one) == _rest(weights) and one != weights]
    lengths = [one for one in beside if _measure(one).casefold() in _LENGTHS]
    said = _sidecar(weights)
    if said.get("Directed") is True:
        found.assumed.append("its JSON calls it directed")
    if len(lengths) == 1 and _measure(weights).casefold() not in _LENGTHS:
        found.lengths = _matrix(lengths[0])
        found.assumed.append(f"the lengths are those of {lengths[0].name!r}")
        found.length_unit = _unit(_sidecar(lengths[0]).get("MeasureUnits"))
    if path.is_dir():
        found.assumed.append(f"the weights are those of {weights.name!r}")
    found.labels = _names(weights, len(found.weights))
    licence = said.get("License")
    found.about = {"licence": licence} if isinstance(licence, str) and licence else {}
    return found


def _measure(path: Path) -> str:
    found = re.search(r"(?:^|_)meas-([^_]+)", path.name)
    return found[1] if found else ""


def _rest(path: Path) -> str:
    """The name without its measure and what comes last."""
    return re.sub(r"_?meas-[^_]+", "", path.name.removesuffix(_ENDING))


def _of_measure(paths: list[Path], key: str | None) -> Path:
    measures = [_measure(path) for path in paths]
    found = [path for path, one in zip(paths, measures, strict=True) if one == key]
    if key is None:
        others = [path for path in paths if _measure(path).casefold() not in _LENGTHS]
        found = [path for path in others if _measure(path).casefold() in _WEIGHTS] or others
    if len(found) != 1:
        raise Refused(f"has {len(found)} matrices to choose from {measures}; name the measure of the weights with key=")
    return found[0]


def _matrix(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        return number_rows(text_lines(stream), path.name)


def _sidecar(path: Path) -> dict[str, Any]:
    beside = path.with_name(path.name.replace(".dense.tsv", ".json"))
    if not beside.is_file():
        return {}
    with beside.open("rb") as stream:
        found = json.loads(text_of(stream))
    if not isinstance(found, dict):
        raise Refused(f"has {beside.name!r} beside it, which is no JSON of names and values")
    return found


def _unit(name: Any) -> Any:
    try:
        return None if name in (None, "arbitrary") else unit_named(str(name))
    except Exception:  # whatever the parser of another package makes of a name
        raise Refused(f"has lengths in {name!r}, which is no unit that is known; write mm") from None


def _names(path: Path, n: int) -> list[str] | None:
    """The labels of the regions, by the row of the matrix that each says it has."""
    stem = path.name.removesuffix(_ENDING)
    files = {one.name: one for one in path.parent.glob(f"*{_INDICES}")}
    known = next((files[name] for one in (stem, _rest(path)) if (name := f"{one}_{_INDICES}") in files), None)
    if known is None and len(files) == 1:
        known = next(iter(files.values()))
    if known is None:
        return None
    with known.open("rb") as stream:
        rows = [line.split("\t") for line in text_lines(stream)]
    head = [cell.strip() for cell in rows[0]] if rows else []
    name = next((one for one in ("label", "name", "node_label") if one in head), None)
    if name is None or any(len(row) != len(head) for row in rows) or len(rows) != n + 1:
        raise Refused(f"has {n} regions, and {known.name!r} not a label for each")
    labels = [row[head.index(name)].strip() for row in rows[1:]]
    if "matrix_index" not in head:
        return labels
    places = [row[head.index("matrix_index")].strip() for row in rows[1:]]
    first = min((int(place) for place in places if place.isdecimal()), default=0)
    named = dict(zip(places, labels, strict=True))
    if first not in (0, 1) or set(named) != {str(first + i) for i in range(n)}:
        raise Refused(f"has {n} rows, and {known.name!r} numbers them otherwise")
    return [named[str(first + i)] for i in range(n)]

"""Connectivities of The Virtual Brain: zips of text, and HDF5. Rows are targets."""

import bz2
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from brainmass.connectomes import Connectome
from brainmass.display import warn
from brainmass.files import atomic
from brainmass.formats.reading import (
    FileContent,
    Refused,
    check_no_key,
    checked_square,
    dataset_at,
    flags_of,
    number_rows,
    numbers_of,
    opened_hdf5,
    row_of,
    text_lines,
    texts_of,
)

_SPELLINGS = {"centers": "centres"}
_MEMBERS = {"weights", "tract_lengths", "centres", "cortical", "hemispheres"}
_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_NO_CENTRES = "all its centres are 0, so there are none"


def read_tvb_zip(path: Path, key: str | None) -> FileContent:
    """The matrices of a zip; nothing of it is ever put on the disk."""
    check_no_key(key)
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = _members(archive)
        if "weights" not in members:
            raise Refused("has no weights.txt in it, as a connectivity of TVB has")
        weights = checked_square(number_rows(_lines(archive, members["weights"]), "weights"), "weights")
        found = FileContent(weights=weights, orientation="target_source")
        if "tract_lengths" in members:
            found.lengths = number_rows(_lines(archive, members["tract_lengths"]), "tract_lengths")
        if "centres" in members:
            _put_centres(found, *_centres(_lines(archive, members["centres"])))
        for name in {"cortical", "hemispheres"} & set(members):
            cells = [cell for line in _lines(archive, members[name]) for cell in line.split()]
            _put_flags(found, name, row_of(cells, name, 0))
    return found


def read_tvb_hdf5(path: Path, key: str | None) -> FileContent:
    """The datatype Connectivity as TVB stores it."""
    check_no_key(key)
    with opened_hdf5(path) as file:
        read = {name: dataset_at(file, name) for name in (*sorted(_MEMBERS), "region_labels")}
        arrays = {name: array for name, array in read.items() if array is not None}
        if "weights" not in arrays:
            raise Refused("has no weights in it, as a connectivity of TVB has")
        names = texts_of(arrays.pop("region_labels"), "region_labels") if "region_labels" in arrays else None
        numbers = {name: numbers_of(array, name) for name, array in arrays.items()}
    found = FileContent(weights=checked_square(numbers["weights"], "weights"), orientation="target_source")
    found.lengths, found.labels = numbers.get("tract_lengths"), names
    if "centres" in numbers:
        _put_centres(found, names, numbers["centres"])
    for name in {"cortical", "hemispheres"} & set(numbers):
        _put_flags(found, name, numbers[name])
    return found


def _put_centres(found: FileContent, names: list[str] | None, centres: np.ndarray) -> None:
    n = len(found.weights)
    if centres.shape != (n, 3):
        raise Refused(f"has {len(centres)} centres and {n} regions; take one of which the parts belong together")
    found.labels = names
    found.centres = centres if centres.any() else None
    found.assumed += [] if centres.any() else [_NO_CENTRES]


def _put_flags(found: FileContent, name: str, values: Any) -> None:
    flags = flags_of(values, len(found.weights), name)
    if name == "cortical":
        found.cortical = flags
    else:
        found.hemispheres = np.where(flags, "right", "left")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by what they are, of any spelling and in any folder."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if ".." in place.parts or place.is_absolute() or ":" in member.filename:
            raise Refused(f"has the member {member.filename!r}, which would lie outside of it")
        stem = place.name.removesuffix(".bz2").removesuffix(".txt")
        name = _SPELLINGS.get(stem, stem)
        if member.is_dir() or "__MACOSX" in place.parts or name not in _MEMBERS:
            continue
        if name in found:
            raise Refused(f"has both {found[name].filename!r} and {member.filename!r}; leave one of them in it")
        if member.compress_type not in _KINDS or member.flag_bits & 1:
            raise Refused(f"has {member.filename!r} encrypted, or packed in a rare way; pack it without")
        found[name] = member
    return found


def _lines(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    with archive.open(member) as packed:
        yield from text_lines(bz2.BZ2File(packed) if member.filename.endswith(".bz2") else packed)


def _centres(lines: Iterator[str]) -> tuple[list[str], np.ndarray]:
    """Names and places; some files have a fifth column, which means nothing."""
    names, rows = [], []
    for line in lines:
        cells = line.replace(",", " ").split()
        if len(cells) not in (4, 5):
            raise Refused(f"has {len(cells)} words in row {len(rows) + 1} of centres, which must be a name, x, y and z")
        names.append(cells[0])
        rows.append(row_of(cells[1:4], "centres", len(rows)))
    return names, np.array(rows).reshape(-1, 3)


# -- writing -----------------------------------------------------------------------------------------------------------


def write_tvb_zip(connectome: Connectome, path: Path) -> None:
    """A zip that TVB reads; what it has no place for is said in a warning."""
    texts, lost = _texts(connectome)
    with atomic(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{name}.txt", text)
    if lost:
        warn(f"path={str(path)!r} is written for TVB, but {'; '.join(lost)}.")


def _texts(connectome: Connectome) -> tuple[dict[str, str], list[str]]:
    n, lost = len(connectome.weights), []
    texts = {"weights": _table(connectome.weights)}
    if connectome.distances is None:
        lost.append("it has no tract_lengths, which TVB asks for")
    else:
        lengths = connectome.distances.mantissa
        lost += [] if np.isfinite(lengths).all() else ["lengths that are not known are 0"]
        texts["tract_lengths"] = _table(np.where(np.isfinite(lengths), lengths, 0.0))
    names = ["_".join(str(name).replace("#", "_").split()) for name in connectome.labels]
    if len(set(names)) < n or "" in names:
        raise ValueError("save_connectome: without spaces, names of regions are empty or alike; TVB needs others.")
    lost += [] if names == connectome.labels.tolist() else ["names have _ for spaces and #"]
    centres = np.zeros((n, 3)) if connectome.centres is None else connectome.centres.mantissa
    lost += ["all centres are 0, as there are none"] if connectome.centres is None else []
    rows = _table(centres).splitlines()
    texts["centres"] = "".join(f"{name} {row}\n" for name, row in zip(names, rows, strict=True))
    if connectome.cortical is not None:
        texts["cortical"] = "".join(f"{int(one)}\n" for one in connectome.cortical)
    sides = connectome.hemispheres
    if sides is not None and (sides != "").all():
        texts["hemispheres"] = "".join(f"{int(side == 'right')}\n" for side in sides)
    elif sides is not None:
        lost.append("hemispheres are left out, as TVB has only left and right")
    about = [name for name in ("space", "source", "licence", "terms", "citation") if getattr(connectome, name)]
    lost += [f"{', '.join(about)} and steps are left out"] if about or connectome.steps else []
    return texts, lost


def _table(matrix: np.ndarray) -> str:
    return "".join(" ".join(map(repr, row)) + "\n" for row in matrix.tolist())

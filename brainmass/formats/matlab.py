"""Files of MATLAB: version 5 by scipy, and version 7.3, which is HDF5 with every array transposed."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from brainmass.formats.reading import (
    CENTRES,
    LABELS,
    MOST_BYTES,
    FileContent,
    Refused,
    check_array,
    check_dataset,
    checked_square,
    chosen,
    dataset_at,
    first_of,
    names_in,
    numbers_of,
    opened_hdf5,
)

_NUMERIC = {"double", "single", "logical", "sparse", *(f"{s}int{bits}" for s in ("", "u") for bits in (8, 16, 32, 64))}
_COMPRESSED, _DENSEST = 15, 1032  # the type of an element of a file, and zlib's limit


def is_matlab_hdf5(path: Path) -> bool:
    """Whether it is HDF5 that MATLAB wrote."""
    with path.open("rb") as file:
        return file.read(10) == b"MATLAB 7.3"


def read_matlab(path: Path, key: str | None) -> FileContent:
    """The matrices of a file of version 5 or older."""
    import scipy.io

    _check_compressed(path)
    listed = {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(str(path), appendmat=False)}
    for name, (shape, _) in listed.items():
        check_array(shape, 1, repr(name))
    shapes = {name: shape for name, (shape, kind) in listed.items() if kind in _NUMERIC}
    weights, lengths, assumed = chosen(shapes, key)
    n = shapes[weights][0]
    check_array((n, n), 8, repr(weights))
    centres = first_of([name for name, shape in shapes.items() if shape == (n, 3)], CENTRES)
    labels = [name for name in listed if _means_labels(name)]
    wanted = [name for name in (weights, lengths, centres, *labels) if name is not None]
    data = scipy.io.loadmat(str(path), appendmat=False, variable_names=wanted)
    found = FileContent(weights=checked_square(_dense(data[weights]), weights), assumed=assumed)
    found.lengths = None if lengths is None else np.asarray(_dense(data[lengths]))
    found.centres = None if centres is None else _dense(data[centres])
    _put_labels(found, {name: list(_texts(data[name])) for name in labels})
    return found


def _dense(value: Any) -> np.ndarray:
    return np.asarray(value.todense() if hasattr(value, "todense") else value)


def _check_compressed(path: Path) -> None:
    """Refuse parts that unpack to more than any connectome; scipy would unpack them whole."""
    if path.stat().st_size * _DENSEST <= MOST_BYTES:
        return
    with path.open("rb") as file:
        order = "big" if file.read(128)[126:128] == b"MI" else "little"
        while len(tag := file.read(8)) == 8:
            kind, size = int.from_bytes(tag[:4], order), int.from_bytes(tag[4:], order)
            if kind != _COMPRESSED or size * _DENSEST <= MOST_BYTES:
                file.seek(size, 1)
                continue
            unpacked, packer = 0, zlib.decompressobj()
            data = file.read(size)
            while data and not packer.eof:
                unpacked += len(packer.decompress(data, 2**22))
                data = packer.unconsumed_tail
                if unpacked > MOST_BYTES:
                    raise Refused(f"unpacks to more than {MOST_BYTES >> 30} GiB")


# -- names of regions --------------------------------------------------------------------------------------------------


def _means_labels(name: str) -> bool:
    """Names are called so, or end so, as those of QSIRecon."""
    folded = name.casefold()
    return folded in LABELS or folded.endswith(("region_labels", "region_names"))


def _put_labels(found: FileContent, named: dict[str, list[str]]) -> None:
    fitting = [name for name, texts in named.items() if len(texts) == len(found.weights)]
    best = first_of(fitting, LABELS) or next(iter(fitting), None)
    found.labels = None if best is None else named[best]
    if best is None and named:
        found.assumed.append(f"its {next(iter(named))!r} is not a name for each region")


def _texts(value: Any) -> Iterator[str]:
    """Names in an array of texts or a cell array, or as the codes of their signs, a line each, as of DSI Studio."""
    array = np.asarray(value)
    if array.dtype.kind == "O":
        for one in array.reshape(-1):
            inner = np.asarray(one)
            yield "".join(map(str, inner.reshape(-1).tolist())) if inner.dtype.kind in "US" else _of_codes(inner)
    elif array.dtype.kind in "US":
        listed = [str(one).strip() for one in array.reshape(-1)]
        yield from (_lines(listed[0]) if len(listed) == 1 else listed)
    elif array.dtype.kind in "iuf":
        yield from _lines(_of_codes(array))


def _of_codes(array: np.ndarray) -> str:
    codes = array.reshape(-1)
    if codes.dtype.kind not in "iuf" or not ((codes >= 0) & (codes < 0xD800) & (codes == np.floor(codes))).all():
        return ""
    return "".join(map(chr, codes.astype(int).tolist())).strip()


def _lines(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[\n\r\0;]+", text) if name.strip()]


# -- version 7.3 -------------------------------------------------------------------------------------------------------


def read_matlab_hdf5(path: Path, key: str | None) -> FileContent:
    """The matrices of a file of version 7.3, the other way round than they are stored."""
    with opened_hdf5(path) as file:
        arrays = {name: dataset_at(file, name) for name in names_in(file) if name != "#refs#"}
        arrays = {name: array for name, array in arrays.items() if array is not None}
        kinds = {name: _kind(array) for name, array in arrays.items()}
        shapes = {name: array.shape[::-1] for name, array in arrays.items() if kinds[name] in _NUMERIC}
        weights, lengths, assumed = chosen(shapes, key)
        n = shapes[weights][0]
        found = FileContent(weights=checked_square(numbers_of(arrays[weights], weights).T, weights), assumed=assumed)
        found.lengths = None if lengths is None else numbers_of(arrays[lengths], lengths).T
        centres = first_of([name for name, shape in shapes.items() if shape == (n, 3)], CENTRES)
        found.centres = None if centres is None else numbers_of(arrays[centres], centres).T
        named = {name: _texts_of_hdf5(file, arrays[name], kinds[name]) for name in arrays if _means_labels(name)}
    _put_labels(found, named)
    return found


def _kind(array: Any) -> str:
    """The class that MATLAB gave it; of other programs that of the numbers."""
    said = array.attrs.get("MATLAB_class")
    if said is None:
        return "double" if array.dtype.kind in "biuf" else ""
    return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)


def _texts_of_hdf5(file: Any, array: Any, kind: str) -> list[str]:
    import h5py

    if kind == "cell" and array.dtype == h5py.ref_dtype:
        parts: list[Any] = [file[one] for one in array[()].T.reshape(-1) if one]
        if not all(isinstance(part, h5py.Dataset) and part.dtype.kind in "iu" for part in parts):
            return []
        for part in parts:
            check_dataset(part, "a name")
        return [_of_codes(part[()].T) for part in parts]
    if kind == "char" and array.dtype.kind in "iu":
        rows = [_of_codes(row) for row in np.atleast_2d(array[()].T)]
        return _lines(rows[0]) if len(rows) == 1 else rows
    return list(_texts(numbers_of(array, "labels").T)) if kind in _NUMERIC else []

"""Arrays of NumPy, .npy and .npz; what would need pickle is not read."""

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from brainmass.connectomes import Connectome
from brainmass.files import atomic
from brainmass.formats.reading import (
    CENTRES,
    CORTICAL,
    HEMISPHERES,
    LABELS,
    MOST_BYTES,
    FileContent,
    Refused,
    check_array,
    check_no_key,
    checked_square,
    chosen,
    first_of,
    flags_of,
)

_WORDS = "space", "source", "licence", "terms", "citation"
_OBJECTS = "has {!r} as an array of objects, which could run code; save it as text with .astype(str)"


class _Header(NamedTuple):
    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype


def read_npy(path: Path, key: str | None) -> FileContent:
    """The one matrix of a file."""
    check_no_key(key)
    with path.open("rb") as stream:
        header = _header(stream, "its array", path.stat().st_size)
        if header.dtype.hasobject:
            raise Refused(_OBJECTS.format("its array"))
        return FileContent(weights=checked_square(_array(stream, header, "its array"), "a matrix"))


def read_npz(path: Path, key: str | None) -> FileContent:
    """The arrays of a file by their names."""
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.namelist() if one.endswith(".npy")]
        if not members:
            raise Refused("is no .npz of NumPy, as it has no .npy in it")
        headers = {}
        for member in members:
            with _opened(archive, member) as stream:
                headers[member.removesuffix(".npy")] = _header(stream, member, MOST_BYTES)
        return _content(_Archive(archive, headers), key)


class _Archive(NamedTuple):
    archive: zipfile.ZipFile
    headers: dict[str, _Header]

    def read(self, name: str | None) -> Any:
        """The array of this name, None where there is none."""
        if name is None or name not in self.headers:
            return None
        if self.headers[name].dtype.hasobject:
            raise Refused(_OBJECTS.format(name))
        with _opened(self.archive, f"{name}.npy") as stream:
            return _array(stream, _header(stream, name, MOST_BYTES), name)


def _content(file: _Archive, key: str | None) -> FileContent:
    numeric = {name: one.shape for name, one in file.headers.items() if one.dtype.kind in "biuf"}
    weights, lengths, assumed = chosen(numeric, key)
    found = FileContent(weights=checked_square(file.read(weights), weights), lengths=file.read(lengths))
    found.assumed = assumed
    n = len(found.weights)
    of_regions = [name for name, one in file.headers.items() if one.shape == (n,)]
    names = first_of(of_regions, LABELS)
    if names is not None and file.headers[names].dtype.hasobject:
        found.unread_labels = _OBJECTS.format(names) + ", or give labels="
    elif names is not None:
        found.labels = [str(name) for name in file.read(names)]
    found.centres = file.read(first_of([x for x, one in file.headers.items() if one.shape == (n, 3)], CENTRES))
    found.hemispheres = file.read(first_of(of_regions, HEMISPHERES))
    cortical = file.read(first_of(of_regions, CORTICAL))
    found.cortical = None if cortical is None else flags_of(cortical, n, "cortical")
    for name in {*_WORDS, "orientation", "file_orientation"} & set(file.headers):
        if file.headers[name].dtype.kind == "U" and file.headers[name].shape == ():
            found.about[name] = str(file.read(name))
    if "steps" in file.headers and file.headers["steps"].dtype.kind == "U":
        found.steps = [str(step) for step in file.read("steps").reshape(-1)]
    lies = found.about.pop("orientation", None)
    found.orientation = lies if lies in ("target_source", "source_target") else None
    if "file_orientation" in found.about:
        found.about["orientation"] = found.about.pop("file_orientation")
    return found


@contextmanager
def _opened(archive: zipfile.ZipFile, member: str) -> Iterator[Any]:
    info = archive.getinfo(member)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise Refused(f"has {member!r} packed otherwise than NumPy does")
    with archive.open(info) as stream:
        yield stream


def _header(stream: Any, name: str, most: int) -> _Header:
    """Shape and type, read as far as the numbers begin."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    if version[0] not in (1, 2, 3):
        raise Refused(f"has {name!r} in version {version} of the format, which is not known")
    found = _Header(*read(stream))
    check_array(found.shape, found.dtype.itemsize, repr(name))
    if not found.dtype.hasobject and math.prod(found.shape) * found.dtype.itemsize > most:
        raise Refused(f"declares more numbers for {name!r} than it holds; take a copy that is whole")
    return found


def _array(stream: Any, header: _Header, name: str) -> np.ndarray:
    size = math.prod(header.shape) * header.dtype.itemsize
    data = stream.read(size)
    if len(data) != size:
        raise Refused(f"declares {size} bytes for {name!r} and holds {len(data)}; take a copy that is whole")
    return np.frombuffer(data, header.dtype).reshape(header.shape, order="F" if header.is_fortran else "C")


# -- writing -----------------------------------------------------------------------------------------------------------


def write_npz(connectome: Connectome, path: Path) -> None:
    """All that a connectome knows, under names that read themselves."""
    arrays: dict[str, Any] = dict(weights=connectome.weights, labels=connectome.labels, orientation="target_source")
    for name in ("distances", "centres"):
        value = getattr(connectome, name)
        arrays |= {} if value is None else {"lengths" if name == "distances" else name: value.mantissa}
    words = {name: getattr(connectome, name) for name in ("hemispheres", "cortical", *_WORDS)}
    arrays |= {name: value for name, value in words.items() if value is not None}
    arrays |= {} if connectome.orientation is None else {"file_orientation": connectome.orientation}
    arrays |= {"steps": np.array(connectome.steps, dtype=str)} if connectome.steps else {}
    with atomic(path) as partial:
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        partial.write_bytes(packed.getvalue())

"""A dataset as a netCDF file under a checksum, and back, whatever has become of the file."""

import json
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from brainmass.files.paths import atomic

# After the end of what HDF5 reads: the checksum of all before it, and its size.
_FOOTER = b"\nbrainmass sha256 %s %020d\n"
_FOOTER_BYTES = len(_FOOTER % (b"0" * 64, 0))
_FOOTER_FORM = re.compile(rb"\nbrainmass sha256 ([0-9a-f]{64}) (\d{20})\n")
_JSON = "json_attributes"
_RESERVED = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_NCProperties", "_nc3_strict", "coordinates", _JSON}
_DENSEST = 1100  # a filter of HDF5 makes bytes no fewer than by this


def write_netcdf(dataset: Any, path: Path) -> None:
    """Write an ``xarray.Dataset``, whole or not at all, every array and the file under a checksum.

    Attributes that netCDF cannot hold, or gives back as something else, are written as JSON, and come back so; numbers
    of machine learning as the next that it holds, bfloat16 as float32.

    Raises
    ------
    ValueError
        An attribute with a name that netCDF keeps for itself.
    """
    small = {name: x.astype(_wider(x.dtype)) for name, x in dataset.data_vars.items() if x.dtype.kind == "V"}
    dataset = dataset.assign(small)
    dataset.attrs = _storable(dataset.attrs)
    checked = [n for n, x in dataset.variables.items() if x.ndim and x.size and x.dtype.kind in "iufc"]
    with atomic(path) as partial:
        dataset.to_netcdf(partial, engine="h5netcdf", encoding={name: {"fletcher32": True} for name in checked})
        with partial.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            digest = _digest(file, size)
            file.write(_FOOTER % (digest.encode(), size))


def read_netcdf(path: Path) -> Any:
    """The ``xarray.Dataset`` of a file.

    Raises
    ------
    ValueError
        No netCDF file, a damaged one, or one that reads other files, or that declares more than it holds.
    """
    import xarray

    try:
        with path.open("rb") as file:
            is_classic = file.read(3) == b"CDF"  # before it was HDF5, which reads no other file
            _check_footer(file)
        if not is_classic:
            _check_structure(path)
        data = xarray.load_dataset(path, engine="scipy" if is_classic else "h5netcdf", decode_times=False)
        names = json.loads(data.attrs.pop(_JSON, "[]"))
        data.attrs |= {name: json.loads(data.attrs[name]) for name in names}
    except _Refused as error:
        raise ValueError(f"path={str(path)!r} {error}.") from None
    except Exception as error:  # a file that is damaged or made up may raise anything
        why = re.sub(r"\s+", " ", f"{error}").rstrip(".")
        raise ValueError(f"path={str(path)!r} is no netCDF file that can be read: {why}.") from None
    return data


class _Refused(Exception):
    """What is wrong with a file, as the end of a sentence."""


def _digest(file: BinaryIO, size: int) -> str:
    file.seek(0)
    digest, block = sha256(), 2**20
    while size:
        piece = file.read(min(block, size))
        if not piece:
            break
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()


def _check_footer(file: BinaryIO) -> None:
    """Refuse other bytes than were written; a file of other programs has no checksum."""
    size = file.seek(0, os.SEEK_END) - _FOOTER_BYTES
    file.seek(max(size, 0))
    found = _FOOTER_FORM.fullmatch(file.read())
    if found and (int(found[2]) != size or _digest(file, size).encode() != found[1]):
        raise _Refused("is damaged: it has other bytes than were written; take a copy that is whole")


def _check_structure(path: Path) -> None:
    """Refuse what reads other files, what no result has, and arrays that are larger than the file says."""
    import h5py

    with h5py.File(path, "r") as file:
        for name in file:
            link = file.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise _Refused(f"has {name!r} as a link to elsewhere; take one that holds all its numbers")
            array = file[name]
            if not isinstance(array, h5py.Dataset):  # a group, or the type of complex numbers
                continue
            if array.external or array.is_virtual:
                raise _Refused(f"has the numbers of {name!r} in another file; take one that holds all its numbers")
            if array.dtype.kind not in "iufcbSU" and h5py.check_string_dtype(array.dtype) is None:
                raise _Refused(f"cannot be read: {name!r} holds neither numbers nor text")
            _check_size(str(name), array)


def _check_size(name: str, array: Any) -> None:
    stored, plain = array.id.get_storage_size(), array.id.get_create_plist()
    filters = [plain.get_filter(i)[0] for i in range(plain.get_nfilters())]
    packed = any(number not in (2, 3) for number in filters)  # more than shuffle and fletcher32
    is_bare_dimension = str(array.attrs.get("NAME", "")).startswith("b'This is a netCDF dimension but not")
    if not is_bare_dimension and array.nbytes > stored * (_DENSEST if packed else 1):
        raise _Refused(f"declares {array.nbytes} bytes of {name!r} and holds {stored}; take a copy that is whole")


def _storable(attrs: dict[Any, Any]) -> dict[str, Any]:
    found, encoded = {}, []
    for name, value in attrs.items():
        if not str(name) or str(name) in _RESERVED:
            raise ValueError(f"attrs[{name!r}] has a name that netCDF keeps for itself; rename it.")
        found[str(name)] = value if _is_native(value) else json.dumps(as_json(value))
        encoded += [] if _is_native(value) else [str(name)]
    return found | ({_JSON: json.dumps(encoded)} if encoded else {})


def _is_native(value: Any) -> bool:
    """Whether netCDF holds it, and gives it back."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or value.isprintable())
    if isinstance(value, np.ma.MaskedArray | bool):
        return False
    if isinstance(value, np.ndarray | np.generic | int | float | complex):
        array = np.asarray(value)
        return array.dtype.kind in "iufc" and (array.ndim == 0 or (array.ndim == 1 and array.size > 1))
    return False


def _wider(dtype: np.dtype) -> type:
    return np.int8 if "int" in dtype.name else np.float32


def as_json(value: Any) -> Any:
    """``value`` as JSON holds it, and as text what it does not."""
    if value is None or (isinstance(value, str | bool | int | float) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, dict):
        return {str(key): as_json(x) for key, x in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(x) for x in value]
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iufbU":
        return value.tolist()
    return str(value)

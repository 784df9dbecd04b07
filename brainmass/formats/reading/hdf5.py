"""HDF5 of unknown origin: nothing in another file is read, and nothing larger than the file can hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np

from brainmass.formats.reading.bounds import Refused, check_array

_HEAP, _HEAP_HEADER = b"GCOL\x01", 16
_DENSEST = 1100  # a filter of HDF5 makes bytes no fewer than by this


@contextmanager
def opened_hdf5(path: Path) -> Iterator[Any]:
    """The ``h5py.File``, to read."""
    import h5py

    check_heaps(path)
    with h5py.File(path, "r") as file:
        yield file


def check_heaps(path: Path) -> None:
    """Refuse damaged heaps, which hold texts and references: HDF5 would walk through some without end."""
    if not path.stat().st_size:
        raise Refused("is empty")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        at = data.find(_HEAP)
        while at >= 0:
            if not _is_sound(data, at):
                raise Refused("is damaged where its texts lie; take a copy that is whole")
            at = data.find(_HEAP, at + 1)


def _is_sound(data: mmap, at: int) -> bool:
    """Whether the objects of a heap lie one after the other until its end."""
    size = int.from_bytes(data[at + 8 : at + 16], "little")
    place, end = at + 16, at + size
    if size < 4096 or size % 8 or end > len(data):
        return False
    while end - place >= _HEAP_HEADER:
        number = int.from_bytes(data[place : place + 2], "little")
        length = int.from_bytes(data[place + 8 : place + 16], "little")
        if number == 0:  # what is free, until the end
            return place + length == end
        place += _HEAP_HEADER + (length + 7) // 8 * 8
    return place <= end


def names_in(group: Any) -> list[str]:
    """What lies directly in a group, in order."""
    return [str(name) for name in group]


def _item_at(group: Any, name: str) -> Any:
    import h5py

    item = group
    for part in name.split("/"):
        if not isinstance(item, h5py.Group) or part not in names_in(item):
            return None
        if not isinstance(item.get(part, getlink=True), h5py.HardLink):
            raise Refused(f"has {part!r} as a link to elsewhere; take one that holds all its numbers")
        item = item[part]
    return item


def group_at(group: Any, name: str) -> Any:
    """The group of this name, or None."""
    import h5py

    found = _item_at(group, name)
    return found if isinstance(found, h5py.Group) else None


def dataset_at(group: Any, name: str) -> Any:
    """The dataset of this name, whose numbers lie in this file, or None; links are refused."""
    import h5py

    found = _item_at(group, name)
    if not isinstance(found, h5py.Dataset):
        return None
    check_dataset(found, name)
    return found


def check_dataset(array: Any, name: str) -> None:
    """Refuse what lies in another file, and what is larger than the file says or than any connectome."""
    if array.external or array.is_virtual:
        raise Refused(f"has the numbers of {name!r} in another file; take one that holds all its numbers")
    check_array(array.shape or (), array.dtype.itemsize, repr(name))
    stored, plain = array.id.get_storage_size(), array.id.get_create_plist()
    filters = [plain.get_filter(i)[0] for i in range(plain.get_nfilters())]
    most = stored * (_DENSEST if any(number not in (2, 3) for number in filters) else 1)
    if array.nbytes > most:
        raise Refused(f"declares {array.nbytes} bytes of {name!r} and holds {stored}; take a copy that is whole")


def numbers_of(array: Any, name: str) -> np.ndarray:
    """The numbers of a dataset."""
    if array.shape is None or array.dtype.kind not in "biuf":
        raise Refused(f"has {name!r} of type {array.dtype}, which are no real numbers")
    return np.asarray(array[()])


def texts_of(array: Any, name: str) -> list[str]:
    """The texts of a dataset."""
    import h5py

    if h5py.check_string_dtype(array.dtype) is None or array.shape is None:
        raise Refused(f"has {name!r} of type {array.dtype}, which is no text")
    found = np.asarray(array[()]).reshape(-1).tolist()
    return [one.decode("utf-8") if isinstance(one, bytes) else str(one) for one in found]

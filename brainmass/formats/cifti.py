"""Parcellated connectivity of the Human Connectome Project, .pconn.nii."""

from pathlib import Path
from typing import Any

import numpy as np

from brainmass.formats.reading import FileContent, Refused, check_array, check_no_key, checked_square, needed

_OFFSET = slice(168, 176)  # where a NIfTI-2 says that its numbers begin
_MOST_HEADER = 2**28


def read_cifti(path: Path, key: str | None) -> FileContent:
    """The matrix with the names of its parcels; the format does not say what its rows are."""
    check_no_key(key)
    nibabel = needed("nibabel")
    begin = _check_header(path)
    image: Any = nibabel.load(path)
    if not isinstance(image, nibabel.Cifti2Image):
        raise Refused("is no CIFTI file")
    shape = tuple(int(length) for length in image.shape)
    check_array(shape, 8, "its matrix")
    size = int(np.prod(shape, dtype=np.int64)) * image.nifti_header.get_data_dtype().itemsize
    if size > path.stat().st_size - begin:
        raise Refused(f"declares {size} bytes of numbers, and is smaller; take a copy that is whole")
    axes = [image.header.get_axis(i) for i in range(len(shape))]
    if len(axes) != 2 or not all(hasattr(axis, "voxels") and hasattr(axis, "vertices") for axis in axes):
        raise Refused("is not parcels by parcels; give a .pconn.nii")
    names, others = ([str(name) for name in axis.name] for axis in axes)
    if names != others:
        raise Refused("has other parcels in its rows than in its columns, or in another order")
    return FileContent(weights=checked_square(np.asarray(image.dataobj), "a matrix"), labels=names)


def _check_header(path: Path) -> int:
    """Where the numbers begin; a header is refused that is too long, or whose XML defines entities, which may grow."""
    with path.open("rb") as file:
        begin = file.read(540)
        offsets = [int.from_bytes(begin[_OFFSET], order, signed=True) for order in ("little", "big")]
        offset = min((one for one in offsets if one > 0), default=0)
        if len(begin) < 540 or not 540 <= offset <= min(path.stat().st_size, _MOST_HEADER):
            raise Refused("is no whole CIFTI file")
        header = file.read(offset).replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in header or b"<!ENTITY" in header:
        raise Refused("has XML that defines a document type or entities, which no CIFTI file needs")
    return offset

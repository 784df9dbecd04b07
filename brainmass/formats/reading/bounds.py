"""How much a file may hold, and how it is refused."""

import math
from typing import Any

import numpy as np

from brainmass.units import size_text

MOST_REGIONS = 20_000
MOST_BYTES = 2**31


class Refused(Exception):
    """What is wrong with a file, as the end of a sentence that begins with its name."""


def check_array(shape: tuple[int, ...], bytes_each: int, name: str) -> None:
    """Refuse, before anything is read, an array that is declared larger than any connectome."""
    size = math.prod(int(length) for length in shape) * bytes_each
    if any(length < 0 for length in shape) or size > MOST_BYTES:
        declared = size_text(size) if 0 <= size < 10**15 else "an impossible size"
        raise Refused(f"declares {declared} for {name}, where {size_text(MOST_BYTES)} are the most")
    if max(shape, default=0) > MOST_REGIONS and len(shape) == 2 and shape[0] == shape[1]:
        raise Refused(f"has {shape[0]} regions in {name}, where {MOST_REGIONS} are the most")


def checked_square(matrix: Any, name: str) -> np.ndarray:
    """(N, N) of float64."""
    found = np.asarray(matrix)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not found.size:
        shape = " x ".join(map(str, found.shape)) or "one number"
        raise Refused(f"has {name} of {shape}, and not as many rows as columns")
    check_array(found.shape, 8, name)
    if found.dtype.kind not in "biuf":
        raise Refused(f"has {name} of type {found.dtype}, which are no real numbers")
    return found.astype(np.float64)


def check_no_key(key: str | None) -> None:
    """Refuse a name of an array for a format that has but one."""
    if key is not None:
        raise Refused(f"has arrays without names of which key={key!r} could choose; leave key= out")


def needed(package: str) -> Any:
    """A package that is no dependency.

    Raises
    ------
    ImportError
        It is not installed.
    """
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        raise ImportError(f"Reading this file needs {package}: pip install {package}") from None

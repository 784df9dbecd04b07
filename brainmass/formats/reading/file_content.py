"""What a file says of a connectome, before it is settled which way its rows lie."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brainmass.formats.reading.bounds import Refused
from brainmass.names import is_numbering


@dataclass(kw_only=True)
class FileContent:
    """The arrays of a file as they lie in it, with the regions in the file's order."""

    weights: np.ndarray
    """(N, N)"""
    lengths: np.ndarray | None = None
    """(N, N), in ``length_unit``."""
    labels: list[str] | None = None
    centres: np.ndarray | None = None
    """(N, 3) in mm."""
    hemispheres: Any = None
    cortical: Any = None
    """(N,), both as `Connectome` takes them."""
    orientation: str | None = None
    """ "target_source" or "source_target" where the format says what its rows are."""
    length_unit: Any = None
    """Where the file says it."""
    about: dict[str, str] = field(default_factory=dict)
    """Any of space, source, licence, terms, citation, orientation."""
    steps: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    """What was guessed, in sentences without a full stop."""
    unread_labels: str | None = None
    """Why the file's names cannot be read, which matters unless the user gives names."""


def flags_of(values: Any, n: int, name: str) -> np.ndarray:
    """(N,) of True and False, of zeros and ones."""
    found = np.asarray(values).reshape(-1)
    if found.shape != (n,) or not np.isin(found, (0, 1)).all():
        raise Refused(f"has {name} that are not 0 or 1 for each of its {n} regions; leave them out of it")
    return found.astype(bool)


def names_of_numbers(names: Iterable[Any]) -> list[str] | None:
    """Names, whole numbers among them without a point; None where they only count from 0 on."""
    found = [_plain(str(name).strip()) for name in names]
    return None if is_numbering(found) else found


def _plain(name: str) -> str:
    try:
        number = float(name)
        return str(int(number)) if "." in name and number == int(number) else name
    except (ValueError, OverflowError):
        return name

"""From what a file and its user say to the arguments of a Connectome: rows that are targets, names and units."""

from dataclasses import dataclass, field
from typing import Any

import brainunit as u
import numpy as np

from brainmass.formats.reading import FileContent, Refused, checked_square
from brainmass.names import meant, square_names
from brainmass.units import describe, one_number, reals, unit_name

ORIENTATIONS = ("target_source", "source_target")
_HOW = (
    'say which with orientation="target_source", where rows are targets, as here and in TVB, or '
    'orientation="source_target", where rows are sources, as in FSL'
)


@dataclass(kw_only=True)
class Settled:
    """The matrices with rows that are targets, and what was done."""

    weights: np.ndarray
    lengths: np.ndarray | None
    orientation: str
    steps: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


def checked_orientation(given: Any) -> str | None:
    """One of `ORIENTATIONS`, or None.

    Raises
    ------
    ValueError
        Anything else.
    """
    if given is not None and not (isinstance(given, str) and given in ORIENTATIONS):
        raise ValueError(
            f"orientation={describe(given)}{meant(given, ORIENTATIONS)} is none of {ORIENTATIONS}; {_HOW}."
        )
    return given


def checked_missing(given: Any) -> float | None:
    """The number that means missing, NaN for instance."""
    if given is None or (isinstance(given, float) and np.isnan(given)):
        return given
    return float(one_number(given, u.UNITLESS, "missing"))


def checked_length_unit(given: Any) -> Any:
    """A unit of length.

    Raises
    ------
    TypeError, ValueError
        Anything else.
    """
    unit = given.unit if isinstance(given, u.Quantity) and np.all(given.mantissa == 1) else given
    if not isinstance(unit, u.Unit):
        raise TypeError(f"length_unit={describe(given)} must be a unit, as brainunit.mm.")
    if unit.dim != u.mm.dim:
        raise ValueError(f"length_unit={unit_name(unit)} is no unit of length; give one as brainunit.mm.")
    return unit


def settled(content: FileContent, lengths: FileContent | None, orientation: str | None, missing: Any) -> Settled:
    """The weights, and the lengths, which another file may have given, with rows that are targets.

    Raises
    ------
    Refused
        Nobody says which way an asymmetric matrix lies, or numbers are missing without being called so.
    """
    found = Settled(weights=content.weights, lengths=None, orientation="")
    other = content if lengths is None else lengths
    length = content.lengths if lengths is None else (lengths.weights if lengths.lengths is None else lengths.lengths)
    if length is not None:
        found.lengths = checked_square(length, "lengths")
        if found.lengths.shape != found.weights.shape:
            raise Refused(f"has {len(found.weights)} regions, and lengths of {len(found.lengths)}; take those of one")
    _put_missing(found, missing)
    _check_numbers(found)
    said = orientation or content.orientation
    if said is None:
        found.weights = _whole(found, "weights", found.weights)
        found.lengths = None if found.lengths is None else _whole(found, "lengths", found.lengths)
    is_alike = _is_symmetric(found.weights) and (found.lengths is None or _is_symmetric(found.lengths))
    if said is None and not is_alike:
        what = "weights" if not _is_symmetric(found.weights) else "lengths"
        raise Refused(f"has {what} that differ by direction, and does not say whether its rows are targets; {_HOW}")
    found.orientation = "symmetric" if is_alike else str(said)
    of_lengths = orientation or other.orientation or said
    found.weights = found.weights.T if said == "source_target" else found.weights
    if found.lengths is not None and of_lengths == "source_target":
        found.lengths = found.lengths.T
    return found


def _put_missing(found: Settled, missing: float | None) -> None:
    if missing is None:
        return
    found.weights = np.where(_equal(found.weights, missing), 0.0, found.weights)
    if found.lengths is not None:
        found.lengths = np.where(_equal(found.lengths, missing), np.nan, found.lengths)
    found.steps.append(f"missing={missing:g} made weights of 0")


def _equal(matrix: np.ndarray, number: float) -> np.ndarray:
    return np.isnan(matrix) if np.isnan(number) else matrix == number


def _check_numbers(found: Settled) -> None:
    if not np.isfinite(found.weights).all():
        count = int((~np.isfinite(found.weights)).sum())
        raise Refused(
            f"has {count} weights that are NaN or infinite; where NaN means missing, give missing=float('nan')"
        )
    lengths = found.lengths
    if lengths is None or not (np.nan_to_num(lengths) < 0).any():
        return
    count, least = int((np.nan_to_num(lengths) < 0).sum()), np.nanmin(lengths)
    raise Refused(f"has {count} negative lengths, down to {least:g}; where that means missing, give missing={least:g}")


def _is_symmetric(matrix: np.ndarray) -> bool:
    known = matrix[np.isfinite(matrix)]
    scale = np.abs(known).max(initial=0.0)
    return bool(np.allclose(matrix, matrix.T, rtol=1e-7, atol=1e-7 * scale, equal_nan=True))


def _whole(found: Settled, name: str, matrix: np.ndarray) -> np.ndarray:
    """Both halves, where one is empty, as MRtrix leaves the lower one."""
    halves = [half for half in (np.triu(matrix, 1), np.tril(matrix, -1)) if np.nan_to_num(half).any()]
    if len(halves) != 1 or _is_symmetric(matrix):
        return matrix
    found.steps.append(f"{name} of one half mirrored")
    found.assumed.append(f"one half of its {name} is empty, so the other one is mirrored")
    return halves[0] + halves[0].T + np.diag(np.diag(matrix))


# -- names and places --------------------------------------------------------------------------------------------------


def settled_labels(content: FileContent, given: list[str] | None, assumed: list[str]) -> list[str]:
    """The names that the user gives, else those of the file, else region_0 and so on.

    Raises
    ------
    Refused
        The file's are the same in another order, too few, or cannot be read.
    """
    own, n = content.labels, len(content.weights)
    if given is not None:
        if len(given) != n:
            raise Refused(f"has {n} regions, but labels= {len(given)} names; give one for each")
        if own is not None and own != given and sorted(own) == sorted(given):
            raise Refused("names its regions as labels= does, but in another order; leave labels= out")
        return given
    if own is None and content.unread_labels is not None:
        raise Refused(content.unread_labels)
    if own is not None and len(own) != n:
        raise Refused(f"has {n} regions, but {len(own)} names; give labels=")
    if own is None:
        assumed.append(f"it has no names of regions, which are called region_0 to region_{n - 1}")
    return [f"region_{i}" for i in range(n)] if own is None else own


def listed_names(given: Any) -> list[str]:
    """The user's names.

    Raises
    ------
    TypeError
        No list of names.
    """
    is_list = isinstance(given, list | tuple) or getattr(given, "ndim", 0) == 1
    names = list(given) if is_list else [None]
    if not all(isinstance(name, str | int | np.integer) for name in names):
        raise TypeError(f"labels={describe(given)} must be a list of names, or the path of a text with one a line.")
    return [str(name) for name in names]


def content_of_array(given: Any, unit: Any, labels: list[str] | None) -> FileContent:
    """The user's own lengths, bare in ``unit``; they lie as the weights in the file do."""
    names = square_names(given, "lengths")
    bare = np.asarray(reals(given, unit, "lengths"))
    if bare.ndim != 2:
        raise TypeError(f"lengths={describe(given)} must be a matrix, or the path of a file with one.")
    named = None if names is None else list(names)
    if named is not None and labels is not None and named != labels and sorted(named) == sorted(labels):
        raise ValueError("lengths= names the regions of the file in another order; put them in that of the file.")
    return FileContent(weights=bare.astype(np.float64), labels=named)

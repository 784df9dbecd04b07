"""Which of the arrays of a file are weights, lengths and names, by what people call them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from brainmass.formats.reading.bounds import Refused
from brainmass.names import meant

LABELS = (
    *("labels", "label", "region_labels", "regionlabels", "regions", "region_names"),
    *("names", "name", "roi_names", "roi_labels", "parcels"),
)
CENTRES = "centres", "centers", "coordinates", "coords", "centroids", "positions", "xyz", "mni"
HEMISPHERES = ("hemispheres",)
CORTICAL = ("cortical",)
_WEIGHTS = (
    *("weights", "sc", "connectivity", "c", "w", "cmat", "connectome", "matrix", "adjacency", "conn"),
    *("sc_matrix", "structural", "counts"),
)
_LENGTHS = (
    *("lengths", "len", "length", "tract_lengths", "tractlengths", "tract_length", "d", "dist", "distances"),
    *("distance", "dmat", "fiber_lengths", "sl", "l"),
)
_NEITHER = ("fc", "functional")


class Chosen(NamedTuple):
    """The names of the weights and the lengths, and what was guessed."""

    weights: str
    lengths: str | None
    assumed: list[str]


def chosen(shapes: Mapping[str, tuple[int, ...]], key: str | None) -> Chosen:
    """Which matrices are meant: ``key``, or else the one with a known name, or the only one that is square.

    Raises
    ------
    Refused
        None is, or several are.
    """
    square = [name for name, shape in shapes.items() if len(shape) == 2 and shape[0] == shape[1] > 0]
    if key is not None and key not in shapes:
        raise Refused(f"has no array of key={key!r}{meant(key, shapes)}; it has {_listed(shapes)}")
    if key is not None and key not in square:
        raise Refused(f"has {key!r} of shape {tuple(shapes[key])}, which is not square; it has {_listed(square)}")
    if not square:
        raise Refused(f"has no square matrix of numbers, but {_listed(shapes)}")
    weights = key if key is not None else _guessed(square)
    others = [name for name in square if name != weights and shapes[name] == shapes[weights]]
    lengths = first_of(others, _LENGTHS)
    assumed = [] if key is not None or weights == "weights" else [_said(weights)]
    if lengths is not None and lengths not in ("lengths", "tract_lengths"):
        assumed.append(f"the lengths are its {lengths!r}")
    return Chosen(weights, lengths, assumed)


def _guessed(square: list[str]) -> str:
    known = [name for name in square if name.casefold() in _WEIGHTS]
    rest = [name for name in square if name.casefold() not in (*_LENGTHS, *_NEITHER)]
    for found in (known, rest, square):
        if len(found) == 1:
            return found[0]
    raise Refused(f"has several square matrices, {_listed(square)}; name the weights, as key={square[0]!r}")


def _said(weights: str) -> str:
    if weights.casefold() in _LENGTHS:
        return f"the weights are its only matrix {weights!r}, which has a name of lengths"
    return f"the weights are its {weights!r}"


def first_of(names: Iterable[str], known: Iterable[str]) -> str | None:
    """The name that stands first among the known ones, whatever its case."""
    folded = {name.casefold(): name for name in names}
    return next((folded[name] for name in known if name in folded), None)


def _listed(names: Iterable[str]) -> str:
    found = [repr(name) if len(name) < 40 else repr(name[:37] + "...") for name in names]
    return ", ".join(found[:12]) + (f" and {len(found) - 12} more" if len(found) > 12 else "") or "nothing"

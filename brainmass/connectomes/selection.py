"""Some of the regions of a brain: by name, by mask, by hemisphere, or those of the cortex."""

from typing import Any

import numpy as np

from brainmass.connectomes.listed import array_of
from brainmass.names import UnknownName, check_once, meant
from brainmass.units import describe

_SIDES = ("left", "right")
_LAYERS = {"cortex": True, "subcortex": False}


def indices_of(names: Any, labels: np.ndarray, label: str) -> np.ndarray:
    """The places among ``labels`` of these names, or those of what has labels; ``label`` is the argument in messages.

    Raises
    ------
    TypeError, KeyError, ValueError
        No list of names, one that is not there, or one that comes twice.
    """
    listed = _listed(getattr(names, "labels", names))
    if listed is None:
        raise TypeError(f"{label}={describe(names)} must be a list of names of regions.")
    check_once(listed, label)
    places = {str(name): i for i, name in enumerate(labels)}
    unknown = next((name for name in listed if name not in places), None)
    if unknown is not None:
        raise UnknownName(f"{label}: {unknown!r} is none of the {len(places)} regions{meant(unknown, places)}.")
    return np.array([places[name] for name in listed], dtype=np.intp)


def _listed(names: Any) -> list[str] | None:
    """Names in a list, a tuple or an array of one dimension; None of anything else."""
    is_array = isinstance(names, np.ndarray) and names.ndim == 1 and not np.ma.is_masked(names)
    listed = list(names) if is_array or isinstance(names, list | tuple) else [None]
    if not all(isinstance(name, str | int | np.integer) and not isinstance(name, bool) for name in listed):
        return None
    return [str(name) for name in listed]


def selected(
    which: Any, labels: np.ndarray, hemispheres: np.ndarray | None, cortical: np.ndarray | None
) -> tuple[np.ndarray, str]:
    """The places of what `Connectome.select` is asked for, and how it was asked, in a few words.

    Raises
    ------
    TypeError, KeyError, ValueError
        See there; or nothing would be left.
    """
    mask = array_of(which)
    if isinstance(which, str):
        found, step = np.flatnonzero(_of_kind(which, hemispheres, cortical)), repr(which)
    elif mask.dtype == bool:
        if mask.shape != labels.shape:
            raise ValueError(f"which: the mask must be {labels.shape}, one for each region, not {mask.shape}.")
        found, step = np.flatnonzero(mask), "mask"
    else:
        found, step = indices_of(which, labels, "which"), "labels"
    if not len(found):
        raise ValueError(f"which={describe(which)} leaves none of the {len(labels)} regions.")
    return found, f"{len(found)} of {len(labels)} by {step}"


def _of_kind(which: str, hemispheres: np.ndarray | None, cortical: np.ndarray | None) -> Any:
    if which in _SIDES:
        if hemispheres is None:
            raise ValueError(f"which={which!r}: the labels do not say on which side regions lie; give hemispheres=.")
        return hemispheres == which
    if which in _LAYERS:
        if cortical is None:
            raise ValueError(f"which={which!r}: it is not known which regions are cortical; give cortical=.")
        return cortical == _LAYERS[which]
    known = (*_LAYERS, *_SIDES)
    raise ValueError(
        f"which={describe(which)} must be {', '.join(known)}, a list of names, or a mask{meant(which, known)}."
    )

"""Some of the regions of a brain: by name, by mask, by hemisphere, or those of the cortex."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from brainmass.names import UnknownName, check_once, meant
from brainmass.units import describe

_SIDES = ("left", "right")
_LAYERS = {"cortex": True, "subcortex": False}


def indices_of(names: Any, labels: np.ndarray) -> np.ndarray:
    """The places among ``labels`` of these names.

    Raises
    ------
    TypeError, KeyError, ValueError
        No list of names, one that is not there, or one that comes twice.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise TypeError(f"names={describe(names)} must be a list of names of regions.")
    listed = [str(name) for name in names]
    check_once(listed, "names")
    places = {str(label): i for i, label in enumerate(labels)}
    unknown = next((name for name in listed if name not in places), None)
    if unknown is not None:
        raise UnknownName(f"{unknown!r} is none of the {len(places)} regions{meant(unknown, places)}.")
    return np.array([places[name] for name in listed], dtype=np.intp)


def selected(
    which: Any, labels: np.ndarray, hemispheres: np.ndarray | None, cortical: np.ndarray | None
) -> tuple[np.ndarray, str]:
    """The places of what `Connectome.select` is asked for, and how it was asked, in a few words.

    Raises
    ------
    TypeError, KeyError, ValueError
        See there; or nothing would be left.
    """
    if isinstance(which, str):
        found, step = np.flatnonzero(_of_kind(which, hemispheres, cortical)), repr(which)
    elif np.asarray(which).dtype == bool:
        mask = np.asarray(which)
        if mask.shape != labels.shape:
            raise ValueError(f"select: the mask must be {labels.shape}, one for each region, not {mask.shape}.")
        found, step = np.flatnonzero(mask), "mask"
    else:
        found, step = indices_of(getattr(which, "labels", which), labels), "labels"
    if not len(found):
        raise ValueError(f"select: none of the {len(labels)} regions would be left.")
    return found, f"{len(found)} of {len(labels)} by {step}"


def _of_kind(which: str, hemispheres: np.ndarray | None, cortical: np.ndarray | None) -> Any:
    if which in _SIDES:
        if hemispheres is None:
            raise ValueError(f"select: the labels do not say which regions lie {which}; give hemispheres=.")
        return hemispheres == which
    if which in _LAYERS:
        if cortical is None:
            raise ValueError(f"select: it is not known which regions are cortical, for {which!r}; give cortical=.")
        return cortical == _LAYERS[which]
    known = (*_LAYERS, *_SIDES)
    raise ValueError(f"select: {which!r} must be {', '.join(known)}, a list of names, or a mask{meant(which, known)}.")

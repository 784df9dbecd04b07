"""On which side of the brain a region lies: as given, or as its name says."""

import re
from typing import Any

import numpy as np

from brainmass.connectomes.listed import array_of
from brainmass.units import describe

_WORDS = {"left": ("left", "l", "lh"), "right": ("right", "r", "rh"), "": ("", "both", "midline")}
_SIDE = {word: side for side, words in _WORDS.items() for word in words}

# How atlases name sides, the surest way first: ctx-lh-bankssts, L.BSTS, Left-Thalamus, 7Networks_LH_Vis_1,
# Precentral_L, L12 and, of TVB, lPFCPOL.
_WAYS = (
    r"(?:^|[-_. ])(?P<side>lh|rh)(?=[-_. ])",
    r"^(?P<side>left|right)(?=[-_. ])",
    r"^(?P<side>[LRlr])(?=[-_. ])",
    r"(?<=[-_. ])(?P<side>[LRlr]|left|right|lh|rh)$",
    r"^(?P<side>[LR])(?=\d+$)",
    r"^(?P<side>[lr])(?=[A-Z])",
)


def hemispheres_of(labels: np.ndarray) -> np.ndarray | None:
    """(N,) of "left", "right" and, of regions whose name has no side, ""; None where the names do not tell.

    They tell where more than half of them name a side in the same way, and both sides are named.
    """
    for way in _WAYS:
        found = [re.search(way, str(label), re.IGNORECASE if "lh" in way or "left" in way else 0) for label in labels]
        sides = np.array(["" if match is None else _SIDE[match["side"].lower()] for match in found], dtype="<U5")
        if (sides != "").mean() > 0.5 and {"left", "right"} <= set(sides):
            return sides
    return None


def checked_hemispheres(given: Any, n: int) -> np.ndarray:
    """(N,) of "left", "right" or "".

    Raises
    ------
    TypeError, ValueError
        Anything else, as True and False, which do not say which side is True.
    """
    array = array_of(given)
    if array.shape != (n,) or array.dtype.kind not in "UTO":
        raise TypeError(
            f'Connectome: hemispheres={describe(given)} must be "left", "right" or "" for each of the {n} regions.'
        )
    unknown = next((name for name in array if str(name).lower() not in _SIDE), None)
    if unknown is not None:
        raise ValueError(f'Connectome: hemispheres has {describe(unknown)}; give "left", "right" or "".')
    return np.array([_SIDE[str(name).lower()] for name in array], dtype="<U5")

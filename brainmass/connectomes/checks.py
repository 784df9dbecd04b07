"""What a Connectome takes: matrices and names that agree, and what is known of each region."""

from collections.abc import Iterable
from typing import Any

import brainunit as u
import numpy as np

from brainmass.connectomes.listed import array_of
from brainmass.dimensions import MATRIX, arranged
from brainmass.names import agreed, is_numbering, square_names
from brainmass.numerics import as_weights, check_lengths_known
from brainmass.units import describe, numbers, reals


def checked_matrices(weights: Any, distances: Any, labels: Any) -> tuple[np.ndarray, u.Quantity | None, np.ndarray]:
    """Weights, lengths and names, which agree.

    Raises
    ------
    ValueError, TypeError
        See `Connectome`.
    """
    weights = arranged(weights, MATRIX, "Connectome: weights")
    distances = arranged(distances, MATRIX, "Connectome: distances")
    labels = _labels(labels, weights, distances)
    weights = numbers(as_weights(weights), u.UNITLESS, "Connectome: weights")
    weights = np.array(_square("weights", weights), dtype=np.float64)
    if labels.shape != weights.shape[:1]:
        raise ValueError(f"labels must be one name for each of the {len(weights)} regions, not {labels.shape}.")
    if distances is None:
        return weights, None, labels
    lengths = _square("distances", reals(distances, u.mm, "Connectome: distances"))
    if lengths.shape != weights.shape:
        raise ValueError(f"distances must have the shape of the weights, {weights.shape}, not {lengths.shape}.")
    if (np.nan_to_num(lengths) < 0).any():
        raise ValueError(f"distances must not be negative, but the smallest is {np.nanmin(lengths):g} mm.")
    check_lengths_known(lengths, (weights != 0) & ~np.eye(len(weights), dtype=bool), "Connectome: distances")
    return weights, u.Quantity(np.array(lengths, np.float64), unit=u.mm), labels


def _labels(given: Any, weights: Any, distances: Any) -> np.ndarray:
    """The names of the regions, on which all that has names agrees."""
    named = {"weights": square_names(weights, "weights"), "distances": square_names(distances, "distances")}
    if given is not None:
        is_list = isinstance(given, Iterable) and not isinstance(given, str | dict) and getattr(given, "ndim", 1) == 1
        listed = list(given) if is_list else [None]
        if not all(isinstance(name, str | int | np.integer) for name in listed) or np.ma.is_masked(given):
            raise TypeError(f"labels must be a list of names, one for each region, not {describe(given)}.")
        named["labels"] = tuple(str(name) for name in listed)
    found = agreed(named)
    if found is None or (given is None and is_numbering(found)):
        raise ValueError("labels is missing; give one name for each region, or weights as a table that has them.")
    return np.array(named.get("labels", found), dtype=str)


def _square(name: str, matrix: Any) -> np.ndarray:
    if np.ndim(matrix) != 2 or len(matrix) == 0 or len(matrix) != matrix.shape[1]:
        raise ValueError(f"{name} must be an (N, N) matrix, but has shape {np.shape(matrix)}.")
    return np.asarray(matrix)


def checked_centres(given: Any, n: int) -> u.Quantity | None:
    """(N, 3) in mm.

    Raises
    ------
    ValueError, TypeError
        Another shape or unit, or no numbers.
    """
    if given is None:
        return None
    found = np.asarray(numbers(given, u.mm, "Connectome: centres"), np.float64)
    if found.shape != (n, 3):
        raise ValueError(f"Connectome: centres must be ({n}, 3), x, y and z of each region, not {found.shape}.")
    return u.Quantity(found, unit=u.mm)


def checked_cortical(given: Any, n: int) -> np.ndarray | None:
    """(N,) True for regions of the cortex.

    Raises
    ------
    TypeError
        Anything else.
    """
    found = array_of(given)
    if given is not None and (found.shape != (n,) or found.dtype != bool):
        raise TypeError(f"Connectome: cortical={describe(given)} must be True or False for each of the {n} regions.")
    return None if given is None else found.copy()


def checked_steps(given: Any) -> tuple[str, ...]:
    """What was done with it, in texts.

    Raises
    ------
    TypeError
        Anything else.
    """
    if not isinstance(given, list | tuple) or not all(isinstance(step, str) for step in given):
        raise TypeError(f"Connectome: steps={describe(given)} must be a list of texts.")
    return tuple(given)

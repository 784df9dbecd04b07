"""Weights of a connectome on another scale."""

from collections.abc import Callable

import numpy as np

from brainmass.names import meant
from brainmass.units import describe


def normalized_weights(weights: np.ndarray, how: str) -> np.ndarray:
    """As `Connectome.normalized` describes; the scale is that of the weights between different regions.

    Raises
    ------
    ValueError
        Another way, no weight, or negative ones where there is no logarithm or share.
    """
    if not isinstance(how, str) or how not in _WAYS:
        raise ValueError(f"how={describe(how)} must be one of {', '.join(_WAYS)}{meant(how, _WAYS)}.")
    between = np.where(np.eye(len(weights), dtype=bool), 0.0, weights)
    if not between.any():
        raise ValueError("normalized: there is no weight between two regions.")
    if how in ("row", "region", "log") and (weights < 0).any():
        raise ValueError(f"normalized: {how!r} takes no negative weights, and {weights.min():g} is among them.")
    return _WAYS[how](weights, between)


def _by_row(weights: np.ndarray, between: np.ndarray) -> np.ndarray:
    sums = between.sum(1, keepdims=True)
    return weights / np.where(sums == 0, 1, sums)


def _spectral(weights: np.ndarray, between: np.ndarray) -> np.ndarray:
    radius = np.abs(np.linalg.eigvals(between)).max()
    if radius <= 1e-12 * np.abs(between).max():
        raise ValueError("normalized: the spectral radius is 0, as no region acts back on itself; use another way.")
    return weights / radius


_WAYS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "max": lambda weights, between: weights / np.abs(between).max(),
    "mean": lambda weights, between: weights / np.abs(between[between != 0]).mean(),
    "row": _by_row,
    "region": lambda weights, between: weights / between.sum(1).max(),
    "spectral": _spectral,
    "log": lambda weights, between: np.log1p(weights) / np.log1p(between).max(),
}

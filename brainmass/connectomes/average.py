"""One connectome of many subjects."""

from typing import Any

import numpy as np

_ARRAYS = "centres", "hemispheres", "cortical"
_WORDS = "space", "source", "licence", "terms", "citation", "orientation"


def averaged(same: list[Any]) -> dict[str, Any]:
    """The arguments of the mean of connectomes with the same regions in one order, as `Connectome.average` says.

    Raises
    ------
    ValueError
        Lengths of some and not of others.
    """
    if len({one.distances is None for one in same}) > 1:
        raise ValueError("average: some connectomes have lengths, and some have none; leave out those without.")
    weights, lengths = np.stack([one.weights for one in same]), None
    if same[0].distances is not None:
        lengths = _mean_lengths(weights, np.stack([one.distances.mantissa for one in same]))
    kept = {name: _common([getattr(one, name) for one in same]) for name in (*_ARRAYS, *_WORDS)}
    steps = (f"average of {len(same)} subjects",)
    return dict(weights=weights.mean(0), distances=lengths, labels=same[0].labels, steps=steps, **kept)


def _mean_lengths(weights: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    known = np.isfinite(lengths)
    counted = known & (weights != 0)
    counted |= known & ~counted.any(0)
    number = counted.sum(0)
    return np.where(number, np.where(counted, lengths, 0.0).sum(0) / np.maximum(number, 1), np.nan)


def _common(values: list[Any]) -> Any:
    """What all have alike, or None."""
    bare = [getattr(value, "mantissa", value) for value in values]
    return values[0] if all(np.array_equal(bare[0], one) for one in bare[1:]) else None

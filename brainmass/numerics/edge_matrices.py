"""Edges as matrices: weights and lengths, and what may be missing of them."""

import contextlib
from typing import Any

import jax
import numpy as np

from brainmass.units import plain, with_mask


def as_weights(conn: Any) -> Any:
    """What is given as weights, dense, and 1 and 0 for True and False."""
    masked = with_mask(conn)
    dense = masked if isinstance(masked, np.ma.MaskedArray) else plain(conn)
    if isinstance(dense, list | tuple):
        with contextlib.suppress(ValueError, TypeError):  # what is no matrix is refused later
            dense = np.asarray(dense)
    if isinstance(dense, np.ndarray | jax.Array) and getattr(dense.dtype, "kind", "?") in "biu":
        return dense.astype(float)
    return dense


def absent(lengths: Any) -> Any:
    """Where a matrix of lengths has none."""
    return ~np.isfinite(np.asarray(lengths))


def check_lengths_known(lengths: Any, needed: Any, name: str) -> None:
    """Refuse an edge without a length; ``needed`` (..., target, source) says which edges there are.

    Raises
    ------
    ValueError
        Names the first.
    """
    missing = np.argwhere(absent(lengths) & needed)
    if len(missing):
        value = np.broadcast_to(lengths, np.broadcast_shapes(np.shape(lengths), np.shape(needed)))[tuple(missing[0])]
        raise ValueError(
            f"{name}={value} at {missing[0][-2:].tolist()} is not finite, or masked, and there is an edge; give finite "
            "values to all edges, or a weight of zero to this one."
        )

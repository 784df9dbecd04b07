"""Functional connectivity that changes in time."""

from typing import Any

import jax
import jax.numpy as jnp

from .connectivity import correlation, off_diagonal, upper_triangle
from .given import series, square


def functional_connectivity_dynamics(signal: Any, window: int, step: int = 1) -> jax.Array:
    """Correlation between the functional connectivities of windows of ``window`` samples, ``step`` samples apart.

    (time, region) -> (window, window); (time, batch, region) -> (batch, window, window). Hansen et al. 2015
    (doi:10.1016/j.neuroimage.2014.11.001). Differentiable. ``ValueError`` for fewer than two regions or windows that
    do not fit.
    """
    signal = series(signal, regions=2)
    if not 2 <= window <= len(signal) or step < 1:
        raise ValueError(f"window={window} must be 2 to {len(signal)} samples, and step={step} 1 or more.")
    starts = jnp.arange(0, len(signal) - window + 1, step)
    edges = jax.lax.map(lambda at: upper_triangle(jax.lax.dynamic_slice_in_dim(signal, at, window)), starts)
    return fcd_of(edges)


def fcd_of(edges: Any) -> Any:
    """The correlation of windows, of vectors (window, [batch,] pair) -> ([batch,] window, window)."""
    return correlation(jnp.swapaxes(edges, 0, -1))


def fcd_variance(fcd: Any, k: int = 1) -> jax.Array:
    """Variance of the entries of a functional connectivity dynamics from its ``k``-th diagonal upward.

    ([batch,] window, window) -> () or (batch,). ``k = ceil(window / step)`` leaves overlapping windows out.
    ``ValueError`` for a matrix that is not square or has no such diagonal.
    """
    fcd = square(fcd, "fcd")
    if not 1 <= k < fcd.shape[-1]:
        raise ValueError(f"k={k} must be 1 to {fcd.shape[-1] - 1}, a diagonal of the matrix above the main one.")
    return off_diagonal(fcd, k).var(-1)

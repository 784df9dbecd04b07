"""Distributions on a grid: of the entries of an FCD matrix, and distances between two of them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.metrics.connectivity import above
from brainmass.names import with_named_arguments
from brainmass.numerics import check_batches, real, root, square
from brainmass.units import UNITLESS, checked_switch, describe, is_concrete, is_count, numbers

FCD_MIDPOINTS = np.linspace(-0.99, 0.99, 100)


@with_named_arguments
def fcd_distribution(
    fcd_matrix: Any,
    midpoints: Any = None,
    n_diag: int = 1,
    bw_method: str | float | None = None,
    normalize: bool = True,
) -> jax.Array:
    """Distribution of the entries of a functional connectivity dynamics, by a Gaussian kernel density estimate.

    Parameters
    ----------
    fcd_matrix
        ([batch,] window, window).
    midpoints
        Where the density is estimated, increasing; 100 points from -0.99 to 0.99 if not given.
    n_diag
        The first diagonal that counts; ``ceil(window_size / step_size)`` leaves overlapping windows out.
    bw_method
        Bandwidth over the standard deviation of the entries: ``"scott"`` (the default), ``"silverman"`` or a number.
        The bandwidth is never less than a quarter of the spacing of the midpoints, so that no entry falls between.
    normalize
        Whether the result sums to 1, or is the density.

    Returns
    -------
    distribution
        ([batch,] midpoint). Differentiable, also where all entries are equal.

    Raises
    ------
    ValueError
        A matrix that is not square, fewer than two entries, midpoints that do not increase, an unknown ``bw_method``.
    """
    matrix = square(fcd_matrix, "fcd_matrix", 3)
    if not is_count(n_diag) or n_diag > matrix.shape[-1] - 2:
        raise ValueError(
            f"n_diag={describe(n_diag)} must be 1 to {matrix.shape[-1] - 2}, to keep two diagonals or more."
        )
    grid = FCD_MIDPOINTS if midpoints is None else rising(midpoints, "midpoints")
    entries = above(matrix, int(n_diag))
    density = _density(entries, jnp.asarray(grid, entries.dtype), _bandwidth(bw_method, entries.shape[-1]))
    return _normalized(density) if checked_switch(normalize, "normalize") else density


def rising(grid: Any, name: str) -> Any:
    """Increasing numbers, bare."""
    found = numbers(grid, UNITLESS, name)
    if np.ndim(found) != 1 or np.size(found) < 2 or (is_concrete(found) and not (np.diff(found) > 0).all()):
        raise ValueError(f"{name} must be increasing numbers, two or more.")
    return found


def _bandwidth(method: Any, count: int) -> Any:
    """The bandwidth over the standard deviation (Scott 1992; Silverman 1986)."""
    rules = {None: count**-0.2, "scott": count**-0.2, "silverman": (count * 3 / 4) ** -0.2}
    if method is None or isinstance(method, str):
        if method not in rules:
            raise ValueError(f"bw_method={method!r} must be 'scott', 'silverman' or a positive number.")
        return rules[method]
    found = numbers(method, UNITLESS, "bw_method")
    if np.ndim(found) or (is_concrete(found) and found <= 0):
        raise ValueError(f"bw_method={describe(method)} must be 'scott', 'silverman' or a positive number.")
    return found


@jax.jit
def _density(entries: Any, grid: Any, bandwidth: Any) -> Any:
    moved = entries - entries[..., :1]  # equal entries have no spread at all
    width = jnp.maximum(bandwidth * root(moved.var(-1, ddof=1)), jnp.diff(grid).min() / 4)[..., None, None]
    z = (grid[:, None] - entries[..., None, :]) / width
    return (jnp.exp(-(z**2) / 2) / width).mean(-1) / np.sqrt(2 * np.pi)


@with_named_arguments
def ks_distance(p: Any, q: Any) -> jax.Array:
    """Kolmogorov–Smirnov distance of two distributions on one grid: the largest difference of their cumulative sums.

    ([batch,] midpoint) each, not negative, and here scaled to sum to 1 -> () or (batch,). Differentiable.
    ``ValueError`` for shapes that do not match.
    """
    return jnp.abs(_cumulative_difference(p, q)).max(-1)


@with_named_arguments
def wasserstein_1d(p: Any, q: Any, x: Any) -> jax.Array:
    """First Wasserstein distance of two distributions on the grid ``x``: ``Σ |difference of cumulative sums| Δx``.

    ([batch,] midpoint) each, not negative, and here scaled to sum to 1 -> () or (batch,). Differentiable.
    ``ValueError`` for shapes that do not match, or an ``x`` that does not increase.
    """
    difference = _cumulative_difference(p, q)
    x = jnp.asarray(rising(x, "x"), difference.dtype)
    if x.shape != difference.shape[-1:]:
        raise ValueError(f"x is {x.shape} and a distribution has {difference.shape[-1]} points; give one x for each.")
    return (jnp.abs(difference[..., :-1]) * jnp.diff(x)).sum(-1)


def _cumulative_difference(p: Any, q: Any) -> Any:
    p, q = real(p, "p"), real(q, "q")
    if not p.ndim or not p.shape[-1] or p.shape[-1:] != q.shape[-1:]:
        raise ValueError(f"p is {p.shape} and q {q.shape}; give ([batch,] midpoint) on one grid.")
    check_batches(p, q, ("p", "q"))
    for name, given in (("p", p), ("q", q)):
        if is_concrete(given) and (np.asarray(given) < 0).any():
            raise ValueError(f"{name}={np.min(given):g} is a probability; it must be zero or more.")
    return jnp.cumsum(_normalized(p), -1) - jnp.cumsum(_normalized(q), -1)


def _normalized(p: Any) -> Any:
    total = p.sum(-1, keepdims=True)
    return p / jnp.where(total == 0, 1, total)

"""Correlation of regions, and of one connectivity with another."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.names import with_named_arguments
from brainmass.numerics import check_complete, check_same_regions, root, series, square
from brainmass.units import describe, is_count


@with_named_arguments
def functional_connectivity(signal: Any) -> jax.Array:
    """Pearson correlation between regions.

    (time, region) -> (region, region); (time, batch, region) -> (batch, region, region).
    Units drop out. A region that never changes correlates 0 with the others; the diagonal is 1; NaN stays NaN.
    Gradients are finite everywhere. ``ValueError`` for another number of axes, fewer than two samples, or a matrix of
    correlations.
    """
    return correlation(series(signal))


@jax.jit
def correlation(signal: Any) -> Any:
    """(time, ..., region) -> (..., region, region)."""
    normed = directions(signal)
    fc = jnp.einsum("t...i,t...j->...ij", normed, normed, precision="highest").clip(-1, 1)
    return jnp.where(jnp.eye(fc.shape[-1], dtype=bool), 1, fc)


def directions(signal: Any) -> Any:
    """Centred on the first axis and scaled to length 1 along it; what is constant becomes 0."""
    moved = signal - signal[0]  # a constant region becomes exactly zero, however large its value
    centred = moved - moved.mean(0)
    peak = jax.lax.stop_gradient(jnp.abs(centred).max(0))  # divided by it, squares neither overflow nor vanish
    still = peak == 0
    scaled = centred / jnp.where(still, 1, peak)
    return scaled / jnp.sqrt(jnp.where(still, 1, (scaled**2).sum(0)))


@jax.jit
def pearson(a: Any, b: Any) -> Any:
    """Correlation along the last axis."""
    a, b = (jnp.moveaxis(directions(jnp.moveaxis(x, -1, 0)), 0, -1) for x in (a, b))
    return (a * b).sum(-1).clip(-1, 1)


@with_named_arguments
def upper_triangle(signal: Any) -> Any:
    """The functional connectivity of a signal by pairs of regions, (time, [batch,] region) -> ([batch,] pair)."""
    return above(correlation(series(signal, regions=2)))


@with_named_arguments
def off_diagonal(matrix: Any, k: int = 1) -> Any:
    """The entries of a matrix from its ``k``-th diagonal upward, row by row, (..., n, n) -> (..., pair).

    With a larger ``k``, pairs of overlapping windows of a functional connectivity dynamics stay out.
    ``ValueError`` for a matrix that is not square or has no such diagonal.
    """
    matrix = square(matrix, "matrix")
    return above(matrix, diagonal(k, "k", matrix.shape[-1] - 1))


def diagonal(k: Any, name: str, most: int) -> int:
    """The number of a diagonal above the main one."""
    if not is_count(k) or k > most:
        raise ValueError(f"{name}={describe(k)} must be 1 to {most}, a diagonal of the matrix above the main one.")
    return int(k)


def above(matrix: Any, k: int = 1) -> Any:
    rows, columns = np.triu_indices(matrix.shape[-1], k)
    return matrix[..., rows, columns]


@with_named_arguments
def fc_correlation(fc_a: Any, fc_b: Any) -> jax.Array:
    """Pearson correlation of the entries above the diagonals of two connectivities.

    ([batch,] region, region) each -> () or (batch,); a single matrix is compared with every member of a batch. Units
    drop out, so one of them may be a matrix of weights. 0 where all entries of one are equal. Differentiable.
    ``ValueError`` for matrices that are not square, have fewer than three regions, do not match, or lack entries
    (regions without values are left out by ``fc[np.ix_(keep, keep)]`` of both); one without any entry gives NaN.
    """
    return pearson(*pairs(fc_a, fc_b, ("fc_a", "fc_b"), least=3))


@with_named_arguments
def fc_rmse(fc_a: Any, fc_b: Any) -> jax.Array:
    """Root mean square difference of the entries above the diagonals of two connectivities.

    ([batch,] region, region) each -> () or (batch,); a single matrix is compared with every member of a batch.
    The diagonals, 1 by definition, do not dilute it. Differentiable, with the gradient 0 where the two are equal.
    ``ValueError`` for matrices that are not square, do not match or lack entries, as `fc_correlation`.
    """
    return distance(*pairs(fc_a, fc_b, ("fc_a", "fc_b"), least=2))


def distance(a: Any, b: Any) -> Any:
    """Root mean square difference along the last axis."""
    return root(((a - b) ** 2).mean(-1))


def pairs(fc_a: Any, fc_b: Any, names: tuple[str, str], least: int) -> tuple[Any, Any]:
    """The entries above the diagonals of two matrices of the same regions."""
    a, b = matching(fc_a, fc_b, names, least)
    return above(a), above(b)


def matching(first: Any, second: Any, names: tuple[str, str], least: int) -> tuple[Any, Any]:
    """Two complete matrices of the same regions: of equal shapes, or one of them without the batch axis."""
    a, b = (square(x, name, least) for x, name in zip((first, second), names, strict=True))
    ndim = min(a.ndim, b.ndim)
    if a.shape[-ndim:] != b.shape[-ndim:]:
        raise ValueError(
            f"{names[0]} is {a.shape} and {names[1]} {b.shape}; give two of one size, or a batch and one matrix."
        )
    check_same_regions(first, second, names)
    for matrix, name in zip((first, second), names, strict=True):
        check_complete(matrix, name)
    return a, b


@with_named_arguments
def global_brain_connectivity(fc: Any) -> jax.Array:
    """Mean connectivity of each region with the others, ([batch,] region, region) -> ([batch,] region).

    Cole et al. 2010 (doi:10.1016/j.neuroimage.2009.11.068). ``ValueError`` for a matrix that is not square or lacks
    entries.
    """
    matrix = square(fc, "fc")
    check_complete(fc, "fc")
    return others(matrix).mean(-1)


def others(matrix: Any) -> Any:
    """The rows without the diagonal, (..., n, n) -> (..., n, n - 1)."""
    n = matrix.shape[-1]
    return matrix[..., ~np.eye(n, dtype=bool)].reshape(*matrix.shape[:-1], n - 1)

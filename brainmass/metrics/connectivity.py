"""Correlation of regions, and of one connectivity with another."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .given import root, series, square


def functional_connectivity(signal: Any) -> jax.Array:
    """Pearson correlation between regions.

    (time, region) -> (region, region); (time, batch, region) -> (batch, region, region).
    Units drop out. A region that never changes correlates 0 with the others; the diagonal is 1; NaN stays NaN.
    Gradients are finite everywhere. ``ValueError`` for another number of axes or fewer than two samples.
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


def upper_triangle(signal: Any) -> Any:
    """The functional connectivity of a signal by pairs of regions, (time, [batch,] region) -> ([batch,] pair)."""
    return off_diagonal(correlation(signal))


def off_diagonal(matrix: Any, k: int = 1) -> Any:
    """The entries of a matrix from its ``k``-th diagonal upward, row by row, (..., n, n) -> (..., pair).

    With a larger ``k``, pairs of overlapping windows of a functional connectivity dynamics stay out.
    """
    rows, columns = np.triu_indices(matrix.shape[-1], k)
    return matrix[..., rows, columns]


def fc_correlation(fc_a: Any, fc_b: Any) -> jax.Array:
    """Pearson correlation of the entries above the diagonals of two connectivities.

    ([batch,] region, region) each -> () or (batch,); a single matrix is compared with every member of a batch. Units
    drop out, so one of them may be a matrix of weights. 0 where all entries of one are equal. Differentiable.
    ``ValueError`` for matrices that are not square, have fewer than three regions, or do not match.
    """
    return pearson(*_pairs(fc_a, fc_b, least=3))


def fc_rmse(fc_a: Any, fc_b: Any) -> jax.Array:
    """Root mean square difference of the entries above the diagonals of two connectivities.

    ([batch,] region, region) each -> () or (batch,); a single matrix is compared with every member of a batch.
    The diagonals, 1 by definition, do not dilute it. Differentiable, with the gradient 0 where the two are equal.
    ``ValueError`` for matrices that are not square or do not match.
    """
    a, b = _pairs(fc_a, fc_b, least=2)
    return root(((a - b) ** 2).mean(-1))


def _pairs(fc_a: Any, fc_b: Any, least: int) -> tuple[Any, Any]:
    a, b = square(fc_a, "the first matrix", least), square(fc_b, "the second matrix", least)
    matching(a, b)
    return off_diagonal(a), off_diagonal(b)


def matching(a: Any, b: Any) -> None:
    """Equal shapes, or one of them without the batch axis."""
    ndim = min(a.ndim, b.ndim)
    if a.shape[-ndim:] != b.shape[-ndim:]:
        raise ValueError(f"The matrices are {a.shape} and {b.shape}; give two of one size, or a batch and one matrix.")


def global_brain_connectivity(fc: Any) -> jax.Array:
    """Mean connectivity of each region with the others, ([batch,] region, region) -> ([batch,] region).

    Cole et al. 2010 (doi:10.1016/j.neuroimage.2009.11.068). ``ValueError`` for a matrix that is not square.
    """
    return others(square(fc, "fc")).mean(-1)


def others(matrix: Any) -> Any:
    """The rows without the diagonal, (..., n, n) -> (..., n, n - 1)."""
    n = matrix.shape[-1]
    return matrix[..., ~np.eye(n, dtype=bool)].reshape(*matrix.shape[:-1], n - 1)

"""Functional connectivity that changes in time."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp

from brainmass.metrics.connectivity import above, correlation, diagonal
from brainmass.names import with_named_arguments
from brainmass.numerics import real, series, square
from brainmass.units import describe, is_count

WINDOW, STEP = 83, 5


@with_named_arguments
def functional_connectivity_dynamics(signal: Any, window: int = WINDOW, step: int = STEP) -> jax.Array:
    """Correlation between the functional connectivities of windows of ``window`` samples, ``step`` samples apart.

    (time, region) -> (window, window); (time, batch, region) -> (batch, window, window). Hansen et al. 2015
    (doi:10.1016/j.neuroimage.2014.11.001). 83 samples are the usual 60 s at a repetition time of 0.72 s (Kong et al.
    2021, doi:10.1038/s41467-021-26704-y, who move them by one sample). Differentiable. ``ValueError`` for fewer than
    two regions or windows that do not fit.
    """
    return sliding(series(signal, regions=2), *windows(window, step))


def sliding(signal: Any, window: int, step: int, names: tuple[str, str] = ("signal", "window")) -> Any:
    """The dynamics of a signal that is checked already."""
    if window > len(signal):
        raise ValueError(f"{names[1]}={window} must be 2 to {len(signal)} samples, the whole {names[0]}.")
    starts = jnp.arange(0, len(signal) - window + 1, step)
    edges = jax.lax.map(lambda at: above(correlation(jax.lax.dynamic_slice_in_dim(signal, at, window))), starts)
    return between(edges)


def windows(window: Any, step: Any, names: tuple[str, str] = ("window", "step")) -> tuple[int, int]:
    """The length of windows and the distance of two, in samples."""
    for name, value, least in zip(names, (window, step), (2, 1), strict=True):
        if isinstance(value, u.Quantity):
            raise ValueError(
                f"{name}={describe(value)} is a time; give a number of samples, as 83 for 60 s with one every 720 ms."
            )
        if not is_count(value) or not least <= value < 2**31:
            raise ValueError(f"{name}={describe(value)} must be a number of samples, {least} or more.")
    return int(window), int(step)


@with_named_arguments
def fcd_of(edges: Any) -> Any:
    """The correlation of windows, of vectors (window, [batch,] pair) -> ([batch,] window, window).

    ``ValueError`` for another number of axes.
    """
    edges = real(edges, "edges")
    if edges.ndim not in (2, 3) or not edges.size:
        raise ValueError(f"edges must be (window, [batch,] pair) with one pair or more, but is {edges.shape}.")
    return between(edges)


def between(edges: Any) -> Any:
    return correlation(jnp.swapaxes(edges, 0, -1))


@with_named_arguments
def fcd_variance(fcd: Any, k: int = 1) -> jax.Array:
    """Variance of the entries of a functional connectivity dynamics from its ``k``-th diagonal upward.

    ([batch,] window, window) -> () or (batch,). ``k = ceil(window / step)`` leaves overlapping windows out.
    ``ValueError`` for a matrix that is not square or has no such diagonal.
    """
    fcd = square(fcd, "fcd")
    return above(fcd, diagonal(k, "k", fcd.shape[-1] - 1)).var(-1)

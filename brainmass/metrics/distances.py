"""Distances between the distributions of two samples, for example of the entries of two FCD matrices."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from brainmass.names import with_named_arguments
from brainmass.numerics import alike, check_batches


@with_named_arguments
def kolmogorov_smirnov(a: Any, b: Any) -> jax.Array:
    """Two-sample Kolmogorov–Smirnov statistic: the largest difference of the empirical distribution functions.

    ([batch,] sample) each, of any two lengths -> () or (batch,), from 0 to 1. Samples in units of one scale are
    converted. It depends on ranks alone, so its gradient is 0; fit with `wasserstein`. ``ValueError`` for empty
    samples or units of different dimensions.
    """
    return _largest(*_samples(a, b))


@with_named_arguments
def wasserstein(a: Any, b: Any) -> jax.Array:
    """First Wasserstein (earth mover's) distance: the area between the empirical distribution functions.

    ([batch,] sample) each, of any two lengths -> () or (batch,), in the unit of ``a``. Differentiable, with the
    gradient 0 where the samples are equal. ``ValueError`` for empty samples or units of different dimensions.
    """
    return _area(*_samples(a, b))


def _samples(a: Any, b: Any) -> tuple[Any, Any]:
    a, b = alike(a, b, ("a", "b"))
    for name, sample in (("a", a), ("b", b)):
        if not sample.ndim or not sample.shape[-1]:
            raise ValueError(f"{name} must be samples along the last axis, at least one, but is {sample.shape}.")
    check_batches(a, b, ("a", "b"))
    return a, b


def _steps(a: Any, b: Any) -> tuple[Any, Any]:
    """All values in order, and the difference of the distribution functions from each to the next."""
    values = jnp.concatenate([a, b])
    order = jnp.argsort(values)
    of_a = jnp.cumsum(order < len(a)).astype(values.dtype)
    of_b = jnp.arange(1, len(values) + 1) - of_a
    return values[order], (of_a - of_b * (len(a) / len(b))) / len(a)  # exactly 0 where samples of one length agree


@jax.jit
@partial(jnp.vectorize, signature="(a),(b)->()")
def _largest(a: Any, b: Any) -> Any:
    values, difference = _steps(a, b)
    tied = jnp.append(values[:-1] == values[1:], False)
    return jnp.where(jnp.isnan(values[-1]), jnp.nan, jnp.where(tied, 0, jnp.abs(difference)).max())


@jax.jit
@partial(jnp.vectorize, signature="(a),(b)->()")
def _area(a: Any, b: Any) -> Any:
    values, difference = _steps(a, b)
    width = jnp.diff(values)
    return (jnp.where(width == 0, 0, jnp.abs(difference[:-1])) * width).sum()

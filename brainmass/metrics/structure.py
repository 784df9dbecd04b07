"""How far the connectome predicts functional connectivity."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from brainmass.metrics.connectivity import above, matching, others, pearson
from brainmass.names import with_named_arguments


@with_named_arguments
def structure_function_coupling(weights: Any, fc: Any) -> jax.Array:
    """Spearman correlation of structural and functional connectivity over all pairs of regions.

    ([batch,] region, region) each -> () or (batch,). A directed connectome enters by the mean of its two directions;
    pairs without a connection count, as ties at zero. 0 where all entries of one are equal. Ranks have no gradient;
    `fc_correlation` of the two is the Pearson correlation, which has. Honey et al. 2009
    (doi:10.1073/pnas.0811168106). ``ValueError`` for matrices that are not square, have fewer than three regions, do
    not match or lack entries.
    """
    weights, fc = _pair(weights, fc)
    return pearson(_ranks(above(weights)), _ranks(above(fc)))


@with_named_arguments
def regional_structure_function_coupling(weights: Any, fc: Any) -> jax.Array:
    """Spearman correlation of the structural and the functional connections of each region with all others.

    ([batch,] region, region) each -> ([batch,] region), otherwise as `structure_function_coupling`. Baum et al. 2020
    (doi:10.1073/pnas.1912034117), who leave out pairs without a connection.
    """
    weights, fc = _pair(weights, fc)
    return pearson(_ranks(others(weights)), _ranks(others(fc)))


def _pair(weights: Any, fc: Any) -> tuple[Any, Any]:
    weights, fc = matching(weights, fc, ("weights", "fc"), 3)
    return (weights + jnp.swapaxes(weights, -1, -2)) / 2, fc


@jax.jit
@partial(jnp.vectorize, signature="(n)->(n)")
def _ranks(values: Any) -> Any:
    """From 1; ties share their mean rank."""
    ordered = jnp.sort(values)
    below = jnp.searchsorted(ordered, values, side="left")
    until = jnp.searchsorted(ordered, values, side="right")
    return jnp.where(jnp.isnan(values), jnp.nan, (below + until + 1).astype(values.dtype) / 2)

"""Statistics of a stream that are kept up to date, so that no series is stored."""

from typing import Any, NamedTuple

import jax.numpy as jnp

from brainmass.monitors.stream import Blocks, Carry, Samples, Signal, Statistic
from brainmass.units import UNITLESS, float_dtype

BLOCK = 64


class Moments(NamedTuple):
    """Number of samples (simulation,), mean (region, simulation), co-moments (region, region, simulation)."""

    count: Any
    mean: Any
    products: Any


def merged(m: Moments, block: Any, weights: Any) -> Moments:
    """The moments with those of a block (sample, region, simulation) (Chan, Golub & LeVeque 1979)."""
    added = weights.sum()
    total = m.count + added
    mean = jnp.einsum("k,kis->is", weights, block) / added
    centred = jnp.moveaxis((block - mean) * weights[:, None, None], -1, 0)
    inside = jnp.moveaxis(jnp.swapaxes(centred, 1, 2) @ centred, 0, -1)
    apart = mean - m.mean
    between = apart[:, None] * apart[None] * (m.count * added / total)
    return Moments(total, m.mean + apart * (added / total), m.products + inside + between)


class StreamingFC(Statistic):
    """Functional connectivity: the Pearson correlation of regions over all samples after the transient.

    That of `functional_connectivity` of the stored series, in the memory of one matrix.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor, for example ``Bold("rE")``.
    """

    def __init__(self, what: Any):
        self.what = what

    def gives(self, given: Signal) -> Signal:
        if len(given.shape) != 1:
            raise ValueError(f"StreamingFC takes one number per region, not samples of the shape {given.shape}.")
        return Signal((*given.shape, *given.shape), UNITLESS, given.dt, given.every)

    def begin(self, given: Signal, simulations: int) -> Carry:
        n, dtype = given.shape[0], float_dtype()
        shapes = (simulations,), (n, simulations), (n, n, simulations)
        return Blocks.empty(BLOCK, given, simulations, Moments(*(jnp.zeros(shape, dtype) for shape in shapes)))

    def take(self, carry: Blocks, samples: Samples, given: Signal) -> Carry:
        return carry.take(samples, merged)

    def result(self, carry: Blocks, given: Signal) -> Any:
        products = carry.end(merged).products
        spread = jnp.sqrt(jnp.einsum("iis->is", products))
        still = spread == 0
        inverse = jnp.where(still, 0.0, 1.0 / jnp.where(still, 1.0, spread))
        fc = (products * inverse[:, None] * inverse[None]).clip(-1, 1)
        return jnp.where(jnp.eye(len(spread), dtype=bool)[..., None], 1.0, fc)

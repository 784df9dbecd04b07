"""Statistics of a stream that are kept up to date, so that no series is stored."""

from typing import Any, NamedTuple

import jax.numpy as jnp

from brainmass.metrics import fcd_of, upper_triangle
from brainmass.monitors.stream import Blocks, Carry, Framed, Samples, Signal, Statistic
from brainmass.units import UNITLESS, describe, float_dtype, is_count

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


class StreamingFCD(Framed):
    """Functional connectivity dynamics: the correlation between the functional connectivities of sliding windows.

    That of `metrics.functional_connectivity_dynamics` of the stored series (Hansen et al. 2015,
    doi:10.1016/j.neuroimage.2014.11.001). It keeps one vector per window in place of the series.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor, for example ``Bold("rE")``.
    window, step : int
        Length of a window and distance of two, in samples of ``what``.
    """

    def __init__(self, what: Any, window: int = 83, step: int = 5):
        for name, value, least in (("window", window, 2), ("step", step, 1)):
            if not is_count(value) or value < least:
                raise ValueError(
                    f"StreamingFCD: {name}={describe(value)} must be a number of samples, {least} or more."
                )
        self.what, self.window, self.step = what, int(window), int(step)

    def gives(self, given: Signal) -> Signal:
        if len(given.shape) != 1 or given.shape[0] < 2:
            raise ValueError(f"StreamingFCD takes one number per region, not samples of the shape {given.shape}.")
        return Signal((), UNITLESS, given.dt, given.every)

    def frame(self, samples: Any) -> Any:
        return jnp.moveaxis(upper_triangle(jnp.moveaxis(samples, -1, 1)), 0, -1)

    def finish(self, frames: Any) -> Any:
        return fcd_of(frames)

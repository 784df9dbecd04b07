"""Statistics of a stream that are kept up to date, so that no series is stored."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from brainmass.monitors.stream import Carry, Monitor, Rows, Signal, counted
from brainmass.units import UNITLESS, float_dtype


class Moments(NamedTuple):
    """Number of samples (simulation,), mean (region, simulation), co-moments (region, region, simulation)."""

    count: Any
    mean: Any
    products: Any


class StreamingFC(Monitor):
    """Functional connectivity: the Pearson correlation of regions over all samples after the transient.

    Equal to `functional_connectivity` of the stored series; its memory is that of the matrix. Chan et al. 1979 merge
    the moments of a window into those before.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor, for example ``Bold("rE")``.
    """

    final = True

    def __init__(self, what: Any):
        self.what = what

    def gives(self, given: Signal) -> Signal:
        if len(given.shape) != 1:
            raise ValueError(f"StreamingFC takes one number per region, not samples of the shape {given.shape}.")
        return Signal((*given.shape, *given.shape), UNITLESS, given.dt, given.every)

    def begin(self, given: Signal, simulations: int) -> Carry:
        n, dtype = given.shape[0], float_dtype()
        shapes = (simulations,), (n, simulations), (n, n, simulations)
        return Moments(*(jnp.zeros(shape, dtype) for shape in shapes))

    def push(self, carry: Moments, rows: Rows, given: Signal, values: dict[str, Any], origin: Any) -> tuple:
        weight = counted(rows, given, origin).astype(float_dtype())

        def merged(m: Moments) -> Moments:
            added = weight.sum()
            total = m.count + added
            mean = jnp.einsum("k,k...->...", weight, rows.values) / added
            centred = (rows.values - mean) * jnp.sqrt(weight).reshape(-1, 1, 1)
            inside = jnp.einsum("kis,kjs->ijs", centred, centred)
            apart = mean - m.mean
            between = apart[:, None] * apart[None] * (m.count * added / total)
            return Moments(total, m.mean + apart * (added / total), m.products + inside + between)

        return jax.lax.cond(weight.sum() > 0, merged, lambda m: m, carry), None

    def result(self, carry: Moments, given: Signal) -> Any:
        spread = jnp.sqrt(jnp.einsum("iis->is", carry.products))
        still = spread == 0
        inverse = jnp.where(still, 0.0, 1.0 / jnp.where(still, 1.0, spread))
        fc = (carry.products * inverse[:, None] * inverse[None]).clip(-1, 1)
        return jnp.where(jnp.eye(len(spread), dtype=bool)[..., None], 1.0, fc)

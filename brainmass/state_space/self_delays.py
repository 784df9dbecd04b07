"""The own past of a node: rings of the earlier values of a variable, for self-delays.

Row ``t % length`` of a ring ``(length, *in_size, simulation)`` holds the value at the absolute step t. The length is a
power of two, so that steps may be counted modulo 2³². Between runs the newest value lies in the last row.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

_LEAST = 16  # rows: small changes of a delay then need no other program


def ring_length(longest: float, dt: float) -> int:
    """Rows that reach back ``longest`` ms."""
    return max(_LEAST, 1 << int(np.rint(longest / dt)).bit_length())


def ring_from_past(past: Any, step: Any) -> Any:
    """The ring at the absolute ``step`` of a past with the newest value last."""
    return jnp.roll(past, (step + np.uint32(1)) % past.shape[0], 0)


def past_from_ring(ring: Any, step: Any) -> Any:
    """The past of a ring, with the value at ``step`` last."""
    return jnp.roll(ring, -((step + np.uint32(1)) % ring.shape[0]).astype(jnp.int32), 0)


def read_ring(ring: Any, delay: Any, dt: float, step: Any) -> Any:
    """The value ``delay`` ms (elementwise, rounded to steps) before ``step``; NaN where the ring is too short."""
    back = jnp.rint(delay / dt).astype(jnp.int32)
    row = (step - back.astype(jnp.uint32)) % np.uint32(ring.shape[0])
    value = jnp.take_along_axis(ring, row.astype(jnp.int32)[None], 0)[0]
    return jnp.where((back >= 0) & (back < ring.shape[0]), value, jnp.nan)


def write_ring(ring: Any, value: Any, step: Any, valid: Any) -> Any:
    """The ring with the value at ``step``, or as it was where the step is not ``valid``."""
    row = (step % np.uint32(ring.shape[0])).astype(jnp.int32)
    old = lax.dynamic_index_in_dim(ring, row)
    return lax.dynamic_update_slice_in_dim(ring, jnp.where(valid, value[None], old), row, 0)

"""The own past of a node: rings of the earlier values of a variable, for self-delays.

Slot ``t % depth`` of a ring ``(depth, *in_size, simulation)`` holds the value at the absolute step t. The depth is a
power of two, so that steps may be counted modulo 2³². Between runs the newest value lies in the last slot.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

_LEAST = 16  # slots: small changes of a delay then need no other program


def depth_of(longest: float, dt: float) -> int:
    """Slots that reach back ``longest`` ms."""
    return max(_LEAST, 1 << int(np.rint(longest / dt)).bit_length())


def ring_of(past: Any, step: Any) -> Any:
    """The ring at the absolute ``step`` of a past with the newest value last."""
    return jnp.roll(past, (step + np.uint32(1)) % past.shape[0], 0)


def past_of(ring: Any, step: Any) -> Any:
    """The past of a ring, with the value at ``step`` last."""
    return jnp.roll(ring, -((step + np.uint32(1)) % ring.shape[0]).astype(jnp.int32), 0)


def recall(ring: Any, delay: Any, dt: float, step: Any) -> Any:
    """The value ``delay`` ms (elementwise, rounded to steps) before ``step``; NaN where the ring is too short."""
    back = jnp.rint(delay / dt).astype(jnp.int32)
    slot = (step - back.astype(jnp.uint32)) % np.uint32(ring.shape[0])
    value = jnp.take_along_axis(ring, slot.astype(jnp.int32)[None], 0)[0]
    return jnp.where((back >= 0) & (back < ring.shape[0]), value, jnp.nan)


def store(ring: Any, value: Any, step: Any, live: Any) -> Any:
    """The ring with the value at ``step``, or as it was where the step is not ``live``."""
    slot = (step % np.uint32(ring.shape[0])).astype(jnp.int32)
    old = lax.dynamic_index_in_dim(ring, slot)
    return lax.dynamic_update_slice_in_dim(ring, jnp.where(live, value[None], old), slot, 0)

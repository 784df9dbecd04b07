"""Absolute time without its rounding errors.

In float32 the time ``i dt`` of a late step is off by more than a step, so nothing is computed from it. Times are split
into whole steps and a part of one, and frequencies into 32-bit words; integers are subtracted and multiplied, and only
what is left becomes a float.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.units import float_dtype, is_concrete

_WORD = 2.0**32


class Steps(NamedTuple):
    """A time as whole steps (int32) and the part of a step after them, from 0 to 1."""

    whole: Any
    part: Any

    @classmethod
    def of(cls, time: Any, dt: float) -> "Steps":
        """A time in ms; one that is a multiple of ``dt`` up to rounding has the part 0, whatever its gradient."""
        xp = np if is_concrete(time) else jnp
        count = (np.asarray(time, np.float64) if xp is np else time) / dt
        noise = 1e-6 + 4 * jnp.finfo(getattr(time, "dtype", np.float64)).eps * abs(count)
        near = abs(count - xp.round(count)) <= noise
        whole = xp.where(near, xp.round(count), xp.floor(count))
        part = count - whole
        zero = part - (part if xp is np else jax.lax.stop_gradient(part))
        last = 2.0**31 - 128  # the largest that float32 and int32 share
        return cls(xp.clip(whole, -last, last).astype(np.int32), xp.where(near, zero, part))

    def since(self, origin: "Steps") -> "Steps":
        part = jnp.asarray(self.part - origin.part)
        carry = jnp.floor(part)
        return Steps(self.whole - origin.whole + carry.astype(jnp.int32), part - carry)

    @property
    def float(self) -> Any:
        return jnp.asarray(self.whole).astype(float_dtype()) + self.part


FOREVER = Steps(np.int32(2**31 - 1), np.float64(0.0))


class TurnsPerStep(NamedTuple):
    """Turns per step, ``whole + word / 2³² + rest``: whole turns drop out of products of integers, which are exact."""

    whole: Any
    word: Any
    rest: Any

    @classmethod
    def of(cls, turns: Any) -> "TurnsPerStep":
        xp = np if is_concrete(turns) else jnp
        scaled = turns * _WORD
        below = xp.floor(scaled)
        high = xp.floor(below / 2**16)  # of the word; by halves, as float32 holds neither a word nor its complement
        low = xp.asarray(below - high * 2**16).astype(np.uint32)
        word = (xp.asarray(high).astype(np.int32).astype(np.uint32) << np.uint32(16)) + low
        return cls(xp.asarray(xp.floor(turns)).astype(np.int32), word, (scaled - below) / _WORD)

    def turns(self, time: Steps) -> tuple[Any, Any]:
        """Whole turns (int32, where there are that few) and the part of a turn, after a time of zero or more."""
        low, more = self._low(time)
        part = low.astype(float_dtype()) / _WORD + more
        carry = jnp.floor(part)
        k = jnp.asarray(time.whole)
        high = _high_word(k.astype(jnp.uint32), self.word).astype(jnp.int32)
        return self.whole * k + high + carry.astype(jnp.int32), part - carry

    def word_of(self, time: Steps) -> Any:
        """The part of a turn as a uint32, right to a few units."""
        low, more = self._low(time)
        return low + ((more - jnp.floor(more)) * 2.0**31).astype(jnp.uint32) * np.uint32(2)

    def _low(self, time: Steps) -> tuple[Any, Any]:
        k, dtype = jnp.asarray(time.whole), float_dtype()
        each = self.whole.astype(dtype) + self.word.astype(dtype) / _WORD + self.rest
        return k.astype(jnp.uint32) * self.word, self.rest * k.astype(dtype) + each * time.part


def _high_word(a: Any, b: Any) -> Any:
    """The upper 32 bits of a product of two uint32."""
    low, half = np.uint32(0xFFFF), np.uint32(16)
    a0, a1, b0, b1 = a & low, a >> half, b & low, b >> half
    middle = a1 * b0 + ((a0 * b0) >> half)
    return a1 * b1 + (middle >> half) + ((a0 * b1 + (middle & low)) >> half)

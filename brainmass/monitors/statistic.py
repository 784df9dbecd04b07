"""What takes the recorded samples of a chunk at once and gives one value of the whole run."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from brainmass.monitors.base import Monitor
from brainmass.monitors.signals import MonitorState, Signal
from brainmass.units import float_dtype


class ChunkSamples(NamedTuple):
    """The samples of one chunk, (sample, *shape, simulation), of which those numbered from ``low`` to ``high`` count.

    Numbers count from t = 0, the first sample after it being 0; ``first`` is that of the first row, and ``since`` that
    of the first which an earlier chunk has not seen.
    """

    values: Any
    first: Any
    since: Any
    low: Any
    high: Any


class Statistic(Monitor):
    """Base of what gives one value at the end of a run: it takes the samples of a chunk at once."""

    def update(self, state: MonitorState, samples: ChunkSamples, signal: Signal) -> MonitorState:
        """The state after the samples of a chunk."""
        raise NotImplementedError

    def result(self, state: MonitorState, signal: Signal) -> Any:
        """What it has found, (*shape, simulation)."""
        raise NotImplementedError

    def least(self, signal: Signal) -> int:
        """The fewest samples that it can do with."""
        return 2

    def of(self, series: Any, dt: Any) -> Any:
        raise TypeError(
            f"{type(self).__name__} is for a run; use the function of brainmass.metrics on a stored series."
        )


class SlidingStatistic(Statistic):
    """Base of a statistic of frames, each ``window`` samples long and ``step`` after the one before.

    It gives a vector per frame, and one value of all vectors at the end.
    """

    window: int
    step: int

    def least(self, signal: Signal) -> int:
        return self.window + self.step

    def frame(self, samples: Any) -> Any:
        """The vector of a frame (window, *shape, simulation)."""
        raise NotImplementedError

    @staticmethod
    def finish(frames: Any) -> Any:
        """The value of all frames (frame, [batch,] ...)."""
        raise NotImplementedError

    def begin(self, signal: Signal, simulations: int) -> MonitorState:
        return jnp.zeros((self.window, *signal.shape, simulations), float_dtype())

    def frames(self, state: MonitorState, samples: ChunkSamples) -> tuple[MonitorState, Any]:
        """The last samples, and the vectors of the frames that end among these."""
        state, number, frame_at = framed(state, samples, self.window, self.step)
        return state, lax.map(lambda n: self.frame(frame_at(n)), jnp.arange(number))

    def ended(self, number: Any, low: Any) -> Any:
        return ended(number, low, self.window, self.step)


def framed(
    state: MonitorState, samples: ChunkSamples, window: int, step: int
) -> tuple[MonitorState, int, Callable[[Any], Any]]:
    """The last ``window`` samples, the most frames that can end among these, and the frame (window, ...) of a number.

    ``state`` holds the last samples before these.
    """
    first, since, low, high = (jnp.int32(x) for x in samples[1:])
    values = jnp.concatenate([samples.values, jnp.zeros_like(samples.values)])
    known = jnp.concatenate([state, lax.dynamic_slice_in_dim(values, since - first, len(samples.values))])
    first_known = since - window  # the number of the first known sample
    start = low + ended(since, low, window, step) * step - first_known

    def frame_at(n: Any) -> Any:
        return lax.dynamic_slice_in_dim(known, start + n * step, window)

    last = lax.dynamic_slice_in_dim(known, high - first_known - window, window)
    return last, len(samples.values) // step + 1, frame_at


def ended(number: Any, low: Any, window: int, step: int) -> Any:
    """How many frames have ended before the sample of a number, where ``low`` is the first that counts."""
    reached = number - low - window + step
    return reached * (reached > 0) // step


class BlockFold(NamedTuple):
    """The state of a fold over blocks: samples of the block that is not full yet, how many of all counted, the fold's.

    Blocks lie at whole multiples of their size, so where a run is cut changes no bit.
    """

    rest: Any
    low: Any
    high: Any
    folded: MonitorState

    @staticmethod
    def empty(size: int, signal: Signal, simulations: int, folded: MonitorState) -> "BlockFold":
        at = jnp.zeros(simulations, jnp.int32)
        return BlockFold(jnp.zeros((size, *signal.shape, simulations), float_dtype()), at, at, folded)

    def update(self, samples: ChunkSamples, fold: Callable[[MonitorState, Any, Any], MonitorState]) -> "BlockFold":
        """Fold every block that has become full: ``fold(folded, block, weights)``, weights of 0 or 1, not all 0."""
        size, count = len(self.rest), len(samples.values)
        low, high = jnp.int32(samples.low), jnp.int32(samples.high)
        first = jnp.int32(samples.first)
        into = first % size
        room = -(-count // size) * size + size
        known = jnp.concatenate([self.rest, jnp.zeros((room, *self.rest.shape[1:]), self.rest.dtype)])
        rows = lax.dynamic_update_slice_in_dim(known, samples.values, into, 0)
        first_row, blocks = first - into, len(rows) // size
        already_counted = (first_row + jnp.arange(len(rows)) < jnp.int32(samples.since)).reshape(
            -1, *(1,) * (rows.ndim - 1)
        )
        rows = jnp.where(already_counted, known, rows)

        def step(state: tuple, k: Any) -> tuple:
            folded, rest = state
            block = lax.dynamic_slice_in_dim(rows, k * size, size)
            at = first_row + k * size
            full, holds = at + size <= high, (at <= high) & (high < at + size)
            weights = _between(at, size, low, high)
            folded = lax.cond(full & weights.any(), lambda: fold(folded, block, weights), lambda: folded)
            return (folded, jnp.where(holds, block, rest)), None

        (folded, rest), _ = lax.scan(step, (self.folded, self.rest), jnp.arange(blocks))
        wide = jnp.ones_like(self.low)
        return BlockFold(rest, low * wide, high * wide, folded)

    def end(self, fold: Callable[[MonitorState, Any, Any], MonitorState]) -> MonitorState:
        """The fold with the samples of the block that is not full."""
        size, high = len(self.rest), self.high[0]
        at = high // size * size
        weights = _between(at, size, self.low[0], high)
        return lax.cond(weights.any(), lambda: fold(self.folded, self.rest, weights), lambda: self.folded)


def _between(at: Any, size: int, low: Any, high: Any) -> Any:
    numbers = at + jnp.arange(size, dtype=jnp.int32)
    return ((numbers >= low) & (numbers < high)).astype(float_dtype())

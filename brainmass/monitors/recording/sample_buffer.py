"""What a run writes of a stream of samples, in the order of time."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.monitors import Signal, WindowSamples
from brainmass.units import float_dtype


class SampleBuffer:
    """The samples of one stream during a run, (sample, *shape, simulation)."""

    def __init__(self, signal: Signal, rows: int, steps: int):
        self.signal, self.rows, self.length = signal, rows, steps // signal.every + 1

    def blank(self, simulations: int) -> Any:
        return jnp.zeros((self.length + 2 * self.rows, *self.signal.shape, simulations), float_dtype())

    def write(self, buffer: Any, rows: WindowSamples, record_start: Any) -> Any:
        """Put the rows where they belong; those before ``record_start`` and incomplete ones fall into the margins.

        What is written too early is written again in the next window.
        """
        every = np.uint32(self.signal.every)
        row = (rows.at[0] // every).astype(jnp.int32) - (record_start // every).astype(jnp.int32) - 1
        return lax.dynamic_update_slice_in_dim(buffer, rows.values, jnp.maximum(row + self.rows, 0), 0)

    def cut(self, buffer: Any) -> Any:
        return buffer[self.rows : self.rows + self.length]


def sample_steps(signal: Signal, start: int, end: int) -> np.ndarray:
    """The absolute steps of the samples that a buffer of the steps (start, end] holds."""
    return np.arange(start // signal.every + 1, end // signal.every + 1, dtype=np.int64) * signal.every

"""What a run writes of a stream of samples, in the order of time."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.monitors import Rows, Signal
from brainmass.units import float_dtype


class Tape:
    """The samples of one stream during a run, (sample, *shape, simulation)."""

    def __init__(self, signal: Signal, rows: int, steps: int):
        self.signal, self.rows, self.length = signal, rows, steps // signal.every + 1

    def blank(self, simulations: int) -> Any:
        return jnp.zeros((self.length + 2 * self.rows, *self.signal.shape, simulations), float_dtype())

    def write(self, tape: Any, rows: Rows, begun: Any) -> Any:
        """Put the rows in their places; those before ``begun`` and those not complete yet fall into the margins.

        What is written too early is written again in the next window.
        """
        every = np.uint32(self.signal.every)
        place = (rows.at[0] // every).astype(jnp.int32) - (begun // every).astype(jnp.int32) - 1
        return lax.dynamic_update_slice_in_dim(tape, rows.values, jnp.maximum(place + self.rows, 0), 0)

    def cut(self, tape: Any) -> Any:
        return tape[self.rows : self.rows + self.length]


def sample_steps(signal: Signal, begun: int, end: int) -> np.ndarray:
    """The absolute steps of the samples that a tape of the steps (begun, end] holds."""
    return np.arange(begun // signal.every + 1, end // signal.every + 1, dtype=np.int64) * signal.every

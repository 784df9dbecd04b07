"""Checks of what a user gives to a run: its span, and the numbers of its simulations."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.time_steps import check_end, step_count
from brainmass.units import describe, is_concrete, is_count, is_whole


def checked_span(duration: Any, transient: Any, sample_every: Any, dt: float, start: int = 0) -> tuple[int, int, int]:
    """(steps, transient steps, stride) of a run that begins at the absolute step ``start``."""
    steps = step_count(duration, dt)
    check_end(start + steps, dt, f"duration={describe(duration)}")
    if steps < 1:
        raise ValueError(f"duration={describe(duration)} is shorter than one step of dt={dt:g} ms.")
    if is_whole(transient) and transient != 0:
        raise ValueError(f"transient={transient} could mean steps or ms; give a time, for example {transient} * u.ms.")
    transient_steps = 0 if transient is None else step_count(transient, dt, "transient")
    if transient_steps >= steps:
        raise ValueError(
            f"transient={describe(transient)} must be shorter than the duration, {describe(duration)}, "
            "or nothing is recorded."
        )
    sample_every = 1 if sample_every is None else sample_every
    if not is_count(sample_every):
        raise ValueError(f"sample_every={describe(sample_every)} must be a positive whole number of steps.")
    return steps, transient_steps, int(sample_every)


def checked_simulation(simulation: Any) -> Any:
    """The number of a simulation, a uint32, or a traced integer.

    Raises
    ------
    TypeError
        Not one integer of zero or more.
    """
    traced = isinstance(simulation, jax.Array) and jnp.issubdtype(simulation.dtype, jnp.integer) and not simulation.ndim
    whole = is_whole(simulation)
    if not (traced or whole) or (is_concrete(simulation) and not 0 <= int(simulation) < 2**32):
        raise TypeError(f"simulation={describe(simulation)} must be one integer, the number of the first simulation.")
    return simulation if traced and not is_concrete(simulation) else np.uint32(int(simulation))


def check_simulations(first: Any, size: int, last: int) -> None:
    """Refuse, with a ValueError, simulations from the ``first`` on of which the noise would be that of others."""
    if is_concrete(first) and int(first) + size - 1 > last:
        raise ValueError(
            f"simulation={int(first)}, with a batch_size of {size} from there on, goes beyond {last}, the last whose "
            "noise is its own with so many regions; give smaller numbers, and another seed."
        )

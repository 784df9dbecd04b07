"""Checks of what a user gives to a run: its span, its seed, and the numbers of its simulations."""

from typing import Any

import brainstate
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.units import describe, is_concrete, is_count, is_whole, step_count

LAST_STEP = 2**31 - 128  # of an int32, with room for the windows around it


def check_end(stop: int, dt: float, name: str) -> None:
    """Refuse, with a ValueError, an absolute step that is not counted any more."""
    if stop > LAST_STEP:
        raise ValueError(
            f"{name} reaches step {stop}, but {LAST_STEP} steps are counted, {LAST_STEP * dt:g} ms at dt={dt:g} ms; "
            "make it shorter, or dt larger."
        )


def checked_span(duration: Any, transient: Any, sample_every: Any, dt: float, start: int = 0) -> tuple[int, int, int]:
    """(steps, transient steps, stride) of a run that begins at the absolute step ``start``."""
    steps = step_count(duration, dt)
    check_end(start + steps, dt, f"duration={describe(duration)}")
    if steps < 1:
        raise ValueError(f"duration={describe(duration)} is shorter than one step of dt={dt:g} ms.")
    if is_whole(transient) and transient != 0:
        raise ValueError(f"transient={transient} could mean steps or ms; give a time, for example {transient} * u.ms.")
    skip = 0 if transient is None else step_count(transient, dt, "transient")
    if skip >= steps:
        raise ValueError(
            f"transient={describe(transient)} must be shorter than the duration, {describe(duration)}, "
            "or nothing is recorded."
        )
    stride = 1 if sample_every is None else sample_every
    if not is_count(stride):
        raise ValueError(f"sample_every={describe(sample_every)} must be a positive whole number of steps.")
    return steps, skip, int(stride)


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


def checked_seed(seed: Any) -> Any:
    """The given seed, or one of 31 bits from ``brainstate.random``.

    Raises
    ------
    TypeError
        Not an integer of up to 64 bits.
    """
    if isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jnp.integer) and not seed.ndim:
        return seed if not is_concrete(seed) else int(seed)
    if seed is not None:
        if not is_whole(seed) or not -(2**63) <= seed < 2**64:
            raise TypeError(f"seed={describe(seed)} must be an integer of up to 64 bits.")
        return int(seed)
    if not is_concrete(jnp.zeros(())):  # JAX is tracing
        raise ValueError("seed is not set: inside a JAX transformation pass seed=, which may be traced.")
    word = jax.random.key_data(brainstate.random.split_key()).reshape(-1)[-1]
    return int(word) >> 1 if is_concrete(word) else word >> 1

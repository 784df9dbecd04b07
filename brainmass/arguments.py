"""Checks of what a user gives to a run: its span and its seed."""

from typing import Any

import brainstate
import jax
import jax.numpy as jnp

from brainmass.units import describe, is_concrete, is_count, is_whole, step_count


def checked_span(duration: Any, transient: Any, sample_every: Any, dt: float) -> tuple[int, int, int]:
    """(steps, transient steps, stride)."""
    steps = step_count(duration, dt)
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
    """The number of a simulation, which may be traced.

    Raises
    ------
    TypeError
        Not one integer of zero or more.
    """
    traced = isinstance(simulation, jax.Array) and jnp.issubdtype(simulation.dtype, jnp.integer) and not simulation.ndim
    whole = is_whole(simulation) and 0 <= simulation < 2**32
    if not traced and not whole:
        raise TypeError(f"simulation={describe(simulation)} must be one integer, the number of the first simulation.")
    return simulation


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

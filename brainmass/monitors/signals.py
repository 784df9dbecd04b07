"""What flows from a model to what is recorded: rows of values, window by window."""

from collections.abc import Callable
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.time_steps import check_end, step_count
from brainmass.units import describe, one_time

MonitorState = Any


class Signal(NamedTuple):
    """What is known of a stream before a run: a sample every so many steps, of the last ``covers`` of them.

    Phases have the ``period`` after which they start anew.
    """

    shape: tuple[int, ...]
    unit: u.Unit
    dt: float
    every: int = 1
    covers: int = 1
    period: float | None = None

    def rows(self, of_rows: int = 1, spacing: int = 1) -> int:
        """The most samples that ``of_rows`` rows, ``spacing`` steps apart, can hold."""
        return -(-of_rows * spacing // self.every)


class WindowSamples(NamedTuple):
    """The samples of one window, (row, *shape, simulation), the absolute steps after which they stand, and which count.

    Rows that are not ``valid`` lie before the step ``run_start`` of a run or after its last, or are not complete yet.
    ``end`` is the absolute step after the window, and ``whole`` whether the run goes on that far.
    """

    values: Any
    at: Any
    valid: Any
    run_start: Any
    end: Any
    whole: Any


def checked_period(period: Any, label: str, least: float = 0.0) -> Any:
    """A period as it was given; bare, it must be ``least`` ms or more.

    Raises
    ------
    ValueError, TypeError
        No positive time, or one so short that it was meant in s.
    """
    time = one_time(period, label)
    if time <= 0:
        raise ValueError(f"{label}={describe(period)} must be a positive time, for example 100 * u.ms.")
    if time < least and not isinstance(period, u.Quantity):
        raise ValueError(
            f"{label}={describe(period)} is {time:g} ms where it comes bare; write the unit, {time:g} * u.second, or "
            f"{time:g} * u.ms if that is meant."
        )
    return period


def steps_of(period: Any, signal: Signal, label: str) -> int:
    """A period in steps.

    Raises
    ------
    ValueError
        Not a whole number of the samples that it is made of.
    """
    steps = step_count(period, signal.dt, label)
    if steps < 1 or steps % signal.every:
        raise ValueError(
            f"{label}={describe(period)} must be a whole number of samples, of which one comes every "
            f"{signal.every * signal.dt:g} ms."
        )
    check_end(steps, signal.dt, f"{label}={describe(period)}")
    return steps


def picked(rows: WindowSamples, signal: Signal, every: int) -> WindowSamples:
    """The rows at whole multiples of ``every`` steps."""
    count, last = -(-len(rows.at) * signal.every // every), len(rows.at) - 1
    at = first_multiple(rows.at[0], every) + np.uint32(every) * jnp.arange(count, dtype=jnp.uint32)
    index = ((at - rows.at[0]) // np.uint32(signal.every)).astype(jnp.int32)
    inside = jnp.minimum(index, last)
    return rows._replace(values=rows.values[inside], at=at, valid=(index <= last) & rows.valid[inside])


def on_circle(phase: Any, period: float, axis: int) -> Any:
    """Cosine and sine of a phase, along a new axis."""
    angle = phase * (2 * np.pi / period)
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis)


def phase_of(points: Any, period: float, axis: int) -> Any:
    """The phase of points of a circle or within it, cosine and sine along ``axis``."""
    x, y = jnp.moveaxis(points, axis, 0)
    return jnp.arctan2(y, x) * (period / (2 * np.pi))


def as_column(mask: Any, values: Any) -> Any:
    """A mask of the leading axes of values, with axes of 1 behind."""
    return mask.reshape(*mask.shape, *(1,) * (values.ndim - mask.ndim))


def folded(
    rows: WindowSamples,
    signal: Signal,
    every: int,
    state: MonitorState,
    advance: Callable,
    read: Callable,
    reset: Callable | None = None,
) -> tuple[MonitorState, WindowSamples]:
    """A sample after every ``every`` steps of a state that advances row by row.

    One row after another in the order of time, so that where a run is cut changes no bit.
    """
    count = -(-len(rows.at) * signal.every // every)
    at = first_multiple(rows.at[0], every) + np.uint32(every) * jnp.arange(count, dtype=jnp.uint32)
    found, valid, found_valid = None, rows.valid, jnp.zeros(count, bool)
    for j in range(len(rows.at)):
        new, here = advance(state, rows.values[j]), valid[j]
        state = jax.tree.map(lambda n, o, here=here: jnp.where(here, n, o), new, state)
        now = (at == rows.at[j]) & here  # at most one is true
        value = read(state)
        found = jnp.zeros((count, *value.shape), value.dtype) if found is None else found
        found = jnp.where(as_column(now, found), value, found)
        found_valid = found_valid | now
        if reset is not None:
            ended = now.any()
            state = jax.tree.map(lambda n, o, ended=ended: jnp.where(ended, n, o), reset(state), state)
    return state, rows._replace(values=found, at=at, valid=found_valid)


def first_multiple(at: Any, every: int) -> Any:
    """The first whole multiple of ``every`` that is not below ``at``."""
    return (at + np.uint32(every - 1)) // np.uint32(every) * np.uint32(every)

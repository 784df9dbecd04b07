"""Time becomes a whole number of steps."""

from typing import Any

import brainstate
import brainunit as u
import numpy as np

from brainmass.units import describe, one_time, plain

LAST_STEP = 2**31 - 128  # of an int32, with room for the windows around it
_LONGEST_STEP = 1e9  # ms
_GRID_TOLERANCE = 1e-6  # a duration this close to a whole number of steps (in steps) counts as whole
_LARGEST_TOLERANCE = 0.05  # where a float32 rounds to more


def _grid_tolerance(duration: Any, steps: float) -> float:
    """How far, in steps, from a whole number of steps a duration may lie: as far as its own type rounds."""
    dtype = np.asarray(plain(duration.mantissa if isinstance(duration, u.Quantity) else duration)).dtype
    rounding = float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0
    return max(_GRID_TOLERANCE, min(rounding * steps, _LARGEST_TOLERANCE))


def resolve_dt(dt: Any) -> float:
    """The time step in ms: ``dt``, or brainstate's global one.

    Raises
    ------
    ValueError
        No dt anywhere, or one that is not a positive finite time.
    """
    if dt is None:
        dt = brainstate.environ.get("dt", default=None)
    if dt is None:
        raise ValueError("dt is not set: pass dt=0.1 * u.ms or call brainstate.environ.set(dt=0.1 * u.ms).")
    step = one_time(dt, "dt")
    if not 0 < step < _LONGEST_STEP:
        raise ValueError(f"dt={describe(dt)} must be a positive time below {_LONGEST_STEP:g} ms, as 0.1 * u.ms.")
    return step


def step_count(duration: Any, dt: float, name: str = "duration") -> int:
    """How many steps of ``dt`` ms make ``duration`` (bare: ms).

    Raises
    ------
    ValueError
        Not a time, negative, not finite, or not a whole number of steps.
    """
    steps = one_time(duration, name) / dt
    if steps < 0:
        raise ValueError(f"{name}={describe(duration)} must be a time of zero or more, for example 100 * u.ms.")
    whole = round(steps)
    if abs(steps - whole) > _grid_tolerance(duration, steps):
        raise ValueError(
            f"{name}={describe(duration)} is not a multiple of dt={dt:g} ms; "
            f"the nearest durations are {int(steps) * dt:g} and {(int(steps) + 1) * dt:g} ms."
        )
    return whole


def check_end(stop: int, dt: float, name: str) -> None:
    """Refuse, with a ValueError, an absolute step that is not counted any more."""
    if stop > LAST_STEP:
        raise ValueError(
            f"{name} reaches step {stop}, but {LAST_STEP} steps are counted, {LAST_STEP * dt:g} ms at dt={dt:g} ms; "
            "make it shorter, or dt larger."
        )

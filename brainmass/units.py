"""Bare number = declared unit; a Quantity is converted or refused; time becomes a whole number of steps."""

import re
from math import isfinite
from typing import Any

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

UNITLESS = u.UNITLESS
per_ms = u.ms**-1
_GRID_TOLERANCE = 1e-6  # a duration this close to a whole number of steps (in steps) counts as whole


def unit_name(unit: u.Unit) -> str:
    """The unit as it is written in messages, tables and on axes: ``1/ms``, never kHz."""
    if unit.is_unitless:
        return "1"
    if unit == per_ms:
        return "1/ms"
    return re.sub(r"\s*([/*])\s*", r"\1", str(unit))


def describe(value: Any) -> str:
    """A value in a message, short."""
    if isinstance(value, u.Quantity):
        number, unit = value.mantissa, unit_name(value.unit)
        return f"{describe(number)} {unit}"
    if isinstance(value, jax.core.Tracer):
        return f"a traced array of shape {value.shape}"
    if np.ndim(value):
        return f"an array of shape {np.shape(value)}"
    return repr(value.item() if hasattr(value, "item") else value)


def unit_of(value: Any) -> u.Unit:
    """The unit of a Quantity; ``UNITLESS`` for a bare number or array."""
    return value.unit if isinstance(value, u.Quantity) else UNITLESS


def with_unit(number: Any, unit: u.Unit) -> Any:
    """A Quantity, or the bare number where the unit is 1."""
    return number if unit.is_unitless and unit.magnitude == 1 else u.Quantity(number, unit)


def mantissa(value: Any, unit: u.Unit, name: str) -> Any:
    """``value`` as a bare number in ``unit``.

    Raises
    ------
    ValueError
        A Quantity of another dimension.
    """
    if not isinstance(value, u.Quantity):
        return value
    if value.unit.dim != unit.dim:
        raise ValueError(
            f"{name}={describe(value)} has the unit {unit_name(value.unit)}; "
            f"give it in {unit_name(unit)} or as a bare number."
        )
    return value.mantissa if value.unit == unit else value.to(unit).mantissa


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
    number = mantissa(dt, u.ms, "dt")
    if isinstance(number, jax.core.Tracer) or np.ndim(number):
        raise ValueError(f"dt={describe(dt)} must be one concrete time, for example 0.1 * u.ms.")
    step = float(np.float64(str(np.asarray(number))))  # float32(0.1) means 0.1
    if not (isfinite(step) and step > 0):
        raise ValueError(f"dt={describe(dt)} must be a positive time, for example 0.1 * u.ms.")
    return step


def step_count(duration: Any, dt: float, name: str = "duration") -> int:
    """How many steps of ``dt`` ms make ``duration`` (bare: ms).

    Raises
    ------
    ValueError
        Not a time, negative, not finite, or not a whole number of steps.
    """
    time = float(np.float64(str(np.asarray(mantissa(duration, u.ms, name)))))
    steps = time / dt
    if not isfinite(steps) or steps < 0:
        raise ValueError(f"{name}={describe(duration)} must be a time of zero or more, for example 100 * u.ms.")
    whole = round(steps)
    if abs(steps - whole) > _GRID_TOLERANCE * max(1.0, whole * 1e-3):
        raise ValueError(
            f"{name}={describe(duration)} is not a multiple of dt={dt:g} ms; "
            f"the nearest durations are {int(steps) * dt:g} and {(int(steps) + 1) * dt:g} ms."
        )
    return whole


def float_dtype() -> Any:
    """float32, or float64 where JAX's x64 flag is on now."""
    return jnp.result_type(float)

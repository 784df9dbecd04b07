"""Bare number = declared unit; a Quantity is converted or refused; time becomes a whole number of steps."""

import re
from typing import Any

import brainstate
import brainunit as u
import jax
import jax.core
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


def unit_named(name: str) -> u.Unit:
    """The unit that `unit_name` wrote."""
    return UNITLESS if name == "1" else u.parse_unit(re.sub(r"([/*])", r" \1 ", name))


def describe(value: Any) -> str:
    """A value in a message, short."""
    if isinstance(value, u.Quantity):
        number, unit = value.mantissa, unit_name(value.unit)
        return f"{describe(number)} {unit}"
    if isinstance(value, jax.core.Tracer):
        return f"a traced array of shape {value.shape}"
    if isinstance(value, np.ndarray | jax.Array) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.extended):
        return f"a random key of shape {value.shape}"
    if isinstance(value, np.generic | np.ndarray | jax.Array):
        return repr(value.item())
    text = repr(value)
    return text if len(text) < 60 and "\n" not in text else f"a {type(value).__name__}"


def size_text(size: int) -> str:
    """Bytes as one says them."""
    if size < 1e3:
        return f"{size} bytes"
    power = next(i for i in (1, 2, 3, 4) if size < 999.5 * 1000**i or i == 4)
    number = size / 1000**power
    return f"{number:.{max(0, 2 - len(str(int(number))))}f} {'kMGT'[power - 1]}B"


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
            + ("give a bare number." if unit.is_unitless else f"give it in {unit_name(unit)} or as a bare number.")
        )
    return value.mantissa if value.unit == unit else value.to(unit).mantissa


def numbers(value: Any, unit: u.Unit, name: str) -> Any:
    """``value`` as finite bare real numbers in ``unit``: a float64 host array, or the JAX array that it is.

    Raises
    ------
    TypeError
        Not real numbers.
    ValueError
        A Quantity of another dimension, NaN or infinite values.
    """
    bare = mantissa(value, unit, name)
    if isinstance(bare, jax.core.Tracer):
        return bare
    try:
        host = np.asarray(bare)
    except (TypeError, ValueError):
        host = np.asarray(None)
    if host.dtype.kind not in "iuf":
        raise TypeError(
            f"{name}={describe(value)} is not a number; give a real number, an array"
            + ("." if unit.is_unitless else f" or a Quantity in {unit_name(unit)}.")
        )
    if not np.isfinite(host).all():
        shown = (
            describe(value)
            if host.ndim == 0
            else f"{host[tuple(np.argwhere(~np.isfinite(host))[0])]} at "
            + str(np.argwhere(~np.isfinite(host))[0].tolist())
        )
        raise ValueError(f"{name}={shown} is not finite; give finite values.")
    if isinstance(bare, jax.Array):
        return bare
    host = np.array(host, np.float64)
    host.flags.writeable = False
    return host[()]


def is_concrete(value: Any) -> bool:
    """Not traced by JAX."""
    return not isinstance(value, jax.core.Tracer)


def is_count(value: Any) -> bool:
    """A positive integer (no bool)."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


def one_time(value: Any, name: str) -> float:
    """One concrete time in ms.

    Raises
    ------
    TypeError, ValueError
        Not one real finite number, another dimension, or traced.
    """
    number = numbers(value, u.ms, name)
    if isinstance(number, jax.core.Tracer) or np.ndim(number):
        raise ValueError(f"{name}={describe(value)} must be one concrete time, for example 0.1 * u.ms.")
    return float(str(mantissa(value, u.ms, name)))  # a float32 of 0.1 means 0.1


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
    if step <= 0:
        raise ValueError(f"dt={describe(dt)} must be a positive time, for example 0.1 * u.ms.")
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
    if abs(steps - whole) > _GRID_TOLERANCE:
        raise ValueError(
            f"{name}={describe(duration)} is not a multiple of dt={dt:g} ms; "
            f"the nearest durations are {int(steps) * dt:g} and {(int(steps) + 1) * dt:g} ms."
        )
    return whole


def float_dtype() -> Any:
    """float32, or float64 where JAX's x64 flag is on now."""
    return jnp.result_type(float)

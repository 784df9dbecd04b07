"""Bare number = declared unit; a Quantity is converted or refused."""

import contextlib
import inspect
import re
from typing import Any

import brainunit as u
import jax
import jax.core
import jax.numpy as jnp
import numpy as np

UNITLESS = u.UNITLESS
per_ms = u.ms**-1


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
    if isinstance(value, type):
        return f"the class {value.__name__}"
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
        A Quantity of another dimension; missing, NaN or infinite values, or some that are infinite in single precision.
    """
    bare = reals(value, unit, name)
    if isinstance(bare, jax.core.Tracer):
        return bare
    host = np.asarray(bare)
    if not np.isfinite(host).all():
        check_no_mask(value, name, "give a number there")
        at = tuple(np.argwhere(~np.isfinite(host))[0])
        where = f" at {list(map(int, at))}" if at else ""
        shown = f"{host[at]}{where}" if at else describe(value)
        raise ValueError(f"{name}={shown} is not finite; give finite values.")
    largest = float(jnp.finfo(float_dtype()).max)
    if (np.abs(host.astype(float)) > largest).any():
        raise ValueError(
            f"{name}={np.abs(host).max():g} is more than single precision holds, {largest:.3g}; scale it down, or "
            'switch to double precision with jax.config.update("jax_enable_x64", True).'
        )
    return bare


def reals(value: Any, unit: u.Unit, name: str) -> Any:
    """As `numbers`, with NaN and infinite values as they are, and NaN for those that a mask hides.

    Raises
    ------
    TypeError, ValueError
        Not real numbers, or a Quantity of another dimension.
    """
    bare = mantissa(plain(value), unit, name)
    if isinstance(bare, jax.core.Tracer):
        return bare
    try:
        host = np.asarray(float(bare) if is_whole(bare) else bare)
    except (TypeError, ValueError, OverflowError):
        host = np.asarray(None)
    if host.dtype.kind not in "iuf":
        kind = f" of dtype {host.dtype}" if host.ndim else ""
        raise TypeError(
            f"{name}={describe(value)}{kind} is not a number; give a real number, an array"
            + ("." if unit.is_unitless else f" or a Quantity in {unit_name(unit)}.")
        )
    if isinstance(bare, jax.Array):
        return bare
    host = np.array(host, np.float64)
    host.flags.writeable = False
    return host[()]


def plain(value: Any) -> Any:
    """A sparse matrix made dense, a masked array with NaN where it is masked, a table as an array; others as given."""
    if isinstance(value, u.Quantity):
        inner = plain(value.mantissa)
        return value if inner is value.mantissa else u.Quantity(inner, value.unit)
    if hasattr(value, "todense"):  # of scipy, or of JAX (BCOO)
        dense = value.todense()
        return dense if isinstance(dense, jax.Array | u.Quantity) else np.asarray(dense)
    if hasattr(value, "to_numpy"):  # of pandas or xarray
        return value.to_numpy()
    value = with_mask(value)
    if not isinstance(value, np.ma.MaskedArray):
        return value
    if not np.ma.is_masked(value) or value.dtype.kind not in "biuf":
        return np.asarray(value)
    return np.ma.filled(value.astype(float), np.nan)


def check_no_mask(value: Any, name: str, remedy: str) -> None:
    """Refuse, with a ValueError that ends in the ``remedy``, an array or list of which a mask hides some numbers."""
    inner = with_mask(value.mantissa if isinstance(value, u.Quantity) else value)
    if isinstance(inner, np.ma.MaskedArray) and np.ma.is_masked(inner):
        at = np.argwhere(np.ma.getmaskarray(inner))[0].tolist()
        raise ValueError(f"{name} is masked{f' at {at}' if at else ''}, and so missing; {remedy}.")


def with_mask(value: Any) -> Any:
    """A list that holds masked values as a masked array; anything else as it is."""

    def holds(part: Any) -> bool:
        return isinstance(part, np.ma.MaskedArray) or (isinstance(part, list | tuple) and any(map(holds, part)))

    def built(part: Any) -> Any:
        if isinstance(part, list | tuple):
            return np.ma.stack([built(one) for one in part])
        return np.ma.array(0.0, mask=True) if part is np.ma.masked else np.ma.array(part)

    if isinstance(value, list | tuple) and holds(value):
        with contextlib.suppress(ValueError, TypeError):  # what is no array is refused later
            return built(value)
    return value


def is_concrete(value: Any) -> bool:
    """Not traced by JAX."""
    return not isinstance(value, jax.core.Tracer)


def is_whole(value: Any) -> bool:
    """An integer, of Python or NumPy: no bool, and no time of NumPy, which counts as one there."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def is_count(value: Any) -> bool:
    """A positive integer."""
    return is_whole(value) and bool(value >= 1)


def checked_switch(value: Any, name: str) -> bool:
    """True or False.

    Raises
    ------
    TypeError
        Anything else, which Python would take for one of them.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}={describe(value)} must be True or False.")
    return bool(value)


def checked_text(value: Any, name: str, meaning: str = "a name") -> Any:
    """A text that is not empty, or None.

    Raises
    ------
    TypeError
        Anything else.
    """
    if value is not None and not (isinstance(value, str) and value):
        raise TypeError(f"{name}={describe(value)} must be a text, {meaning}.")
    return value


def checked_function(value: Any, name: str, takes: str) -> Any:
    """Something that can be called as ``(first, second, ...)``, and is no class.

    Raises
    ------
    TypeError
        Anything else.
    """
    names = takes.strip("()").replace(",", " ").split()
    if isinstance(value, type) or not callable(value) or not _accepts(value, names):
        raise TypeError(f"{name}={describe(value)} must be a function {takes}.")
    return value


def _accepts(function: Any, names: list[str]) -> bool:
    """Whether a function takes so many arguments, where that is known."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*names)
    except TypeError:
        return False
    return True


def one_number(value: Any, unit: u.Unit, name: str) -> Any:
    """As `numbers`, and only one of them.

    Raises
    ------
    TypeError, ValueError
        Not one real finite number, or another dimension.
    """
    number = numbers(value, unit, name)
    if np.ndim(number):
        raise ValueError(f"{name}={describe(value)} must be one number.")
    return number


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
    return as_printed(value, u.ms, name)


def as_printed(value: Any, unit: u.Unit, name: str) -> float:
    """One concrete number in ``unit``, as it is printed: a float32 of 0.1 means 0.1."""
    if isinstance(value, u.Quantity) and value.unit != unit:
        value = u.Quantity(_printed(value.mantissa), value.unit)
    return _printed(mantissa(value, unit, name))


def _printed(number: Any) -> float:
    return float(str(np.asarray(plain(number))[()]))


def float_dtype() -> Any:
    """float32, or float64 where JAX's x64 flag is on now."""
    return jax.dtypes.canonicalize_dtype(float)

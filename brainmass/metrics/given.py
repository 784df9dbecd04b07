"""What the functions here are given: arrays without their units, times in ms, frequencies in Hz."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


def real(value: Any, name: str) -> jax.Array:
    """The mantissa as an array of floats."""
    try:
        array = jnp.asarray(u.get_mantissa(value))
    except (TypeError, ValueError):
        raise TypeError(f"{name} is a {type(value).__name__}; give an array of real numbers.") from None
    if jnp.iscomplexobj(array):
        raise TypeError(f"{name} is complex; give real numbers.")
    known = jax.dtypes.canonicalize_dtype(array.dtype)  # JAX keeps its float64 copy of a host array when x64 goes off
    return array.astype(jnp.result_type(known, float))


def series(signal: Any, samples: int = 2, regions: int = 1, name: str = "signal") -> jax.Array:
    """A signal (time, region) or (time, batch, region), checked."""
    array = real(signal, name)
    if array.ndim not in (2, 3) or len(array) < samples or array.shape[-1] < regions:
        raise ValueError(
            f"{name} must be (time, region) or (time, batch, region) with {samples} samples and {regions} regions "
            f"or more, but is {array.shape}."
        )
    return array


def square(matrix: Any, name: str, least: int = 2) -> jax.Array:
    """A matrix ([batch,] n, n), checked."""
    array = real(matrix, name)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] < least:
        raise ValueError(f"{name} must be square, ([batch,] n, n) with n of {least} or more, but is {array.shape}.")
    return array


def alike(a: Any, b: Any, names: tuple[str, str]) -> tuple[jax.Array, jax.Array]:
    """Two arrays as bare numbers in the unit of the first."""
    unit, other = u.get_unit(a), u.get_unit(b)
    if unit.dim != other.dim:
        raise ValueError(f"{names[1]} is in {other} and {names[0]} in {unit}; give both in units of one dimension.")
    if unit != other:
        b = u.Quantity(b).to(unit)
    return real(a, names[0]), real(b, names[1])


def bare(value: Any, unit: u.Unit, name: str) -> Any:
    """The value as a bare number in ``unit``."""
    if not isinstance(value, u.Quantity):
        return value
    if value.unit.dim != unit.dim:
        raise ValueError(f"{name} is in {value.unit}; give it in {unit} or as a bare number.")
    return value.mantissa if value.unit == unit else value.to(unit).mantissa


def number(value: Any, unit: u.Unit, name: str) -> float:
    """One concrete finite number in ``unit``, zero or more."""
    value = bare(value, unit, name)
    try:
        found = float(str(value)) if isinstance(value, np.generic | np.ndarray | jax.Array) else float(value)
    except (TypeError, ValueError):  # an array, a tracer or no number at all
        raise ValueError(f"{name} is a {type(value).__name__}; give one concrete number, in {unit}.") from None
    if not 0 <= found < np.inf:
        raise ValueError(f"{name}={found:g} {unit} must be finite and not negative.")
    return found


def length(x: Any, y: Any) -> Any:
    """√(x² + y²), with the gradient 0 at 0."""
    return root(x**2 + y**2)


def root(square: Any) -> Any:
    """√, with the gradient 0 at 0."""
    zero = square == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, square)))

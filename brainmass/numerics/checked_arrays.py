"""What functions of data are given: arrays without their units, one number, a series, a square matrix, each checked."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.dimensions import MATRIX, SIGNAL, arranged
from brainmass.names import agreed, region_names, square_names
from brainmass.numerics.array_kinds import check_signal, on_host
from brainmass.units import as_printed, check_no_mask, describe, is_concrete, mantissa, numbers, plain, unit_name


def real(value: Any, name: str) -> jax.Array:
    """The values without their unit as an array of floats; NaN stays NaN, and what is masked is refused."""
    given = u.get_mantissa(value) if isinstance(value, u.Quantity) else value
    check_no_mask(value, name, "leave out the regions or times that lack a value")
    try:
        array = jnp.asarray(plain(given))
    except (TypeError, ValueError, OverflowError):
        array = None
    if array is None or not (array.dtype == bool or jnp.issubdtype(array.dtype, jnp.number)):
        kind = f"a {type(given).__name__}" + (f" of dtype {given.dtype}" if hasattr(given, "dtype") else "")
        raise TypeError(f"{name} is {kind}; give an array of real numbers.")
    if jnp.iscomplexobj(array):
        raise TypeError(f"{name} is complex; give real numbers.")
    known = jax.dtypes.canonicalize_dtype(array.dtype)  # JAX keeps its float64 copy of a host array when x64 goes off
    return array.astype(jnp.promote_types(jnp.result_type(known, float), jnp.float32))


def series(signal: Any, samples: int = 2, regions: int = 1, name: str = "signal") -> jax.Array:
    """A signal (time, region) or (time, batch, region), checked."""
    signal = arranged(signal, SIGNAL, name)
    array = real(signal, name)
    if array.ndim not in (2, 3) or len(array) < samples or array.shape[-1] < regions:
        raise ValueError(
            f"{name} must be (time, region) or (time, batch, region) with {samples} samples and {regions} regions "
            f"or more, but is {array.shape}."
        )
    check_signal(signal, name, "give the signal that it is of")
    region_names(signal, name)
    return array


def check_same_regions(a: Any, b: Any, names: tuple[str, str]) -> None:
    """Refuse, with a ValueError, two tables, of signals or matrices, that name other regions or in another order."""
    agreed({name: region_names(x, name) for x, name in zip((a, b), names, strict=True)})


def square(matrix: Any, name: str, least: int = 2) -> jax.Array:
    """A matrix ([batch,] n, n), checked."""
    matrix = arranged(matrix, MATRIX, name)
    array = real(matrix, name)
    square_names(matrix, name)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] < least:
        raise ValueError(f"{name} must be square, ([batch,] n, n) with n of {least} or more, but is {array.shape}.")
    return array


def check_complete(matrix: Any, name: str) -> None:
    """Refuse, with a ValueError, a matrix of which some entries beside the diagonal are missing.

    One without any of them, as of a simulation that diverged, is let through: what is made of it is NaN.
    """
    host = on_host(matrix)
    if host is None:
        return
    off = ~np.eye(host.shape[-1], dtype=bool)
    missing = ~np.isfinite(host) & off
    partly = missing.any((-2, -1)) & (missing != off).any((-2, -1))
    at = np.argwhere(missing & partly[..., None, None])
    if len(at):
        raise ValueError(
            f"{name} is {host[tuple(at[0])]} at {at[0].tolist()}; leave out the regions that lack a value, "
            "fc[np.ix_(keep, keep)] of every matrix."
        )


def alike(a: Any, b: Any, names: tuple[str, str]) -> tuple[jax.Array, jax.Array]:
    """Two arrays as bare numbers in the unit of the first."""
    unit, other = (x.unit if isinstance(x, u.Quantity) else u.UNITLESS for x in (a, b))
    if unit.dim != other.dim:
        raise ValueError(
            f"{names[1]} is in {unit_name(other)} and {names[0]} in {unit_name(unit)}; give both in units of one "
            "dimension."
        )
    return real(a, names[0]), real(mantissa(b, unit, names[1]) if unit != other else b, names[1])


def check_batches(a: Any, b: Any, names: tuple[str, str]) -> None:
    """Refuse, with a ValueError, two arrays whose axes before the last do not go together."""
    try:
        np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    except ValueError:
        raise ValueError(
            f"{names[0]} is {a.shape} and {names[1]} {b.shape}; give two of one batch, or one without a batch."
        ) from None


def number(value: Any, unit: u.Unit, name: str) -> float:
    """One concrete finite number in ``unit``, zero or more."""
    bare = numbers(value, unit, name)
    if not is_concrete(bare) or np.ndim(bare):
        raise ValueError(f"{name}={describe(value)} must be one concrete number.")
    found = as_printed(value, unit, name)
    if found < 0:
        raise ValueError(f"{name}={describe(value)} must be zero or more.")
    return found


def length(x: Any, y: Any) -> Any:
    """√(x² + y²), with the gradient 0 at 0, for tiny and huge numbers too."""
    size = size_of(x, y)
    return size * root((x / size) ** 2 + (y / size) ** 2)


def size_of(x: Any, y: Any) -> Any:
    """The larger of |x| and |y|, or 1 where both are 0: divided by it, squares neither overflow nor vanish."""
    largest = jax.lax.stop_gradient(jnp.maximum(jnp.abs(x), jnp.abs(y)))
    return jnp.where(largest == 0, 1, largest)


def root(square: Any) -> Any:
    """√, with the gradient 0 at 0."""
    zero = square == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, square)))

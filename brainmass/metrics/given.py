"""What the functions here are given: arrays without their units, one number, a signal or a matrix, each checked."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.naming import square_names
from brainmass.units import describe, is_concrete, mantissa, numbers, plain, unit_name

_ROUNDING = 1e-4  # of correlations in single precision, or written to a file with four digits


def real(value: Any, name: str) -> jax.Array:
    """The values without their unit as an array of floats; NaN stays NaN, and what is masked is refused."""
    given = u.get_mantissa(value) if isinstance(value, u.Quantity) else value
    _check_no_mask(given, name)
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


def _check_no_mask(value: Any, name: str) -> None:
    if isinstance(value, list | tuple) and any(isinstance(part, np.ma.MaskedArray) for part in value):
        value = np.ma.stack([np.ma.asarray(part) for part in value])
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        at = np.argwhere(np.ma.getmaskarray(value))[0].tolist()
        where = f" at {at}" if at else ""
        raise ValueError(f"{name} is masked{where}, and so missing; leave out the regions or times that lack a value.")


def series(signal: Any, samples: int = 2, regions: int = 1, name: str = "signal") -> jax.Array:
    """A signal (time, region) or (time, batch, region), checked."""
    array = real(signal, name)
    if array.ndim not in (2, 3) or len(array) < samples or array.shape[-1] < regions:
        raise ValueError(
            f"{name} must be (time, region) or (time, batch, region) with {samples} samples and {regions} regions "
            f"or more, but is {array.shape}."
        )
    check_no_correlations(signal, name, "give the signal that they are of")
    return array


def is_correlation(value: Any) -> bool:
    """Whether it is a correlation matrix, or a batch of them: symmetric with a diagonal of 1, which no signal is.

    A region without values has NaN throughout. What is traced cannot be seen, and counts as none.
    """
    matrix = on_host(value)
    if matrix is None or not is_symmetric(matrix):
        return False
    diagonal = np.diagonal(matrix, axis1=-2, axis2=-1)
    ones = np.isclose(diagonal, 1, atol=_ROUNDING)
    return bool((ones | np.isnan(diagonal)).all() and ones.any())


def on_host(value: Any) -> np.ndarray | None:
    """The bare values, None where they are traced. What is made of them inside of `jit` is traced, they are not."""
    bare = plain(value.mantissa if isinstance(value, u.Quantity) else value)
    return np.asarray(bare) if is_concrete(bare) else None


def is_symmetric(value: Any) -> bool:
    """Whether it is concrete and a symmetric matrix of two regions or more, or a batch of them."""
    matrix = on_host(value)
    if matrix is None or matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] < 2:
        return False
    return np.allclose(matrix, np.swapaxes(matrix, -1, -2), atol=_ROUNDING, equal_nan=True)


def check_no_correlations(value: Any, name: str, instead: str) -> None:
    """Refuse, with a ValueError, correlations in the place of a signal."""
    if is_correlation(value):
        regions = np.shape(u.get_mantissa(value))[-1]
        raise ValueError(
            f"{name} is symmetric with a diagonal of 1, correlations of {regions} regions and no signal; {instead}."
        )


def square(matrix: Any, name: str, least: int = 2) -> jax.Array:
    """A matrix ([batch,] n, n), checked."""
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


def number(value: Any, unit: u.Unit, name: str) -> float:
    """One concrete finite number in ``unit``, zero or more."""
    bare = numbers(value, unit, name)
    if not is_concrete(bare) or np.ndim(bare):
        raise ValueError(f"{name}={describe(value)} must be one concrete number.")
    found = float(str(np.asarray(plain(mantissa(value, unit, name)))[()]))  # a float32 of 0.1 means 0.1
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

"""Arrays: up to 64 numbers in place, bundled data by name, all others by name and SHA-256 in a companion file."""

import math
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.datasets import bundled_names, load_dataset
from brainmass.spec.scalars import number_as_data, unit_as_text
from brainmass.units import describe, is_concrete

INLINE = 64
"""The most numbers that stand in the spec itself."""
DTYPES = ("bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), "float32", "float64")
_PLAIN = ("bool", "int64", "float64")
"""The dtypes that numbers written in place have without saying so."""

Arrays = dict[str, np.ndarray]


def array_as_data(value: Any, unit: u.Unit | None, path: str, arrays: Arrays) -> Any:
    """An array of numbers or texts as data; a large one goes into ``arrays`` under its path.

    Raises
    ------
    TypeError, ValueError
        Traced, empty, or of another kind.
    """
    if not is_concrete(value):
        raise ValueError(f"{describe(value)} has no values to write down before JAX has computed it.")
    host = np.asarray(value)
    if host.dtype.kind == "U":
        return _texts_as_data(host, path, arrays)
    if host.dtype.name not in DTYPES:
        raise TypeError(f"an array of dtype {host.dtype} cannot be written down; give {', '.join(DTYPES)}.")
    if not host.size:
        raise ValueError(f"an array of the shape {host.shape} is empty; leave it out.")
    written = {} if unit is None or is_one(unit) else {"unit": unit_as_text(unit)}
    known = host.dtype.name == "float64" and host.ndim == 2 and _bundled().get((digest(host), written.get("unit", "")))
    if known:
        return {"dataset": known[0], "field": known[1], "sha256": digest(host)}
    if host.size > INLINE:
        return _outside(host, path, arrays) | written
    dtype = {} if host.dtype.name in _PLAIN else {"dtype": host.dtype.name}
    inline = _listed(host)
    return {"array": inline} | dtype | written if dtype or written else inline


def is_one(unit: u.Unit) -> bool:
    return unit.is_unitless and unit.magnitude == 1


def _texts_as_data(host: np.ndarray, path: str, arrays: Arrays) -> Any:
    known = host.ndim == 1 and _bundled().get((digest(host), "text"))
    if known:
        return {"dataset": known[0], "field": known[1], "sha256": digest(host)}
    if host.size > INLINE:
        return _outside(host, path, arrays)
    return {"text": host.tolist()}


def _outside(host: np.ndarray, path: str, arrays: Arrays) -> dict[str, Any]:
    arrays[path] = host
    return {"file": path, "shape": list(host.shape), "dtype": type_name(host.dtype), "sha256": digest(host)}


def type_name(dtype: np.dtype) -> str:
    """``float64``, or ``text`` for texts of any length."""
    return "text" if dtype.kind == "U" else dtype.name


def _listed(host: np.ndarray) -> Any:
    """Nested lists; those that are not finite as texts, and those of float32 as short as they are exact."""
    if host.ndim:
        return [_listed(part) for part in host]
    if host.dtype.kind != "f":
        return host.item()
    short = float(str(host[()]))
    return number_as_data(short if host.dtype.type(short) == host[()] else host.item())


def digest(host: np.ndarray) -> str:
    """The SHA-256 of the numbers in the order of C, little-endian; of texts that of the texts, one a line."""
    if host.dtype.kind == "U":
        return sha256("\n".join(host.reshape(-1).tolist()).encode("utf-8", "surrogatepass")).hexdigest()
    return sha256(np.ascontiguousarray(host, host.dtype.newbyteorder("<")).tobytes()).hexdigest()


@cache
def _bundled() -> dict[tuple[str, str], tuple[str, str]]:
    """Dataset and field by SHA-256 and unit of the bundled arrays."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for name in bundled_names():
        for field, value in _fields_of(load_dataset(name)).items():
            unit = value.unit if isinstance(value, u.Quantity) else None
            host = np.asarray(value.mantissa if unit is not None else value)
            if host.ndim:
                named = "text" if host.dtype.kind == "U" else "" if unit is None or is_one(unit) else unit_as_text(unit)
                found.setdefault((digest(host), named), (name, field))
    return found


def numbers_as_array(listed: Any, dtype: str) -> Any:
    """Numbers in place as an array of a dtype that they say: one of JAX, which keeps it.

    Raises
    ------
    ValueError
        No numbers, another dtype, or numbers that it cannot hold.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype={describe(dtype)} must be one of {', '.join(DTYPES)}.")
    try:
        host = np.array(listed, dtype)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{describe(listed)} is no array of {dtype}.") from None
    return host if dtype in _PLAIN else jnp.asarray(host)


def _fields_of(dataset: Any) -> dict[str, Any]:
    """What a dataset holds, by name."""
    listed = getattr(dataset, "as_arguments", getattr(dataset, "_asdict", dict))()
    return {name: value for name, value in listed.items() if value is not None}


def from_dataset(name: Any, field: Any, checksum: Any) -> Any:
    """A dataset, or one field of it.

    Raises
    ------
    ValueError
        No such dataset or field, or one that has changed since it was named.
    """
    try:
        found = load_dataset(name)
    except KeyError as error:
        raise ValueError(str(error)) from None
    if field is None:
        return found
    fields = _fields_of(found)
    if not isinstance(field, str) or field not in fields:
        raise ValueError(f"field={describe(field)} of dataset {name!r} must be one of {', '.join(fields)}.")
    value = fields[field]
    if checksum is not None and digest(np.asarray(getattr(value, "mantissa", value))) != checksum:
        raise ValueError(f"the dataset {name!r} has other {field} than when this was written.")
    return value


def from_companion(node: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
    """An array of the companion file, checked against what the spec says of it.

    Raises
    ------
    ValueError
        It is not there, or another one.
    """
    name = node["file"]
    if not isinstance(name, str) or name not in arrays:
        raise ValueError(f"file={describe(name)} names an array that did not come with the spec; read_spec reads both.")
    host = arrays[name]
    wanted = node.get("shape"), node.get("dtype"), node.get("sha256")
    if wanted != (list(host.shape), type_name(host.dtype), digest(host)):
        raise ValueError(f"the array {describe(name)} is not the one that was written: its SHA-256 or shape differs.")
    if host.dtype.kind == "U" or host.dtype.name in _PLAIN:
        return host
    return jnp.asarray(host)


def companions(node: Any) -> Iterator[Mapping[str, Any]]:
    """The parts of a spec that name an array of the companion file."""
    if isinstance(node, dict):
        if "file" in node and "sha256" in node:
            yield node
        else:
            for part in node.values():
                yield from companions(part)
    elif isinstance(node, list):
        for part in node:
            yield from companions(part)


def size_of(node: Mapping[str, Any]) -> int | None:
    """How many elements a part says that its array has; None where it does not say it rightly."""
    shape = node.get("shape")
    is_shape = isinstance(shape, list) and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in shape)
    return math.prod(shape) if is_shape and shape else None


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | jax.Array | np.floating)

"""Trees of arrays, numbers and text as JSON and bytes: what is read back is data, never code."""

from typing import Any

import brainunit as u
import jax
import numpy as np
from jax.tree_util import default_registry

from brainmass.units import describe, unit_name, unit_named

Buffers = list[np.ndarray]


def packed(value: Any, buffers: Buffers) -> Any:
    """``value`` as what JSON holds; its arrays are appended to ``buffers``.

    Tuples with names and other nodes of JAX's trees become plain tuples of their children.

    Raises
    ------
    TypeError
        Neither a tree nor a leaf of that kind.
    """
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, u.Quantity):
        return {"quantity": packed(value.mantissa, buffers), "unit": _written_unit(value.unit)}
    if isinstance(value, dict):
        return {"dict": [[packed(k, buffers), packed(v, buffers)] for k, v in value.items()]}
    if isinstance(value, list):
        return {"list": [packed(x, buffers) for x in value]}
    if isinstance(value, frozenset | set):
        return {"set": [packed(x, buffers) for x in sorted(value)]}
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _packed_array(np.asarray(value), buffers)
    children = value if isinstance(value, tuple) else _children(value)
    return {"tuple": [packed(x, buffers) for x in children]}


def _children(value: Any) -> Any:
    if jax.tree_util.all_leaves([value]):
        raise TypeError(f"{describe(value)} is no array, number or text.")
    return default_registry.flatten_one_level(value)[0]


def _packed_array(array: np.ndarray, buffers: Buffers) -> Any:
    if array.dtype.kind in "UTO":
        if not all(isinstance(x, str) for x in array.reshape(-1).tolist()):
            raise TypeError("an array of objects is no array of numbers or text.")
        return {"text": array.reshape(-1).tolist(), "shape": list(array.shape)}
    buffers.append(np.ascontiguousarray(array))
    kind = array.dtype.name if array.dtype.kind == "V" else array.dtype.str  # that of bfloat16 says "two bytes"
    return {"array": kind, "shape": list(array.shape)}


def _written_unit(unit: u.Unit) -> Any:
    """A name where it is exact, and the powers of the seven dimensions and the scale elsewhere."""
    name = unit_name(unit)
    try:
        if unit_named(name) == unit:
            return name
    except Exception:  # whatever the parser of another package makes of a name
        pass
    return [np.asarray(unit.dim.dim, float).tolist(), unit.scale, unit.base, unit.factor]


def _read_unit(written: Any) -> u.Unit:
    if isinstance(written, str):
        return unit_named(written)
    powers, scale, base, factor = written
    return u.Unit(u.get_or_create_dimension(list(powers)), scale=scale, base=base, factor=factor)


def unpacked(written: Any, payload: memoryview) -> Any:
    """What `packed` was given; ``payload`` holds its buffers one after the other.

    Raises
    ------
    ValueError
        More bytes than the buffers have.
    """
    at = 0

    def read(x: Any) -> Any:
        nonlocal at
        if not isinstance(x, dict):
            return x
        if "array" in x:
            dtype, shape = np.dtype(x["array"]), tuple(x["shape"])
            count = int(np.prod(shape, dtype=np.int64))
            found = np.frombuffer(payload, dtype, count, at).reshape(shape).copy()
            at += count * dtype.itemsize
            return found if shape else found[()]
        if "text" in x:
            return np.array(x["text"], dtype=str).reshape(x["shape"])
        if "quantity" in x:
            return u.Quantity(read(x["quantity"]), _read_unit(x["unit"]))
        if "dict" in x:
            return {read(key): read(value) for key, value in x["dict"]}
        kind, make = next((n, m) for n, m in (("list", list), ("tuple", tuple), ("set", frozenset)) if n in x)
        return make([read(value) for value in x[kind]])

    found = read(written)
    if at != len(payload):
        raise ValueError(f"{len(payload)} bytes of which {at} are used")
    return found

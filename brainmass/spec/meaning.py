"""What a spec means: the same for all ways to write it, however its keys are ordered and its units are chosen."""

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import brainunit as u

from brainmass.spec.scalars import text_as_value
from brainmass.units import unit_of

_DIGITS = 12
"""Of a number that count, so that the rounding of a conversion between units does not."""


def normal(node: Any, unit: u.Unit | None = None) -> Any:
    """A part of a spec with its numbers in SI units and of 12 digits, without names of files and datasets."""
    if isinstance(node, str):
        return _number(node, unit)
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int | float):
        return _in_si(node, unit)
    if isinstance(node, list | tuple):
        return [normal(part, unit) for part in node]
    if not isinstance(node, Mapping):
        return repr(node)
    if "array" in node:
        read = text_as_value(f"1 {node['unit']}") if "unit" in node else None
        kept = {"dtype": node["dtype"]} if "dtype" in node else {}
        return {"array": normal(node["array"], unit_of(read) if read is not None else None)} | kept
    if "sha256" in node:
        return {"sha256": node["sha256"]} | ({"unit": node["unit"]} if "unit" in node and "file" in node else {})
    return {str(key): normal(part) for key, part in node.items()}


def _number(text: str, unit: u.Unit | None) -> Any:
    try:
        value = text_as_value(text)
    except ValueError:
        return text
    if isinstance(value, str):
        return value
    if isinstance(value, u.Quantity):
        return _in_si(float(value.mantissa), value.unit)
    return _in_si(value, unit)


def _in_si(number: float, unit: u.Unit | None) -> Any:
    if unit is not None:
        number = number * unit.magnitude
    whole = isinstance(number, int) and abs(number) > 2**53
    rounded: Any = str(number) if whole else float(f"{float(number):.{_DIGITS}g}")
    if isinstance(rounded, float) and not math.isfinite(rounded):
        rounded = f"{rounded:g}"
    rounded = 0.0 if rounded == 0 else rounded
    return rounded if unit is None or unit.is_unitless else {"number": rounded, "dimension": str(unit.dim)}


def same(one: Any, other: Any) -> bool:
    """Whether two parts of specs mean the same."""
    return _text(one) == _text(other)


def _text(node: Any) -> str:
    return json.dumps(normal(node), sort_keys=True, ensure_ascii=True, allow_nan=False)


def hash_of(spec: Mapping[str, Any]) -> str:
    """The SHA-256, as 64 hexadecimal digits, of what a spec as `to_spec` writes it means."""
    return sha256(_text(dict(spec)).encode()).hexdigest()

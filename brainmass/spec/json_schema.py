"""A JSON Schema of the whole format, made of what the classes declare: for editors that check and complete."""

from typing import Any

import brainunit as u

from brainmass.spec.arguments import named, takes_others
from brainmass.spec.names import public_classes
from brainmass.spec.problems import SpecError
from brainmass.spec.scalars import NUMBER
from brainmass.spec.write import FORMAT, Page, as_data
from brainmass.units import unit_name

_ANY = {"$ref": "#/$defs/value"}
_TEXT = {"type": "string"}


def schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of everything that `from_spec` reads: each class with its arguments, units and defaults.

    Returns
    -------
    dict
        Plain data, ready for ``json.dumps``.
    """
    classes = public_classes()
    cases = [
        {
            "if": {"properties": {"class": {"const": name}}, "required": ["class"]},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in classes
    ]
    known = {"enum": list(classes)}
    own = {"type": "string", "pattern": r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$"}
    thing = {"type": "object", "required": ["class"], "properties": {"class": {"anyOf": [known, own]}}, "allOf": cases}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A brainmass spec",
        "$ref": "#/$defs/object",
        "properties": {"format": {"const": FORMAT}},
        "$defs": {"object": thing, **_parts(), **{name: of_class(kind, name) for name, kind in classes.items()}},
    }


def _tagged(needed: dict[str, Any], others: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(needed),
        "properties": needed | (others or {}),
        "additionalProperties": False,
    }


def _parts() -> dict[str, Any]:
    """What is no object of a class: numbers, quantities, arrays, functions, and the like."""
    listed = {"type": "array", "items": {"anyOf": [{"type": ["number", "boolean"]}, _special(), _ref("numbers")]}}
    quantity = {"type": "string", "pattern": rf"^{NUMBER}\s+\S.*$"}
    parts = {
        "numbers": listed,
        "quantity": quantity,
        "array": _tagged({"array": {"anyOf": [{"type": "number"}, _ref("numbers")]}}, {"dtype": _TEXT, "unit": _TEXT}),
        "file": _tagged({"file": _TEXT, "shape": {"type": "array"}, "dtype": _TEXT, "sha256": _TEXT}, {"unit": _TEXT}),
        "dataset": _tagged({"dataset": _TEXT}, {"field": _TEXT, "sha256": _TEXT}),
        "function": _tagged({"function": {"type": "string", "pattern": ":"}}),
        "text": _tagged({"text": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}}),
        "none": _tagged({"none": {"const": True}}),
        "param": _tagged({"param": _ANY}, {"fit": {"type": "boolean"}}),
        "unit": _tagged({"unit": _TEXT}),
        "same": _tagged({"same": _TEXT}),
        "mapping": _tagged({"mapping": {"type": "object"}}),
    }
    plain = {"type": ["string", "number", "boolean"]}
    table = {"type": "object", "not": {"anyOf": [{"required": [tag]} for tag in ("class", *parts)]}}
    table["additionalProperties"] = _ANY
    tags = [_ref(name) for name in parts if name not in ("numbers", "quantity")]
    anything = [plain, {"type": "array", "items": _ANY}, *tags, table, _ref("object")]
    number = [{"type": "number"}, _special(), *map(_ref, ("quantity", "array", "file", "dataset", "param", "none"))]
    lists = [_ref("numbers"), {"type": "array", "items": _ref("quantity")}]
    return parts | {"value": {"anyOf": anything}, "number": {"anyOf": [*number, *lists]}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _special() -> dict[str, Any]:
    return {"enum": ["nan", "inf", "-inf"]}


def of_class(kind: type, name: str) -> dict[str, Any]:
    """The schema of the objects of a class, by what its constructor takes."""
    arguments = {n: _of_argument(kind, n) for n in named(kind)}
    fields = {"class": {"const": name}, "format": {"const": FORMAT}} | arguments
    return {
        "description": (kind.__doc__ or "").strip().split("\n")[0],
        "type": "object",
        "properties": fields,
        "required": [n for n, p in named(kind).items() if p.default is p.empty],
        "additionalProperties": _ANY if takes_others(kind) else False,
    }


def _of_argument(kind: type, name: str) -> dict[str, Any]:
    """What an argument may be: a number of a unit where that is declared, or anything."""
    parameter, unit, doc, bounds = named(kind)[name], None, "", None
    declared = getattr(kind, "argument_declarations", dict)().get(name)
    if declared is not None:
        unit, doc, bounds = declared.unit, declared.doc, getattr(declared, "bounds", None)
    if getattr(parameter.annotation, "__metadata__", ()):
        unit = getattr(parameter.annotation.__metadata__[0], "unit", None)
    measured = f"in {unit_name(unit)}" if isinstance(unit, u.Unit) else getattr(unit, "meaning", "")
    usual = f"usually {bounds[0]:g} to {bounds[1]:g}" if bounds else ""
    found = {"description": "; ".join(part for part in (doc, measured, usual) if part)}
    if parameter.default is not parameter.empty and parameter.default is not None:
        try:
            found["default"] = as_data(parameter.default, "", Page({}, {}))
        except SpecError:
            found.pop("default", None)
    is_number = hasattr(declared, "default") or (isinstance(unit, u.Unit) and declared is None)
    return (_ref("number") if is_number else _ANY) | {key: text for key, text in found.items() if text != ""}

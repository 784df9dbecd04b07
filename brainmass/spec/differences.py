"""What differs between two specs, in units: one line for each value."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import brainunit as u

from brainmass.spec.arguments import is_number, named
from brainmass.spec.meaning import same
from brainmass.spec.names import class_named
from brainmass.spec.problems import SpecError, below
from brainmass.spec.read import from_spec
from brainmass.spec.write import TAGS, Page, Spec, as_data, spec_of, to_spec
from brainmass.units import with_unit


class Difference(NamedTuple):
    """A value that two specs have otherwise, and what each has, as text."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path or 'all of it'}: {self.before} → {self.after}"


class Differences(list[Difference]):
    """What differs, one line each where it is shown; empty where two specs mean the same."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "no difference"

    __repr__ = __str__


def diff(before: Any, after: Any, trust: Iterable[str] = ()) -> Differences:
    """What differs between two objects or specs, each value with its unit: ``network.k: 0.5 1/ms → 0.3 1/ms``.

    The same value in another unit, or one that is the default and is written, is no difference.

    Parameters
    ----------
    before, after
        Objects, or their specs.
    trust
        As in `from_spec`.

    Raises
    ------
    SpecError
        An object that has no form as data.
    """
    one, other = (_settled(given, trust, name) for name, given in (("before", before), ("after", after)))
    return Differences(_differences(one, other, ""))


def _settled(given: Any, trust: Iterable[str], name: str) -> Mapping[str, Any]:
    """A spec as `to_spec` writes it; as it is where it cannot be read."""
    if not isinstance(given, Mapping):
        return spec_of(given, name)
    try:
        return to_spec(from_spec(given, trust))
    except SpecError:
        return given if isinstance(given, Spec) else Spec(dict(given))


def _differences(before: Any, after: Any, path: str) -> list[Difference]:
    if _is_table(before) and _is_table(after) and before.get("class") == after.get("class"):
        found = []
        for name in dict.fromkeys([*before, *after]):
            one, other = (table.get(name, _Default(before.get("class"), name)) for table in (before, after))
            found += _differences(one, other, below(path, name))
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and _has_tables(before):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for i, (left, right) in pairs for one in _differences(left, right, below(path, i))]
    if type(before) is type(after) and same(before, after):
        return []
    return [Difference(path, shown(before), shown(after))]


class _Default:
    """What is not written."""

    def __init__(self, kind: Any, name: str):
        self.kind, self.name = kind, name

    def __str__(self) -> str:
        try:
            kind = class_named(self.kind, ())
            default, declared = named(kind)[self.name].default, getattr(kind, "argument_declarations", dict)()
            unit = getattr(declared.get(self.name), "unit", None)
            if is_number(default) and isinstance(unit, u.Unit) and not isinstance(default, u.Quantity):
                default = with_unit(default, unit)
            return f"the default, {shown(as_data(default, '', Page({}, {})))}"
        except (ValueError, KeyError):
            return "nothing"


def _is_table(node: Any) -> bool:
    return isinstance(node, Mapping) and ("class" in node or not any(tag in node for tag in TAGS))


def _has_tables(nodes: list[Any]) -> bool:
    return all(isinstance(node, Mapping) for node in nodes)


def shown(node: Any) -> str:
    """A part of a spec in a line."""
    if isinstance(node, _Default):
        return str(node)
    if isinstance(node, list):
        text = f"[{', '.join(map(shown, node))}]"
        return text if len(text) < 80 else f"a list of {len(node)}"
    if not isinstance(node, Mapping):
        return str(node)
    if "array" in node:
        return f"{shown(node['array'])} {node.get('unit', '')}".rstrip()
    if "dataset" in node:
        return f"{node.get('field', 'all')} of {node['dataset']}"
    if "file" in node:
        size = " × ".join(map(str, node.get("shape", [])))
        return f"{size} numbers {node.get('unit', '')}".rstrip() + f" (SHA-256 {str(node.get('sha256'))[:8]}…)"
    for tag in ("function", "text", "param", "same"):
        if tag in node:
            return shown(node[tag])
    rest = ", ".join(f"{name}={shown(part)}" for name, part in node.items() if name not in ("class", "format"))
    return "nothing" if "none" in node else f"{node.get('class', '')}({rest})"

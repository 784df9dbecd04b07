"""A spec read back: every part is checked, and all problems are said at once; nothing that it names is executed."""

from collections.abc import Iterable, Mapping
from typing import Any

import brainunit as u
import numpy as np
from brainstate.nn import Const, Param

from brainmass.names import meant
from brainmass.spec.arrays import from_companion, from_dataset, numbers_as_array
from brainmass.spec.build import Built, Made, Value, Whole
from brainmass.spec.names import checked_trust, class_named, function_named
from brainmass.spec.problems import Problem, SpecError, below
from brainmass.spec.scalars import known_unit, text_as_value
from brainmass.spec.write import FORMAT, TAGS
from brainmass.units import describe, with_unit

_DEEPEST = 50


def from_spec(spec: Any, trust: Iterable[str] = ()) -> Any:
    """The object that a spec describes, as `to_spec` has written it or by hand.

    Reading executes nothing: classes and functions of your own are taken from modules that are loaded already, others
    are imported only with ``trust``, and no function is called.

    Parameters
    ----------
    spec
        A dict; a `Spec` brings its large arrays.
    trust : tuple of str
        Modules that may be imported to find classes and functions, as ``("mymodels",)``.

    Raises
    ------
    SpecError
        Everything that is wrong with it, each with its path, such as ``network.node.a``.
    """
    return read_part(spec, trust, "", source="the spec")


def read_part(spec: Any, trust: Iterable[str], path: str, source: str = "") -> Any:
    """As `from_spec`, of what stands at a ``path``; ``source`` is what messages call the whole."""
    arrays = getattr(spec, "arrays", {})
    reader = Reader(checked_trust(trust), arrays if isinstance(arrays, dict) else {})
    built = reader.root(spec, path)
    if reader.problems:
        raise SpecError(reader.problems, source if len(reader.problems) > 1 else "")
    return built.make({})


class Reader:
    """Reads parts of one spec, and collects the problems."""

    def __init__(self, trust: Iterable[str], arrays: Mapping[str, Any]):
        self.trust, self.arrays = trust, arrays
        self.problems: list[Problem] = []
        self._objects: dict[str, Built] = {}
        self._places: dict[str, Mapping] = {}
        self._open: set[str] = set()
        self._tagged = {
            "class": self._object,
            "function": self._function,
            "array": self._array,
            "file": self._file,
            "dataset": self._dataset,
            "text": self._text,
            "none": self._none,
            "param": self._param,
            "unit": self._unit,
            "same": self._same,
            "mapping": self._inner,
        }

    def root(self, spec: Any, path: str) -> Built:
        """The whole: an object, with the number of its format."""
        if not isinstance(spec, Mapping):
            return self.refuse(path, f"spec={describe(spec)} must be a dict, a table of names and values.")
        rest = {name: part for name, part in spec.items() if name != "format"}
        self._find_places(rest, path)
        if spec.get("format", FORMAT) != FORMAT or isinstance(spec.get("format"), bool):
            self.refuse(
                below(path, "format"), f"{describe(spec['format'])} is not {FORMAT}, the one that is known here."
            )
        if "class" not in rest:
            for name, part in rest.items():
                self.read(part, below(path, name), 1)
            return self.refuse(path, 'spec has no class; name it, as {"class": "HopfStep", ...}.')
        return self.read(rest, path, 0)

    def _find_places(self, node: Any, path: str, depth: int = 0) -> None:
        """Note where the objects stand, for what says that it is the same as one."""
        if depth > _DEEPEST:
            return
        if isinstance(node, Mapping):
            if "class" in node:
                self._places[path] = node
            for name, part in node.items():
                self._find_places(part, below(path, str(name)), depth + 1)
        elif isinstance(node, list | tuple):
            for i, part in enumerate(node):
                self._find_places(part, below(path, i), depth + 1)

    def refuse(self, path: str, sentence: str) -> Built:
        self.problems.append(Problem(path, sentence))
        return Value(None, broken=True)

    def read(self, node: Any, path: str, depth: int) -> Built:
        """Any part."""
        if depth > _DEEPEST:
            return self.refuse(path, f"parts lie more than {_DEEPEST} deep within each other.")
        if isinstance(node, str):
            try:
                return Value(text_as_value(node))
            except ValueError as error:
                return self.refuse(path, str(error))
        if isinstance(node, Mapping):
            return self._mapping(node, path, depth)
        if isinstance(node, list | tuple):
            return self._list(node, path, depth)
        if isinstance(node, bool | int | float):
            return Value(node)
        return self.refuse(path, f"{describe(node)} is no text, number, list or table.")

    def _list(self, node: list | tuple, path: str, depth: int) -> Built:
        if all(type(part) in (int, float) for part in node):
            return Value(list(node))
        parts = [self.read(part, below(path, i), depth + 1) for i, part in enumerate(node)]
        return Whole(lambda made: _joined([part.make(made) for part in parts]), any(part.broken for part in parts))

    def _mapping(self, node: Mapping, path: str, depth: int) -> Built:
        odd = [key for key in node if not isinstance(key, str)]
        if odd:
            return self.refuse(path, f"the key {describe(odd[0])} is no text.")
        tag = next((tag for tag in TAGS if tag in node), None)
        if tag is not None:
            return self._tagged[tag](node, path, depth)
        return self._table(node, path, depth)

    def _only(self, node: Mapping, path: str, accepted: tuple[str, ...]) -> bool:
        """Whether a tagged part has these keys alone; says which others there are."""
        for key in node:
            if key not in accepted:
                names = ", ".join(accepted)
                self.refuse(below(path, key), f"is not known here{meant(key, accepted)}; {names} are what it may have.")
        return all(key in accepted for key in node)

    def _tried(self, path: str, make: Any) -> Built:
        """What ``make`` gives, or the problem with it."""
        try:
            return Value(make())
        except (TypeError, ValueError) as error:
            return self.refuse(path, str(error))

    # -- tagged parts -------------------------------------------------------------------------------------------------

    def _object(self, node: Mapping, path: str, depth: int) -> Built:
        if path not in self._objects:
            self._open.add(path)
            self._objects[path] = self._new_object(node, path, depth)
            self._open.discard(path)
        return self._objects[path]

    def _same(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("same",))
        other = node["same"]
        if not isinstance(other, str) or other not in self._places:
            near = meant(other, self._places)
            return self.refuse(path, f"same={describe(other)} is no path of an object in this spec{near}.")
        if other in self._open:
            return self.refuse(path, f"same={other!r} stands within that object itself.")
        return self._object(self._places[other], other, depth)

    def _new_object(self, node: Mapping, path: str, depth: int) -> Built:
        try:
            kind = class_named(node["class"], self.trust)
        except ValueError as error:
            self.refuse(below(path, "class"), str(error))
            kind = None
        arguments = {n: self.read(part, below(path, n), depth + 1) for n, part in node.items() if n != "class"}
        if kind is None:
            return Value(None, broken=True)
        return Made(kind, arguments, path, self.problems)

    def _function(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("function",))
        return self._tried(path, lambda: function_named(node["function"], self.trust))

    def _array(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("array", "dtype", "unit"))
        inner = self.read(node["array"], below(path, "array"), depth + 1)
        unit = self._unit_of(node, path)
        if inner.broken:
            return inner
        return self._tried(
            path, lambda: with_unit(numbers_as_array(inner.make({}), node.get("dtype", "float64")), unit)
        )

    def _file(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("file", "shape", "dtype", "sha256", "unit"))
        unit = self._unit_of(node, path)
        return self._tried(path, lambda: with_unit(from_companion(node, self.arrays), unit))

    def _dataset(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("dataset", "field", "sha256"))
        return self._tried(path, lambda: from_dataset(node["dataset"], node.get("field"), node.get("sha256")))

    def _text(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("text",))
        text = node["text"]
        if isinstance(text, str) or (isinstance(text, list) and all(isinstance(part, str) for part in text)):
            return Value(text)
        return self.refuse(path, f"text={describe(text)} is no text, and no list of texts.")

    def _none(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("none",))
        return Value(None) if node["none"] is True else self.refuse(path, '{"none": true} is how nothing is written.')

    def _param(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("param", "fit"))
        inner, fit = self.read(node["param"], below(path, "param"), depth + 1), node.get("fit", True)
        if not isinstance(fit, bool):
            return self.refuse(below(path, "fit"), f"{describe(fit)} must be true or false.")
        if inner.broken:
            return inner
        try:
            _param_of(inner.make({}), fit)
        except Exception:  # whatever brainstate makes of it
            return self.refuse(below(path, "param"), f"{describe(inner.make({}))} is no number, array or Quantity.")
        return Whole(lambda made: _param_of(inner.make(made), fit), False)

    def _unit(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("unit",))
        return Value(self._unit_of(node, path))

    def _inner(self, node: Mapping, path: str, depth: int) -> Built:
        self._only(node, path, ("mapping",))
        inner = node["mapping"]
        if not isinstance(inner, Mapping) or not all(isinstance(key, str) for key in inner):
            return self.refuse(below(path, "mapping"), f"{describe(inner)} is no table of names and values.")
        return self._table(inner, path, depth)

    def _table(self, node: Mapping, path: str, depth: int) -> Built:
        """Names and values."""
        parts = {key: self.read(part, below(path, key), depth + 1) for key, part in node.items()}
        broken = any(part.broken for part in parts.values())
        return Whole(lambda made: {key: part.make(made) for key, part in parts.items()}, broken)

    def _unit_of(self, node: Mapping, path: str) -> u.Unit:
        text = node.get("unit", "1")
        unit = known_unit(text) if isinstance(text, str) else None
        if unit is None:
            self.refuse(below(path, "unit"), f"{describe(text)} is no unit that is known; write it as mm/ms, 1/ms, nA.")
        return u.UNITLESS if unit is None else unit


def _joined(parts: list[Any]) -> Any:
    """A list; of quantities of one dimension, one Quantity."""
    first = parts[0] if parts else None
    if not isinstance(first, u.Quantity):
        return parts
    if not all(isinstance(part, u.Quantity) and part.unit.dim == first.unit.dim for part in parts):
        return parts
    return u.Quantity(np.array([part.to(first.unit).mantissa for part in parts]), first.unit)


def _param_of(value: Any, fit: bool) -> Param:
    if fit:
        return Param(value, fit=True)
    held: Any = Const(0.0)
    held.val = np.asarray(value) if isinstance(value, list) else value
    return held

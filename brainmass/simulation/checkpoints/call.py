"""How a run was called, written down: a spec, or a pickle where something in it has no form as data."""

import pickle
import sys
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any

import numpy as np

from brainmass.simulation.checkpoints import sources
from brainmass.simulation.setup import (
    read_values,
)
from brainmass.spec import Problem, Spec, SpecError, by_constructor, from_spec, to_spec

PICKLE = "pickle"
"""The module that ``trust`` must name for a pickle to be read."""


class Call:
    """A Simulator, and the options of one run of it by name."""

    def __init__(self, simulator: Any, options: dict[str, Any]):
        self.simulator, self.options = simulator, options

    def as_arguments(self) -> dict[str, Any]:
        return by_constructor(self)


def call_as_data(call: Call) -> tuple[dict[str, Any], list[Any]]:
    """A call as data, and the classes, functions and modules that it holds.

    ``spec`` and ``arrays`` are what `to_spec` gives, and ``values`` those of the model that a spec rounds, by path;
    where there is no spec, ``pickle`` holds the bytes of one, and ``why`` says why.

    Raises
    ------
    TypeError
        What cannot even be pickled.
    """
    try:
        spec = to_spec(call)
        values = _rounded(call, spec)
    except SpecError as error:
        content, named = _pickled(call)
        why = str(error.problems[0]).rstrip(".")
        return dict(spec=None, arrays={}, values={}, pickle=np.frombuffer(content, np.uint8), why=why), named
    return dict(spec=dict(spec), arrays=spec.arrays, values=values, pickle=None, why=""), list(_named(spec))


def call_of_data(data: dict[str, Any], trust: Iterable[str]) -> Any:
    """The call that `call_as_data` has written; a pickle is read, which can run code, only with ``trust``.

    Raises
    ------
    SpecError
        A spec that is none, or what is not trusted.
    """
    if data["pickle"] is None:
        return from_spec(Spec(data["spec"], data["arrays"]), trust)
    if PICKLE not in trust:
        sentence = f'it holds a pickle, which can run code ({data["why"]}); if you made it, give trust=("{PICKLE}",).'
        raise SpecError([Problem("", sentence)])
    return pickle.loads(data["pickle"].tobytes())


def _rounded(call: Call, spec: Spec) -> dict[str, Any]:
    """The values of the model that are not read back to the last bit: what almost is a default is written as such.

    Raises
    ------
    SpecError
        It cannot be read back at all by another process.
    """
    own = next((name for name in _names(spec) if name.startswith("__main__:")), None)
    if own is not None:
        raise SpecError([Problem("", f"{own.partition(':')[2]} is defined in the script itself, and in no module.")])
    values, again = (read_values(found.simulator.model) for found in (call, from_spec(spec)))
    return {path: x for path, x in values.items() if not np.array_equal(x, again[path], equal_nan=True)}


def _names(node: Any) -> Iterator[str]:
    """The ``module:name`` of every class and function in a part of a spec."""
    if isinstance(node, dict):
        yield from (node[tag] for tag in ("class", "function") if ":" in str(node.get(tag)))
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _names(part)


def _named(spec: Spec) -> Iterator[Any]:
    """These classes and functions themselves."""
    for module, _, name in (name.partition(":") for name in _names(spec)):
        yield reduce(getattr, name.split("."), sys.modules[module])


def _pickled(call: Call) -> tuple[bytes, list[Any]]:
    try:
        return sources.pickled_with_names(call)
    except Exception as error:  # what cannot be pickled says so in many ways
        given = {"the model": call.simulator.model}
        for name, value in call.options.items():
            inner = value if isinstance(value, dict) else {}
            given |= {f"{name}[{key!r}]": x for key, x in inner.items()} or {name: value}
        name = next((name for name, value in given.items() if not _is_picklable(value)), "one of them")
        raise TypeError(
            f"checkpoint= saves the arguments of the run, and {name} cannot be saved ({error}); give one without such "
            "a thing in it, or run without checkpoint=."
        ) from None


def _is_picklable(value: Any) -> bool:
    try:
        sources.pickled_with_names(value)
    except Exception:
        return False
    return True

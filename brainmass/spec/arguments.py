"""The arguments by which an object can be made again: those of its constructor, by name."""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.units import describe, is_concrete, mantissa, unit_name, unit_of, with_unit

FEW = 8  # numbers that a repr shows one by one


class WithArguments:
    """Base of what says what it was made of, to `to_spec` and in its ``repr``, which leaves out defaults."""

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return by_constructor(self)

    def __repr__(self) -> str:
        kind = type(self)
        try:
            known, arguments = named(kind), self.as_arguments()
            given = {n: v for n, v in arguments.items() if n not in known or not _is_usual(v, known[n].default)}
        except Exception:  # half made, full of JAX's placeholders, or silent of its arguments: a repr never fails
            return object.__repr__(self)
        shown = (_shown(value) if name == "what" else f"{name}={_shown(value)}" for name, value in given.items())
        return f"{kind.__name__}({', '.join(shown)})"


def _is_usual(value: Any, default: Any) -> bool:
    if is_number(value) and is_number(default):
        return is_default(value, default, unit_of(value if isinstance(value, u.Quantity) else default))
    return value is default or (isinstance(value, str) and value == default)


def _shown(value: Any) -> str:
    if isinstance(value, WithArguments):
        return repr(value)
    if isinstance(value, u.Quantity):
        return f"{_shown(value.mantissa)} {unit_name(value.unit)}"
    if isinstance(value, np.ndarray | jax.Array) and is_concrete(value) and value.ndim == 1 and value.size <= FEW:
        return describe(value.tolist())
    return getattr(value, "__name__", None) or describe(value)


@lru_cache(1024)
def signature_of(kind: type) -> inspect.Signature:
    """What the constructor of a class takes, without ``self``."""
    declared = getattr(kind, "__signature__", None)
    if isinstance(declared, inspect.Signature):
        return declared
    if kind.__init__ is object.__init__:
        return inspect.signature(kind)
    own = inspect.signature(kind.__init__)
    return own.replace(parameters=list(own.parameters.values())[1:])


def named(kind: type) -> dict[str, inspect.Parameter]:
    """The arguments that have a name."""
    parameters = signature_of(kind).parameters
    return {n: p for n, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def takes_others(kind: type) -> bool:
    """Whether the constructor takes arguments of any name."""
    return any(p.kind is p.VAR_KEYWORD for p in signature_of(kind).parameters.values())


def in_units(made: Any, units: Mapping[str, u.Unit | None]) -> dict[str, Any]:
    """As `by_constructor`, bare numbers with the unit that they are kept in, without those that are the default."""
    found = {}
    for name, value in by_constructor(made).items():
        unit, default = units.get(name), named(type(made))[name].default
        if unit is None or value is None or isinstance(value, u.Quantity):
            found[name] = value
        elif not (is_number(default) and is_default(value, default, unit)):
            found[name] = with_unit(value, unit)
    return found


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | u.Quantity | np.ndarray) and not isinstance(value, bool)


def is_default(value: Any, default: Any, unit: Any) -> bool:
    """Whether a value is one number, that of the default; bare ones are in the unit."""
    if default is None or not is_concrete(u.get_mantissa(value)) or np.ndim(u.get_mantissa(value)):
        return False
    one, other = (mantissa(x, unit, "default") for x in (value, default))
    return bool(np.asarray(one, float) == np.asarray(other, float))


def by_constructor(made: Any) -> dict[str, Any]:
    """The attributes of an object that have the names of its constructor's arguments.

    Raises
    ------
    TypeError
        It keeps one of them under no such name.
    """
    kind, found = type(made), {}
    for name, parameter in signature_of(kind).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or not hasattr(made, name):
            raise TypeError(
                f"a {kind.__name__} does not say what its argument {name!r} was; let it keep self.{name}, or return "
                "all arguments in a method as_arguments."
            )
        found[name] = getattr(made, name)
    return found

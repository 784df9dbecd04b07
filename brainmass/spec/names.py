"""Classes and functions by name: ``HopfStep``, ``stimulus.Step``, or ``mymodels:Own`` for those of a user.

Nothing is imported by a name alone: a module is loaded already, or the reader trusts it.
"""

import inspect
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from brainmass.names import meant
from brainmass.units import describe

_PACKAGE = __name__.partition(".")[0]
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@cache
def public() -> dict[str, Any]:
    """Every public name of the package, ``stimulus.Step`` for what is in one of its modules."""
    package = import_module(_PACKAGE)
    found: dict[str, Any] = {}
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.ismodule(value):
            for inner in getattr(value, "__all__", ()):
                found.setdefault(f"{name}.{inner}", getattr(value, inner))
        else:
            found.setdefault(name, value)
    return found


def public_classes() -> dict[str, type]:
    """The classes of the package that can be written down, by their first public name."""
    names: dict[str, type] = {}
    for name, value in sorted(public().items(), key=lambda pair: pair[0].count(".")):
        if has_spec(value) and value not in names.values():
            names[name] = value
    return names


def has_spec(kind: Any) -> bool:
    """Whether objects of a class can be written down, and so may be made by reading."""
    return isinstance(kind, type) and (callable(getattr(kind, "as_arguments", None)) or is_initializer(kind))


def is_initializer(kind: type) -> bool:
    """Whether a class is one of braintools', or of their kind, that draw initial values."""
    return any((base.__module__, base.__name__) == ("braintools.init", "Initialization") for base in kind.__mro__)


def class_name(kind: type) -> str:
    """The name by which a class is found again.

    Raises
    ------
    ValueError
        A class within a function.
    """
    name = next((name for name, value in public_classes().items() if value is kind), None)
    return name or _module_name(kind, "class", "put it at the top of a module")


def function_name(function: Any) -> str:
    """``module:name`` of a function.

    Raises
    ------
    ValueError
        A lambda, a function within another, a method of an object, or anything else without a name of its own.
    """
    name = getattr(function, "__qualname__", "")
    if "<lambda>" in name:
        raise ValueError(f"a lambda has no name to be read back by; {_INSTEAD}.")
    if "<locals>" in name:
        raise ValueError(f"{name.rpartition('.')[2]} is a function within a function; {_INSTEAD}.")
    if inspect.ismethod(function) or not name or not getattr(function, "__module__", None):
        kind = type(function).__name__
        raise ValueError(
            f"{describe(function)} is no function with a name, and {kind} has no method as_arguments that says how it "
            f"is made; write one, or {_INSTEAD}."
        )
    return _module_name(function, "function", _INSTEAD)


_INSTEAD = "define it with def at the top of a module, mymodule.py, and give mymodule.name"


def _module_name(thing: Any, kind: str, instead: str) -> str:
    text = f"{thing.__module__}:{thing.__qualname__}"
    if _attribute(sys.modules.get(thing.__module__), thing.__qualname__) is not thing:
        raise ValueError(f"the {kind} {thing.__qualname__} is not found as {text}; {instead}.")
    return text


def class_named(name: Any, trust: Iterable[str]) -> type:
    """The class of a name.

    Raises
    ------
    ValueError
        Nothing of that name, what is no class that can be written down, or a module that is neither loaded nor trusted.
    """
    if not isinstance(name, str) or ":" not in name:
        known = public_classes()
        found: Any = public().get(name) if isinstance(name, str) else None
        if not has_spec(found):
            raise ValueError(
                f"{describe(name)} is no class of {_PACKAGE}{meant(name, known)}; give one of its public names, or "
                'one of yours as "mymodule:Name".'
            )
        return found
    found = _found(name, trust)
    if not has_spec(found):
        raise ValueError(f"{name!r} is no class that can be read back; it must be one of a model, noise, monitor, ….")
    return found


def function_named(name: Any, trust: Iterable[str]) -> Any:
    """The function of a ``module:name``; of the standard library there are none.

    Raises
    ------
    ValueError
        As for classes.
    """
    trust = checked_trust(trust)
    found = _found(name, trust)
    if isinstance(found, type) or not callable(found):
        raise ValueError(f"{name!r} is no function.")
    return found


def _found(name: Any, trust: Iterable[str]) -> Any:
    trust = checked_trust(trust)
    if not isinstance(name, str) or len(name) > 300 or not _NAMED.fullmatch(name):
        raise ValueError(f'{describe(name)} is no name; give "module:name".')
    module, _, inner = name.partition(":")
    trusted = any(module == t or module.startswith(f"{t}.") for t in trust)
    top = module.partition(".")[0]
    if not trusted and top in sys.stdlib_module_names and module != "__main__":
        raise ValueError(f"{name!r} is of the standard library, which a spec may not name.")
    if module not in sys.modules and not trusted:
        raise ValueError(
            f'{name!r} is of a module that is not loaded; import {module} before, or read with trust=("{top}",) if you '
            "know what it does."
        )
    found = _attribute(_loaded(module), inner)
    if found is None:
        known = [n for n in vars(sys.modules[module]) if not n.startswith("_")]
        raise ValueError(f"{name!r} does not exist{meant(inner, known)}; the module {module} has no such name.")
    if (getattr(found, "__module__", None), getattr(found, "__qualname__", None)) != (module, inner):
        raise ValueError(f"{name!r} is defined elsewhere; name the module that defines it.")
    return found


def _loaded(module: str) -> Any:
    if module in sys.modules:
        return sys.modules[module]
    try:
        return import_module(module)
    except Exception as error:  # a module may raise anything
        raise ValueError(f"the module {module} cannot be imported ({type(error).__name__}: {error}).") from None


def _attribute(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = vars(module).get(part) if hasattr(module, "__dict__") else None
        module = module.__func__ if isinstance(module, staticmethod) else module
    return module


def checked_trust(trust: Any) -> tuple[str, ...]:
    """The names of modules that may be imported.

    Raises
    ------
    TypeError
        Anything else than names.
    """
    listed = isinstance(trust, list | tuple | set | frozenset)
    if not listed or not all(isinstance(name, str) and name for name in trust):
        raise TypeError(f'trust={describe(trust)} must be a tuple of module names, as ("mymodels",).')
    return tuple(trust)

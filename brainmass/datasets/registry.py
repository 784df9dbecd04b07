"""Datasets by name: each name has a loader and one line that says what it is."""

from collections.abc import Callable
from typing import Any

from brainmass.names import UnknownName, meant
from brainmass.units import describe

_REGISTRY: dict[str, tuple[Callable[[], Any], str]] = {}


def register_dataset(name, loader, *, description=None):
    """Make ``load_dataset(name)`` return ``loader()``. A name that is taken is a ``ValueError``."""
    if not isinstance(name, str):
        raise TypeError(f"The name of a dataset must be a string, not {describe(name)}.")
    if not callable(loader):
        raise TypeError(f"The loader of dataset {name!r} must be a function without arguments, not {describe(loader)}.")
    if not isinstance(description, str | None):
        raise TypeError(f"description={describe(description)} must be one line of text.")
    if name in _REGISTRY:
        raise ValueError(f"A dataset named {name!r} is registered already: choose another name.")
    _REGISTRY[name] = (loader, description or "")


def list_datasets() -> list[tuple[str, str]]:
    """``(name, description)`` of every dataset, sorted by name."""
    return sorted((name, description) for name, (_, description) in _REGISTRY.items())


def load_dataset(name):
    """What the loader registered under ``name`` returns, loaded anew at each call; ``KeyError`` for an unknown name."""
    if not isinstance(name, str) or name not in _REGISTRY:
        known = sorted(_REGISTRY)
        raise UnknownName(
            f"name={describe(name)} is no dataset{meant(name, known)}; the known names are {', '.join(known)}."
        )
    loader, _ = _REGISTRY[name]
    return loader()

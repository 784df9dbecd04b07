"""Datasets by name: each name has a loader and one line that says what it is."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

from brainmass.names import UnknownName, meant
from brainmass.units import describe


class Needed(NamedTuple):
    """A package that holds a dataset, and the command that installs it."""

    package: str
    command: str


class _Dataset(NamedTuple):
    loader: Callable[[], Any]
    description: str
    needed: Needed | None


_REGISTRY: dict[str, _Dataset] = {}


def register_dataset(
    name: str, loader: Callable[[], Any], *, description: str | None = None, needed: Needed | None = None
) -> None:
    """Make ``load_dataset(name)`` return ``loader()``. A name that is taken is a ``ValueError``.

    Parameters
    ----------
    name : str
    loader : callable
        Without arguments.
    description : str, optional
        One line.
    needed : (package, command), optional
        The package without which it cannot be loaded, and the command that installs it.
    """
    if not isinstance(name, str):
        raise TypeError(f"The name of a dataset must be a string, not {describe(name)}.")
    if not callable(loader):
        raise TypeError(f"The loader of dataset {name!r} must be a function without arguments, not {describe(loader)}.")
    if not isinstance(description, str | None):
        raise TypeError(f"description={describe(description)} must be one line of text.")
    if name in _REGISTRY:
        raise ValueError(f"A dataset named {name!r} is registered already: choose another name.")
    _REGISTRY[name] = _Dataset(loader, description or "", None if needed is None else Needed(*needed))


def list_datasets() -> list[tuple[str, str]]:
    """``(name, description)`` of every dataset, sorted by name; the description says which package is missing."""
    return sorted((name, _described(dataset)) for name, dataset in _REGISTRY.items())


def _described(dataset: _Dataset) -> str:
    if dataset.needed is None or find_spec(dataset.needed.package) is not None:
        return dataset.description
    return f"{dataset.description} (not here: {dataset.needed.command})"


def load_dataset(name: str) -> Any:
    """What the loader registered under ``name`` returns, loaded anew at each call; ``KeyError`` for an unknown name."""
    if not isinstance(name, str) or name not in _REGISTRY:
        known = sorted(_REGISTRY)
        raise UnknownName(
            f"name={describe(name)} is no dataset{meant(name, known)}; the known names are {', '.join(known)}."
        )
    return _REGISTRY[name].loader()

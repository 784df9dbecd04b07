"""Names: what is meant by a wrong one, and whether things with names belong to the same regions."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

Names = tuple[str, ...]

# what other tools, or papers, call the same thing
_ALIKE = {
    "G": "k",
    "K": "k",
    "K_gl": "k",
    "coupling_strength": "k",
    "global_coupling": "k",
    "Cmat": "conn",
    "W": "conn",
    "connectivity": "conn",
    "weights": "conn",
    "Dmat": "distance",
    "distances": "distance",
    "lengths": "distance",
    "tract_lengths": "distance",
    "velocity": "speed",
    "conduction_speed": "speed",
    "delay": "delays",
    "model": "node",
    "nodes": "node",
    "n_nodes": "in_size",
    "size": "in_size",
    "linear": "additive",
    "Linear": "additive",
    "Difference": "diffusive",
    "rk2": "heun",
}


class UnknownName(KeyError):
    """A KeyError that shows its sentence as it is; Python shows that of a KeyError in quotes."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def meant(name: Any, known: Iterable[Any]) -> str:
    """`` (did you mean 'x'?)``, the nearest of the ``known`` names, or nothing where none is near."""
    if not isinstance(name, str):
        return ""
    texts = [text for text in known if isinstance(text, str)]
    folded = {text.casefold(): text for text in reversed(texts)}
    near = [_ALIKE.get(name), folded.get(name.casefold())]
    near += [folded[text] for text in get_close_matches(name.casefold(), folded, n=1)]
    near += [text for text in texts if text.rpartition(".")[2] == name.rpartition(".")[2]]  # another path
    found = next((text for text in near if text in texts and text != name), None)
    return "" if found is None else f" (did you mean {found!r}?)"


def names_along(value: Any, axis: int) -> Names | None:
    """The names along an axis of a table, as those of pandas and xarray have them; None where it has none.

    Consecutive numbers from 0 are what a table is numbered with by default, and no names.
    """
    value = getattr(value, "mantissa", value)
    if hasattr(value, "dims") and hasattr(value, "coords"):
        dimension = value.dims[axis] if value.dims else None
        found = value.coords[dimension].values if dimension in value.coords else None
    elif hasattr(value, "index") and not callable(value.index):
        found = (value.index, value.columns)[axis] if hasattr(value, "columns") else value.index
    else:
        return None
    listed = [] if found is None else list(found)
    numbered = all(isinstance(n, int | np.integer) for n in listed) and listed == list(range(len(listed)))
    return None if numbered else tuple(str(n) for n in listed)


def square_names(table: Any, label: str) -> Names | None:
    """The names of the regions of a matrix (target, source), which its rows and columns agree on.

    Raises
    ------
    ValueError
        They do not, or a name stands twice.
    """
    if getattr(getattr(table, "mantissa", table), "ndim", None) != 2:
        return None
    rows, columns = names_along(table, 0), names_along(table, 1)
    if rows is not None and columns is not None:
        check_agreement(rows, f"the rows of {label}", columns, "its columns")
    found = columns if rows is None else rows
    check_once(found or (), label)
    return found


def check_once(names: Iterable[Any], label: str) -> None:
    """Refuse, with a ValueError, a name that stands twice."""
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{label} has the name {str(name)!r} twice; give each region a name of its own.")
        seen.add(name)


def check_agreement(names: Iterable[Any], label: str, others: Iterable[Any], of_others: str) -> None:
    """Refuse, with a ValueError, regions whose names stand in another order or are others."""
    names, others = tuple(map(str, names)), tuple(map(str, others))
    if names == others:
        return
    if len(names) != len(others):
        raise ValueError(f"{label} has {len(names)} names and {of_others} {len(others)}; give one for each region.")
    if sorted(names) == sorted(others):
        at = next(i for i, (one, other) in enumerate(zip(names, others, strict=True)) if one != other)
        raise ValueError(
            f"{label} and {of_others} name the same regions in another order (number {at} is {names[at]!r} and "
            f"{others[at]!r}); put them in one order, as table.loc[names, names] does."
        )
    odd = next(name for name in names + others if (name in names) != (name in others))
    raise ValueError(f"{label} and {of_others} name other regions ({odd!r} is in one only); give both the same names.")

"""Names: what is meant by a wrong one, and whether things with names belong to the same regions."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, cast

Names = tuple[str, ...]
_F = TypeVar("_F", bound=Callable[..., Any])

# what other tools, or papers, call the same argument, coupling or method
_ARGUMENTS = {
    "k": ("G", "K", "K_gl", "coupling_strength", "global_coupling"),
    "conn": ("Cmat", "W", "connectivity", "weights"),
    "distance": ("Dmat", "distances", "lengths", "tract_lengths"),
    "speed": ("velocity", "conduction_speed"),
    "delays": ("delay",),
    "node": ("model", "nodes"),
    "in_size": ("n_nodes", "size"),
}
_COUPLINGS = {"additive": ("linear", "Linear"), "diffusive": ("Difference",)}
_METHODS = {"heun": ("rk2",)}
_ALIKE = {
    other: ours for kind in (_ARGUMENTS, _COUPLINGS, _METHODS) for ours, others in kind.items() for other in others
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


def bind_arguments(owner: str, signature: inspect.Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> dict:
    """The arguments by name, with defaults.

    Raises
    ------
    TypeError
        An unknown, missing or doubled argument, in one sentence with what is accepted.
    """
    known = {name: p for name, p in signature.parameters.items() if name != "self"}
    names = [name for name, p in known.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    unknown = [name for name in kwargs if name not in names]
    open_ended = any(p.kind is p.VAR_KEYWORD for p in known.values())
    accepted = (
        ", ".join(f"{name}=" if known[name].kind is inspect.Parameter.KEYWORD_ONLY else name for name in names)
        or "none"
    )
    if unknown and not open_ended:
        near = meant(unknown[0], names)
        raise TypeError(f"{owner} has no argument {unknown[0]!r}{near}; it takes {accepted}.")
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{owner}: {error}; it takes {accepted}.") from None
    bound.apply_defaults()
    return bound.arguments


def with_named_arguments(function: _F) -> _F:
    """A function, method or constructor that says, where arguments do not fit, what it takes."""
    signature = inspect.signature(function)
    name = function.__name__

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        bind_arguments(type(args[0]).__name__ if name == "__init__" else name, signature, args, kwargs)
        return function(*args, **kwargs)

    return cast("_F", checked)


def names_along(value: Any, axis: int) -> Names | None:
    """The names along an axis of a table, as those of pandas and xarray have them; None where it has none."""
    value = getattr(value, "mantissa", value)
    if hasattr(value, "dims") and hasattr(value, "coords"):
        dimension = value.dims[axis] if value.dims else None
        found = value.coords[dimension].values if dimension in value.coords else None
    elif hasattr(value, "index") and not callable(value.index):
        found = (value.index, value.columns)[axis] if hasattr(value, "columns") else value.index
    else:
        return None
    return None if found is None else tuple(str(name) for name in found)


def is_storable(name: Any) -> bool:
    """Whether a file keeps a thing under this name, and gives it back under the same."""
    return isinstance(name, str) and name not in ("", ".") and "/" not in name and name.isprintable()


def is_numbering(names: Iterable[Any]) -> bool:
    """Whether these are the numbers from 0 on, by which a table goes that was given no names."""
    return all(str(name) == str(i) for i, name in enumerate(names))


def square_names(table: Any, label: str) -> Names | None:
    """The names of the regions of a matrix (target, source), which its rows and columns agree on.

    Raises
    ------
    ValueError
        They do not, or a name stands twice.
    """
    if getattr(getattr(table, "mantissa", table), "ndim", None) != 2:
        return None
    return agreed({f"the rows of {label}": names_along(table, 0), f"the columns of {label}": names_along(table, 1)})


def region_names(value: Any, label: str) -> Names | None:
    """The names of the regions of a signal or of a matrix that is a table: along its last axis, each once."""
    if getattr(getattr(value, "mantissa", value), "ndim", 0) not in (2, 3):
        return None
    return agreed({label: names_along(value, -1)})


def agreed(named: dict[str, Names | None], one: str = "region") -> Names | None:
    """The names that all have which have some, by what each is called in messages; a numbering where there is no more.

    ``one`` is what has such a name.

    Raises
    ------
    ValueError
        They do not agree, or a name stands twice.
    """
    found = [(label, names) for label, names in named.items() if names is not None]
    for label, names in found:
        check_once(names, label, one)
    found.sort(key=lambda one: is_numbering(one[1]))
    for label, names in found[1:]:
        check_agreement(found[0][1], found[0][0], names, label, one)
    return found[0][1] if found else None


def check_once(names: Iterable[Any], label: str, one: str = "region") -> None:
    """Refuse, with a ValueError, a name that stands twice."""
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{label} has the name {str(name)!r} twice; give each {one} a name of its own.")
        seen.add(name)


def check_agreement(
    names: Iterable[Any], label: str, others: Iterable[Any], of_others: str, one: str = "region"
) -> None:
    """Refuse, with a ValueError, regions, or what else ``one`` is, whose names stand in another order or are others.

    Numbers from 0 on go with all names but the same numbers in another order.
    """
    names, others = tuple(map(str, names)), tuple(map(str, others))
    same = sorted(names) == sorted(others)
    if names == others or (not same and (is_numbering(names) or is_numbering(others))):
        return
    if len(names) != len(others):
        raise ValueError(f"{label} has {len(names)} names and {of_others} {len(others)}; give one for each region.")
    if same:
        at = next(i for i, (one, other) in enumerate(zip(names, others, strict=True)) if one != other)
        raise ValueError(
            f"{label} and {of_others} name the same {one}s in another order (number {at} is {names[at]!r} and "
            f"{others[at]!r}); put them in one order, as table.loc[names, names] does."
        )
    odd = next(name for name in names + others if (name in names) != (name in others))
    raise ValueError(f"{label} and {of_others} name other {one}s ({odd!r} is in one only); give both the same names.")

"""The dimensions of tables by their names: what xarray and pandas call an axis says where it belongs."""

from typing import Any

import brainunit as u

SIGNAL = ("time", "batch", "region")
TIMES = ("time", "region")
MATRIX = ("batch", "target", "source")
VALUES = ("batch", "region")
SENSORS = ("sensor", "region")

_WORDS = {
    "time": ("time", "times", "sample", "samples"),
    "batch": ("batch", "simulation", "simulations"),
    "region": ("region", "regions", "roi", "rois", "node", "nodes", "area", "areas"),
    "other_region": ("other_region",),
    "target": ("target", "targets"),
    "source": ("source", "sources"),
    "sensor": ("sensor", "sensors", "channel", "channels", "electrode", "electrodes"),
}
_ALIKE = {  # an axis that takes another word as well
    "region": {"region", "sensor", "source", "target"},
    "target": {"target", "region", "other_region", "sensor"},
    "source": {"source", "region", "other_region", "sensor"},
}


def arranged(value: Any, axes: tuple[str, ...], label: str) -> Any:
    """A table whose dimensions have known names, with these in the order of ``axes``; anything else as it is.

    "batch" may be left out. Dimensions with other names, or none, keep their order in the places that are left.

    Raises
    ------
    ValueError
        The names contradict the axes.
    """
    if isinstance(value, u.Quantity):
        inner = arranged(value.mantissa, axes, label)
        return value if inner is value.mantissa else u.Quantity(inner, value.unit)
    names = _dimensions(value)
    words = [_word(name) for name in names]
    if not any(words):
        return value
    places = axes if len(names) == len(axes) else tuple(axis for axis in axes if axis != "batch")
    if len(names) == 1:
        places = axes[:1] if axes[0] == "time" or words[0] == "batch" else axes[-1:]
    order = _order(words, places) if len(places) == len(names) else None
    if order is None:
        raise ValueError(
            f"{label} has the dimensions ({', '.join(map(str, names))}), and takes ({', '.join(axes)})"
            f"{', where batch may be left out' if 'batch' in axes else ''}; name them so, or give a bare array."
        )
    if order == list(range(len(names))):
        return value
    return value.T if hasattr(value, "columns") else value.transpose(*(names[i] for i in order))


def is_signal(value: Any) -> bool:
    """Whether a dimension is called time."""
    return "time" in map(_word, _dimensions(getattr(value, "mantissa", value)))


def _dimensions(value: Any) -> tuple[Any, ...]:
    """The names of the dimensions of a table of xarray or pandas, () of anything else."""
    if hasattr(value, "dims") and hasattr(value, "coords"):
        return tuple(value.dims)
    if hasattr(value, "index") and hasattr(value, "columns"):
        return value.index.name, value.columns.name
    return ()


def _word(name: Any) -> str | None:
    """The word that is meant by the name of a dimension; in a dataset of results some have the name of a monitor."""
    text = str(name).lower()
    found = next((word for word, ways in _WORDS.items() if text in ways), None)
    return found or next((word for word in ("time", "sensor") if text.startswith(f"{word}_")), None)


def _order(words: list[str | None], places: tuple[str, ...]) -> list[int] | None:
    """Which dimension comes to each place; None where a word has none.

    First those that are called as the place is, then those that may stand there, then those without a known name.
    """
    found: dict[str, int] = {}
    for fits in (lambda word, place: word == place, lambda word, place: word in _ALIKE.get(place, ())):
        for i, word in enumerate(words):
            free = [place for place in places if place not in found and fits(word, place)]
            if word is not None and i not in found.values() and free:
                found[free[0]] = i
    rest = iter(i for i, word in enumerate(words) if word is None)
    for place in places:
        if place not in found:
            found[place] = next(rest, -1)
    order = [found[place] for place in places]
    return order if sorted(order) == list(range(len(words))) else None

"""Numbers and units as text, and back: ``"0.5 mm/ms"``, ``"inf"``; other text that would read so is marked as text."""

import math
import operator
import re
from collections.abc import Iterator
from functools import lru_cache, reduce
from typing import Any, cast

import brainunit as u

from brainmass.units import unit_name, unit_named

NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)"
_WITH_UNIT = re.compile(rf"({NUMBER})\s+(\S.*)", re.DOTALL)
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_SPECIAL = re.compile(r"[+-]?inf|nan")
_FACTOR = re.compile(r"([A-Za-z]+|1|10\.0)(?:\^(-?\d+(?:\.\d+)?))?")
_UNIT = re.compile(r"[A-Za-z0-9 ./*^()-]{1,80}")


def number_as_data(value: float) -> float | str:
    """A number; one that is not finite as the text ``nan``, ``inf`` or ``-inf``."""
    return value if math.isfinite(value) else f"{value:g}"


def quantity_as_text(number: Any, unit: u.Unit) -> str:
    """A number with its unit, exact to the last bit.

    Raises
    ------
    ValueError
        A unit that has no name which is read back as the same.
    """
    return f"{number!r} {unit_as_text(unit)}"


def unit_as_text(unit: u.Unit) -> str:
    text = unit_name(unit)
    found = known_unit(text)
    if found is None or found != unit:
        raise ValueError(f"the unit {text} has no name that can be read back; convert it, for example to SI units.")
    return unit_name(found)


@lru_cache(512)
def known_unit(text: str) -> u.Unit | None:
    """The unit of a text as messages have it (``1/ms``); None where there is none of that name."""
    if not _UNIT.fullmatch(text):
        return None
    try:
        return _product(text) or unit_named(text)
    except Exception:  # whatever the parser of another package makes of it
        return None


def _product(text: str) -> u.Unit | None:
    """The unit of a product and its divisors, which is shown as it is written, not as another of its dimension."""
    above, *below = text.split("/")
    factors: list[Any] = [*_factors(above, 1), *(factor for part in below for factor in _factors(part, -1))]
    if not factors or None in factors:
        return None
    return reduce(operator.mul, factors)


def _factors(text: str, sign: int) -> Iterator[u.Unit | None]:
    for part in text.strip().removeprefix("(").removesuffix(")").split("*"):
        found = _FACTOR.fullmatch(part.strip())
        if found is None:
            yield None
        elif found[1] != "1":
            power = sign * float(found[2] or 1)
            power = int(power) if power.is_integer() else power
            yield u.Unit(scale=power) if found[1] == "10.0" else cast("u.Unit", unit_named(found[1]) ** power)


def is_marked(text: str) -> bool:
    """Whether a text must be marked, for it would be read as a number."""
    return bool(_WITH_UNIT.fullmatch(text) or _SPECIAL.fullmatch(text))


def text_as_value(text: str) -> Any:
    """A text as what it means: a Quantity, a number that is not finite, or the text itself.

    Raises
    ------
    ValueError
        A number with a unit that is not known.
    """
    if _SPECIAL.fullmatch(text):
        return float(text)
    found = _WITH_UNIT.fullmatch(text)
    if found is None:
        return text
    unit = known_unit(found[2])
    if unit is None:
        raise ValueError(
            f"{_shown(text)} has the unit {_shown(found[2])}, which is not known; write it as in mm/ms, 1/ms or nA, or "
            'mark what is a text as {"text": ...}.'
        )
    number = int(found[1]) if _WHOLE.fullmatch(found[1]) else float(found[1])
    return number if unit.is_unitless and unit.magnitude == 1 else u.Quantity(number, unit)


def _shown(text: str) -> str:
    return repr(text if len(text) < 60 else text[:57] + "...")

"""What an object says of itself: a few lines where it is printed, a table in a notebook."""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import brainunit as u
import numpy as np

from brainmass.units import describe, is_concrete, mantissa, unit_name

_FRAME = "border-bottom:1px solid rgba(128,128,128,.4);padding-bottom:3px;margin-bottom:4px"
_CELL = "text-align:left;vertical-align:top;padding:1px 14px 1px 0;background:none;border:none;white-space:normal"
_FAINT = f"{_CELL};opacity:.65;font-weight:normal;white-space:nowrap"


class CardTable(NamedTuple):
    """A table that a notebook unfolds."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


class Card(NamedTuple):
    """A title, lines with a label each, and what a notebook shows beside them."""

    title: str
    lines: Sequence[tuple[str, str]] = ()
    tables: Sequence[CardTable] = ()

    def text(self) -> str:
        width = max((len(label) for label, _ in self.lines), default=0)
        return "\n".join([self.title, *(f"  {label:<{width}}  {text}" for label, text in self.lines)])

    def html(self) -> str:
        lines = _table([], self.lines) if self.lines else ""
        tables = "".join(
            f'<details style="margin-top:3px"><summary style="cursor:pointer">{escape(table.title)} '
            f'({len(table.rows)})</summary><div style="max-height:24em;overflow:auto;margin-left:1.2em">'
            f"{_table(table.heads, table.rows)}</div></details>"
            for table in self.tables
            if table.rows
        )
        return (
            f'<div style="max-width:60em"><div style="{_FRAME}"><b>{escape(self.title)}</b></div>{lines}{tables}</div>'
        )


class WithCard:
    """Prints its `card`; str and repr are the same."""

    __slots__ = ()

    def card(self) -> Card:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.card().text()

    def _repr_html_(self) -> str:
        return self.card().html()


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is faint where there are no heads, and all of the heads."""
    top = "".join(f'<th style="{_FAINT}">{escape(head)}</th>' for head in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL if heads or i else _FAINT}">{escape(x)}</td>' for i, x in enumerate(row))
        + "</tr>"
        for row in rows
    )
    first = f"<tr>{top}</tr>" if heads else ""
    return f'<table style="border-collapse:collapse;margin:2px 0;font-size:inherit">{first}{body}</table>'


def value_text(value: Any, unit: Any, *, named: bool = True) -> str:
    """A value, bare in ``unit`` or a Quantity, in a few words: one number, or how many between which.

    The unit is ``named`` behind it; None stands for that of the value.
    """
    if value is None:
        return "none"
    if callable(value):
        return getattr(value, "__name__", None) or describe(value)
    known = isinstance(unit, u.Unit)
    bare = mantissa(value, unit, "") if known else value.mantissa if isinstance(value, u.Quantity) else value
    name = unit_name(unit) if known else unit_name(value.unit) if isinstance(value, u.Quantity) else "1"
    tail = f" {name}" if named and name != "1" else ""
    if not is_concrete(bare):
        return f"traced{tail}"
    numbers = np.asarray(bare)
    if numbers.dtype.kind not in "iufb":
        return describe(value)
    if not numbers.size:
        return f"no values{tail}"
    low, high = numbers.min(), numbers.max()
    if low == high or numbers.size == 1:
        return f"{low:g}{tail}"
    return f"{counted(numbers.shape)} values from {low:.4g} to {high:.4g}{tail}"


def counted(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def plural(number: int, name: str) -> str:
    return f"{number} {name}" + ("s" if number != 1 else "")


def some(names: Sequence[Any], most: int = 4) -> str:
    """The first names, and that there are more."""
    return ", ".join([*map(str, names[:most]), *(["…"] if len(names) > most else [])])

"""Text of unknown origin, a line at a time, so that no file can fill the memory."""

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from brainmass.formats.reading.bounds import MOST_REGIONS, Refused
from brainmass.units import describe

_LONGEST_LINE = 2**21
_MOST_LINES = 10 * MOST_REGIONS
_MOST_TEXT = 2**28
_MISSING = {"", "NA", "N/A", "null", "None"}


def text_lines(stream: Any) -> Iterator[str]:
    """The lines of a binary stream, without their ends, empty ones and those that are comments.

    Raises
    ------
    Refused
        No text in UTF-8, or lines that are too long or too many.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig")
    try:
        for number in range(_MOST_LINES + 1):
            line = text.readline(_LONGEST_LINE)
            if not line:
                return
            if number == _MOST_LINES or len(line) == _LONGEST_LINE:
                raise Refused(f"has more than {_MOST_LINES} lines, or one that is longer than any of numbers")
            if "\0" in line:
                raise Refused("is no text")
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.rstrip("\n")
    except UnicodeDecodeError:
        raise Refused("is no text in UTF-8; save it as UTF-8") from None
    finally:
        with suppress(ValueError):  # closed already, by whoever opened it
            text.detach()


def text_of(stream: Any) -> str:
    """All of a text that is no table.

    Raises
    ------
    Refused
        No text in UTF-8, or too long.
    """
    data = bytearray()
    while len(data) <= _MOST_TEXT and (piece := stream.read(2**20)):
        data += piece
    if len(data) > _MOST_TEXT:
        raise Refused(f"has more than {_MOST_TEXT >> 20} MiB of text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("is no text in UTF-8; save it as UTF-8") from None
    if "\0" in text:
        raise Refused("is no text")
    return text


def parsed(cell: str) -> float | None:
    """A number, NaN for one that is missing, None for a name."""
    cell = cell.strip()
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return np.nan if cell in _MISSING else None


def number_rows(lines: Iterable[str], name: str) -> np.ndarray:
    """(N, N) of numbers with spaces, tabs or commas between them.

    Raises
    ------
    Refused
        No numbers, or not as many rows as columns.
    """
    rows: list[np.ndarray] = []
    for line in lines:
        row = row_of(line.replace(",", " ").split(), name, len(rows))
        if rows and len(row) != len(rows[0]):
            raise Refused(f"has {len(row)} numbers in row {len(rows) + 1} of {name}, and {len(rows[0])} in the first")
        if len(rows) == len(row) or len(row) > MOST_REGIONS:
            raise Refused(f"has more than {len(rows)} rows of {len(row)} numbers in {name}, which must be square")
        rows.append(row)
    if not rows or len(rows) != len(rows[0]):
        raise Refused(f"has {len(rows)} rows of {len(rows[0]) if rows else 0} numbers in {name}, which must be square")
    return np.stack(rows)


def row_of(cells: list[str], name: str, at: int) -> np.ndarray:
    """The numbers of a row."""
    try:
        if not any("_" in cell for cell in cells):
            return np.array(cells, dtype=np.float64)
    except ValueError:
        pass
    found = [parsed(cell) for cell in cells]
    odd = next((cell for cell, number in zip(cells, found, strict=True) if number is None), None)
    if odd is not None:
        raise Refused(f"has {describe(odd)} in row {at + 1} of {name}, which is no number")
    return np.array(found, dtype=np.float64)

"""Matrices in text: CSV, TSV, or with spaces, with or without names, as MRtrix, pandas, R or Excel write them."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np

from brainmass.connectomes import Connectome
from brainmass.display import warn
from brainmass.files import atomic
from brainmass.formats.reading import (
    MOST_REGIONS,
    FileContent,
    Refused,
    check_no_key,
    checked_square,
    names_of_numbers,
    parsed,
    row_of,
    text_lines,
)

_CORNERS = {"target/source": "target_source", "source/target": "source_target"}
_DIGITS = re.compile(r"[-+\d.,]*\d[-+\d.,eE]*")
_SEPARATORS = ("\t", ";", ",", " ")


@dataclass
class _Table:
    """Texts of the first row and column, and the numbers of all rows, those of names NaN."""

    head: list[str]
    sides: list[str] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)


def read_table(path: Path, key: str | None) -> FileContent:
    """The one matrix of a text file, with the names of its header or first column."""
    check_no_key(key)
    with path.open("rb") as stream:
        return content_of(text_lines(stream))


def content_of(lines: Iterator[str]) -> FileContent:
    """The matrix of these lines."""
    first = list(islice(lines, 5))
    if not first:
        raise Refused("is empty")
    separator = _separator(first)
    reader = _Cells(separator, all(line.rstrip(" ").endswith(separator) for line in first if separator != " "))
    table = _table(reader, chain(first, lines))
    matrix, names, others, assumed = _arranged(table)
    found = FileContent(weights=checked_square(matrix, "a matrix"), assumed=assumed)
    found.labels = _agreed(names, others)
    found.orientation = _CORNERS.get(table.head[0].strip().casefold()) if table.head else None
    if reader.has_commas:
        found.assumed.append("commas in its numbers are decimal points")
    return found


class _Cells:
    """Splits lines, and reads decimal commas where no comma separates."""

    def __init__(self, separator: str, has_tail: bool):
        self.separator, self.has_tail = separator, has_tail and separator != " "
        self.has_commas = self.has_points = False

    def of(self, line: str) -> list[str]:
        if self.separator == " ":
            return line.split()
        if '"' in line:
            cells = next(csv.reader([line], delimiter=self.separator, skipinitialspace=True))
        else:
            cells = line.split(self.separator)
        return cells[:-1] if self.has_tail and not cells[-1].strip() else cells

    def numbers(self, cells: list[str], at: int) -> np.ndarray:
        if any("," in cell for cell in cells):
            if self.separator == ",":
                raise Refused(f"has commas inside of numbers in row {at + 1}; save them without")
            self.has_commas = True
        if self.has_commas:
            self.has_points |= any("." in cell for cell in cells)
            if self.has_points:
                raise Refused("has numbers with commas and with points; save all with one decimal sign")
            cells = [cell.replace(",", ".") for cell in cells]
        else:
            self.has_points |= any("." in cell for cell in cells)
        return row_of(cells, "its matrix", at)


def _separator(lines: list[str]) -> str:
    """What splits all lines alike, with numbers between; the header of R has a name less."""
    for separator in _SEPARATORS:
        cells = [_Cells(separator, False).of(line) for line in lines]
        counts = [len(row) for row in cells]
        alike = len(set(counts[1:] or counts)) == 1 and counts[0] in (counts[-1], counts[-1] - 1)
        inner = [cell if separator == "," else cell.replace(",", ".") for row in cells[1:] for cell in row[1:]]
        if alike and counts[-1] > 1 and all(parsed(cell) is not None for cell in inner):
            return separator
    return next((separator for separator in _SEPARATORS if all(separator in line for line in lines)), " ")


def _is_name(cell: str) -> bool:
    """Neither a number nor what is meant as one, as 1.234,5."""
    return parsed(cell.replace(",", ".")) is None and _DIGITS.fullmatch(cell.strip()) is None


def _are_ids(cells: list[str]) -> bool:
    """Whether numbers may name regions."""
    found = [parsed(cell.replace(",", ".")) for cell in cells]
    return len(set(found)) == len(found) and all(number is not None and number % 1 == 0 for number in found)


def _table(reader: _Cells, lines: Iterable[str]) -> _Table:
    table, width = _Table([]), 0
    for line in lines:
        cells = reader.of(line)
        if not table.head:
            table.head = cells
            continue
        at = len(table.sides) + 1
        width = width or len(cells)
        if len(cells) != width or width > MOST_REGIONS + 1:
            raise Refused(f"has {len(cells)} cells in row {at + 1} and {width} in the one before; each needs as many")
        if at > width:
            raise Refused(f"has more than {at} rows of {width} cells, and not as many rows as columns")
        table.sides.append(cells[0].strip().strip('"'))
        table.rows.append(reader.numbers(["nan" if _is_name(cells[0]) else cells[0], *cells[1:]], at))
    if not any(map(_is_name, table.head[1:])):
        head = ["nan" if _is_name(table.head[0]) else table.head[0], *table.head[1:]]
        table.rows.insert(0, reader.numbers(head, 0))
    table.head = [cell.strip().strip('"') for cell in table.head]
    return table


def _arranged(table: _Table) -> tuple[np.ndarray, list[str] | None, list[str] | None, list[str]]:
    """The matrix, the names of its columns and rows, and what was assumed."""
    head, sides = table.head, table.sides
    height, width = len(sides) + 1, len(table.rows[-1]) if table.rows else 0
    body = table.rows if len(table.rows) < height else table.rows[1:]
    corner = _is_name(head[0]) or head[0] == ""
    is_header = len(table.rows) < height
    if len(head) == width - 1 and height == width:  # of R, which leaves the corner out
        return np.array(body)[:, 1:], head, sides, []
    if len(head) != width and height > 1:
        raise Refused(f"has {len(head)} cells in row 1 and {width} in row 2; each row needs as many")
    if height == width and corner and (is_header or head[1:] == sides or head[0] != ""):
        return np.array(body)[:, 1:], head[1:], sides, []
    if height == width + 1 and (is_header or _are_ids(head)):
        said = [] if is_header else ["its first row is numbers that name the regions"]
        return np.array(body), head, None, said
    names = [head[0], *sides]
    if height == width - 1 and not is_header and (corner or _are_ids(names)):
        said = [] if corner else ["its first column is numbers that name the regions"]
        return np.array(table.rows)[:, 1:], None, names, said
    if is_header or height != width:
        raise Refused(f"has {height} rows and {width} columns, and not as many rows as columns")
    if any(map(_is_name, names)):
        raise Refused("has names where numbers must be")
    return np.array(table.rows), None, None, []


def _agreed(columns: list[str] | None, rows: list[str] | None) -> list[str] | None:
    found = [names_of_numbers(names) for names in (columns, rows) if names is not None]
    named = [names for names in found if names is not None]
    if len(named) == 2 and named[0] != named[1]:
        odd = next((one, other) for one, other in zip(*named, strict=True) if one != other)
        raise Refused(f"names its columns otherwise than its rows, as {odd[0]!r} and {odd[1]!r}; give both one order")
    return named[0] if named else None


# -- writing -----------------------------------------------------------------------------------------------------------


def write_table(connectome: Connectome, path: Path) -> None:
    """The weights with names; lengths and centres, where there are some, as NAME_lengths.csv and NAME_centres.csv."""
    names = connectome.labels.tolist()
    head = ["target/source", *names]
    _write(path, [head, *_rows(names, connectome.weights)])
    if connectome.distances is not None:
        _write(beside(path, "lengths"), [head, *_rows(names, connectome.distances.mantissa)])
    if connectome.centres is not None:
        _write(beside(path, "centres"), [["region", "x", "y", "z"], *_rows(names, connectome.centres.mantissa)])
    also = "hemispheres", "cortical", "space", "source", "licence", "terms", "citation", "steps"
    lost = [name for name in also if getattr(connectome, name) is not None and len(getattr(connectome, name))]
    if lost:
        warn(f"path={str(path)!r} is written, without {', '.join(lost)}; a file .nc keeps them.")


def beside(path: Path, what: str) -> Path:
    """Where the lengths or centres lie that belong to the weights in ``path``."""
    return path.with_name(f"{path.stem}_{what}{path.suffix}")


def _rows(names: list[str], matrix: np.ndarray) -> list[list[str]]:
    return [[name, *map(repr, row)] for name, row in zip(names, matrix.tolist(), strict=True)]


def _write(path: Path, rows: list[list[str]]) -> None:
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)

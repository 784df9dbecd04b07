"""Small texts beside a connectome: the names of its regions, and where they lie."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np

from brainmass.formats.reading.bounds import MOST_REGIONS, Refused
from brainmass.formats.reading.text import parsed, row_of, text_lines

_NUMBERED = re.compile(r"(\d+)[\s,;]+(\S.*)")
_COLOUR = re.compile(r"(\S+)\s.*\d+\s+\d+\s+\d+\s*\d*")  # of MRtrix and FreeSurfer: short name, name, red, green, blue


def names_of_file(path: Path, n: int) -> list[str]:
    """One name a line, or a number that counts and a name, as tables of labels of MRtrix and FreeSurfer have them.

    Numbers from 0 or 1 on are the places of the regions, in whatever order the lines stand.
    """
    with path.open("rb") as stream:
        lines = [line.strip() for line in text_lines(stream)]
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if not lines or not all(numbered):
        return [line.strip("\"',;") for line in lines]
    rows = [(int(found[1]), _short(found[2])) for found in numbered if found is not None]
    rows = list(dict.fromkeys(rows))  # MRtrix lists a region again under each name that FreeSurfer gave it
    if len(rows) == n + 1:
        rows = [one for one in rows if one[0] != 0]  # of no region
    if sorted(number for number, _ in rows) in (list(range(n)), list(range(1, n + 1))):
        rows.sort()
    elif any(one >= other for (one, _), (other, _) in pairwise(rows)):
        raise Refused("numbers its names in an order that is not that of the lines; sort them as the regions are")
    return [name for _, name in rows]


def _short(name: str) -> str:
    found = _COLOUR.fullmatch(name)
    return found[1] if found else name.strip("\"',;")


def centres_of_file(path: Path) -> tuple[list[str] | None, np.ndarray]:
    """x, y and z a line, maybe after a name, and maybe below a header."""
    names, rows = [], []
    with path.open("rb") as stream:
        for number, line in enumerate(text_lines(stream)):
            cells = [cell.strip('"') for cell in re.split(r"\s*[,;\t]\s*|\s+", line.strip())]
            if len(cells) not in (3, 4) or len(rows) > MOST_REGIONS:
                raise Refused(f"has {len(cells)} words in row {number + 1}, and not x, y and z, or a name before these")
            if number == 0 and all(parsed(cell) is None for cell in cells[-3:]):
                continue
            names.append(cells[0] if len(cells) == 4 else "")
            rows.append(row_of(cells[-3:], "centres", number))
    if len({bool(name) for name in names}) > 1:
        raise Refused("has rows with a name before x, y and z, and others without")
    if not rows:
        raise Refused("has no centres in it")
    return (names if all(names) else None), np.stack(rows)

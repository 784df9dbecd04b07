"""Objects made from parts that may be broken: what else is wrong is found by leaving out what is."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import brainunit as u
import numpy as np

from brainmass.naming import meant
from brainmass.spec.arguments import named, takes_others
from brainmass.spec.problems import Problem, below, sentence_of

Objects = dict["Built", Any]


class Built:
    """A part that has been read.

    ``make`` gives a new object each time, as far as it goes where it is ``broken``; where it stands in two places of
    what is made, the one that ``made`` holds.
    """

    broken: bool = False

    @property
    def lost(self) -> bool:
        """Whether nothing is left of it."""
        return self.broken and self.make({}) is None

    def make(self, made: Objects) -> Any:
        raise NotImplementedError


class Value(Built):
    """A part that is there already."""

    def __init__(self, value: Any, *, broken: bool = False):
        self.value, self.broken = value, broken

    def make(self, made: Objects) -> Any:
        return self.value


class Whole(Built):
    """A part that is made of others."""

    def __init__(self, make: Callable[[Objects], Any], broken: bool):
        self._make, self.broken = make, broken

    def make(self, made: Objects) -> Any:
        return self._make(made)


class Made(Built):
    """An object of a class, made from its arguments; adds to ``problems`` what the class does not take."""

    def __init__(self, kind: type, arguments: dict[str, Built], path: str, problems: list[Problem]):
        self.kind, self.path, self.problems, self.can_be_made = kind, path, problems, True
        found = len(problems)
        self.arguments = self._known(arguments)
        missing = [n for n, p in named(kind).items() if p.default is p.empty and n not in arguments]
        for name in missing:
            self._refuse(name, f"is missing; a {kind.__name__} needs it.")
        whole = not missing and not any(part.broken for part in self.arguments.values())
        if not whole or self._attempt(self.arguments) is not None:
            self._isolate(missing)
        self.broken = len(problems) > found or any(part.broken for part in arguments.values())

    def make(self, made: Objects) -> Any:
        if self not in made:
            given = {name: part.make(made) for name, part in self.arguments.items()}
            made[self] = self.kind(**given) if self.can_be_made else None
        return made[self]

    def _refuse(self, name: str, sentence: str) -> None:
        self.problems.append(Problem(below(self.path, name) if name else self.path, sentence))

    def _known(self, arguments: dict[str, Built]) -> dict[str, Built]:
        """The arguments that the class takes; says which others there are."""
        names = list(named(self.kind))
        if takes_others(self.kind):
            return dict(arguments)
        for name in arguments:
            if name not in names:
                came = f"{self.kind.__name__} has no argument {name!r}{meant(name, names)}"
                self._refuse(name, f"{came}; it takes {', '.join(names)}.")
        return {name: part for name, part in arguments.items() if name in names}

    def _attempt(self, arguments: dict[str, Built]) -> str | None:
        """What is wrong with the arguments, in one sentence; None where nothing is."""
        try:
            made: Objects = {}
            self.kind(**{name: part.make(made) for name, part in arguments.items()})
        except Exception as error:  # whatever a class of a user's raises
            return sentence_of(error)
        return None

    def _isolate(self, missing: list[str]) -> None:
        """Find each argument that is refused, by itself; keep those with which an object can be made."""
        required = {n: p for n, p in named(self.kind).items() if p.default is p.empty}
        base = {n: self.arguments[n] for n in required if n in self.arguments}
        lost = [n for n in required if n in missing or base[n].lost]
        stand_ins = self._stand_ins(lost, base)
        self.can_be_made = stand_ins is not None
        if stand_ins is None:
            return
        kept = base | stand_ins
        for name, part in self.arguments.items():
            if name in kept or part.lost or (stand_ins and not _is_small(part.make({}))):
                continue
            sentence = self._attempt(kept | {name: part})
            if sentence is None:
                kept[name] = part
            elif not part.broken:
                self._refuse(name, sentence)
        self.arguments = kept

    def _stand_ins(self, lost: list[str], base: dict[str, Built]) -> dict[str, Built] | None:
        """Values in place of required arguments that are missing or refused; None where an object cannot be made."""
        found: dict[str, Built] = {name: Value(1) for name in lost}
        while (sentence := self._attempt(base | found)) is not None:
            name = self._blamed(sentence, base | found, set(lost))
            if name is None:
                if not lost and not any(part.broken for part in base.values()):
                    self._refuse("", sentence)
                return None
            if name not in found and not base[name].broken:
                self._refuse(name, sentence)
            found[name], lost = self._stand_in(name, sentence, base | found), [n for n in lost if n != name]
        return found

    def _blamed(self, sentence: str, tried: dict[str, Built], lost: set[str]) -> str | None:
        """The required argument that a sentence is about: the first that it names, and that another value mends."""
        places = {n: re.search(rf"(?<![\w.]){re.escape(n)}(?!\w)", sentence) for n in tried}
        order = sorted((place.start(), name) for name, place in places.items() if place)
        return next((n for _, n in order if self._stand_in(n, sentence, tried) is not None), None)

    def _stand_in(self, name: str, sentence: str, tried: dict[str, Built]) -> Any:
        """A value of an argument with which what a sentence says is mended; None where there is none."""
        for value in _candidates(tried):
            other = self._attempt(tried | {name: Value(value)})
            if other is None or (other != sentence and not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", other)):
                return Value(value)
        return None


def _candidates(tried: dict[str, Built]) -> Iterator[Any]:
    """Values that many arguments take: a number, a name, a matrix, one for the regions of what stands beside it."""
    yield from (1, 1.0, "x", [[1.0]], [1.0])
    for part in tried.values():
        sizes = getattr(part.make({}), "varshape", ())
        if len(sizes) == 1:
            yield np.zeros((sizes[0], sizes[0]))


def _is_small(value: Any) -> bool:
    """Whether a value is one number or text, which fits whatever the number of regions is."""
    return isinstance(u.get_mantissa(value), bool | int | float | str)

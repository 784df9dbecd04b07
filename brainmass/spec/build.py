"""Objects made from parts that may be broken: what else is wrong is found by leaving out what is."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import brainunit as u
import numpy as np

from brainmass.names import meant
from brainmass.spec.arguments import named, takes_others
from brainmass.spec.problems import Problem, below, sentence_of

Objects = dict["Built", Any]


class Built:
    """A part that has been read.

    ``make`` gives a new object each time, as far as it goes where it is ``broken``; where it stands in two places of
    what is made, the one that ``made`` holds.
    """

    broken: bool = False
    stands_in: bool = False
    """Whether something in it was put in the place of what is missing, so that its size says nothing."""

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

    def _refuse(self, name: str | None, sentence: str) -> None:
        self.problems.append(Problem(self.path if name is None else below(self.path, name), sentence))

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
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is left out here for a try
                self.kind(**{name: part.make(made) for name, part in arguments.items()})
        except Exception as error:  # whatever a class of a user's raises
            return sentence_of(error)
        return None

    def _isolate(self, missing: list[str]) -> None:
        """Find each argument that is refused, by itself; keep those with which an object can be made."""
        required = [n for n, p in named(self.kind).items() if p.default is p.empty]
        lost = {n for n, part in self.arguments.items() if part.lost} | set(missing)
        unjudged = self._unjudged(bool(lost & set(required))) & set(required)
        lost |= {n for n in unjudged if not isinstance(self.arguments[n], Made)}
        base = {n: self.arguments[n] for n in required if n not in lost}
        stand_ins = self._stand_ins([n for n in required if n in lost], base)
        self.can_be_made = stand_ins is not None
        if stand_ins is None:
            return
        kept, lost = base | stand_ins, lost | stand_ins.keys()
        lost |= self._unjudged(any(not isinstance(part.make({}), np.ndarray) for part in stand_ins.values()))
        rest = {n: part for n, part in self.arguments.items() if n not in kept and n not in lost}
        self.arguments = kept | self._accepted(kept, rest, lost)
        self.stands_in = bool(stand_ins) or any(part.stands_in for part in self.arguments.values())

    def _unjudged(self, unknown: bool) -> set[str]:
        """The arguments with a size, where that of the others is ``unknown``, or of one among them."""
        if not unknown and not any(part.stands_in for part in self.arguments.values()):
            return set()
        return {n for n, part in self.arguments.items() if not part.stands_in and _has_size(part.make({}))}

    def _accepted(self, kept: dict[str, Built], rest: dict[str, Built], lost: set[str]) -> dict[str, Built]:
        """The optional arguments that are not refused; not said is what only the ``lost`` ones bring about."""
        while (sentence := self._attempt(kept | rest)) is not None:
            without = {n: self._attempt(kept | {m: part for m, part in rest.items() if m != n}) for n in rest}
            guilty = [n for n in _named_in(sentence, rest) if without[n] != sentence]
            name = next(iter(guilty or [n for n in rest if without[n] != sentence] or rest), None)
            if name is None:
                break
            if not rest[name].broken and not _named_in(sentence.partition(";")[0], lost):
                self._refuse(name, sentence)
            rest, lost = {n: part for n, part in rest.items() if n != name}, lost | {name}
        return rest

    def _stand_ins(self, lost: list[str], base: dict[str, Built]) -> dict[str, Built] | None:
        """Values in place of required arguments that are missing or refused; None where an object cannot be made."""
        found: dict[str, Built] = {name: Value(1) for name in lost}
        for name in lost:
            found[name] = self._mended(name, base | found) or found[name]
        while (sentence := self._attempt(base | found)) is not None:
            blamed = _named_in(sentence, base.keys() - found.keys())
            name = next((n for n in blamed if self._mended(n, base | found) is not None), None)
            if name is None or _named_in(sentence.partition(";")[0], found):
                if not found and not any(part.broken for part in base.values()):
                    self._refuse(name, sentence)
                return None
            if not base[name].broken:
                self._refuse(name, sentence)
            found[name] = self._mended(name, base | found) or Value(1)
        return found

    def _mended(self, name: str, tried: dict[str, Built]) -> Value | None:
        """A value of an argument with which an object can be made, or what is wrong then is not about it."""
        said = [(value, self._attempt(tried | {name: Value(value)})) for value in _candidates(tried)]
        fitting = [value for value, sentence in said if sentence is None]
        fitting += [value for value, sentence in said if sentence is not None and not _named_in(sentence, [name])]
        return Value(fitting[0]) if fitting else None


def _named_in(sentence: str, names: Iterable[str]) -> list[str]:
    """The names that a sentence holds, in its order."""
    places = {n: re.search(rf"(?<![\w.]){re.escape(n)}(?!\w)", sentence) for n in names}
    return [n for _, n in sorted((place.start(), name) for name, place in places.items() if place)]


def _candidates(tried: dict[str, Built]) -> Iterator[Any]:
    """Values that many arguments take: a number, a name, a matrix, one for the regions of what stands beside it."""
    yield from (1, 1e3, "x", [[1.0]], [1.0])
    for part in tried.values():
        sizes = getattr(part.make({}), "varshape", ())
        if len(sizes) == 1:
            yield np.zeros((sizes[0], sizes[0]))


def _has_size(value: Any) -> bool:
    """Whether a value is one for each of several regions, or an object that has some."""
    number = u.get_mantissa(value)
    if isinstance(number, list | tuple):
        kinds = {type(part) for part in number}
        return bool(kinds) and (kinds <= {int, float} or kinds in ({str}, {list}))
    return bool(np.ndim(number)) if hasattr(number, "ndim") else hasattr(value, "varshape")

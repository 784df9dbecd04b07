"""One run under way: its compiled programs, where it stands, and what it has recorded so far."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.chunks import Chunk, Reel, stretch
from brainmass.draws import Key
from brainmass.program import Fed, Span
from brainmass.statespace import Values


class Place(NamedTuple):
    """Where a run stands: states, delay history, states of the monitors, and the absolute step."""

    states: Any
    history: Any
    carries: Any
    step: int


class Watched(NamedTuple):
    """The monitors at the end of a run, for one that goes on from its ``step`` and has the same ``key`` and batch."""

    key: Hashable
    batch: int | None
    step: int
    carries: Any
    origin: int
    frames: Values


@dataclass
class Job:
    """What `advance` needs beside the chunks. ``last`` is where the last chunk began, ``place`` where it ended."""

    core: Callable[[Span], Callable]
    values: Values
    plan: Any
    key: Key
    fed: Fed
    start: int
    origin: int
    place: Place
    reel: Reel
    last: Place | None = None
    diverged: bool = False
    interrupted: bool = False

    def advance(self, course: Iterable[Chunk], traced: bool, report: Callable[[int], None], save: Callable) -> None:
        """Run chunk after chunk; the end, the first state that is not finite, or Ctrl-C stops it.

        After each chunk, ``save`` gets the job, and ``report`` the steps done.
        """
        try:
            for chunk in course:
                if chunk.stop < self.place.step or (chunk.stop == self.place.step and self.place.states is not None):
                    continue  # done before the run was resumed
                fed = self.fed._replace(series=stretch(self.fed.series, chunk, self.start))
                steps = map(np.uint32, (chunk.start, chunk.stop, self.origin))
                given = self.values, self.plan, self.key, np.uint32(0), *steps, *self.place[:3]
                recorded, *after = self.core(chunk.span)(*given, fed)
                self.reel.add(recorded, chunk)
                self.last, self.place = self.place, Place(*after, step=chunk.stop)
                self.diverged = not traced and not _finite(self.place.states)
                if self.diverged:
                    return
                save(self)
                report(chunk.stop - self.start)
        except KeyboardInterrupt:
            self.interrupted = True


def _finite(states: Any) -> bool:
    return all(np.isfinite(np.asarray(x)).all() for x in jax.tree.leaves(states))

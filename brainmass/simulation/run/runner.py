"""One run under way: its compiled programs, where it stands, and what it has recorded so far."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from brainmass.numerics import seed_key
from brainmass.results import Lost, frozen, lost_in
from brainmass.simulation.engine import Batch, Fed, Span
from brainmass.simulation.run.chunks import Chunk, Reel, stretch
from brainmass.state_space import Values


class Place(NamedTuple):
    """Where a run stands: states, delay history, states of the monitors, and the absolute step."""

    states: Any
    history: Any
    carries: Any
    step: int


class Watched(NamedTuple):
    """The monitors at the end of a run, for one that goes on and has the same ``key``, batch and ``clock``.

    The clock is the very tuple that this run left in the model, and not one that is equal.
    """

    key: Hashable
    batch: int | None
    clock: tuple
    carries: Any
    origin: int
    frames: Values


@dataclass
class Job:
    """A run that `advance` takes through its ``course``, from the ``place`` where it stands.

    It goes ``steps`` steps from the absolute step ``start``; samples of monitors may begin after the step ``origin``.
    ``driven`` gives the inputs of a chunk that callables compute, ``seen`` is what its programs depend on in the
    monitors, ``coords`` the values that differ between simulations, ``numbers`` those of the simulations, or that of
    the first, and ``variables`` the names of the Variables by process. ``lost`` are the simulations, by their place in
    the batch, that are not finite any more, ``last`` is the place where the last chunk began, and ``since`` the moment
    when the run began, later by what it paused.
    """

    core: Callable[[Span], Callable]
    course: list[Chunk]
    values: Values
    plan: Any
    seed: Any
    fed: Fed
    driven: Callable[[Chunk], Values]
    seen: Hashable
    batch: Batch
    coords: Values
    numbers: Any
    variables: dict[str, list[str]]
    start: int
    steps: int
    origin: int
    place: Place
    reel: Reel
    traced: bool
    last: Place | None = None
    lost: dict[int, Lost] = field(default_factory=dict)
    interrupted: bool = False
    since: float = field(default_factory=time.perf_counter)

    @property
    def wall(self) -> float:
        """Seconds under way."""
        return time.perf_counter() - self.since

    @property
    def simulations(self) -> list[int] | None:
        """The numbers of the simulations of a batch."""
        if self.batch.size is None:
            return None
        return np.asarray(self.numbers).tolist() if np.ndim(self.numbers) else list(range(self.batch.size))

    @property
    def states(self) -> dict[str, Values]:
        """The Variables where it stands."""
        return {path: {n: self.place.states[path][n] for n in names} for path, names in self.variables.items()}

    @property
    def diverged(self) -> bool:
        """Whether no simulation is finite any more."""
        return len(self.lost) == (self.batch.size or 1)

    def find_lost(self) -> None:
        """Note the simulations whose states are not finite; in a batch they are NaN as a whole from here on."""
        if self.traced or self.place.states is None:
            return
        batched = self.batch.size is not None
        new = lost_in(self.states, batched, self.place.step)
        if batched and new.keys() - self.lost.keys():
            self.place = Place(*frozen(self.place[:3], list(new)), step=self.place.step)
        self.lost = new | self.lost

    def check(self, dt: float) -> None:
        """Refuse, with a ValueError, a run that is too short for one of its statistics; warn of what stays empty."""
        self.reel.check(self.start + self.steps, dt, later=not self.traced)

    def advance(self, report: Callable[[int], None], store: Any = None) -> None:
        """Run chunk after chunk; the end, Ctrl-C, or that no simulation is finite any more stops it.

        After each chunk the job is saved in ``store``, if there is one, and ``report`` gets the steps done.
        """
        save = (lambda job, now: None) if store is None else store.save
        self.find_lost()
        try:
            for chunk, following in zip(self.course, [*self.course[1:], None], strict=True):
                if chunk.stop < self.place.step or (chunk.stop == self.place.step and self.place.states is not None):
                    continue  # done before the run was resumed
                self.run(chunk)
                self.find_lost()
                if self.diverged:
                    return
                save(self, now=following is None or (store and following.stop - store.saved > store.every))
                report(chunk.stop - self.start)
        except KeyboardInterrupt:
            self.interrupted = True
            save(self, now=True)

    def run(self, chunk: Chunk) -> None:
        recorded, *after = self.core(chunk.span)(*self.given(chunk))
        self.reel.add(recorded, chunk)
        self.last, self.place = self.place, Place(*after, step=chunk.stop)

    def given(self, chunk: Chunk) -> tuple:
        """What the program of a chunk is called with."""
        fed = self.fed._replace(series=stretch(self.fed.series, chunk, self.start) | self.driven(chunk))
        steps = map(np.uint32, (chunk.start, chunk.stop, self.origin))
        return self.values, self.plan, seed_key(self.seed), self.numbers, *steps, *self.place[:3], fed

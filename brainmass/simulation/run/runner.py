"""One run under way: its compiled programs, where it stands, and what it has recorded so far."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brainmass.network import DelayPlan
from brainmass.numerics import seed_key
from brainmass.results import BadState, bad_states_in, nan_in_members
from brainmass.simulation.engine import Batch, ChunkShape, ProgramArguments, RunData, SimulationState, StepRange
from brainmass.simulation.run.chunks import Chunk, rows_of_chunk
from brainmass.simulation.run.recorded import Recorded
from brainmass.state_space import Values


@dataclass
class Run:
    """A run that `run_chunks` takes through its ``schedule``, from the ``state`` where it stands.

    It goes ``steps`` steps from the absolute step ``start``; samples of monitors may begin after the step
    ``count_from``. ``inputs_of_callables`` gives the inputs of a chunk that callables compute, ``recording_key`` is
    what its programs depend on in the monitors, ``coords`` the values that differ between simulations, ``numbers``
    those of the simulations, ``variables`` the names of the Variables by process, and ``arguments`` the
    values of stimuli and monitors by path that the user gave, which are in ``data``.
    ``bad_states`` are the simulations, by their index in the batch, that are not finite any more, ``last`` is the state
    at which the last chunk began, and ``since`` the moment when the run began, later by what it paused.
    """

    program_for: Callable[[ChunkShape], Callable]
    schedule: list[Chunk]
    values: Values
    arguments: Values
    delay_plan: DelayPlan | None
    seed: Any
    data: RunData
    inputs_of_callables: Callable[[Chunk], Values]
    recording_key: Hashable
    batch: Batch
    coords: Values
    numbers: Any
    variables: dict[str, list[str]]
    start: int
    steps: int
    count_from: int
    state: SimulationState
    recorded: Recorded
    traced: bool
    last: SimulationState | None = None
    bad_states: dict[int, BadState] = field(default_factory=dict)
    interrupted: bool = False
    since: float = field(default_factory=time.perf_counter)

    @property
    def wall(self) -> float:
        """Seconds under way."""
        return time.perf_counter() - self.since

    @property
    def simulations(self) -> list[int] | None:
        """The numbers of the simulations of a batch."""
        return None if self.batch.size is None else self.numbers.tolist()

    @property
    def states(self) -> dict[str, Values]:
        """The Variables where it stands."""
        return {path: {n: self.state.states[path][n] for n in names} for path, names in self.variables.items()}

    @property
    def diverged(self) -> bool:
        """Whether no simulation is finite any more."""
        return len(self.bad_states) == (self.batch.size or 1)

    def find_bad_states(self) -> None:
        """Note the simulations whose states are not finite; in a batch they are NaN as a whole from here on."""
        if self.traced or self.state.states is None:
            return
        batched = self.batch.size is not None
        new = bad_states_in(self.states, batched, self.state.step)
        if batched and new.keys() - self.bad_states.keys():
            self.state = nan_in_members(self.state._replace(step=None), list(new))._replace(step=self.state.step)
        self.bad_states = new | self.bad_states

    def sampled_after(self) -> dict[str, np.ndarray]:
        """How many steps after its start each sample of each series stands, and that of each frame of a statistic."""
        recorded, stop = self.recorded, self.start + self.steps
        series = {name: recorded.steps(name, stop) - self.start for name in recorded.progressions(stop)}
        frames = {
            name: np.arange(recorded.recorder.frames(name, self.count_from, stop, self.count_from))
            for name in recorded.recorder.statistics
            if recorded.recorder.is_framed(name)
        }
        return series | frames

    def check(self, dt: float) -> None:
        """Refuse, with a ValueError, a run that is too short for one of its statistics; warn of what stays empty."""
        self.recorded.check(self.start + self.steps, dt, later=not self.traced)

    def run_chunks(self, report: Callable[[int], None], saved: Any = None) -> None:
        """Run chunk after chunk; the end, Ctrl-C, or that no simulation is finite any more stops it.

        After each chunk the run is saved in ``saved``, if there is one, and ``report`` gets the steps done.
        """
        save = (lambda run, now: None) if saved is None else saved.save
        self.find_bad_states()
        try:
            for chunk, following in zip(self.schedule, [*self.schedule[1:], None], strict=True):
                if chunk.stop < self.state.step or (chunk.stop == self.state.step and self.state.states is not None):
                    continue  # done before the run was resumed
                self.run_chunk(chunk)
                self.find_bad_states()
                if self.diverged:
                    return
                save(self, now=following is None or (saved and following.stop - saved.saved > saved.every))
                report(chunk.stop - self.start)
        except KeyboardInterrupt:
            self.interrupted = True
            save(self, now=True)

    def run_chunk(self, chunk: Chunk) -> None:
        recorded, after = self.program_for(chunk.shape)(self.program_arguments(chunk))
        self.recorded.add(recorded, chunk)
        self.last, self.state = self.state, after._replace(step=chunk.stop)

    def program_arguments(self, chunk: Chunk) -> ProgramArguments:
        series = rows_of_chunk(self.data.series, chunk, self.start) | self.inputs_of_callables(chunk)
        steps = StepRange(*map(np.uint32, (chunk.start, chunk.stop, self.count_from)))
        state, data = self.state._replace(step=None), self.data._replace(series=series)
        return ProgramArguments(self.values, self.delay_plan, seed_key(self.seed), self.numbers, steps, state, data)

"""What one run records: observables step by step, monitors that sample, and statistics of either."""

from collections.abc import Hashable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors import Carry, Framed, Means, Monitor, Rows, Samples, Signal, Statistic
from brainmass.monitors.recording.observables import Observable, bytes_of, numbers_of, observable, signal_of
from brainmass.monitors.recording.sample_buffer import Tape
from brainmass.network import States
from brainmass.numerics import Key, normals
from brainmass.state_space import Values
from brainmass.units import float_dtype, mantissa, with_unit


class Stage(NamedTuple):
    """A monitor, its source (an observable, the number of a stage, or a recorded name), the streams in and out."""

    monitor: Any
    source: Any
    given: Signal
    gives: Signal


class Recorder:
    """The recorded things of a run.

    ``stages`` are the monitors that sample, each once however many names and other monitors use it, and the `Means`
    before them; sources come before those that watch them. ``each`` are observables at every step and ``taped`` the
    numbers of stages, by the name under which they are recorded; ``statistics`` are those that take recorded samples.
    What only a statistic needs is recorded within a chunk under a name with "#".
    """

    def __init__(self, model: Any, found: dict[str, Any], dt: float, values: Values):
        self.names = list(found)
        self.each: dict[str, Observable] = {n: what for n, what in found.items() if isinstance(what, Observable)}
        self.taped: dict[str, int] = {}
        self.stages: list[Stage] = []
        self.statistics: dict[str, Stage] = {}
        self._model, self._values, self._dt, self._known = model, values, dt, {}
        for name, what in found.items():
            if isinstance(what, Statistic):
                source, given = self._recorded(what, name)
                self.statistics[name] = Stage(what, source, given, what.gives(given))
            elif isinstance(what, Monitor):
                self.taped[name] = self._stage(what)
        del self._model, self._values, self._known

    def _stage(self, monitor: Monitor) -> int:
        """The number of the stage of a monitor, made where it is new."""
        if id(monitor) not in self._known:
            source, given = self._source(monitor)
            every = monitor.averaged_over(given)
            if every != given.every:
                source, given = self._means(source, given, every)
            self._known[id(monitor)] = self._added(Stage(monitor, source, given, monitor.gives(given)))
        return self._known[id(monitor)]

    def _means(self, source: Any, given: Signal, every: int) -> tuple[int, Signal]:
        """The stage that averages a stream over ``every`` steps, made where it is new: its number, what it gives."""
        alike = (n for n, s in enumerate(self.stages) if isinstance(s.monitor, Means) and _is_same(s.source, source))
        number = next((n for n in alike if self.stages[n].gives.every == every), None)
        if number is None:
            means = Means(every)
            number = self._added(Stage(means, source, given, means.gives(given)))
        return number, self.stages[number].gives

    def _added(self, stage: Stage) -> int:
        self.stages.append(stage)
        return len(self.stages) - 1

    def _source(self, monitor: Monitor) -> tuple[Any, Signal]:
        what = monitor.what
        if isinstance(what, Statistic):
            kind = type(monitor).__name__
            raise ValueError(f"{kind} watches {type(what).__name__}, which gives one value at the end and no samples.")
        if isinstance(what, Monitor):
            number = self._stage(what)
            return number, _taken(monitor, self.stages[number].gives, type(what).__name__)
        found = observable(self._model, what, f"{type(monitor).__name__}: what")
        given = signal_of(self._model, found, self._values, self._dt)
        return found, _taken(monitor, given, found.title)

    def _recorded(self, statistic: Statistic, name: str) -> tuple[str, Signal]:
        """The name under which the samples of a statistic are recorded."""
        source, given = self._source(statistic)
        if isinstance(source, Observable):
            same = next((n for n, other in self.each.items() if _is_same(other, source)), f"#{name}")
            self.each.setdefault(same, source)
        else:
            same = next((n for n, number in self.taped.items() if number == source), f"#{name}")
            self.taped.setdefault(same, source)
        return same, given

    def numbers_per_step(self, model: Any, values: Values) -> int:
        """How many numbers are recorded per step, in one simulation."""
        sampled = [self.stages[number].gives for number in self.taped.values()]
        each = sum(numbers_of(model, what, values) for what in self.each.values())
        return each + sum(-(-int(np.prod(signal.shape)) // signal.every) for signal in sampled)

    def bytes_in(self, model: Any, values: Values, steps: int, stride: int) -> int:
        """How many bytes of so many steps of one simulation are kept at the least, every ``stride``-th step of each."""
        each = [bytes_of(model, what, values) for name, what in self.each.items() if name in self.names]
        taped = [self.stages[number].gives for name, number in self.taped.items() if name in self.names]
        sampled = sum(int(np.prod(signal.shape)) * (steps // signal.every) for signal in taped)
        return sum(each) * (steps // stride) + sampled * np.dtype(float_dtype()).itemsize

    def key(self, model: Any, values: Values) -> Hashable:
        """What a compiled program depends on."""

        def watched(source: Any) -> Hashable:
            return source.key(model, values) if isinstance(source, Observable) else source

        each = tuple((name, what.key(model, values)) for name, what in self.each.items())
        stages = (*self.stages, *self.statistics.values())
        kinds = tuple((type(s.monitor), s.monitor.key(), watched(s.source), s.given) for s in stages)
        return each, kinds, tuple(self.taped.items()), tuple(self.statistics), tuple(self.names)

    @property
    def needs(self) -> set[str]:
        """What it takes beside the states: AFFERENT, INPUTS, both or nothing."""
        sources = [*self.each.values(), *(s.source for s in self.stages)]
        return {s.needs for s in sources if isinstance(s, Observable) and s.needs}

    def streams(self) -> list[str]:
        """The random stream of each stage that draws, named by its kind and its number among that kind."""
        kinds = [type(s.monitor).__name__ for s in self.stages]
        return [
            f"{kind} {kinds[:i].count(kind)}"
            for i, (kind, s) in enumerate(zip(kinds, self.stages, strict=True))
            if s.monitor.draws
        ]

    def signal(self, name: str) -> Signal:
        """The stream of a monitor that samples."""
        return self.stages[self.taped[name]].gives

    def axes(self) -> dict[str, dict[str, Any]]:
        """The coordinates of last axes that are not regions."""
        stages = self.statistics | {name: self.stages[number] for name, number in self.taped.items()}
        found = {name: self._axes(stage) for name, stage in stages.items()}
        return {name: axes for name, axes in found.items() if axes}

    def coordinates(self) -> set[str]:
        """The names of times and axes that a result has beside those of all results."""
        own = {f"{axis}_{name}" for name, axes in self.axes().items() for axis in axes}
        return own | {f"time_{name}" for name in self.taped}

    def _axes(self, stage: Stage) -> dict[str, Any]:
        source = self.taped.get(stage.source) if isinstance(stage.source, str) else stage.source
        before = self._axes(self.stages[source]) if isinstance(source, int) else {}
        return stage.monitor.axes(stage.given, before)

    def check(self, stop: int, origin: int, dt: float) -> None:
        """Refuse a run to the absolute step ``stop`` too short for a statistic.

        Raises
        ------
        ValueError
            Names the statistic, and what it needs.
        """
        for name, (statistic, _, given, _) in self.statistics.items():
            number, least = stop // given.every - first_number(given, origin), statistic.least(given)
            if number < least:
                kind, every = type(statistic).__name__, given.every * dt
                way = "run longer, or with a shorter window" if hasattr(statistic, "window") else "run longer"
                raise ValueError(
                    f"monitors: {kind} ({name}) needs {least} samples, one every {every:g} ms, and this run gives "
                    f"{max(number, 0)}; {way}."
                )

    # -- values and states --------------------------------------------------------------------------------------------

    def values(self) -> list[Values]:
        """The data of every stage."""
        return [s.monitor.values(s.given) for s in self.stages]

    def begin(self, simulations: int) -> list[Carry]:
        """The states of the stages, and then of the statistics."""
        return [s.monitor.begin(s.given, simulations) for s in (*self.stages, *self.statistics.values())]

    def tapes(self, steps: int, window: int) -> dict[str, Tape]:
        """The tapes of the sampled streams of ``steps`` steps that come in windows."""
        return {name: Tape(self.stages[i].gives, self._rows(i, window), steps) for name, i in self.taped.items()}

    def _rows(self, number: int, window: int) -> int:
        """How many rows a stage gives in a window."""
        stage = self.stages[number]
        before = window if isinstance(stage.source, Observable) else self._rows(stage.source, window)
        return stage.gives.rows(before, stage.given.every)

    # -- inside a run -------------------------------------------------------------------------------------------------

    def push(self, model: Any, carries: list[Carry], seen: States, steps: Any, live: Any, setting: Any) -> tuple:
        """Take a window of states; the new states of the monitors, and the rows that each gives."""
        after, rows, streams = [], [], iter(self.streams())
        for stage, carry, values in zip(self.stages, carries, setting.monitors, strict=False):
            if isinstance(stage.source, Observable):
                block = stage.source.block(model, seen, setting.values, setting.p)
                bare = _floats(block, stage.given)
                at = steps + np.uint32(1)
                given = Rows(bare, at, live, setting.start, at[-1], live[-1])
            else:
                given = rows[stage.source]
            if stage.monitor.draws:
                values = values | {"normals": partial(_normals, setting.keys[next(streams)], setting.sims)}
            new, gives = stage.monitor.push(carry, given, stage.given, values)
            after.append(new)
            rows.append(gives)
        return [*after, *carries[len(self.stages) :]], rows

    def observe(self, model: Any, seen: States, setting: Any) -> Values:
        """The observables that are recorded at every step."""
        return {name: what.block(model, seen, setting.values, setting.p) for name, what in self.each.items()}

    def reduce(self, carries: list[Carry], each: Values, tapes: Values, first: Any, setting: Any) -> tuple:
        """Give the statistics what was recorded, at each step from ``first`` or on tapes.

        The new states of all, and the vectors of those that are `Framed`.
        """
        after, frames = carries[: len(self.stages)], {}
        for (name, stage), carry in zip(self.statistics.items(), carries[len(self.stages) :], strict=True):
            given, every, begun = stage.given, np.uint32(stage.given.every), jnp.maximum(setting.start, setting.origin)
            series, number = (each, first) if stage.source in each else (tapes, begun // every)
            since = jnp.maximum(setting.start, number) if stage.source in each else number
            bare = _floats(series[stage.source], given)
            low = first_number(given, setting.origin)
            samples = Samples(bare, number, since, low, jnp.maximum(setting.stop, begun) // every)
            if isinstance(stage.monitor, Framed):
                new, frames[name] = stage.monitor.frames(carry, samples)
            else:
                new = stage.monitor.take(carry, samples, given)
            after.append(new)
        return after, frames

    def results(self, carries: list[Carry]) -> Values:
        """What the statistics have found, (*shape, simulation)."""
        found = zip(self.statistics.items(), carries[len(self.stages) :], strict=True)
        return {
            n: with_unit(s.monitor.result(carry, s.given), s.gives.unit)
            for (n, s), carry in found
            if not isinstance(s.monitor, Framed)
        }

    def complaints(self, carries: list[Carry], labels: Any, simulations: list[int] | None) -> tuple:
        """What the monitors say is wrong with what they were given, and their states when that was told.

        ``simulations`` are the numbers of those of a batch.
        """
        batched = simulations is not None
        texts, after = [], list(carries)
        for number, (stage, carry) in enumerate(zip(self.stages, carries, strict=False)):
            if stage.monitor.complains:
                lead = (lambda x: np.moveaxis(x, 0, -1)) if batched else (lambda x: x[..., None])
                back = (lambda x: np.moveaxis(x, -1, 0)) if batched else (lambda x: x[..., 0])
                state = jax.tree.map(lambda x, lead=lead: lead(np.asarray(x)), carry)
                text = stage.monitor.complaint(state, stage.given, labels, simulations)
                if text is not None:
                    texts.append(f"{self.title(number)}: {text}.")
                    after[number] = jax.tree.map(back, stage.monitor.acknowledged(state))
        return texts, after

    def title(self, number: int) -> str:
        """The kind of a stage, and the name under which it or a statistic of it is recorded."""
        name = next((n for n, i in self.taped.items() if i == number), "").removeprefix("#")
        kind = type(self.stages[number].monitor).__name__
        return f"{kind} ({name})" if name else kind

    def finished(self, frames: Values) -> Values:
        """What the statistics have found that are `Framed`."""
        return {name: self.statistics[name].monitor.finish(x) for name, x in frames.items()}

    def is_framed(self, name: str) -> bool:
        """Whether it compares windows of a series with each other."""
        return name in self.statistics and isinstance(self.statistics[name].monitor, Framed)

    def frames(self, name: str, begun: int, stop: int, origin: int) -> int:
        """How many frames of a statistic end in the steps (begun, stop]."""
        _, _, given, _ = self.statistics[name]
        low, monitor = first_number(given, origin), self.statistics[name].monitor
        return int(monitor.ended(stop // given.every, low) - monitor.ended(begun // given.every, low))


def _taken(monitor: Monitor, given: Signal, title: str) -> Signal:
    if given.period is not None and not monitor.takes_phases:
        raise ValueError(
            f"{type(monitor).__name__} watches {title}, a phase that jumps where it starts anew; let it watch a "
            "function of the phase, such as its sine, as an Output or a callable of the model."
        )
    return given


def _floats(block: Any, given: Signal) -> Any:
    return jnp.asarray(mantissa(block, given.unit, "monitors"), float_dtype())


def _normals(key: Key, sims: Any, steps: Any, n: int) -> Any:
    """Standard normals (row, n, simulation) at absolute steps."""
    return normals({"": key}, steps, n, sims)[""]


def _is_same(one: Any, other: Any) -> bool:
    """Whether two sources of stages are one; callables only if they are the same object."""
    if isinstance(one, Observable) and isinstance(other, Observable):
        return one[:2] == other[:2] and one.read is other.read
    return isinstance(one, int) and one == other


def first_number(given: Signal, origin: Any) -> Any:
    """The number of the first sample that lies wholly after ``origin``."""
    return (origin + given.covers + given.every - 1) // given.every - 1

"""What one run records: observables step by step, monitors that sample, and statistics of either."""

import math
from collections.abc import Hashable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors import (
    ChunkSamples,
    Monitor,
    MonitorState,
    PeriodMean,
    Signal,
    SlidingStatistic,
    Statistic,
    WindowSamples,
)
from brainmass.monitors.recording.observables import Observable, bytes_of, numbers_of, observable, period_of, signal_of
from brainmass.monitors.recording.sample_buffer import SampleBuffer
from brainmass.network import States
from brainmass.numerics import Key, normals
from brainmass.state_space import Values
from brainmass.units import float_dtype, mantissa, with_unit


class MonitorNode(NamedTuple):
    """A monitor, its source (an observable, the number of a node, or a recorded name), the streams in and out."""

    monitor: Any
    source: Any
    source_signal: Signal
    signal: Signal


class Recorder:
    """The recorded things of a run.

    ``nodes`` are the monitors that sample, each once however many names and other monitors use it, and the
    `PeriodMean` before them; sources come before those that watch them. ``per_step`` are observables at every step and
    ``sampled`` the numbers of nodes, by the name under which they are recorded; ``statistics`` are those that take
    recorded samples. What only a statistic needs is recorded within a chunk under a name with "#".
    """

    def __init__(self, model: Any, found: dict[str, Any], dt: float, values: Values):
        self.names = list(found)
        self.per_step: dict[str, Observable] = {n: what for n, what in found.items() if isinstance(what, Observable)}
        self.sampled: dict[str, int] = {}
        self.nodes: list[MonitorNode] = []
        self.statistics: dict[str, MonitorNode] = {}
        self._model, self._values, self._dt, self._known = model, values, dt, {}
        for name, what in found.items():
            if isinstance(what, Statistic):
                source, signal = self._recorded(what, name)
                self.statistics[name] = MonitorNode(what, source, signal, what.output_signal(signal))
            elif isinstance(what, Monitor):
                self.sampled[name] = self._node_number(what)
        self.periods = self._periods()
        del self._model, self._values, self._known

    def _periods(self) -> dict[str, float]:
        """After how much what is recorded starts anew, by name, of phases."""
        found = {n: period_of(self._model, what, self._values) for n, what in self.per_step.items() if n in self.names}
        found |= {name: self.nodes[number].signal.period for name, number in self.sampled.items()}
        return {name: turn for name in self.names if (turn := found.get(name)) is not None and not math.isnan(turn)}

    def _node_number(self, monitor: Monitor) -> int:
        """The number of the node of a monitor, made where it is new."""
        if id(monitor) not in self._known:
            source, signal = self._source(monitor)
            every = monitor.averaging_steps(signal)
            if every != signal.every:
                source, signal = self._mean_node(source, signal, every)
            self._known[id(monitor)] = self._added(MonitorNode(monitor, source, signal, monitor.output_signal(signal)))
        return self._known[id(monitor)]

    def _mean_node(self, source: Any, signal: Signal, every: int) -> tuple[int, Signal]:
        """The node that averages a stream over ``every`` steps, made where it is new: its number, what it gives."""
        alike = (
            n for n, s in enumerate(self.nodes) if isinstance(s.monitor, PeriodMean) and _is_same(s.source, source)
        )
        number = next((n for n in alike if self.nodes[n].signal.every == every), None)
        if number is None:
            means = PeriodMean(every)
            number = self._added(MonitorNode(means, source, signal, means.output_signal(signal)))
        return number, self.nodes[number].signal

    def _added(self, node: MonitorNode) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _source(self, monitor: Monitor) -> tuple[Any, Signal]:
        what = monitor.what
        if isinstance(what, Statistic):
            kind = type(monitor).__name__
            raise ValueError(f"{kind} watches {type(what).__name__}, which gives one value at the end and no samples.")
        if isinstance(what, Monitor):
            number = self._node_number(what)
            return number, _taken(monitor, self.nodes[number].signal, type(what).__name__)
        found = observable(self._model, what, f"{type(monitor).__name__}: what")
        signal = signal_of(self._model, found, self._values, self._dt)
        return found, _taken(monitor, signal, found.title)

    def _recorded(self, statistic: Statistic, name: str) -> tuple[str, Signal]:
        """The name under which the samples of a statistic are recorded."""
        source, signal = self._source(statistic)
        if isinstance(source, Observable):
            same = next((n for n, other in self.per_step.items() if _is_same(other, source)), f"#{name}")
            self.per_step.setdefault(same, source)
        else:
            same = next((n for n, number in self.sampled.items() if number == source), f"#{name}")
            self.sampled.setdefault(same, source)
        return same, signal

    def numbers_per_step(self, model: Any, values: Values) -> int:
        """How many numbers are recorded per step, in one simulation."""
        sampled = [self.nodes[number].signal for number in self.sampled.values()]
        per_step = sum(numbers_of(model, what, values) for what in self.per_step.values())
        return per_step + sum(-(-int(np.prod(signal.shape)) // signal.every) for signal in sampled)

    def bytes_in(self, model: Any, values: Values, steps: int, stride: int) -> int:
        """How many bytes of so many steps of one simulation are kept at the least, every ``stride``-th step of each."""
        each = [bytes_of(model, what, values) for name, what in self.per_step.items() if name in self.names]
        signals = [self.nodes[number].signal for name, number in self.sampled.items() if name in self.names]
        sampled = sum(int(np.prod(signal.shape)) * (steps // signal.every) for signal in signals)
        return sum(each) * (steps // stride) + sampled * np.dtype(float_dtype()).itemsize

    def key(self, model: Any, values: Values) -> Hashable:
        """What a compiled program depends on."""

        def watched(source: Any) -> Hashable:
            return source.key(model, values) if isinstance(source, Observable) else source

        per_step = tuple((name, what.key(model, values)) for name, what in self.per_step.items())
        nodes = (*self.nodes, *self.statistics.values())
        kinds = tuple((type(s.monitor), s.monitor.key(), watched(s.source), s.source_signal) for s in nodes)
        return per_step, kinds, tuple(self.sampled.items()), tuple(self.statistics), tuple(self.names)

    @property
    def needs(self) -> set[str]:
        """What it takes beside the states: AFFERENT, INPUTS, both or nothing."""
        sources = [*self.per_step.values(), *(s.source for s in self.nodes)]
        return {s.needs for s in sources if isinstance(s, Observable) and s.needs}

    def streams(self) -> list[str]:
        """The random stream of each node that draws, named by its kind and its number among that kind."""
        kinds = [type(s.monitor).__name__ for s in self.nodes]
        return [
            f"{kind} {kinds[:i].count(kind)}"
            for i, (kind, s) in enumerate(zip(kinds, self.nodes, strict=True))
            if s.monitor.draws
        ]

    def signal(self, name: str) -> Signal:
        """The stream of a monitor that samples."""
        return self.nodes[self.sampled[name]].signal

    def axes(self) -> dict[str, dict[str, Any]]:
        """The coordinates of last axes that are not regions."""
        nodes = self.statistics | {name: self.nodes[number] for name, number in self.sampled.items()}
        found = {name: self._axes(node) for name, node in nodes.items()}
        return {name: axes for name, axes in found.items() if axes}

    def coordinates(self) -> set[str]:
        """The names of times and axes that a result has beside those of all results."""
        own = {f"{axis}_{name}" for name, axes in self.axes().items() for axis in axes}
        return own | {f"time_{name}" for name in self.sampled}

    def _axes(self, node: MonitorNode) -> dict[str, Any]:
        source = self.sampled.get(node.source) if isinstance(node.source, str) else node.source
        before = self._axes(self.nodes[source]) if isinstance(source, int) else {}
        return node.monitor.axes(node.source_signal, before)

    def check(self, stop: int, count_from: int, dt: float) -> None:
        """Refuse a run to the absolute step ``stop`` too short for a statistic.

        Raises
        ------
        ValueError
            Names the statistic, and what it needs.
        """
        for name, (statistic, _, signal, _) in self.statistics.items():
            number, least = stop // signal.every - first_number(signal, count_from), statistic.least(signal)
            if number < least:
                kind, every = type(statistic).__name__, signal.every * dt
                way = "run longer, or with a shorter window" if hasattr(statistic, "window") else "run longer"
                raise ValueError(
                    f"monitors: {kind} ({name}) needs {least} samples, one every {every:g} ms, and this run gives "
                    f"{max(number, 0)}; {way}."
                )

    # -- values and states --------------------------------------------------------------------------------------------

    def values(self) -> list[Values]:
        """The data of every node."""
        return [s.monitor.values(s.source_signal) for s in self.nodes]

    def begin(self, simulations: int) -> list[MonitorState]:
        """The states of the nodes, and then of the statistics."""
        return [s.monitor.begin(s.source_signal, simulations) for s in (*self.nodes, *self.statistics.values())]

    def buffers(self, steps: int, window: int) -> dict[str, SampleBuffer]:
        """The buffers of the sampled streams of ``steps`` steps that come in windows."""
        return {
            name: SampleBuffer(self.nodes[i].signal, self._rows(i, window), steps) for name, i in self.sampled.items()
        }

    def _rows(self, number: int, window: int) -> int:
        """How many rows a node gives in a window."""
        node = self.nodes[number]
        before = window if isinstance(node.source, Observable) else self._rows(node.source, window)
        return node.signal.rows(before, node.source_signal.every)

    # -- inside a run -------------------------------------------------------------------------------------------------

    def push(
        self, model: Any, monitor_states: list[MonitorState], trajectory: States, steps: Any, valid: Any, context: Any
    ) -> tuple:
        """Take a window of states; the new states of the monitors, and the rows that each gives."""
        after, rows, streams = [], [], iter(self.streams())
        for node, state, values in zip(self.nodes, monitor_states, context.monitors, strict=False):
            if isinstance(node.source, Observable):
                block = node.source.read_window(model, trajectory, context.values, context.parameters)
                bare = _floats(block, node.source_signal)
                at = steps + np.uint32(1)
                samples = WindowSamples(bare, at, valid, context.steps.start, at[-1], valid[-1])
            else:
                samples = rows[node.source]
            if node.monitor.draws:
                values = values | {"normals": partial(_normals, context.keys[next(streams)], context.simulations)}
            new, output = node.monitor.push(state, samples, node.source_signal, values)
            after.append(new)
            rows.append(output)
        return [*after, *monitor_states[len(self.nodes) :]], rows

    def observe(self, model: Any, trajectory: States, context: Any) -> Values:
        """The observables that are recorded at every step."""
        return {
            name: what.read_window(model, trajectory, context.values, context.parameters)
            for name, what in self.per_step.items()
        }

    def update_statistics(
        self, monitor_states: list[MonitorState], per_step: Values, buffers: Values, first: Any, context: Any
    ) -> tuple:
        """Give the statistics what was recorded, at each step from ``first`` or in buffers.

        The new states of all, and the vectors of those that are `SlidingStatistic`.
        """
        after, frames = monitor_states[: len(self.nodes)], {}
        for (name, node), state in zip(self.statistics.items(), monitor_states[len(self.nodes) :], strict=True):
            signal, record_start = node.source_signal, jnp.maximum(context.steps.start, context.steps.count_from)
            every = np.uint32(signal.every)
            series, number = (per_step, first) if node.source in per_step else (buffers, record_start // every)
            since = jnp.maximum(context.steps.start, number) if node.source in per_step else number
            bare = _floats(series[node.source], signal)
            low = first_number(signal, context.steps.count_from)
            samples = ChunkSamples(bare, number, since, low, jnp.maximum(context.steps.stop, record_start) // every)
            if isinstance(node.monitor, SlidingStatistic):
                new, frames[name] = node.monitor.frames(state, samples)
            else:
                new = node.monitor.update(state, samples, signal)
            after.append(new)
        return after, frames

    def results(self, monitor_states: list[MonitorState]) -> Values:
        """What the statistics have found, (*shape, simulation)."""
        found = zip(self.statistics.items(), monitor_states[len(self.nodes) :], strict=True)
        return {
            n: with_unit(s.monitor.result(state, s.source_signal), s.signal.unit)
            for (n, s), state in found
            if not isinstance(s.monitor, SlidingStatistic)
        }

    def complaints(self, monitor_states: list[MonitorState], labels: Any, simulations: list[int] | None) -> tuple:
        """What the monitors say is wrong with what they were given, and their states when that was told.

        ``simulations`` are the numbers of those of a batch.
        """
        batched = simulations is not None
        texts, after = [], list(monitor_states)
        for number, (node, state) in enumerate(zip(self.nodes, monitor_states, strict=False)):
            if node.monitor.complains:
                lead = (lambda x: np.moveaxis(x, 0, -1)) if batched else (lambda x: x[..., None])
                back = (lambda x: np.moveaxis(x, -1, 0)) if batched else (lambda x: x[..., 0])
                on_host = jax.tree.map(lambda x, lead=lead: lead(np.asarray(x)), state)
                text = node.monitor.complaint(on_host, node.source_signal, labels, simulations)
                if text is not None:
                    texts.append(f"{self.title(number)}: {text}.")
                    after[number] = jax.tree.map(back, node.monitor.acknowledged(on_host))
        return texts, after

    def title(self, number: int) -> str:
        """The kind of a node, and the name under which it or a statistic of it is recorded."""
        name = next((n for n, i in self.sampled.items() if i == number), "").removeprefix("#")
        kind = type(self.nodes[number].monitor).__name__
        return f"{kind} ({name})" if name else kind

    def finished(self, frames: Values) -> Values:
        """What the statistics have found that are `SlidingStatistic`."""
        return {name: self.statistics[name].monitor.finish(x) for name, x in frames.items()}

    def is_framed(self, name: str) -> bool:
        """Whether it compares windows of a series with each other."""
        return name in self.statistics and isinstance(self.statistics[name].monitor, SlidingStatistic)

    def frames(self, name: str, start: int, stop: int, count_from: int) -> int:
        """How many frames of a statistic end in the steps (begun, stop]."""
        _, _, signal, _ = self.statistics[name]
        low, monitor = first_number(signal, count_from), self.statistics[name].monitor
        return int(monitor.ended(stop // signal.every, low) - monitor.ended(start // signal.every, low))


def _taken(monitor: Monitor, signal: Signal, title: str) -> Signal:
    """What it is given, if that is no phase, or one of which the monitor makes sense."""
    uneven = signal.period is not None and math.isnan(signal.period) and not monitor.takes_jumps
    if uneven or (signal.period is not None and not monitor.takes_phases):
        raise ValueError(
            f"{type(monitor).__name__} watches {title or 'a callable'}, a phase that jumps where it starts anew; "
            "let it watch a function of the phase, such as its sine, as an Output or a callable of the model."
        )
    return signal


def _floats(block: Any, signal: Signal) -> Any:
    return jnp.asarray(mantissa(block, signal.unit, "monitors"), float_dtype())


def _normals(key: Key, simulations: Any, steps: Any, n: int) -> Any:
    """Standard normals (row, n, simulation) at absolute steps."""
    return normals({"": key}, steps, n, simulations)[""]


def _is_same(one: Any, other: Any) -> bool:
    """Whether two sources of nodes are one; callables only if they are the same object."""
    if isinstance(one, Observable) and isinstance(other, Observable):
        return one[:2] == other[:2] and one.read is other.read
    return isinstance(one, int) and one == other


def first_number(signal: Signal, count_from: Any) -> Any:
    """The number of the first sample that lies wholly after ``count_from``."""
    return (count_from + signal.covers + signal.every - 1) // signal.every - 1

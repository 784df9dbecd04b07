"""What one run records, decided before it: names and sources, and what follows from these alone."""

import math
from collections.abc import Hashable
from typing import Any

import numpy as np

from brainmass.display import warn
from brainmass.monitors import Monitor, Signal, SlidingStatistic, Statistic
from brainmass.monitors.recording.graph import MonitorGraph, MonitorNode, is_same
from brainmass.monitors.recording.observables import Observable, bytes_of, numbers_of, period_of
from brainmass.network import Network
from brainmass.state_space import StateSpace, Values
from brainmass.units import float_dtype


class RecordingPlan:
    """What a run records of what was ``found`` for its names.

    ``nodes`` are those of the `MonitorGraph`. ``per_step`` are observables at every step and ``sampled`` the numbers of
    nodes, by the name under which they are recorded; ``statistics`` are those that take recorded samples. What only a
    statistic needs is recorded within a chunk under a name with "#".
    """

    def __init__(self, model: StateSpace | Network, found: dict[str, Observable | Monitor], dt: float, values: Values):
        graph = MonitorGraph(model, dt, values)
        self.names = list(found)
        self.per_step: dict[str, Observable] = {n: what for n, what in found.items() if isinstance(what, Observable)}
        self.sampled: dict[str, int] = {}
        self.statistics: dict[str, MonitorNode] = {}
        for name, what in found.items():
            if isinstance(what, Statistic):
                source, signal = graph.source_of(what)
                recorded = self._recorded(source, name)
                self.statistics[name] = MonitorNode(what, recorded, signal, what.output_signal(signal))
            elif isinstance(what, Monitor):
                self.sampled[name] = graph.number_of(what)
        self.nodes = graph.nodes
        self.periods = self._periods(model, values)

    def _recorded(self, source: Observable | int, name: str) -> str:
        """The name under which the samples of the statistic ``name`` are recorded."""
        if isinstance(source, Observable):
            same = next((n for n, other in self.per_step.items() if is_same(other, source)), f"#{name}")
            self.per_step.setdefault(same, source)
        else:
            same = next((n for n, number in self.sampled.items() if number == source), f"#{name}")
            self.sampled.setdefault(same, source)
        return same

    def _periods(self, model: StateSpace | Network, values: Values) -> dict[str, float]:
        """After how much what is recorded starts anew, by name, of phases."""
        found = {n: period_of(model, what, values) for n, what in self.per_step.items() if n in self.names}
        found |= {name: self.nodes[number].signal.period for name, number in self.sampled.items()}
        return {name: turn for name in self.names if (turn := found.get(name)) is not None and not math.isnan(turn)}

    def numbers_per_step(self, model: StateSpace | Network, values: Values) -> int:
        """How many numbers are recorded per step, in one simulation."""
        sampled = [self.nodes[number].signal for number in self.sampled.values()]
        per_step = sum(numbers_of(model, what, values) for what in self.per_step.values())
        return per_step + sum(-(-int(np.prod(signal.shape)) // signal.every) for signal in sampled)

    def bytes_in(self, model: StateSpace | Network, values: Values, steps: int, stride: int) -> int:
        """How many bytes of so many steps of one simulation are kept at the least, every ``stride``-th step of each."""
        each = [bytes_of(model, what, values) for name, what in self.per_step.items() if name in self.names]
        signals = [self.nodes[number].signal for name, number in self.sampled.items() if name in self.names]
        sampled = sum(int(np.prod(signal.shape)) * (steps // signal.every) for signal in signals)
        return sum(each) * (steps // stride) + sampled * np.dtype(float_dtype()).itemsize

    def key(self, model: StateSpace | Network, values: Values) -> Hashable:
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

    def title(self, number: int) -> str:
        """The kind of a node, and the name under which it or a statistic of it is recorded."""
        name = next((n for n, i in self.sampled.items() if i == number), "").removeprefix("#")
        kind = type(self.nodes[number].monitor).__name__
        return f"{kind} ({name})" if name else kind

    def is_framed(self, name: str) -> bool:
        """Whether it compares windows of a series with each other."""
        return name in self.statistics and isinstance(self.statistics[name].monitor, SlidingStatistic)

    def frames(self, name: str, start: int, stop: int, count_from: int) -> int:
        """How many frames of a statistic end in the steps (begun, stop]."""
        _, _, signal, _ = self.statistics[name]
        low, monitor = first_number(signal, count_from), self.statistics[name].monitor
        return int(monitor.ended(stop // signal.every, low) - monitor.ended(start // signal.every, low))


def first_number(signal: Signal, count_from: Any) -> Any:
    """The number of the first sample that lies wholly after ``count_from``."""
    return (count_from + signal.covers + signal.every - 1) // signal.every - 1


def check_sampled(title: str, every: int, after: int, record_start: int, stop: int, dt: float, *, later: bool) -> None:
    """Warn if the steps (begun, stop] record no sample: they stand at multiples of ``every`` beyond the step ``after``.

    ``later`` says that a run that goes on may record the next one.
    """
    if stop // every <= after // every:
        following = (max(stop, after) // every + 1) * every * dt
        on = f", or go on from there: the next one stands at t = {following:g} ms" if later else ""
        warn(
            f"{title}: one sample comes every {every * dt:g} ms, and none lies in the {(stop - record_start) * dt:g} "
            f"ms that are recorded: its result is empty; run longer{on}."
        )

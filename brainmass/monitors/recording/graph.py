"""Who watches what: every monitor that samples once, after what it watches; one mean for all that take the same."""

import math
from typing import Any, NamedTuple

from brainmass.monitors import Monitor, PeriodMean, Signal, Statistic
from brainmass.monitors.recording.observables import Observable, observable, signal_of
from brainmass.network import Network
from brainmass.state_space import StateSpace, Values


class MonitorNode(NamedTuple):
    """A monitor, its source (an observable, the number of a node, or a recorded name), the streams in and out."""

    monitor: Any
    source: Any
    source_signal: Signal
    signal: Signal


class MonitorGraph:
    """The monitors of a model that sample, each once however many others watch it, and the `PeriodMean` before them."""

    def __init__(self, model: StateSpace | Network, dt: float, values: Values):
        self.nodes: list[MonitorNode] = []
        self._model, self._dt, self._values = model, dt, values
        self._known: dict[int, int] = {}

    def number_of(self, monitor: Monitor) -> int:
        """The number of the node of a monitor, made where it is new."""
        if id(monitor) not in self._known:
            source, signal = self.source_of(monitor)
            every = monitor.averaging_steps(signal)
            if every != signal.every:
                source, signal = self._mean_node(source, signal, every)
            self._known[id(monitor)] = self._added(MonitorNode(monitor, source, signal, monitor.output_signal(signal)))
        return self._known[id(monitor)]

    def source_of(self, monitor: Monitor) -> tuple[Observable | int, Signal]:
        """The observable, or the number of the node, that a monitor watches, and what it is given of it.

        Raises
        ------
        ValueError
            It watches a statistic, or a phase of which it makes no sense.
        """
        what = monitor.what
        if isinstance(what, Statistic):
            kind = type(monitor).__name__
            raise ValueError(f"{kind} watches {type(what).__name__}, which gives one value at the end and no samples.")
        if isinstance(what, Monitor):
            number = self.number_of(what)
            return number, _taken(monitor, self.nodes[number].signal, type(what).__name__)
        found = observable(self._model, what, f"{type(monitor).__name__}: what")
        signal = signal_of(self._model, found, self._values, self._dt)
        return found, _taken(monitor, signal, found.title)

    def _mean_node(self, source: Observable | int, signal: Signal, every: int) -> tuple[int, Signal]:
        """The node that averages a stream over ``every`` steps, made where it is new: its number, what it gives."""
        alike = (n for n, s in enumerate(self.nodes) if isinstance(s.monitor, PeriodMean) and is_same(s.source, source))
        number = next((n for n in alike if self.nodes[n].signal.every == every), None)
        if number is None:
            means = PeriodMean(every)
            number = self._added(MonitorNode(means, source, signal, means.output_signal(signal)))
        return number, self.nodes[number].signal

    def _added(self, node: MonitorNode) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


def _taken(monitor: Monitor, signal: Signal, title: str) -> Signal:
    """What it is given, if that is no phase, or one of which the monitor makes sense."""
    uneven = signal.period is not None and math.isnan(signal.period) and not monitor.takes_jumps
    if uneven or (signal.period is not None and not monitor.takes_phases):
        raise ValueError(
            f"{type(monitor).__name__} watches {title or 'a callable'}, a phase that jumps where it starts anew; "
            "let it watch a function of the phase, such as its sine, as an Output or a callable of the model."
        )
    return signal


def is_same(one: Observable | int, other: Observable | int) -> bool:
    """Whether two sources of nodes are one; callables only if they are the same object."""
    if isinstance(one, Observable) and isinstance(other, Observable):
        return one[:2] == other[:2] and one.read is other.read
    return isinstance(one, int) and one == other

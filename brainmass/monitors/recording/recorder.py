"""A run through its monitors: their states, the windows that they are given, and what they find at the end."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors import ChunkSamples, Monitor, MonitorState, Signal, SlidingStatistic, WindowSamples
from brainmass.monitors.recording.each_simulation import EachSimulation
from brainmass.monitors.recording.graph import MonitorNode
from brainmass.monitors.recording.observables import Observable
from brainmass.monitors.recording.plan import RecordingPlan, first_number
from brainmass.monitors.recording.sample_buffer import SampleBuffer
from brainmass.network import Network, States
from brainmass.numerics import Key, normals
from brainmass.state_space import StateSpace, Values
from brainmass.units import float_dtype, mantissa, with_unit


class Recorder(RecordingPlan):
    """A plan at work: states are those of the nodes, and then those of the statistics."""

    def values(self, made: Callable[[Monitor, Callable], Any]) -> list[Values | EachSimulation]:
        """The data of every node, of each monitor as it is ``made`` for this run."""
        return [made(s.monitor, partial(_values_of, s.source_signal)) for s in self.nodes]

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
        self,
        model: StateSpace | Network,
        monitor_states: list[MonitorState],
        trajectory: States,
        steps: Any,
        valid: Any,
        context: Any,
    ) -> tuple:
        """Take a window of states; the new states of the monitors, and the rows that each gives."""
        after, rows, streams = [], [], iter(self.streams())
        for node, state, values in zip(self.nodes, monitor_states, context.monitors, strict=False):
            if isinstance(node.source, Observable):
                block = node.source.read_window(model, trajectory, context.values, context.parameters)
                samples = _window_samples(_floats(block, node.source_signal), steps, valid, context)
            else:
                samples = rows[node.source]
            key = context.keys[next(streams)] if node.monitor.draws else None
            new, output = _pushed(node, state, samples, values, key, context.simulations)
            after.append(new)
            rows.append(output)
        return [*after, *monitor_states[len(self.nodes) :]], rows

    def observe(self, model: StateSpace | Network, trajectory: States, context: Any) -> Values:
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
            is_per_step, signal = node.source in per_step, node.source_signal
            bare = _floats((per_step if is_per_step else buffers)[node.source], signal)
            samples = _chunk_samples(bare, signal, first if is_per_step else None, context)
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

    def finished(self, frames: Values) -> Values:
        """What the statistics have found that are `SlidingStatistic`."""
        return {name: self.statistics[name].monitor.finish(x) for name, x in frames.items()}


def _values_of(signal: Signal, monitor: Monitor) -> Values:
    return monitor.values(signal)


def _pushed(node: MonitorNode, state: Any, samples: WindowSamples, values: Any, key: Any, simulations: Any) -> tuple:
    """The new state of a node, and the rows that it gives; one by one where simulations have values of their own."""
    if not isinstance(values, EachSimulation):
        drawn = {} if key is None else {"normals": partial(_normals, key, simulations)}
        return node.monitor.push(state, samples, node.source_signal, values | drawn)

    def one(state: Any, block: Any, values: Values, simulation: Any) -> tuple:
        state, rows = jax.tree.map(lambda x: x[..., None], (state, block))
        new, output = _pushed(node, state, samples._replace(values=rows), values, key, simulation[None])
        return jax.tree.map(lambda x: x[..., 0], new), output._replace(values=output.values[..., 0])

    rows = WindowSamples(-1, *(None,) * (len(WindowSamples._fields) - 1))
    each = jax.vmap(one, in_axes=-1, out_axes=(-1, rows))
    return each(state, samples.values, values.of, simulations)


def _window_samples(bare: Any, steps: Any, valid: Any, context: Any) -> WindowSamples:
    """The states after the ``steps`` of a window, as samples."""
    at = steps + np.uint32(1)
    return WindowSamples(bare, at, valid, context.steps.start, at[-1], valid[-1])


def _chunk_samples(bare: Any, signal: Signal, first: Any, context: Any) -> ChunkSamples:
    """What was recorded in a chunk: at every step from ``first``, or, without one, a buffer from where it records."""
    start, stop, count_from = context.steps
    every, record_start = np.uint32(signal.every), jnp.maximum(start, count_from)
    number = record_start // every if first is None else first
    since = number if first is None else jnp.maximum(start, first)
    low = first_number(signal, count_from)
    return ChunkSamples(bare, number, since, low, jnp.maximum(stop, record_start) // every)


def _floats(block: Any, signal: Signal) -> Any:
    return jnp.asarray(mantissa(block, signal.unit, "monitors"), float_dtype())


def _normals(key: Key, simulations: Any, steps: Any, n: int) -> Any:
    """Standard normals (row, n, simulation) at absolute steps."""
    return normals({"": key}, steps, n, simulations)[""]

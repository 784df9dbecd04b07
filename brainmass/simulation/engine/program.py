"""The compiled program of a run: a pure function of values, one window of steps after another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.network import WINDOW, DelayPlan, EdgeGroupReader, Network, States, join, processes, undelayed_sums
from brainmass.numerics import Key, streams
from brainmass.simulation.engine.initial_values import RunContext, initial_history, initial_states, initial_streams
from brainmass.simulation.engine.window import ModelWindow
from brainmass.state_space import Values, past_from_ring, ring_from_past, wrapped
from brainmass.units import with_unit


class ChunkShape(NamedTuple):
    """The static shape of a run: its windows, and how many of them at the beginning are not recorded."""

    windows: int
    silent: int


class RunData(NamedTuple):
    """What enters a run as data beside the values.

    ``series`` (time, *region or 1, 1) by the name of an Input or of a given noise, ``stimuli`` functions of absolute
    steps by the name of an Input, and the values of each of the ``monitors``.
    """

    series: Values
    stimuli: dict[str, Callable]
    monitors: list[Values]


@dataclass(frozen=True)
class Program(ModelWindow):
    """A model, a time step and what is recorded: everything that is fixed when a run is compiled."""

    grouped: bool = False  # keep what reverse differentiation needs only between groups of windows; no history is left

    def stream_names(self) -> list[str]:
        """Every random stream of a run: initial values, early history, and the noise of each variable."""
        return [*initial_streams(self.model), *self.noise_streams(), *self.recorder.streams()]

    @property
    def last_simulation(self) -> int:
        """The last whose noise is its own: `normals` counts simulation × region in 32 bits."""
        sizes = [int(np.prod(process.varshape)) for process in processes(self.model).values()]
        sizes += [s.signal.shape[0] for s in self.recorder.nodes if s.monitor.draws]
        return min(2**32 // max(sizes), 2**32 - 1) - 1

    def run(
        self,
        shape: ChunkShape,
        values: Values,
        delay_plan: DelayPlan | None,
        key: Key,
        simulations: Any,
        start: Any,
        stop: Any,
        count_from: Any,
        states: States | None,
        history: Any,
        monitor_states: list | None,
        data: RunData,
    ) -> tuple:
        """(recorded, states, history, states of monitors) of the steps from the absolute step ``start`` to ``stop``.

        They lie in ``shape.windows`` windows; none make the initial values alone, and record nothing. What counts
        begins after the step ``count_from``. Values are ``(*shape, simulation or 1)``; recorded arrays
        ``(time, *shape, simulation)``, those of observables hold every step of the recorded windows, those of monitors
        begin with the first sample after ``count_from`` or ``start``.
        """
        n = len(simulations)
        context = RunContext(simulations=simulations, start=start, stop=stop, count_from=count_from)
        self._set_data(context, values, key, data)
        if isinstance(self.model, Network) and delay_plan is not None:
            self._set_reads(context, values, delay_plan)
        initial = jax.tree.map(_once, initial_states(self.model, values, context)) if states is None else states
        initial = self.nan_beyond_last(self.with_rests(self.with_delay_rings(initial, start)), simulations)
        if history is None and delay_plan is not None and delay_plan.length:
            history = initial_history(self.model, delay_plan, self.sent_values(initial, context), context)
        first = start // np.uint32(WINDOW)
        if history is not None:
            history = self.history_at_start(history, initial, start, context)
        monitor_states = [] if monitor_states is None else monitor_states
        monitor_states = [*monitor_states, *self.recorder.begin(n)[len(monitor_states) :]]
        state, recorded = (initial, history, monitor_states), {}
        if shape.windows:  # a loop of none would be compiled all the same
            state, recorded = self._windows(shape, state, first, context)
        final, history, monitor_states = state
        for path, name, _ in self.self_delays():
            final[path][name] = past_from_ring(final[path][name], context.stop)
        return recorded, final, history, monitor_states

    def _set_data(self, context: RunContext, values: Values, key: Key, data: RunData) -> None:
        """What a trace has from outside: parameters, series with room around them, stimuli and streams."""
        n, margins = len(context.simulations), [(WINDOW, 2 * WINDOW)]
        context.p = self.broadcast_parameters(values, n)
        context.stimuli, context.monitors = data.stimuli, data.monitors
        context.series = {name: jnp.pad(x, margins + [(0, 0)] * (x.ndim - 1)) for name, x in data.series.items()}
        context.keys = streams(key, self.stream_names())
        context.values = {name: jnp.broadcast_to(v, (*v.shape[:-1], n)) for name, v in values.items()}

    def _set_reads(self, context: RunContext, values: Values, delay_plan: DelayPlan) -> None:
        """What a trace reads of a network's past, and how."""
        n, conn = len(context.simulations), values["conn"][..., 0]
        context.q = self.coupling_values(values, conn, n)
        per_edge = self.per_edge_pre(values, conn)
        context.undelayed = (
            None if delay_plan.undelayed is None else undelayed_sums(delay_plan.undelayed, conn, per_edge)
        )
        past, near = delay_plan.length + WINDOW, delay_plan.reach + WINDOW + 1
        columns = {v.size: past if v.size == WINDOW else near for v in delay_plan.edge_groups}
        context.readers = [EdgeGroupReader(v, conn, columns[v.size], n, per_edge) for v in delay_plan.edge_groups]
        context.reach = delay_plan.reach

    def nan_beyond_last(self, states: States, simulations: Any) -> States:
        """The states; NaN for simulations whose noise would be that of others."""
        has_noise_of_its_own = simulations <= np.uint32(self.last_simulation)
        return jax.tree.map(lambda x: jnp.where(has_noise_of_its_own, x, jnp.asarray(jnp.nan, x.dtype)), states)

    def with_delay_rings(self, states: States, start: Any) -> States:
        """The states with the rings of their self-delays: the past that was kept, or the present value held."""
        found = {path: dict(variables) for path, variables in states.items()}
        for path, name, d in self.self_delays():
            now, length = found[path][d.of], self.ring_lengths[join(path, name)]
            past = found[path].get(name, jnp.broadcast_to(now, (length, *now.shape)))
            found[path][name] = ring_from_past(past, start)
        return found

    def with_rests(self, states: States) -> States:
        """The states with the rests that were kept, or none; a phase that was given enters its period."""
        found = {path: dict(variables) for path, variables in states.items()}
        for path, q in processes(self.model).items():
            for name, d in q.keeping_rests().items():
                rest = found[path].get(d.rest, jnp.zeros_like(found[path][name]))
                found[path][name], found[path][d.rest] = wrapped(found[path][name], rest, d.period)
        return found

    def history_at_start(self, history: Any, states: States, start: Any, context: RunContext) -> Any:
        """The history at the beginning of the window of ``start``; what that window knows already goes aside."""
        into = (start % np.uint32(WINDOW)).astype(jnp.int32)
        last = history.shape[1] - 1
        here = jnp.where(into == 0, last, last - WINDOW + into)
        history = lax.dynamic_update_slice_in_dim(history, self.sent_values(states, context)[:, None], here, 1)
        context.recent = history[:, -WINDOW:].swapaxes(0, 1)
        shifted = jnp.concatenate([history[:, :WINDOW], history[:, :-WINDOW]], 1)
        return jnp.where(into == 0, history, shifted)

    def _windows(self, shape: ChunkShape, state: tuple, first: Any, context: RunContext) -> tuple[tuple, Values]:
        """The state after the windows of a chunk, and what they recorded."""
        (s, history, monitor_states), per_step, buffers = self._scan(shape, state, first, context)
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), per_step)
        recorded_from = (first + np.uint32(shape.silent)) * np.uint32(WINDOW)
        monitor_states, frames = self.recorder.update_statistics(monitor_states, flat, buffers, recorded_from, context)
        buffers = {name: with_unit(samples, self.recorder.signal(name).unit) for name, samples in buffers.items()}
        wanted = {n: x for n, x in (flat | buffers).items() if n in self.recorder.names}
        return (s, history, monitor_states), wanted | frames

    def _scan(self, shape: ChunkShape, carry: tuple, first: Any, context: RunContext) -> tuple:
        """((states, history, states of monitors), observables by step, samples of monitors)."""
        recorder, buffers = self.recorder, self.recorder.buffers((shape.windows - shape.silent) * WINDOW, WINDOW)
        record_start = jnp.maximum(context.start, context.count_from)

        def advance(carry: tuple, index: Any) -> tuple:
            s, h, trajectory = self.window(carry[0], carry[1], index, context)
            steps = index * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
            valid = (steps >= context.start) & (steps < context.stop)
            monitor_states, rows = recorder.push(self.model, carry[2], trajectory, steps, valid, context)
            return (s, h, monitor_states), trajectory, rows

        def silent(carry: tuple, index: Any) -> tuple:
            return advance(carry, index)[0], None

        def recording(carry: tuple, index: Any) -> tuple:
            (before, written), names = carry, recorder.sampled
            after, trajectory, rows = advance(before, index)
            written = {n: buffer.write(written[n], rows[names[n]], record_start) for n, buffer in buffers.items()}
            return (after, written), recorder.observe(self.model, trajectory, context)

        indices = first + jnp.arange(shape.windows, dtype=jnp.uint32)
        scan = _grouped_scan if self.grouped else lax.scan
        if shape.silent:
            carry, _ = scan(silent, carry, indices[: shape.silent])
        blank = {name: buffer.blank(len(context.simulations)) for name, buffer in buffers.items()}
        (carry, written), recorded = scan(recording, (carry, blank), indices[shape.silent :])
        return carry, recorded, {name: buffer.cut(written[name]) for name, buffer in buffers.items()}


def _grouped_scan(step: Callable, carry: Any, windows: Any) -> tuple[Any, Any]:
    """`lax.scan` in about √n groups; its derivative computes each again, and keeps the carries between them alone.

    All groups have one length, for what is left over would be compiled as a second loop; the last one may end with
    windows in which nothing is valid.
    """
    n = len(windows)
    if n <= WINDOW:
        return lax.scan(step, carry, windows)
    length = _group_length(n)
    indices = windows[0] + jnp.arange(-(-n // length) * length, dtype=windows.dtype)
    group = jax.checkpoint(lambda carry, x: lax.scan(step, carry, x), prevent_cse=False)
    carry, each_window = lax.scan(group, carry, indices.reshape(-1, length))
    return carry, jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:n], each_window)


def _group_length(n: int) -> int:
    """Near √n, with the fewest windows too many."""
    near = range(round(n**0.5 / 1.5), round(n**0.5 * 1.5) + 1)
    return min(near, key=lambda length: (-n % length, abs(length - n**0.5)))


def _once(x: Any) -> Any:
    """The same values, computed once; on a CPU by way of a sort.

    Else XLA (JAX 0.12) fuses the random words into all that reads them, and compiles for minutes; for a CPU it takes
    barriers out before it fuses.
    """
    return (
        lax.sort(jnp.stack([x, x]), dimension=0)[0] if jax.default_backend() == "cpu" else lax.optimization_barrier(x)
    )

"""The compiled program of a run: a pure function of values, one window of steps after another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.network import WINDOW, DelayPlan, EdgeGroupReader, Network, States, join, processes, undelayed_sums
from brainmass.numerics import streams
from brainmass.simulation.engine.initial_values import initial_history, initial_states, initial_streams
from brainmass.simulation.engine.records import ChunkShape, ProgramArguments, RunContext, SimulationState
from brainmass.simulation.engine.window import ModelWindow
from brainmass.state_space import Values, past_from_ring, ring_from_past, wrapped
from brainmass.units import with_unit


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

    def run(self, shape: ChunkShape, arguments: ProgramArguments) -> tuple[Values, SimulationState]:
        """What is recorded in the steps, and the state after them.

        They lie in ``shape.windows`` windows; none make the initial values alone, and record nothing. Values are
        ``(*shape, simulation or 1)``; recorded arrays ``(time, *shape, simulation)``, those of observables hold every
        step of the recorded windows, those of monitors begin with the first sample after the start or ``count_from``.
        """
        context = self.context(arguments)
        states, context, history = self._beginning(arguments, context)
        monitor_states = arguments.state.monitor_states or []
        monitor_states = [*monitor_states, *self.recorder.begin(len(context.simulations))[len(monitor_states) :]]
        state, recorded = SimulationState(states, history, monitor_states), {}
        if shape.windows:  # a loop of none would be compiled all the same
            state, recorded = self._windows(shape, state, context)
        final = {path: dict(variables) for path, variables in (state.states or {}).items()}
        for path, name, _ in self.self_delays():
            final[path][name] = past_from_ring(final[path][name], context.steps.stop)
        return recorded, state._replace(states=final)

    def context(self, arguments: ProgramArguments) -> RunContext:
        """What a trace has from outside: parameters, series with room around them, streams, and reads of the past."""
        values, delay_plan, key, simulations, steps, _, data = arguments
        n, margins = len(simulations), [(WINDOW, 2 * WINDOW)]
        context = RunContext(
            simulations=simulations,
            steps=steps,
            parameters=self.broadcast_parameters(values, n),
            series={name: jnp.pad(x, margins + [(0, 0)] * (x.ndim - 1)) for name, x in data.series.items()},
            stimuli=data.stimuli,
            monitors=data.monitors,
            keys=streams(key, self.stream_names()),
            values={name: jnp.broadcast_to(v, (*v.shape[:-1], n)) for name, v in values.items()},
        )
        if not isinstance(self.model, Network) or delay_plan is None:
            return context
        return self._with_reads(context, values, delay_plan)

    def _with_reads(self, context: RunContext, values: Values, delay_plan: DelayPlan) -> RunContext:
        """The context with what a trace reads of a network's past, and how."""
        n, conn = len(context.simulations), values["conn"][..., 0]
        coupling_parameters = self.coupling_values(values, conn, n)
        per_edge, undelayed = self.per_edge_pre(values, conn), delay_plan.undelayed
        past, near = delay_plan.length + WINDOW, delay_plan.reach + WINDOW + 1
        columns = {group.size: past if group.size == WINDOW else near for group in delay_plan.edge_groups}
        return replace(
            context,
            coupling_parameters=coupling_parameters,
            undelayed=None if undelayed is None else undelayed_sums(undelayed, conn, per_edge),
            readers=tuple(EdgeGroupReader(g, conn, columns[g.size], n, per_edge) for g in delay_plan.edge_groups),
            reach=delay_plan.reach,
        )

    def _beginning(self, arguments: ProgramArguments, context: RunContext) -> tuple[States, RunContext, Any]:
        """The states from which a run goes on, its context with what the first window knows, and its history."""
        values, delay_plan, start = arguments.values, arguments.delay_plan, context.steps.start
        states, history = arguments.state.states, arguments.state.history
        states = jax.tree.map(_once, initial_states(self.model, values, context)) if states is None else states
        states = self.nan_beyond_last(self.with_rests(self.with_delay_rings(states, start)), context.simulations)
        if history is None and delay_plan is not None and delay_plan.length:
            history = initial_history(self.model, delay_plan, self.sent_values(states, context), context)
        if history is not None:
            history, recent = self.history_at_start(history, states, context)
            context = replace(context, recent=recent)
        return states, context, history

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

    def history_at_start(self, history: Any, states: States, context: RunContext) -> tuple[Any, Any]:
        """The history at the beginning of the window of the first step, and apart what that window knows already."""
        into = (context.steps.start % np.uint32(WINDOW)).astype(jnp.int32)
        last = history.shape[1] - 1
        here = jnp.where(into == 0, last, last - WINDOW + into)
        history = lax.dynamic_update_slice_in_dim(history, self.sent_values(states, context)[:, None], here, 1)
        recent = history[:, -WINDOW:].swapaxes(0, 1)
        shifted = jnp.concatenate([history[:, :WINDOW], history[:, :-WINDOW]], 1)
        return jnp.where(into == 0, history, shifted), recent

    def _windows(
        self, shape: ChunkShape, state: SimulationState, context: RunContext
    ) -> tuple[SimulationState, Values]:
        """The state after the windows of a chunk, and what they recorded."""
        first = context.steps.start // np.uint32(WINDOW)
        state, per_step, samples = self._scan(shape, state, first, context)
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), per_step)
        recorded_from = (first + np.uint32(shape.silent)) * np.uint32(WINDOW)
        monitor_states, frames = self.recorder.update_statistics(
            state.monitor_states, flat, samples, recorded_from, context
        )
        samples = {name: with_unit(x, self.recorder.signal(name).unit) for name, x in samples.items()}
        wanted = {n: x for n, x in (flat | samples).items() if n in self.recorder.names}
        return state._replace(monitor_states=monitor_states), wanted | frames

    def _scan(
        self, shape: ChunkShape, state: SimulationState, first: Any, context: RunContext
    ) -> tuple[SimulationState, Values, Values]:
        """The state after the windows from the ``first`` on, observables by window and step, samples of monitors."""
        recorder, buffers = self.recorder, self.recorder.buffers((shape.windows - shape.silent) * WINDOW, WINDOW)
        record_start = jnp.maximum(context.steps.start, context.steps.count_from)

        def advance(state: SimulationState, index: Any) -> tuple:
            s, history, trajectory = self.window(state.states, state.history, index, context)
            steps = index * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
            valid = (steps >= context.steps.start) & (steps < context.steps.stop)
            monitor_states, rows = recorder.push(self.model, state.monitor_states, trajectory, steps, valid, context)
            return SimulationState(s, history, monitor_states), trajectory, rows

        def silent(state: SimulationState, index: Any) -> tuple:
            return advance(state, index)[0], None

        def recording(carry: tuple, index: Any) -> tuple:
            (before, written), names = carry, recorder.sampled
            after, trajectory, rows = advance(before, index)
            written = {n: buffer.write(written[n], rows[names[n]], record_start) for n, buffer in buffers.items()}
            return (after, written), recorder.observe(self.model, trajectory, context)

        indices = first + jnp.arange(shape.windows, dtype=jnp.uint32)
        scan = _grouped_scan if self.grouped else lax.scan
        if shape.silent:
            state, _ = scan(silent, state, indices[: shape.silent])
        blank = {name: buffer.blank(len(context.simulations)) for name, buffer in buffers.items()}
        (state, written), per_step = scan(recording, (state, blank), indices[shape.silent :])
        return state, per_step, {name: buffer.cut(written[name]) for name, buffer in buffers.items()}


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

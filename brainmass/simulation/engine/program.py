"""The compiled program of a run: a pure function of values, one window of steps after another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.network import WINDOW, Network, Plan, Reader, States, join, processes, undelayed_sums
from brainmass.numerics import Key, streams
from brainmass.simulation.engine.initial_values import Setting, initial_history, initial_states, initial_streams
from brainmass.simulation.engine.window import ModelWindow
from brainmass.state_space import Values, past_of, ring_of, wrapped
from brainmass.units import with_unit


class Span(NamedTuple):
    """The static shape of a run: its windows, and how many of them at the beginning are not recorded."""

    windows: int
    silent: int


class Fed(NamedTuple):
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
        sizes += [s.gives.shape[0] for s in self.recorder.stages if s.monitor.draws]
        return min(2**32 // max(sizes), 2**32 - 1) - 1

    def run(
        self,
        span: Span,
        values: Values,
        plan: Plan | None,
        key: Key,
        sims: Any,
        start: Any,
        stop: Any,
        origin: Any,
        states: States | None,
        history: Any,
        carries: list | None,
        fed: Fed,
    ) -> tuple:
        """(recorded, states, history, states of monitors) of the steps from the absolute step ``start`` to ``stop``.

        They lie in ``span.windows`` windows; none make the initial values alone, and record nothing. What counts begins
        after the step ``origin``. Values are ``(*shape, simulation or 1)``; recorded arrays
        ``(time, *shape, simulation)``, those of observables hold every step of the recorded windows, those of monitors
        begin with the first sample after ``origin`` or ``start``.
        """
        n = len(sims)
        setting = Setting(sims=sims, start=start, stop=stop, origin=origin)
        self._set_data(setting, values, key, fed)
        if isinstance(self.model, Network) and plan is not None:
            self._set_reads(setting, values, plan)
        begun = jax.tree.map(_once, initial_states(self.model, values, setting)) if states is None else states
        begun = self._known(self._with_rests(self._with_pasts(begun, start)), sims)
        if history is None and plan is not None and plan.length:
            history = initial_history(self.model, plan, self.sources(begun, setting), setting)
        first = start // np.uint32(WINDOW)
        if history is not None:
            history = self._entered(history, begun, start, setting)
        carries = [] if carries is None else carries
        watching = [*carries, *self.recorder.begin(n)[len(carries) :]]
        place, recorded = (begun, history, watching), {}
        if span.windows:  # a loop of none would be compiled all the same
            place, recorded = self._windows(span, place, first, setting)
        final, history, watching = place
        for path, name, _ in self.self_delays():
            final[path][name] = past_of(final[path][name], setting.stop)
        return recorded, final, history, watching

    def _set_data(self, setting: Setting, values: Values, key: Key, fed: Fed) -> None:
        """What a trace has from outside: parameters, series with room around them, stimuli and streams."""
        n, margins = len(setting.sims), [(WINDOW, 2 * WINDOW)]
        setting.p = self.spread(values, n)
        setting.stimuli, setting.monitors = fed.stimuli, fed.monitors
        setting.series = {name: jnp.pad(x, margins + [(0, 0)] * (x.ndim - 1)) for name, x in fed.series.items()}
        setting.keys = streams(key, self.stream_names())
        setting.values = {name: jnp.broadcast_to(v, (*v.shape[:-1], n)) for name, v in values.items()}

    def _set_reads(self, setting: Setting, values: Values, plan: Plan) -> None:
        """What a trace reads of a network's past, and how."""
        n, conn = len(setting.sims), values["conn"][..., 0]
        setting.q = self.coupling_values(values, conn, n)
        each = self.each_edge(values, conn)
        setting.undelayed = None if plan.undelayed is None else undelayed_sums(plan.undelayed, conn, each)
        past, near = plan.length + WINDOW, plan.reach + WINDOW + 1
        columns = {v.size: past if v.size == WINDOW else near for v in plan.levels}
        setting.readers = [Reader(v, conn, columns[v.size], n, each) for v in plan.levels]
        setting.reach = plan.reach

    def _known(self, states: States, sims: Any) -> States:
        """The states; NaN for simulations whose noise would be that of others."""
        own = sims <= np.uint32(self.last_simulation)
        return jax.tree.map(lambda x: jnp.where(own, x, jnp.asarray(jnp.nan, x.dtype)), states)

    def _with_pasts(self, states: States, start: Any) -> States:
        """The states with the rings of their self-delays: the past that was kept, or the present value held."""
        found = {path: dict(own) for path, own in states.items()}
        for path, name, d in self.self_delays():
            now, depth = found[path][d.of], self.depths[join(path, name)]
            past = found[path].get(name, jnp.broadcast_to(now, (depth, *now.shape)))
            found[path][name] = ring_of(past, start)
        return found

    def _with_rests(self, states: States) -> States:
        """The states with the rests that were kept, or none; a phase that was given enters its period."""
        found = {path: dict(own) for path, own in states.items()}
        for path, q in processes(self.model).items():
            for name, d in q.keeping_rests().items():
                rest = found[path].get(d.rest, jnp.zeros_like(found[path][name]))
                found[path][name], found[path][d.rest] = wrapped(found[path][name], rest, d.period)
        return found

    def _entered(self, history: Any, states: States, start: Any, setting: Setting) -> Any:
        """The history at the beginning of the window of ``start``; what that window knows already goes aside."""
        into = (start % np.uint32(WINDOW)).astype(jnp.int32)
        last = history.shape[1] - 1
        here = jnp.where(into == 0, last, last - WINDOW + into)
        history = lax.dynamic_update_slice_in_dim(history, self.sources(states, setting)[:, None], here, 1)
        setting.recent = history[:, -WINDOW:].swapaxes(0, 1)
        shifted = jnp.concatenate([history[:, :WINDOW], history[:, :-WINDOW]], 1)
        return jnp.where(into == 0, history, shifted)

    def _windows(self, span: Span, place: tuple, first: Any, setting: Setting) -> tuple[tuple, Values]:
        """The place after the windows of a span, and what they recorded."""
        (s, history, watching), each, tapes = self._scan(span, place, first, setting)
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), each)
        recorded_from = (first + np.uint32(span.silent)) * np.uint32(WINDOW)
        watching, frames = self.recorder.reduce(watching, flat, tapes, recorded_from, setting)
        tapes = {name: with_unit(tape, self.recorder.signal(name).unit) for name, tape in tapes.items()}
        wanted = {n: x for n, x in (flat | tapes).items() if n in self.recorder.names}
        return (s, history, watching), wanted | frames

    def _scan(self, span: Span, carry: tuple, first: Any, setting: Setting) -> tuple:
        """((states, history, states of monitors), observables by step, samples of monitors)."""
        recorder, tapes = self.recorder, self.recorder.tapes((span.windows - span.silent) * WINDOW, WINDOW)
        begun = jnp.maximum(setting.start, setting.origin)

        def advance(carry: tuple, index: Any) -> tuple:
            s, h, seen = self.window(carry[0], carry[1], index, setting)
            steps = index * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
            live = (steps >= setting.start) & (steps < setting.stop)
            carries, rows = recorder.push(self.model, carry[2], seen, steps, live, setting)
            return (s, h, carries), seen, rows

        def silent(carry: tuple, index: Any) -> tuple:
            return advance(carry, index)[0], None

        def recording(carry: tuple, index: Any) -> tuple:
            (before, written), names = carry, recorder.taped
            after, seen, rows = advance(before, index)
            written = {n: tape.write(written[n], rows[names[n]], begun) for n, tape in tapes.items()}
            return (after, written), recorder.observe(self.model, seen, setting)

        indices = first + jnp.arange(span.windows, dtype=jnp.uint32)
        scan = _grouped_scan if self.grouped else lax.scan
        if span.silent:
            carry, _ = scan(silent, carry, indices[: span.silent])
        blank = {name: tape.blank(len(setting.sims)) for name, tape in tapes.items()}
        (carry, written), recorded = scan(recording, (carry, blank), indices[span.silent :])
        return carry, recorded, {name: tape.cut(written[name]) for name, tape in tapes.items()}


def _grouped_scan(step: Callable, carry: Any, windows: Any) -> tuple[Any, Any]:
    """`lax.scan` in about √n groups; its derivative computes each again, and keeps the carries between them alone.

    All groups have one length, for what is left over would be compiled as a second loop; the last one may end with
    windows in which nothing is live.
    """
    n = len(windows)
    if n <= WINDOW:
        return lax.scan(step, carry, windows)
    each = _group_length(n)
    indices = windows[0] + jnp.arange(-(-n // each) * each, dtype=windows.dtype)
    group = jax.checkpoint(lambda carry, x: lax.scan(step, carry, x), prevent_cse=False)
    carry, each_window = lax.scan(group, carry, indices.reshape(-1, each))
    return carry, jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:n], each_window)


def _group_length(n: int) -> int:
    """Near √n, with the fewest windows too many."""
    near = range(round(n**0.5 / 1.5), round(n**0.5 * 1.5) + 1)
    return min(near, key=lambda each: (-n % each, abs(each - n**0.5)))


def _once(x: Any) -> Any:
    """The same values, computed once; on a CPU by way of a sort.

    Else XLA (JAX 0.12) fuses the random words into all that reads them, and compiles for minutes; for a CPU it takes
    barriers out before it fuses.
    """
    return (
        lax.sort(jnp.stack([x, x]), dimension=0)[0] if jax.default_backend() == "cpu" else lax.optimization_barrier(x)
    )

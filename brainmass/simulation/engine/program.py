"""The compiled program of a run: pure functions of values, one window of steps after another.

Arrays are ``(*in_size, simulation)``; a single run is a batch of one. Windows lie at absolute multiples of `WINDOW`
steps and a partial one runs whole with its surplus steps masked, so where a run is cut changes no bit of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.monitors.recording import AFFERENT, INPUTS, Recorder
from brainmass.network import (
    WINDOW,
    EachEdge,
    Network,
    Plan,
    Reader,
    States,
    join,
    outside_small_loops,
    processes,
    undelayed_sums,
)
from brainmass.numerics import Key, streams
from brainmass.simulation.engine.external_inputs import column
from brainmass.simulation.engine.initial_values import (
    Setting,
    drawn,
    initial_history,
    initial_states,
    initial_streams,
    joined,
)
from brainmass.state_space import (
    Delayed,
    Parameter,
    StateSpace,
    Values,
    Variable,
    past_of,
    recall,
    ring_of,
    store,
    wrapped,
)
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
class Program:
    """A model, a time step and what is recorded: everything that is fixed when a run is compiled."""

    model: Any
    dt: float
    recorder: Recorder
    depths: dict[str, int] = field(default_factory=dict)  # of the rings of self-delays, by path
    grouped: bool = False  # keep what reverse differentiation needs only between groups of windows; no history is left

    # -- values -------------------------------------------------------------------------------------------------------

    def spread(self, values: Values, simulations: int) -> dict[str, Values]:
        """Parameters by process, broadcast to the state shape: one program then serves every batch, bit for bit."""

        def full(path: str, process: StateSpace, name: str) -> Any:
            return jnp.broadcast_to(values[join(path, name)], (*process.varshape, simulations))

        found = processes(self.model).items()
        return {path: {n: full(path, q, n) for n in q.declarations(Parameter)} for path, q in found}

    def coupling_values(self, values: Values, conn: Any, simulations: int) -> SimpleNamespace:
        shape, coupling = (self.model.n_node, simulations), self.model.coupling
        names = [n for n in coupling.declarations(Parameter) if n not in coupling.per_edge]
        flat = {n: jnp.broadcast_to(values[_path(n)], shape) for n in names}
        return SimpleNamespace(**flat, strength=jnp.broadcast_to(conn.sum(1)[:, None], shape))

    def each_edge(self, values: Values, conn: Any) -> EachEdge | None:
        """What edges with parameters of their own do to what they read."""
        names = self.model.coupling.declarations(Parameter)
        return self.model.each_edge({n: values[_path(n)][..., 0] for n in names}, conn)

    def stream_names(self) -> list[str]:
        """Every random stream of a run: initial values, early history, and the noise of each variable."""
        return [*initial_streams(self.model), *self.noise_streams(), *self.recorder.streams()]

    @property
    def root(self) -> str:
        """The path of the node bank."""
        return "node" if isinstance(self.model, Network) else ""

    def sources(self, s: States, setting: Setting) -> Any:
        """What the regions send now, (..., channel·N, simulation)."""
        return joined(self.model.channels(self.coupled(s, setting), setting.q), -2)

    def coupled(self, s: States, setting: Setting) -> list[Any]:
        return self.model.coupled(s["node"], setting.p["node"])

    # -- one step and one window --------------------------------------------------------------------------------------

    def step(self, s: States, totals: Any, x: Values, setting: Setting) -> tuple[States, Values]:
        """All processes advance together from the values at the beginning of the step.

        Their new Variables; and of the node the current of the coupling into each Input, and what enters each in all.

        ``totals`` are the delayed sums of each channel, or None.
        """
        root = self.root
        found, draws = processes(self.model), x["draws"]
        node, inputs, white, afferent = found[root], dict(x["drive"]), [], {}
        if isinstance(self.model, Network):
            coupled = self.coupled(s, setting)
            if setting.undelayed is not None:
                sent = self.model.channels(coupled, setting.q)
                totals = _summed([totals, [total for x in sent for total in setting.undelayed(x)]])
            afferent = self.model.currents(totals, coupled, setting.q)
            for target, current in afferent.items():
                _add(inputs, target, current)
        for path, process in found.items():
            if process is node:
                continue
            name = self.model.target if path == "noise" and root else _input_of(node, process)
            factor = process.factor(node.declared[name])
            given = x["drive"].get(join(path, "values"))
            own = s[path] if given is None else s[path] | {"values": given}
            _add(inputs, name, factor * process.level(own, setting.p[path]))
            if process.is_white:
                white.append((name, factor * setting.p[path]["sigma"], draws[path], process.is_proportional))
        after = {
            path: process.step(
                {n: s[path][n] for n in _advancing(process)},
                setting.p[path],
                (inputs if process is node else {}) | self._recalled(path, process, s, x["step"], setting),
                white if process is node else [],
                {n: draws[join(path, n)] for n in process.diffusing()},
                self.dt,
            )
            for path, process in found.items()
        }
        return after, {AFFERENT: afferent, INPUTS: inputs}

    def _recalled(self, path: str, process: StateSpace, s: States, step: Any, setting: Setting) -> Values:
        delayed = process.declarations(Delayed).items()
        return {n: recall(s[path][n], setting.p[path][d.by], self.dt, step) for n, d in delayed}

    def noise_streams(self) -> dict[str, StateSpace]:
        """The process of each stream of normals: a white one has one stream, any other one per variable."""
        found = {}
        for path, process in processes(self.model).items():
            names = [path] if process.is_noise and process.is_white else [join(path, n) for n in process.diffusing()]
            found |= dict.fromkeys(names, process)
        return found

    @property
    def last_simulation(self) -> int:
        """The last whose noise is its own: `normals` counts simulation × region in 32 bits."""
        sizes = [int(np.prod(process.varshape)) for process in processes(self.model).values()]
        sizes += [s.gives.shape[0] for s in self.recorder.stages if s.monitor.draws]
        return min(2**32 // max(sizes), 2**32 - 1) - 1

    def draws(self, steps: Any, setting: Setting) -> Values:
        """The normals of a block of absolute steps by stream, (step, *in_size, simulation)."""
        return drawn(self.noise_streams(), steps, setting)

    def driven_by(self, steps: Any, setting: Setting) -> Values:
        """The external inputs of a block of steps, (step, *in_size or 1, simulation or 1)."""
        drive = {}
        for name, series in setting.series.items():
            at = steps[0].astype(jnp.int32) - setting.start.astype(jnp.int32) + WINDOW
            drive[name] = lax.dynamic_slice_in_dim(series, at, WINDOW)
        drive |= {name: column(stimulus(steps)) for name, stimulus in setting.stimuli.items()}
        return drive

    def window(self, s: States, history: Any, index: Any, setting: Setting) -> tuple[States, Any, States]:
        """One window: its far reads and draws at once, then its steps one by one; (states, history, recorded)."""
        steps = outside_small_loops(index) * np.uint32(WINDOW) + jnp.arange(WINDOW, dtype=jnp.uint32)
        xs = dict(
            step=steps,
            live=(steps >= setting.start) & (steps < setting.stop),
            drive=self.driven_by(steps, setting),
            draws=self.draws(steps, setting),
        )
        if history is None:
            s, seen = lax.scan(lambda s, x: self._masked(s, None, x, setting), s, xs)
            return s, None, seen
        far = [reader for reader in setting.readers if reader.size == WINDOW]
        near = [reader for reader in setting.readers if reader.size < WINDOW]
        xs["totals"] = far[0](history, history.shape[1] - 1) if far else None
        past, recent = steps < setting.start, setting.recent
        if not near:
            s, seen = lax.scan(lambda s, x: self._masked(s, x["totals"], x, setting), s, xs)
        else:
            s, seen = self._near_steps(s, history, near, xs, past, setting)
        sent = jnp.where(past[:, None, None], recent, self.sources(seen, setting)).swapaxes(0, 1)
        return s, jnp.concatenate([history[:, WINDOW:], sent], 1), seen

    def _near_steps(self, s: States, history: Any, near: list, xs: dict, past: Any, setting: Setting) -> tuple:
        """The steps of a window with edges too short for it: each writes what it sends into a small history.

        Steps that the window knew already write into a spare last column.
        """
        reach = setting.reach
        spare = jnp.int32(reach + WINDOW)
        xs["column"] = jnp.where(past, spare, reach + jnp.arange(WINDOW, dtype=jnp.int32))

        def advance(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            sums = [x["totals"]] + [[t[0] for t in reader(buffer, now)] for reader in near if reader.size == 1]
            s, seen = self._masked(s, _summed(sums), x, setting)
            sent = self.sources(s, setting)[:, None]
            return (s, lax.dynamic_update_slice_in_dim(buffer, sent, x["column"], 1), now + 1), seen

        def block(carry: tuple, x: dict) -> tuple:
            s, buffer, now = carry
            now = outside_small_loops(now)
            x["totals"] = _summed([x["totals"], near[0](buffer, now)])
            return lax.scan(advance, (s, buffer, now), x)

        recent = setting.recent.swapaxes(0, 1)
        buffer = jnp.concatenate([history[:, history.shape[1] - reach :], recent, recent[:, :1]], 1)
        carry = (s, buffer, jnp.int32(reach - 1))
        if near[0].size == 1:
            (s, _, _), seen = lax.scan(advance, carry, xs)
            return s, seen
        blocks = jax.tree.map(lambda x: x.reshape(-1, near[0].size, *x.shape[1:]), xs)
        (s, _, _), seen = lax.scan(block, carry, blocks)
        return s, jax.tree.map(lambda x: x.reshape(WINDOW, *x.shape[2:]), seen)

    def _masked(self, s: States, totals: Any, x: dict, setting: Setting) -> tuple[States, States]:
        """The states after the step, with their pasts, and the Variables alone; as before where it is not live."""
        (new, entered), step, live = self.step(s, totals, x, setting), x["step"] + np.uint32(1), x["live"]
        new = {path: {n: jnp.where(live, v, s[path][n]) for n, v in own.items()} for path, own in new.items()}
        found = processes(self.model).items()
        seen = {path: {n: new[path][n] for n in q.declarations(Variable)} for path, q in found}
        for path, name, d in self._delayed():
            new[path][name] = store(s[path][name], seen[path][d.of], step, live)
        kept = {what: entered[what] for what in self.recorder.needs}
        if kept:
            shape = next(iter(seen[self.root].values())).shape
            kept = jax.tree.map(lambda x: jnp.broadcast_to(x, shape), kept)
        return new, seen | kept

    def _delayed(self) -> list[tuple[str, str, Delayed]]:
        """Every self-delay: path of its process, name, declaration."""
        found = processes(self.model).items()
        return [(path, name, d) for path, q in found for name, d in q.declarations(Delayed).items()]

    # -- a run --------------------------------------------------------------------------------------------------------

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
        setting = Setting(p=self.spread(values, n), sims=sims, start=start, stop=stop, origin=origin)
        setting.stimuli, setting.monitors = fed.stimuli, fed.monitors
        margins = [(WINDOW, 2 * WINDOW)]
        setting.series = {name: jnp.pad(x, margins + [(0, 0)] * (x.ndim - 1)) for name, x in fed.series.items()}
        setting.keys = streams(key, self.stream_names())
        setting.values = {name: jnp.broadcast_to(v, (*v.shape[:-1], n)) for name, v in values.items()}
        if isinstance(self.model, Network) and plan is not None:
            conn = values["conn"][..., 0]
            setting.q = self.coupling_values(values, conn, n)
            each = self.each_edge(values, conn)
            setting.undelayed = None if plan.undelayed is None else undelayed_sums(plan.undelayed, conn, each)
            past, near = plan.length + WINDOW, plan.reach + WINDOW + 1
            columns = {v.size: past if v.size == WINDOW else near for v in plan.levels}
            setting.readers = [Reader(v, conn, columns[v.size], n, each) for v in plan.levels]
            setting.reach = plan.reach
        begun = jax.tree.map(_once, initial_states(self.model, values, setting)) if states is None else states
        begun = self._with_rests(self._with_pasts(begun, start))
        own = sims <= np.uint32(self.last_simulation)
        begun = jax.tree.map(lambda x: jnp.where(own, x, jnp.asarray(jnp.nan, x.dtype)), begun)
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
        for path, name, _ in self._delayed():
            final[path][name] = past_of(final[path][name], setting.stop)
        return recorded, final, history, watching

    def _with_pasts(self, states: States, start: Any) -> States:
        """The states with the rings of their self-delays: the past that was kept, or the present value held."""
        found = {path: dict(own) for path, own in states.items()}
        for path, name, d in self._delayed():
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


def _summed(parts: list[list | None]) -> list | None:
    """The sums of lists of channels, of which some may be missing."""
    given = [part for part in parts if part is not None]
    return [sum(channel[1:], channel[0]) for channel in zip(*given, strict=True)] if given else None


def _advancing(process: StateSpace) -> list[str]:
    """The names of what a step advances: the Variables, and the rests of those that keep them."""
    return [*process.declarations(Variable), *(d.rest for d in process.keeping_rests().values())]


def _once(x: Any) -> Any:
    """The same values, computed once; on a CPU by way of a sort.

    Else XLA (JAX 0.12) fuses the random words into all that reads them, and compiles for minutes; for a CPU it takes
    barriers out before it fuses.
    """
    return (
        lax.sort(jnp.stack([x, x]), dimension=0)[0] if jax.default_backend() == "cpu" else lax.optimization_barrier(x)
    )


def _path(name: str) -> str:
    """Where the value of a coupling parameter stands."""
    return "k" if name == "k" else f"coupling.{name}"


def _add(inputs: Values, name: str, value: Any) -> None:
    inputs[name] = inputs[name] + value if name in inputs else value


def _input_of(node: StateSpace, noise: StateSpace) -> str:
    return next(name for name, attached in node.attached().items() if attached is noise)

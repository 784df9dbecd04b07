"""One step of a model: its processes advance together from the values at its beginning.

Arrays are ``(*in_size, simulation)``; a single run is a batch of one.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from brainmass.monitors.recording import AFFERENT, INPUTS, EachSimulation, Recorder
from brainmass.network import WINDOW, Network, PerEdgePre, States, join, processes
from brainmass.simulation.engine.external_inputs import column
from brainmass.simulation.engine.initial_values import joined, normals_by_stream
from brainmass.simulation.engine.records import RunContext
from brainmass.state_space import Delayed, Parameter, StateSpace, Values, Variable, read_ring


@dataclass(frozen=True)
class ModelStep:
    """A model, a time step and what is recorded, and what they make of values in one step."""

    model: Any
    dt: float
    recorder: Recorder
    ring_lengths: dict[str, int] = field(default_factory=dict)  # of the rings of self-delays, by path

    def broadcast_parameters(self, values: Values, simulations: int) -> dict[str, Values]:
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

    def per_edge_pre(self, values: Values, conn: Any) -> PerEdgePre | None:
        """What edges with parameters of their own do to what they read."""
        names = self.model.coupling.declarations(Parameter)
        return self.model.per_edge_pre({n: values[_path(n)][..., 0] for n in names}, conn)

    @property
    def root(self) -> str:
        """The path of the node bank."""
        return "node" if isinstance(self.model, Network) else ""

    def sent_values(self, s: States, context: RunContext) -> Any:
        """What the regions send now, (..., channel·N, simulation)."""
        return joined(self.model.channels(self.coupled(s, context), context.coupling_parameters), -2)

    def coupled(self, s: States, context: RunContext) -> list[Any]:
        return self.model.coupled(s["node"], context.parameters["node"])

    def step(self, s: States, totals: Any, x: Values, context: RunContext) -> tuple[States, Values]:
        """All processes advance together from the values at the beginning of the step.

        Their new Variables; and of the node the current of the coupling into each Input, and what enters each in all.

        ``totals`` are the delayed sums of each channel, or None.
        """
        root = self.root
        found, draws = processes(self.model), x["draws"]
        node, inputs, white, afferent = found[root], dict(x["external"]), [], {}
        if isinstance(self.model, Network):
            coupled = self.coupled(s, context)
            if context.undelayed is not None:
                sent = self.model.channels(coupled, context.coupling_parameters)
                totals = summed([totals, [total for x in sent for total in context.undelayed(x)]])
            afferent = self.model.currents(totals, coupled, context.coupling_parameters)
            for target, current in afferent.items():
                _add(inputs, target, current)
        for path, process in found.items():
            if process is node:
                continue
            name = self.model.target if path == "noise" and root else _input_of(node, process)
            factor = process.factor(node.declared[name])
            series = x["external"].get(join(path, "values"))
            variables = s[path] if series is None else s[path] | {"values": series}
            _add(inputs, name, factor * process.level(variables, context.parameters[path]))
            if process.is_white:
                white.append((name, factor * context.parameters[path]["sigma"], draws[path], process.is_proportional))
        after = {
            path: process.step(
                {n: s[path][n] for n in _advancing(process)},
                context.parameters[path],
                (inputs if process is node else {}) | self._delayed_values(path, process, s, x["step"], context),
                white if process is node else [],
                {n: draws[join(path, n)] for n in process.diffusing()},
                self.dt,
                x["quarter"],
            )
            for path, process in found.items()
        }
        return after, {AFFERENT: afferent, INPUTS: inputs}

    def _delayed_values(self, path: str, process: StateSpace, s: States, step: Any, context: RunContext) -> Values:
        delayed = process.declarations(Delayed).items()
        return {n: read_ring(s[path][n], context.parameters[path][d.by], self.dt, step) for n, d in delayed}

    def noise_streams(self) -> dict[str, StateSpace]:
        """The process of each stream of normals: a white one has one stream, any other one per variable."""
        found = {}
        for path, process in processes(self.model).items():
            names = [path] if process.is_noise and process.is_white else [join(path, n) for n in process.diffusing()]
            found |= dict.fromkeys(names, process)
        return found

    def draws(self, steps: Any, context: RunContext) -> Values:
        """The normals of a block of absolute steps by stream, (step, *in_size, simulation)."""
        return normals_by_stream(self.noise_streams(), steps, context)

    def external_inputs(self, steps: Any, context: RunContext) -> Values:
        """The external inputs of a block of steps, (step, *in_size or 1, simulation or 1)."""
        inputs = {}
        for name, series in context.series.items():
            at = steps[0].astype(jnp.int32) - context.steps.start.astype(jnp.int32) + WINDOW
            inputs[name] = lax.dynamic_slice_in_dim(series, at, WINDOW)
        return inputs | {name: _stimulus_at(steps, stimulus) for name, stimulus in context.stimuli.items()}


def _stimulus_at(steps: Any, stimulus: Any) -> Any:
    """The values of a stimulus, or of one for each simulation, (step, *region or 1, simulation or 1)."""
    if not isinstance(stimulus, EachSimulation):
        return column(stimulus(steps))
    values = jax.vmap(lambda one: one(steps), in_axes=-1, out_axes=-1)(stimulus.of)
    return values if values.ndim > 2 else values[:, None]


def summed(parts: list[list | None]) -> list | None:
    """The sums of lists of channels, of which some may be missing."""
    present = [part for part in parts if part is not None]
    return [sum(channel[1:], channel[0]) for channel in zip(*present, strict=True)] if present else None


def _advancing(process: StateSpace) -> list[str]:
    """The names of what a step advances: the Variables, and the rests of those that keep them."""
    return [*process.declarations(Variable), *(d.rest for d in process.keeping_rests().values())]


def _path(name: str) -> str:
    """Where the value of a coupling parameter stands."""
    return "k" if name == "k" else f"coupling.{name}"


def _add(inputs: Values, name: str, value: Any) -> None:
    inputs[name] = inputs[name] + value if name in inputs else value


def _input_of(node: StateSpace, noise: StateSpace) -> str:
    return next(name for name, attached in node.attached().items() if attached is noise)

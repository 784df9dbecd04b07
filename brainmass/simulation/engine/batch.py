"""Simulations side by side: values with a leading batch axis run in groups with the simulation axis innermost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.monitors.recording import EachSimulation, Recorder, is_each
from brainmass.simulation.engine.program import Program
from brainmass.simulation.engine.records import ChunkShape, ProgramArguments, RunData, SimulationState
from brainmass.state_space import Values

EDGE_VALUES = frozenset({"conn", "distance", "speed", "delays"})
DELAY_VALUES = EDGE_VALUES - {"conn"}
_CPU_GROUP = 8  # more simulations together would push the slices of a read out of a CPU's cache
_GROUP = 1024
_TOGETHER = 128  # simulations that a GPU advances in hardly more time than one


@dataclass(frozen=True)
class Batch:
    """How many simulations (None: one, without a batch axis), which values differ, and whether their edges do.

    The ``devices`` on which it runs in equal parts, if it is more than one.
    """

    size: int | None
    varying: frozenset[str] = frozenset()
    separate: bool = False
    devices: tuple[Any, ...] = ()

    @property
    def group(self) -> int:
        """Simulations that advance together; those with different edges cannot share a read and go one by one."""
        if self.size is None or self.separate:
            return 1
        most = _CPU_GROUP if jax.default_backend() == "cpu" else _GROUP
        groups = -(-self.size // most)
        return -(-self.size // groups)

    def gathered(self, x: Any) -> Any:
        """(simulation, ...) as (group, ..., simulation of it), the last repeated where groups are not full."""
        size, group = self.size or 1, self.group
        groups = -(-size // group)
        padded = jnp.concatenate([x, jnp.repeat(x[-1:], groups * group - size, 0)]) if groups * group > size else x
        return jnp.moveaxis(padded.reshape(groups, group, *x.shape[1:]), 1, -1)

    def scattered(self, x: Any, axis: int) -> Any:
        """What `gathered` gives, back to one axis of simulations, which is left out where there is no batch."""
        joined = jnp.moveaxis(x, -1, 1).reshape(x.shape[0] * x.shape[-1], *x.shape[1:-1])[: self.size or 1]
        return joined[0] if self.size is None else jnp.moveaxis(joined, 0, axis)

    def each(self, value: Any) -> Any:
        """A value with a row for each simulation, of which all share one if there is one."""
        return jnp.broadcast_to(value, (self.size, *value.shape[1:])) if len(value) != self.size else value

    @property
    def work(self) -> int:
        """How many times the work of one simulation a step is."""
        together = (1 if jax.default_backend() == "cpu" else _TOGETHER) * max(len(self.devices), 1)
        return -(-(self.size or 1) // together)


def numbers_of(simulation: Any, size: int) -> Any:
    """The numbers of ``size`` simulations from one on, uint32; the largest of all where there is no such number.

    Or those that are given one by one.
    """
    first, none = jnp.asarray(simulation), np.uint32(2**32 - 1)
    if first.ndim:
        return first.astype(jnp.uint32)
    if first.dtype.itemsize == 8:
        first = jnp.where((first < 0) | (first > none), none, first)
    first = first.astype(jnp.uint32)
    found = first + jnp.arange(size, dtype=jnp.uint32)
    return jnp.where(found < first, none, found)


def run_batch(
    program: Program,
    batch: Batch,
    history_length: int | None,
    shape: ChunkShape,
    arguments: ProgramArguments,
) -> tuple[Values, SimulationState]:
    """As `Program.run` for one or many simulations: (time, [batch,] ...) recorded, states ([batch,] ...).

    ``history_length`` is that of delays that are data, None where the delay plan says how they are read.
    """
    size, values, data = batch.size or 1, arguments.values, arguments.data
    varying = {n: v for n, v in values.items() if n in batch.varying}
    batched = {n: batch.gathered(jnp.broadcast_to(v, (size, *v.shape[1:]))) for n, v in varying.items()}
    shared = {n: v[..., None] for n, v in values.items() if n not in batch.varying}
    lead = (lambda x: x) if batch.size is not None else (lambda x: x[None])
    carried = jax.tree.map(lambda x: batch.gathered(lead(x)), arguments.state)
    simulations = batch.gathered(numbers_of(arguments.simulations, size))
    each = jax.tree.map(batch.gathered, [x for x in _parts(data) if isinstance(x, EachSimulation)])

    def one_group(
        batched: Values, state: SimulationState, simulations: Any, each: list
    ) -> tuple[Values, SimulationState]:
        all_values, plan, fits = {**shared, **batched}, arguments.delay_plan, True
        if history_length is not None:
            single = {n: v[..., 0] for n, v in all_values.items() if n in DELAY_VALUES}
            plan, fits = program.model.traced_delay_plan(single, history_length, program.dt)
        own = _with_parts(data, iter(each))
        recorded, after = program.run(
            shape,
            arguments._replace(values=all_values, delay_plan=plan, simulations=simulations, state=state, data=own),
        )
        if history_length is not None:  # a delay longer than the history must not pass for a result
            counted = recorded, after.monitor_states
            recorded, monitor_states = jax.tree.map(lambda x: jnp.where(fits, x, jnp.nan), counted)
            after = after._replace(monitor_states=monitor_states)
        return recorded, after

    recorded, after = _group_by_group(one_group, (batched, carried, simulations, each), size == batch.group)
    recorded = jax.tree.map(lambda x: batch.scattered(x, 1), recorded)
    return recorded, jax.tree.map(lambda x: batch.scattered(x, 0), after)


def _parts(data: RunData) -> list[Any]:
    """The leaves of the data of a run, of which those that each simulation has of its own are one."""
    return jax.tree.leaves(data, is_leaf=is_each)


def _with_parts(data: RunData, each: Iterator[EachSimulation]) -> RunData:
    return jax.tree.map(lambda x: next(each) if is_each(x) else x, data, is_leaf=is_each)


def _group_by_group(one_group: Callable, groups: tuple, single: bool) -> Any:
    """`jax.lax.map` over the groups, and no loop around a ``single`` one."""
    if not single:
        return lax.map(lambda x: one_group(*x), groups)
    return jax.tree.map(lambda x: x[None], one_group(*jax.tree.map(lambda x: x[0], groups)))


def results(recorder: Recorder, monitor_states: Any, batch: Batch) -> Values:
    """What the monitors have found that give one value at the end, ([batch,] *shape)."""
    last = jax.tree.map(lambda x: x[..., None] if batch.size is None else jnp.moveaxis(x, 0, -1), monitor_states)
    found = recorder.results(last)
    return jax.tree.map(lambda x: x[..., 0] if batch.size is None else jnp.moveaxis(x, -1, 0), found)

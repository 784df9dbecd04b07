"""A batch spread over devices: each runs a part of it as a batch of its own, and nothing goes between them."""

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

from brainmass.monitors.recording import is_each
from brainmass.network import DelayPlan
from brainmass.numerics import Key
from brainmass.simulation.engine.batch import Batch, run_batch
from brainmass.simulation.engine.program import Program
from brainmass.simulation.engine.records import ChunkShape, RunData, SimulationState, StepRange
from brainmass.state_space import Values

_AXIS = "simulation"


def run_on_devices(
    program: Program,
    batch: Batch,
    history_length: int | None,
    shape: ChunkShape,
    values: Values,
    delay_plan: DelayPlan | None,
    key: Key,
    simulations: Any,
    steps: StepRange,
    state: SimulationState,
    data: RunData,
) -> tuple[Values, SimulationState]:
    """As `run_batch`, on the devices of the batch; a part that is not full repeats the last simulation."""
    if not batch.devices:
        of_batch = partial(run_batch, program, batch, history_length, shape)
        return of_batch(values, delay_plan, key, simulations, steps, state, data)
    size, number = batch.size or 1, len(batch.devices)
    part = replace(batch, size=-(-size // number), devices=())
    missing = (part.size or 1) * number - size

    def padded(x: Any) -> Any:
        return jnp.concatenate([x, jnp.repeat(x[-1:], missing, 0)]) if missing else x

    varying = {n: jnp.broadcast_to(v, (size, *v.shape[1:])) for n, v in values.items() if n in batch.varying}
    values = values | jax.tree.map(padded, varying)
    simulations, state = padded(simulations), jax.tree.map(padded, state)
    data = jax.tree.map(lambda x: jax.tree.map(padded, x) if is_each(x) else x, data, is_leaf=is_each)
    recorded, after = jax.shard_map(
        partial(run_batch, program, part, history_length, shape),
        mesh=Mesh(np.array(batch.devices), (_AXIS,)),
        in_specs=_divided(batch, values, data),
        out_specs=(P(None, _AXIS), P(_AXIS)),
        check_vma=False,
    )(values, delay_plan, key, simulations, steps, state, data)
    if missing:
        recorded = jax.tree.map(lambda x: x[:, :size], recorded)
        after = jax.tree.map(lambda x: x[:size], after)
    return recorded, after


def _divided(batch: Batch, values: Values, data: RunData) -> tuple:
    """What of the arguments of `run_batch` is divided among the devices, and what all have."""
    each, shared = P(_AXIS), P()
    of_values = {name: each if name in batch.varying else shared for name in values}
    of_data = jax.tree.map(lambda x: each if is_each(x) else shared, data, is_leaf=is_each)
    return of_values, shared, shared, each, shared, each, of_data

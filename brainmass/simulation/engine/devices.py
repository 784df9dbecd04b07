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
from brainmass.simulation.engine.batch import Batch, run_batch
from brainmass.simulation.engine.program import Program
from brainmass.simulation.engine.records import ChunkShape, ProgramArguments, SimulationState
from brainmass.state_space import Values

_AXIS = "simulation"


def run_on_devices(
    program: Program,
    batch: Batch,
    history_length: int | None,
    shape: ChunkShape,
    arguments: ProgramArguments,
) -> tuple[Values, SimulationState]:
    """As `run_batch`, on the devices of the batch; a part that is not full repeats the last simulation."""
    if not batch.devices:
        return run_batch(program, batch, history_length, shape, arguments)
    size, number = batch.size or 1, len(batch.devices)
    part = replace(batch, size=-(-size // number), devices=())
    missing = (part.size or 1) * number - size

    def padded(x: Any) -> Any:
        return jnp.concatenate([x, jnp.repeat(x[-1:], missing, 0)]) if missing else x

    values, data = arguments.values, arguments.data
    varying = {n: jnp.broadcast_to(v, (size, *v.shape[1:])) for n, v in values.items() if n in batch.varying}
    full = arguments._replace(
        values=values | jax.tree.map(padded, varying),
        simulations=padded(arguments.simulations),
        state=jax.tree.map(padded, arguments.state),
        data=jax.tree.map(lambda x: jax.tree.map(padded, x) if is_each(x) else x, data, is_leaf=is_each),
    )
    recorded, after = jax.shard_map(
        partial(run_batch, program, part, history_length, shape),
        mesh=Mesh(np.array(batch.devices), (_AXIS,)),
        in_specs=(_divided(batch, full),),
        out_specs=(P(None, _AXIS), P(_AXIS)),
        check_vma=False,
    )(full)
    if missing:
        recorded = jax.tree.map(lambda x: x[:, :size], recorded)
        after = jax.tree.map(lambda x: x[:size], after)
    return recorded, after


def _divided(batch: Batch, arguments: ProgramArguments) -> Any:
    """What of the arguments of `run_batch` is divided among the devices, and what all have."""
    each, shared = P(_AXIS), P()
    found: dict[str, Any] = dict.fromkeys(ProgramArguments._fields, shared) | dict(
        values={name: each if name in batch.varying else shared for name in arguments.values},
        data=jax.tree.map(lambda x: each if is_each(x) else shared, arguments.data, is_leaf=is_each),
        simulations=each,
        state=each,
    )
    return ProgramArguments(**found)

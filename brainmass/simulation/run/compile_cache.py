"""What a simulator has compiled and planned for its model, kept from run to run."""

from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.recording import Recorder
from brainmass.network import WINDOW, Network
from brainmass.simulation.engine import (
    DELAY_VALUES,
    Batch,
    CallableInputs,
    ChunkShape,
    Program,
    in_double,
    results,
    run_on_devices,
)
from brainmass.simulation.run.chunks import Chunk, rows_of_chunk
from brainmass.simulation.run.memory import BoundedCache, give_back
from brainmass.simulation.run.plain_modules import ModuleRun
from brainmass.state_space import Values
from brainmass.units import float_dtype, is_concrete

# A run without delays computes, and wide vectors make it 1.1 to 1.35 times faster where the processor has them; one
# with delays gathers, which they make slower. JAX takes options for an outermost program only.
_WIDE = {"xla_cpu_prefer_vector_width": 512}


def allow_rank_promotion(call: Callable) -> Callable:
    """The function with JAX's own rank promotion inside, whatever strict switch is on around it."""

    @wraps(call)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with jax.numpy_rank_promotion("allow"):
            return call(*args, **kwargs)

    return inside


class CompileCache:
    """The programs of a model, the plan by which it reads its past, and the rings of its self-delays.

    ``module`` runs a model that is no node bank and no network.
    """

    def __init__(self, model: Any):
        self.model, self.module = model, ModuleRun(model)
        self._programs = BoundedCache()
        self._fresh: set[Any] = set()
        self._plan: tuple | None = None
        self._ring_lengths: dict[str, int] = {}

    def chunk_program(
        self,
        program: Program,
        shape: ChunkShape,
        batch: Batch,
        history_length: int | None,
        recording_key: Any,
        jit: bool,
        wide: bool = False,
    ) -> Callable:
        """The function that runs a span of windows; asked for once more, it is settled before the run takes memory."""
        options = _WIDE if wide and jax.default_backend() == "cpu" and is_concrete(jnp.zeros(())) else None
        ring_lengths = tuple(program.ring_lengths.items())
        key = (
            shape,
            program.dt,
            program.grouped,
            batch,
            history_length,
            recording_key,
            ring_lengths,
            jit,
            options is None,
        )
        chunk_program = partial(run_on_devices, program, batch, history_length, shape)
        if key in self._fresh:
            self.give_back_memory()
        elif jit and key not in self._programs:
            self._fresh.add(key)
        return self._programs.get(
            key, lambda: jax.jit(chunk_program, compiler_options=options) if jit else chunk_program
        )

    def give_back_memory(self) -> None:
        """Give back what compiling has left behind."""
        if self._fresh:
            self._fresh.clear()
            give_back()

    def statistics(self, recorder: Recorder, recording_key: Hashable, batch: Batch, monitor_states: Any) -> Values:
        """What the statistics have found whose states are among ``monitor_states``."""
        key = ("statistics", recording_key, batch)
        return self._programs.get(
            key, lambda: jax.jit(lambda monitor_states: results(recorder, monitor_states, batch))
        )(monitor_states)

    def inputs_of_callables(self, callables: CallableInputs, chunk: Chunk) -> Values:
        """The values of a drive at the steps of a chunk."""
        number, dtype = (
            max(chunk.shape.windows, 2),
            float_dtype(),
        )  # XLA makes no loop of one, and then rounds otherwise
        key = ("drive", callables.key, number, callables.dt, dtype)
        with in_double():
            program = self._programs.get(key, lambda: jax.jit(partial(callables.windows, number, dtype)))
            found = program(np.int32(chunk.start // WINDOW))
        return rows_of_chunk(found, chunk, chunk.start // WINDOW * WINDOW)

    def ring_lengths(self, wanted: dict[str, int]) -> dict[str, int]:
        """The lengths of the rings of self-delays, which only grow: another delay seldom needs another program."""
        self._ring_lengths |= {path: max(length, self._ring_lengths.get(path, 0)) for path, length in wanted.items()}
        return dict(self._ring_lengths)

    def delay_plan(self, values: Values, dt: float, *, all_edges: bool) -> Any:
        """The read plan of concrete delays and weights, made anew only when they changed."""
        if not isinstance(self.model, Network):
            return None
        dependencies = {p: values[p] for p in (*DELAY_VALUES, "conn") if p in values}
        all_edges = all_edges or not is_concrete(dependencies["conn"])
        if all_edges:
            dependencies.pop("conn")
        key = (dt, all_edges, self.model.given_conn, float_dtype())
        if self._plan is not None and self._plan[0] == key and _same(self._plan[1], dependencies):
            return self._plan[2]
        with jax.ensure_compile_time_eval():  # a run inside jit must not leave tracers in the cache
            delay_plan = jax.tree.map(jnp.asarray, self.model.delay_plan(values, dt, all_edges=all_edges))
        self._plan = (key, dependencies, delay_plan)
        return delay_plan


def _same(old: Values, new: Values) -> bool:
    return old.keys() == new.keys() and all(old[p] is new[p] or np.array_equal(old[p], new[p]) for p in old)

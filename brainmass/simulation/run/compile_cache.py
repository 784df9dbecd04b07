"""What a simulator has compiled and planned for its model, kept from run to run."""

from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.recording import Recorder
from brainmass.network import WINDOW, Network
from brainmass.simulation.engine import DELAY_VALUES, Batch, Drive, Program, Span, in_double, results, run_batch
from brainmass.simulation.run.chunks import Chunk, stretch
from brainmass.simulation.run.memory import Recent, give_back
from brainmass.simulation.run.plain_modules import ModuleRun
from brainmass.state_space import Values
from brainmass.units import float_dtype, is_concrete

# A run without delays computes, and wide vectors make it 1.1 to 1.35 times faster where the processor has them; one
# with delays gathers, which they make slower. JAX takes options for an outermost program only.
_WIDE = {"xla_cpu_prefer_vector_width": 512}


def lenient(call: Callable) -> Callable:
    """The function with JAX's own rank promotion inside, whatever strict switch is on around it."""

    @wraps(call)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with jax.numpy_rank_promotion("allow"):
            return call(*args, **kwargs)

    return inside


class Compiled:
    """The programs of a model, the plan by which it reads its past, and the depths of its self-delays.

    ``module`` runs a model that is no node bank and no network.
    """

    def __init__(self, model: Any):
        self.model, self.module = model, ModuleRun(model)
        self._programs = Recent()
        self._fresh: set[Any] = set()
        self._plan: tuple | None = None
        self._depths: dict[str, int] = {}

    def core(
        self, program: Program, span: Span, batch: Batch, columns: int | None, seen: Any, jit: bool, wide: bool = False
    ) -> Callable:
        """The function that runs a span of windows; asked for once more, it is settled before the run takes memory."""
        options = _WIDE if wide and jax.default_backend() == "cpu" and is_concrete(jnp.zeros(())) else None
        depths = tuple(program.depths.items())
        key = (span, program.dt, program.grouped, batch, columns, seen, depths, jit, options is None)
        core = partial(run_batch, program, span, batch, columns)
        if key in self._fresh:
            self.settle()
        elif jit and key not in self._programs:
            self._fresh.add(key)
        return self._programs.get(key, lambda: jax.jit(core, compiler_options=options) if jit else core)

    def settle(self) -> None:
        """Give back what compiling has left behind."""
        if self._fresh:
            self._fresh.clear()
            give_back()

    def statistics(self, recorder: Recorder, seen: Hashable, batch: Batch, carries: Any) -> Values:
        """What the statistics have found whose states are among ``carries``."""
        key = ("statistics", seen, batch)
        return self._programs.get(key, lambda: jax.jit(lambda carries: results(recorder, carries, batch)))(carries)

    def driven(self, drive: Drive, chunk: Chunk) -> Values:
        """The values of a drive at the steps of a chunk."""
        number, dtype = max(chunk.span.windows, 2), float_dtype()  # XLA makes no loop of one, and then rounds otherwise
        key = ("drive", drive.key, number, drive.dt, dtype)
        with in_double():
            program = self._programs.get(key, lambda: jax.jit(partial(drive.windows, number, dtype)))
            found = program(np.int32(chunk.start // WINDOW))
        return stretch(found, chunk, chunk.start // WINDOW * WINDOW)

    def depths(self, wanted: dict[str, int]) -> dict[str, int]:
        """The depths of the rings of self-delays, which only grow: another delay seldom needs another program."""
        self._depths |= {path: max(depth, self._depths.get(path, 0)) for path, depth in wanted.items()}
        return dict(self._depths)

    def plan(self, values: Values, dt: float, *, all_edges: bool) -> Any:
        """The read plan of concrete delays and weights, made anew only when they changed."""
        if not isinstance(self.model, Network):
            return None
        watched = {p: values[p] for p in (*DELAY_VALUES, "conn") if p in values}
        all_edges = all_edges or not is_concrete(watched["conn"])
        if all_edges:
            watched.pop("conn")
        key = (dt, all_edges, self.model.given_conn, float_dtype())
        if self._plan is not None and self._plan[0] == key and _same(self._plan[1], watched):
            return self._plan[2]
        with jax.ensure_compile_time_eval():  # a run inside jit must not leave tracers in the cache
            plan = jax.tree.map(jnp.asarray, self.model.plan(values, dt, all_edges=all_edges))
        self._plan = (key, watched, plan)
        return plan


def _same(old: Values, new: Values) -> bool:
    return old.keys() == new.keys() and all(old[p] is new[p] or np.array_equal(old[p], new[p]) for p in old)

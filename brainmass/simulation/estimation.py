"""What a run will need, measured on one piece of it."""

import copy
import inspect
import time
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.display import Work, in_words, showing
from brainmass.names import bind_arguments, with_named_arguments
from brainmass.network import Network
from brainmass.simulation.engine import ChunkShape
from brainmass.simulation.run import (
    Chunk,
    Run,
    allow_rank_promotion,
    growth,
)
from brainmass.simulation.setup import (
    RunOptions,
)
from brainmass.simulation.simulator import Simulator
from brainmass.state_space import StateSpace
from brainmass.time_steps import resolve_dt
from brainmass.units import describe, size_text


class Estimate(NamedTuple):
    """What is recorded, what the program works with and what the compiler takes, in bytes; times in s.

    ``compiler`` is None where the system does not say it.
    """

    recorded: int
    working: int
    compiler: int | None
    compiling: float
    running: float

    @property
    def memory(self) -> int:
        """The most bytes at one time: the last piece of a run may be compiled when all others are recorded."""
        return self.recorded + max(self.working, self.compiler or 0)

    def __str__(self) -> str:
        parts = f"{size_text(self.recorded)} for what is recorded, {size_text(self.working)} to run"
        parts += "" if self.compiler is None else f", {size_text(self.compiler)} to compile"
        took = f"{in_words(self.running)} after {in_words(self.compiling)} of compiling"
        return f"{took}; up to {size_text(self.memory)} of memory: {parts}"

    __repr__ = __str__


@with_named_arguments
@allow_rank_promotion
def estimate(sim: Simulator, duration: Any, monitors: Any = None, **options: Any) -> Estimate:
    """Memory, compile time and run time of a run, before it is started.

    One piece of it runs in a copy, so a run that is short enough for one piece runs whole; the model is left alone.

    Parameters
    ----------
    sim
        The simulator.
    duration, monitors, **options
        As in `Simulator.run`.

    Raises
    ------
    ValueError, TypeError, KeyError
        As `Simulator.run`, or a model that is neither a node bank nor a Network.
    """
    if not isinstance(sim, Simulator):
        raise TypeError(f"sim={describe(sim)} must be a Simulator.")
    if not isinstance(sim.model, StateSpace | Network):
        raise TypeError(f"estimate takes a node bank or a Network, not {type(sim.model).__name__}.")
    arguments = bind_arguments(
        "estimate", inspect.signature(Simulator.run), (sim, duration), options | {"monitors": monitors}
    )
    wanted = RunOptions(**{name: x for name, x in arguments.items() if name not in ("self", "checkpoint")})
    seed = 0 if wanted.seed is None else wanted.seed  # the numbers that the run will draw are left to it
    dt = resolve_dt(sim.dt)
    run = copy.copy(sim)._runs.prepare(replace(wanted, jit=True, seed=seed), dt)
    run.check(dt)
    piece = max(run.schedule, key=lambda chunk: chunk.shape.windows - chunk.shape.silent)
    with showing(Work(None), wanted.progress) as work:
        run.program_for = programs = _Programs(run, work)
        running, recorded = _run(run, piece)
        for chunk in run.schedule:
            programs(chunk.shape).prepare(run.program_arguments(chunk))
    windows = sum(chunk.shape.windows for chunk in run.schedule)
    kept = sum(chunk.shape.windows - chunk.shape.silent for chunk in run.schedule)
    share = max(piece.shape.windows - piece.shape.silent, 1)
    working = max(p.bytes for p in programs.made.values())
    compiler = max((p.compiler for p in programs.made.values() if p.compiler is not None), default=None)
    compiling = sum(p.seconds for p in programs.made.values())
    running *= windows / piece.shape.windows
    return Estimate(round(recorded * kept / share), working, compiler, compiling, running)


class _Programs:
    """The programs of a run by shape of chunk, each compiled once and measured."""

    def __init__(self, run: Run, work: Work):
        self.program_for, self.work, self.made = run.program_for, work, {}

    def __call__(self, shape: ChunkShape) -> "_Program":
        return self.made.setdefault(shape, _Program(self.program_for(shape), self.work))


class _Program:
    def __init__(self, traced: Any, work: Work):
        self.traced, self.work, self.compiled = traced, work, None
        self.seconds, self.bytes, self.compiler = 0.0, 0, None

    def prepare(self, *arguments: Any) -> Any:
        if self.compiled is None:
            began = time.perf_counter()
            with self.work.compiling(), growth() as grown:
                self.compiled = self.traced.lower(*arguments).compile()
            self.seconds, self.compiler = time.perf_counter() - began, grown.bytes
            found = self.compiled.memory_analysis()
            self.bytes = found.temp_size_in_bytes + found.argument_size_in_bytes + found.output_size_in_bytes
        return self.compiled

    def __call__(self, *arguments: Any) -> Any:
        return self.prepare(*arguments)(*arguments)


def _run(run: Run, piece: Chunk) -> tuple[float, int]:
    """Seconds and recorded bytes of a piece, which runs from the initial values; the second time, as compiled."""
    if run.schedule[0] is not piece:
        run.run_chunk(run.schedule[0])
    state, seconds = run.state, 0.0
    for _ in range(2):
        run.state, run.recorded.parts = state, []
        began = time.perf_counter()
        run.run_chunk(piece)
        jax.block_until_ready(run.state.states)
        seconds = time.perf_counter() - began
    return seconds, sum(np.asarray(x).nbytes for _, part in run.recorded.parts for x in jax.tree.leaves(part))

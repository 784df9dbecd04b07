"""What a run will need, measured on one piece of it."""

import copy
import inspect
import time
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.chunks import Chunk
from brainmass.job import Job
from brainmass.network import Network
from brainmass.simulator import Simulator
from brainmass.statespace import StateSpace


class Estimate(NamedTuple):
    """What is recorded and what the program works with, in bytes; compiling and running, in s."""

    recorded: int
    working: int
    compiling: float
    running: float

    @property
    def memory(self) -> int:
        """Bytes of both."""
        return self.recorded + self.working

    def __str__(self) -> str:
        whole, recorded = (f"{n / 2**20:.3g} MB" for n in (self.memory, self.recorded))
        return (
            f"{self.running:.3g} s after {self.compiling:.3g} s of compiling; {whole} of memory, of which {recorded} "
            "are what is recorded"
        )


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
    if not isinstance(sim.model, StateSpace | Network):
        raise TypeError(f"estimate takes a node bank or a Network, not {type(sim.model).__name__}.")
    given = inspect.signature(Simulator.run).bind(sim, duration, monitors=monitors, **options)
    given.apply_defaults()
    job = copy.copy(sim).job(**{n: v for n, v in given.arguments.items() if n != "self"} | {"jit": True})
    began = time.perf_counter()
    programs = {chunk.span: job.core(chunk.span).lower(*job.given(chunk)).compile() for chunk in job.course}
    compiling = time.perf_counter() - began
    piece = max(job.course, key=lambda chunk: chunk.span.windows - chunk.span.silent)
    running, recorded = _run(job, piece)
    windows = sum(chunk.span.windows for chunk in job.course)
    kept = sum(chunk.span.windows - chunk.span.silent for chunk in job.course)
    share = max(piece.span.windows - piece.span.silent, 1)
    working = max(map(_bytes, programs.values()))
    return Estimate(round(recorded * kept / share), working, compiling, running * windows / piece.span.windows)


def _run(job: Job, piece: Chunk) -> tuple[float, int]:
    """Seconds and recorded bytes of a piece, which runs from the initial values; the second time, as compiled."""
    if job.course[0] is not piece:
        job.run(job.course[0])
    place = job.place
    for _ in range(2):
        job.place, job.reel.parts = place, []
        began = time.perf_counter()
        job.run(piece)
        jax.block_until_ready(job.place.states)
        seconds = time.perf_counter() - began
    return seconds, sum(np.asarray(x).nbytes for _, part in job.reel.parts for x in jax.tree.leaves(part))


def _bytes(program: Any) -> int:
    found = program.memory_analysis()
    return found.temp_size_in_bytes + found.argument_size_in_bytes + found.output_size_in_bytes

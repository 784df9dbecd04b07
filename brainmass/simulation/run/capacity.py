"""Whether what a run holds at the least fits into the memory that there is, before anything is compiled."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainmass.network import WINDOW, Network, join, processes
from brainmass.simulation.engine import Batch, Program
from brainmass.simulation.run.chunks import SHORTEST, Chunk
from brainmass.state_space import Delayed, Values, Variable
from brainmass.units import float_dtype, size_text

_MEMINFO = Path("/proc/meminfo")


def check_capacity(
    program: Program,
    batch: Batch,
    model_values: Values,
    values: Values,
    history_length: int,
    schedule: list[Chunk],
    sample_every: int,
) -> None:
    """Refuse a run whose states, history, values and recordings alone are more than the memory.

    The ``model_values`` have the shapes of one simulation, those of the run may differ between simulations. What
    one chunk records is there twice: simulations run innermost, and come back outermost.

    Raises
    ------
    ValueError
        Says how much it is, how much there is, and what to do.
    """
    recorder, size = program.recorder, batch.size or 1
    state = size * _bytes_of_state(program, history_length)
    given = sum(np.size(v) for v in values.values()) * np.dtype(float_dtype()).itemsize
    steps = [(chunk.shape.windows - chunk.shape.silent) * WINDOW for chunk in schedule]
    small = sum(steps) * size <= SHORTEST
    at_once = 0 if small else size * recorder.bytes_in(program.model, model_values, max(steps), 1)
    recorded = (
        0
        if small
        else size * recorder.bytes_in(program.model, model_values, max(sum(steps) - 2 * WINDOW, 0), sample_every)
    )
    working = given + state + at_once * (2 if size > 1 else 1)
    on_host = jax.default_backend() == "cpu"
    found = [("this machine", _of_machine(), max(recorded, working if on_host else 0))]
    found += [] if on_host else [("this device", _of_device(), working)]
    for where, there, needed in found:
        if there is not None and needed > there:
            raise ValueError(_too_large(batch.size, needed, where, there))


def _too_large(size: int | None, needed: int, where: str, there: int) -> str:
    what = "the run" if size is None else f"a batch of {size} simulations"
    less = "record less, with sample_every= or a monitor as TemporalAverage"
    fewer = (
        ""
        if size is None
        else f"give a batch_size, or values=, of {max(int(size * there / needed), 1)} or fewer at a time, or "
    )
    return f"{what} takes {size_text(needed)} of memory or more, and {where} has {size_text(there)}; {fewer}{less}."


def _bytes_of_state(program: Program, history_length: int) -> int:
    """Of the states of one simulation with their pasts, and of its history."""
    numbers = 0
    for path, process in processes(program.model).items():
        pasts = sum(program.ring_lengths[join(path, name)] for name in process.declarations(Delayed))
        each = len(process.declarations(Variable)) + len(process.keeping_rests()) + pasts
        numbers += each * int(np.prod(process.varshape))
    if isinstance(program.model, Network):
        numbers += history_length * program.model.n_node * len(program.model.links)
    return numbers * np.dtype(float_dtype()).itemsize


@cache
def _of_machine() -> int | None:
    """Bytes of memory, with what may be swapped; None where the system does not say it."""
    with suppress(OSError, ValueError, KeyError):
        lines = dict(line.split(":") for line in _MEMINFO.read_text().splitlines())
        return sum(int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "SwapTotal"))
    return None


def _of_device() -> int | None:
    """Bytes of memory that JAX may take of its device; None where that does not say it."""
    stats: Any = jax.local_devices()[0].memory_stats()
    return (stats or {}).get("bytes_limit")

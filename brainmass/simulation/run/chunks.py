"""How a run is cut into pieces of bounded size, with the host in between."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax.numpy as jnp

from brainmass.network import WINDOW
from brainmass.simulation.engine import ChunkShape
from brainmass.state_space import Values
from brainmass.time_steps import step_count
from brainmass.units import describe

LONGEST = 2**15  # steps; about half a second of computing for 80 regions
SHORTEST = 2**12
_LEAST = 2**8  # of a large batch
_EDGES = 80 * 80
_BYTES = 64 * 2**20  # of what a chunk records at every step


class Chunk(NamedTuple):
    """The absolute steps (start, stop] of one call of a compiled program."""

    shape: ChunkShape
    start: int
    stop: int


def chunk_length(chunk: Any, dt: float, regions: int, numbers: int, work: int = 1) -> int:
    """The steps of a chunk: as asked for, bare in ms, or so many that it stays short and small.

    ``numbers`` is how many are recorded at every step, and ``work`` that of a batch, in simulations.

    Raises
    ------
    ValueError
        Neither "auto" nor a time of at least one step.
    """
    if isinstance(chunk, str) and chunk == "auto":
        by_work = LONGEST * _EDGES // (max(_EDGES, regions * regions) * work)
        by_memory = _BYTES // (4 * max(1, numbers))
        return max(SHORTEST // work, _LEAST, min(by_work, by_memory))
    if isinstance(chunk, str):
        raise ValueError(f'chunk={chunk!r} must be "auto" or a time, bare in ms.')
    steps = step_count(chunk, dt, "chunk")
    if steps < 1:
        raise ValueError(f"chunk={describe(chunk)} must be at least one step of {dt:g} ms.")
    return steps


def chunk_schedule(start: int, steps: int, transient: int, length: int) -> Iterator[Chunk]:
    """The pieces of a run, cut between windows, the silent ones first; alike in shape where that is possible.

    Before them comes one of no steps, which makes the initial values: all others then are calls of one program.
    """
    into = start % WINDOW
    if steps <= length:
        windows = -(-(into + steps) // WINDOW)
        yield Chunk(ChunkShape(windows, (into + transient) // WINDOW), start, start + steps)
        return
    record_start, end = start + transient, start + steps
    yield Chunk(ChunkShape(0, 0), start, start)
    for first_step, stop, silent in ((start, record_start, True), (record_start, end, False)):
        first, last = first_step // WINDOW, -(-stop // WINDOW)
        even = _even(last - first, -(-length // WINDOW)) if stop > first_step else 1
        for window in range(first, last if stop > first_step else first, even):
            windows = min(even, last - window)
            shape = ChunkShape(windows, windows if silent else 0)
            yield Chunk(shape, max(first_step, window * WINDOW), min(stop, (window + windows) * WINDOW))


def _even(windows: int, most: int) -> int:
    """The windows of a chunk: the same for all, where up to twice as many chunks as are needed allow it.

    Two or more: XLA makes no loop of one window, and then rounds differently.
    """
    fewest = -(-windows // max(most, 2))
    number = next((n for n in range(fewest, 2 * fewest) if windows % n == 0 and windows > n), fewest)
    most = max(-(-windows // number), 2)
    return next(even for even in range(most, windows + 2) if windows % even != 1 or windows == 1)


def rows_of_chunk(series: Values, chunk: Chunk, start: int) -> Values:
    """The rows of series that begin at ``start`` which a chunk needs; zeros beyond their end, where no step counts."""
    first, steps = chunk.start - start, chunk.shape.windows * WINDOW

    def cut(x: Any) -> Any:
        if first == 0 and len(x) == steps:
            return x
        rows = x[first : first + steps]
        return jnp.pad(rows, [(0, steps - len(rows))] + [(0, 0)] * (rows.ndim - 1))

    return {name: cut(x) for name, x in series.items()}

"""A run in pieces of bounded size, with the host in between: what comes back is joined here."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.display import warn
from brainmass.monitors.recording import Recorder, sample_steps
from brainmass.network import WINDOW
from brainmass.simulation.engine import ChunkShape
from brainmass.state_space import Values
from brainmass.time_steps import step_count
from brainmass.units import describe, is_concrete

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


def _rows_of(x: Any, rows: slice) -> Any:
    """On the host, and without what was not asked for."""
    kept = np.asarray(x)[rows] if is_concrete(x) else x[rows]
    return kept.copy() if is_concrete(x) and kept.nbytes < x.nbytes else kept


def spliced(pieces: list[dict[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """What pieces hold of these names, one after the other."""

    def join(*parts: Any) -> Any:
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if all(map(is_concrete, parts)) else jnp.concatenate(parts)

    found = {name: [piece[name] for piece in pieces if name in piece] for name in names}
    return {name: jax.tree.map(join, *parts) for name, parts in found.items() if parts}


def check_sampled(title: str, every: int, after: int, record_start: int, stop: int, dt: float, *, later: bool) -> None:
    """Warn if the steps (begun, stop] record no sample: they stand at multiples of ``every`` beyond the step ``after``.

    ``later`` says that a run that goes on may record the next one.
    """
    if stop // every <= after // every:
        following = (max(stop, after) // every + 1) * every * dt
        on = f", or go on from there: the next one stands at t = {following:g} ms" if later else ""
        warn(
            f"{title}: one sample comes every {every * dt:g} ms, and none lies in the {(stop - record_start) * dt:g} "
            f"ms that are recorded: its result is empty; run longer{on}."
        )


class Recorded:
    """The recorded things of a run, piece by piece.

    ``record_start`` is the absolute step after which it records, ``count_from`` that after which the samples of its
    monitors may begin, which is earlier in a run that goes on; ``frames`` are those of statistics that this one goes on
    with.
    """

    def __init__(
        self, recorder: Recorder, record_start: int, count_from: int, sample_every: int, frames: Values | None = None
    ):
        self.recorder, self.record_start, self.count_from, self.sample_every = (
            recorder,
            record_start,
            count_from,
            sample_every,
        )
        self.parts: list[tuple[int, dict[str, Any]]] = [(record_start, frames)] if frames else []

    def add(self, recorded: Values, chunk: Chunk) -> None:
        """Keep what of a chunk counts."""
        if self.record_start < chunk.stop:
            rows = {name: self._rows(name, chunk) for name in recorded}
            kept = {n: jax.tree.map(lambda x, n=n: _rows_of(x, rows[n]), value) for n, value in recorded.items()}
            self.parts.append((chunk.stop, kept))

    def _rows(self, name: str, chunk: Chunk) -> slice:
        first_step = max(chunk.start, self.record_start)
        if name in self.recorder.per_step:
            before = (chunk.start // WINDOW + chunk.shape.silent) * WINDOW
            first = first_step // self.sample_every * self.sample_every + self.sample_every - 1
            return slice(first - before, chunk.stop - before, self.sample_every)
        if name in self.recorder.statistics:
            return slice(0, self.recorder.frames(name, first_step, chunk.stop, self.count_from))
        signal = self.recorder.signal(name)
        at = sample_steps(signal, first_step, chunk.stop)
        return slice(int((at < self.count_from + signal.covers).sum()), len(at))

    def check(self, stop: int, dt: float, *, later: bool) -> None:
        """Refuse, with a ValueError, a run too short for a statistic; warn of what it records no sample of."""
        self.recorder.check(stop, self.count_from, dt)
        if self.recorder.per_step.keys() & set(self.recorder.names):
            check_sampled(
                "sample_every", self.sample_every, self.record_start, self.record_start, stop, dt, later=later
            )
        for name in [name for name in self.recorder.sampled if name in self.recorder.names]:
            title, every = self.recorder.title(self.recorder.sampled[name]), self.recorder.signal(name).every
            check_sampled(title, every, self._incomplete(name), self.record_start, stop, dt, later=later)

    def joined(self, stop: int) -> dict[str, Any]:
        """What was recorded by name, whole, up to the end ``stop`` of a chunk."""
        names = {name: None for end, kept in self.parts if end <= stop for name in kept if not self._framed(name)}
        return self._whole(names, stop) | self.recorder.finished(self.frames(stop))

    def frames(self, stop: int) -> dict[str, Any]:
        """The frames of statistics, up to the end ``stop`` of a chunk."""
        return self._whole(filter(self._framed, self.recorder.statistics), stop)

    def _framed(self, name: str) -> bool:
        return name in self.recorder.statistics

    def _whole(self, names: Iterable[str], stop: int) -> dict[str, Any]:
        return spliced([kept for end, kept in self.parts if end <= stop], names)

    def steps(self, name: str, stop: int) -> np.ndarray:
        """The absolute steps after which the samples of a thing stand."""
        if name in self.recorder.per_step:
            return (
                np.arange(self.record_start // self.sample_every + 1, stop // self.sample_every + 1) * self.sample_every
            )
        return sample_steps(self.recorder.signal(name), self._incomplete(name), stop)

    def _incomplete(self, name: str) -> int:
        """The last step up to which no sample of a monitor is made of recorded steps alone, or counts."""
        return max(self.record_start, self.count_from + self.recorder.signal(name).covers - 1)

    def progressions(self, stop: int) -> dict[str, tuple[int, int, int]]:
        """The first of these steps, their distance, and how many there are, of every series."""
        found = {}
        for name in (*self.recorder.per_step, *self.recorder.sampled):
            at = self.steps(name, stop)
            first, second = (*at[:2].tolist(), 0, 0)[:2]
            found[name] = (first, second - first if len(at) > 1 else 1, len(at))
        return found

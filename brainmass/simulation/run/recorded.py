"""What a run has recorded so far, on the host: what of each chunk counts, and all of it joined."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.recording import Recorder, check_sampled, sample_steps
from brainmass.network import WINDOW
from brainmass.simulation.run.chunks import Chunk
from brainmass.state_space import Values
from brainmass.units import is_concrete


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

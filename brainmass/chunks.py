"""A run in pieces of bounded size, with the host in between: what comes back is joined here."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.history import WINDOW
from brainmass.monitors.recorder import Recorder
from brainmass.monitors.stream import sample_steps
from brainmass.program import Span
from brainmass.statespace import Values
from brainmass.units import describe, is_concrete, step_count

LONGEST = 2**17  # steps; at most about a second of computing for 80 regions
SHORTEST = 2**10
_EDGES = 80 * 80
_BYTES = 64 * 2**20  # of what a chunk records at every step


class Chunk(NamedTuple):
    """The absolute steps (start, stop] of one call of a compiled program."""

    span: Span
    start: int
    stop: int


def chunk_length(chunk: Any, dt: float, regions: int, numbers: int) -> int:
    """The steps of a chunk: as asked for, bare in ms, or so many that it stays short and small.

    ``numbers`` is how many are recorded at every step.

    Raises
    ------
    ValueError
        Neither "auto" nor a time of at least one step.
    """
    if isinstance(chunk, str) and chunk == "auto":
        by_work = LONGEST * _EDGES // max(_EDGES, regions * regions)
        by_memory = _BYTES // (4 * max(1, numbers))
        return max(SHORTEST, min(by_work, by_memory))
    if isinstance(chunk, str):
        raise ValueError(f'chunk={chunk!r} must be "auto" or a time, bare in ms.')
    steps = step_count(chunk, dt, "chunk")
    if steps < 1:
        raise ValueError(f"chunk={describe(chunk)} must be at least one step of {dt:g} ms.")
    return steps


def chunks(start: int, steps: int, transient: int, stride: int, length: int) -> Iterator[Chunk]:
    """The pieces of a run, the silent ones first; all of a kind have one shape, so each kind compiles once."""

    def span(begun: int, steps: int, transient: int) -> Span:
        return Span(steps, transient, -(-(begun % WINDOW + steps) // WINDOW), stride)

    if steps <= length:
        yield Chunk(span(start, steps, transient), start, start + steps)
        return
    for begun, count, silent in ((start, transient, True), (start + transient, steps - transient, False)):
        unit = WINDOW if silent else math.lcm(WINDOW, stride)
        each = -(-count // -(-count // length)) if count else 0
        each = -(-each // unit) * unit
        for at in range(begun, begun + count, each or 1):
            yield Chunk(span(begun, each, each if silent else 0), at, min(at + each, begun + count))


def stretch(data: Values, chunk: Chunk, start: int) -> Values:
    """The rows of series that begin at ``start`` which a chunk needs; zeros beyond their end, where no step counts."""
    first, steps = chunk.start - start, chunk.span.steps

    def cut(x: Any) -> Any:
        if first == 0 and len(x) == steps:
            return x
        rows = x[first : first + steps]
        return jnp.pad(rows, [(0, steps - len(rows))] + [(0, 0)] * (rows.ndim - 1))

    return {name: cut(x) for name, x in data.items()}


def _host(x: Any) -> Any:
    return np.asarray(x) if is_concrete(x) else x


class Reel:
    """The recorded things of a run, piece by piece."""

    def __init__(self, recorder: Recorder, origin: int, stride: int):
        self.recorder, self.origin, self.stride = recorder, origin, stride
        self.parts: dict[str, list] = {name: [] for name in recorder.names}

    def add(self, recorded: dict[str, Any], chunk: Chunk) -> None:
        """Keep what of a chunk counts."""
        begun = max(chunk.start, self.origin)
        if begun >= chunk.stop:
            return
        for name, value in recorded.items():
            rows = self._rows(name, begun, chunk.stop)
            self.parts[name].append(jax.tree.map(lambda x, rows=rows: _host(x)[rows], value))

    def _rows(self, name: str, begun: int, stop: int) -> slice:
        if name in self.recorder.each:
            return slice(0, -(-(stop - begun) // self.stride))
        signal = self.recorder.signal(name)
        at = sample_steps(signal, begun, stop)
        return slice(int((at < self.origin + signal.covers).sum()), len(at))

    def joined(self) -> dict[str, Any]:
        """The whole series by name."""

        def join(*parts: Any) -> Any:
            return parts[0] if len(parts) == 1 else np.concatenate(parts)

        return {name: jax.tree.map(join, *parts) for name, parts in self.parts.items() if parts}

    def steps(self, name: str, stop: int) -> np.ndarray:
        """The absolute steps after which the samples of a thing stand."""
        if name in self.recorder.each:
            return np.arange(self.origin + 1, stop + 1, self.stride)
        signal = self.recorder.signal(name)
        at = sample_steps(signal, self.origin, stop)
        return at[at >= self.origin + signal.covers]

"""Delayed reads of one variable in windows of steps.

An edge whose delay is at least L − 1 steps needs, for the next L steps, only values that are known when they begin.
So a run advances in windows of `WINDOW` steps: once per window each such edge reads one contiguous slice of the history,
and one contraction with the weights gives the input of all its steps. Shorter edges are read in the same way at smaller
levels inside the window; undelayed edges are a matrix product per step.

The history of N regions is ``(N, time, simulation)``, contiguous in time and with the simulations innermost.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

WINDOW = 16
_LANE = 8  # in-edge lists are padded to a multiple of this, so that similar connectomes share one compiled program


@dataclass(frozen=True)
class Level:
    """In-edge lists ``(N, K)`` of the edges that are read ``size`` steps at a time.

    ``edge`` is the flat position in the weight matrix; ``share`` is 0 for padding, and a fraction of the weight where
    a delay lies between two steps.
    """

    size: int
    source: Any
    delay: Any
    edge: Any
    share: Any

    def weights(self, conn: Any) -> Any:
        """Weights ``(N, K)`` of the lists from the matrix ``(N, N)``."""
        return self.share.astype(conn.dtype) * conn.reshape(-1)[self.edge]


@dataclass(frozen=True)
class Plan:
    """How the delayed inputs of a connectome are read: levels in falling size, and the undelayed edges apart.

    ``length`` columns of history end with the current state, of which the levels below `WINDOW` need the last
    ``reach``; ``undelayed`` is a mask ``(N, N)`` or None.
    """

    length: int
    reach: int
    levels: tuple[Level, ...]
    undelayed: Any


jax.tree_util.register_dataclass(Level, data_fields=("source", "delay", "edge", "share"), meta_fields=("size",))
jax.tree_util.register_dataclass(Plan, data_fields=("levels", "undelayed"), meta_fields=("length", "reach"))


def plan_reads(steps: np.ndarray, pattern: np.ndarray, *, interpolate: bool, sizes: tuple[int, ...]) -> Plan:
    """The plan of the edges ``pattern`` (target, source) with delays ``steps`` (real numbers of steps).

    A fractional delay is rounded to the nearest step or, with ``interpolate``, read as two edges that share the weight.
    """
    target, source = np.nonzero(pattern)
    exact = steps[target, source]
    if interpolate:
        below = np.floor(exact)
        part = exact - below
        delay = np.concatenate([below, below + 1]).astype(np.int64)
        share = np.concatenate([1.0 - part, part])
        target, source = np.tile(target, 2), np.tile(source, 2)
        kept = share > 0
        target, source, delay, share = target[kept], source[kept], delay[kept], share[kept]
    else:
        delay, share = np.rint(exact).astype(np.int64), np.ones(len(exact))
    n = len(pattern)
    undelayed = None
    if np.count_nonzero(delay == 0) > n and not interpolate:
        undelayed = np.zeros((n, n), bool)
        undelayed[target[delay == 0], source[delay == 0]] = True
        kept = delay > 0
        target, source, delay, share = target[kept], source[kept], delay[kept], share[kept]
    longest = int(delay.max(initial=-1))
    length = -(-(longest + 1) // WINDOW) * WINDOW
    levels, upper = [], np.inf
    for size in sizes:
        mine = (delay >= size - 1) & (delay < upper)
        upper = size - 1
        if mine.any():
            levels.append(_level(size, n, target[mine], source[mine], delay[mine], share[mine]))
    return Plan(length, min(length, WINDOW), tuple(levels), undelayed)


def _level(size: int, n: int, target: Any, source: Any, delay: Any, share: Any) -> Level:
    order = np.argsort(target, kind="stable")
    target, source, delay, share = target[order], source[order], delay[order], share[order]
    degree = np.bincount(target, minlength=n)
    width = -(-int(degree.max()) // _LANE) * _LANE
    place = np.arange(len(target)) - np.repeat(np.cumsum(degree) - degree, degree)
    lists = {name: np.zeros((n, width), np.int32) for name in ("source", "edge")}
    delays, shares = np.full((n, width), size - 1, np.int32), np.zeros((n, width))
    lists["source"][target, place], lists["edge"][target, place] = source, target * n + source
    delays[target, place], shares[target, place] = delay, share
    return Level(size, lists["source"], delays, lists["edge"], shares)


def traced_plan(steps: Any, length: int) -> Plan:
    """The plan where delays are data: every edge read step by step, at two steps that share its weight.

    ``steps`` (N, N) is traced; the delay is differentiable between grid points.
    """
    n = steps.shape[0]
    below = jnp.floor(lax.stop_gradient(steps))
    part = steps - below
    delay = jnp.concatenate([below, below + 1], 1).astype(jnp.int32)
    source = jnp.tile(jnp.arange(n, dtype=jnp.int32), (n, 2))
    edge = source + n * jnp.arange(n, dtype=jnp.int32)[:, None]
    return Plan(length, length, (Level(1, source, delay, edge, jnp.concatenate([1.0 - part, part], 1)),), None)


def read(level: Level, weights: Any, history: Any, now: Any) -> Any:
    """The delayed sums of the next ``level.size`` steps, ``(size, N, simulation)``.

    ``history`` is ``(N, time, simulation)`` with the current state in column ``now``; ``weights`` is ``(N, K)``.
    """
    n, columns, simulations = history.shape
    size, span = level.size, level.size * simulations
    flat = history.reshape(-1)
    start = (level.source * columns + now - level.delay) * simulations

    def slices(at: Any) -> Any:
        return jax.vmap(lambda i: lax.dynamic_slice(flat, (i,), (span,)))(at)

    if span == 1:
        return (weights * flat[start]).sum(1)[None, :, None]
    if simulations == 1:
        values = jax.vmap(slices)(start)
        if size == WINDOW:  # the contraction is fast at this length only; shorter ones go several times slower
            return jnp.einsum("ij,ijl->li", weights, values)[..., None]
        return (weights[..., None] * values).sum(1).T[..., None]
    # one target after another keeps the slices of many simulations in cache
    sums = lax.map(lambda row: row[0] @ slices(row[1]), (weights, start))
    return sums.reshape(n, size, simulations).swapaxes(0, 1)

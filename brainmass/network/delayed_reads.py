"""Delayed reads of one variable in windows of steps.

An edge whose delay is at least L − 1 steps needs, for the next L steps, only values that are known when they begin.
So a run advances in windows of `WINDOW` steps: once per window each such edge reads one contiguous slice of the
history, and one contraction with the weights gives the input of all its steps. Shorter edges are read four steps at a
time where there are many, and else step by step inside the window; undelayed edges are a matrix product per step.

The history of N regions is ``(N, time, simulation)``, contiguous in time and with the simulations innermost; where they
send several things (channels), those lie one after another along the first axis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

WINDOW = 16
BLOCK = 4
_SLICE = 8  # the narrowest slice that a CPU contracts well: a read of fewer steps takes as many and drops the rest
_COST = {WINDOW: 0.26, BLOCK: 0.75, 1: 1.2}  # ns per place in a list and step, on one core
_DENSE = 0.08  # ns per place of a matrix product and step
_NESTED = 150.0  # ns per step of a loop over blocks
_CACHE = 2**20  # bytes of slices that may be read at once
_WIDTHS = np.unique([1, 2, 3, *(m * 2**i for i in range(1, 30) for m in (2, 3))])  # of in-edge lists: few programs


@dataclass(frozen=True)
class EdgeGroup:
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
class DelayPlan:
    """How the delayed inputs of a connectome are read: levels in falling size, and the undelayed edges apart.

    ``length`` columns of history end with the current state, of which the levels below `WINDOW` need the last
    ``reach``; an edge may be read in any level that its delay allows. ``undelayed`` is None, a mask ``(N, N)``, or the
    lists of few edges.
    """

    length: int
    reach: int
    edge_groups: tuple[EdgeGroup, ...]
    undelayed: Any


jax.tree_util.register_dataclass(EdgeGroup, data_fields=("source", "delay", "edge", "share"), meta_fields=("size",))
jax.tree_util.register_dataclass(DelayPlan, data_fields=("edge_groups", "undelayed"), meta_fields=("length", "reach"))


def plan_delayed_reads(
    steps: np.ndarray, pattern: np.ndarray, *, interpolate: bool, sizes: tuple[int, ...]
) -> DelayPlan:
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
    if not len(delay) or ((np.count_nonzero(delay == 0) > n or not delay.any()) and not interpolate):
        undelayed = _undelayed(n, target[delay == 0], source[delay == 0])
        kept = delay > 0
        target, source, delay, share = target[kept], source[kept], delay[kept], share[kept]
    longest = int(delay.max(initial=-1))
    length = -(-(longest + 1) // WINDOW) * WINDOW
    order = np.lexsort((-delay, target))  # by target, the longest first
    target, source, delay, share = target[order], source[order], delay[order], share[order]
    edge_groups, reach = [], 0
    for size, width in zip(sizes, _widths(target, delay, n, sizes), strict=True):
        position = np.arange(len(target)) - np.searchsorted(target, target)
        mine = (position < width) & (delay >= size - 1)
        if mine.any():
            edge_groups.append(
                _edge_group(size, width, n, target[mine], source[mine], delay[mine], share[mine], position[mine])
            )
            reach = max(reach, 0 if size == WINDOW else int(delay[mine].max()) + 1)
        target, source, delay, share = target[~mine], source[~mine], delay[~mine], share[~mine]
    return DelayPlan(length, -(-reach // WINDOW) * WINDOW, tuple(edge_groups), undelayed)


def _undelayed(n: int, target: np.ndarray, source: np.ndarray) -> Any:
    """A mask for a matrix product, or in-edge lists where those are cheaper."""
    most = int(np.bincount(target, minlength=n).max(initial=0))
    if _COST[1] * most < _DENSE * n:
        zeros = np.zeros(len(target), int)
        position = np.arange(len(target)) - np.searchsorted(target, target)  # np.nonzero sorts by target
        return _edge_group(1, max(most, 1), n, target, source, zeros, zeros + 1.0, position)
    mask = np.zeros((n, n), bool)
    mask[target, source] = True
    return mask


def _widths(target: np.ndarray, delay: np.ndarray, n: int, sizes: tuple[int, ...]) -> list[int]:
    """The widths of the in-edge lists that cost least: what does not fit into one level goes to the next."""
    bounds = [np.inf, *(size - 1 for size in sizes)]
    counts = [np.bincount(target[(delay >= low) & (delay < high)], minlength=n) for high, low in pairwise(bounds)]
    return _cheapest(counts, sizes)[1]


def _cheapest(counts: list[np.ndarray], sizes: tuple[int, ...]) -> tuple[float, list[int]]:
    most, size, n = int(counts[0].max()), sizes[0], len(counts[0])
    widths = np.arange(0, most + 8, 8) if size == WINDOW else np.append(0, _WIDTHS)
    widths = np.unique(np.minimum(widths, widths[np.searchsorted(widths, most)] if most > n else n))
    if len(sizes) == 1:
        width = int(widths[np.searchsorted(widths, most)])
        return n * _COST[size] * width, [width]
    found = (np.inf, [0])
    for width in widths:
        cost = n * _COST[size] * width + (_NESTED if width and size == BLOCK else 0.0)
        if cost < found[0]:
            rest = np.maximum(counts[0] - width, 0) + counts[1]
            below, others = _cheapest([rest, *counts[2:]], sizes[1:])
            found = min(found, (cost + below, [int(width), *others]))
    return found


def _edge_group(
    size: int, width: int, n: int, target: Any, source: Any, delay: Any, share: Any, position: Any
) -> EdgeGroup:
    lists = {name: np.zeros((n, width), np.int32) for name in ("source", "edge")}
    delays, shares = np.full((n, width), size - 1, np.int32), np.zeros((n, width))
    lists["source"][target, position], lists["edge"][target, position] = source, target * n + source
    delays[target, position], shares[target, position] = delay, share
    return EdgeGroup(size, lists["source"], delays, lists["edge"], shares)


def traced_delay_plan(steps: Any, length: int) -> DelayPlan:
    """The plan where delays are data: every edge read step by step, at two steps that share its weight.

    ``steps`` (N, N) is traced; the delay is differentiable between grid points.
    """
    n = steps.shape[0]
    below = jnp.floor(lax.stop_gradient(steps))
    part = steps - below
    delay = jnp.concatenate([below, below + 1], 1).astype(jnp.int32)
    source = jnp.tile(jnp.arange(n, dtype=jnp.int32), (n, 2))
    edge = source + n * jnp.arange(n, dtype=jnp.int32)[:, None]
    return DelayPlan(length, length, (EdgeGroup(1, source, delay, edge, jnp.concatenate([1.0 - part, part], 1)),), None)


class PerEdgePre:
    """``pre`` of each edge after its read, for coupling parameters with a value for each edge.

    ``values`` are ``(target, source)`` by name.
    """

    def __init__(self, pre: Callable[[Any, Any], Any], values: dict[str, Any]):
        self.pre, self.values = pre, values

    def lists(self, edge: Any) -> dict[str, Any]:
        """The values of in-edge lists from flat positions in the matrix."""
        return {name: value.reshape(-1)[edge] for name, value in self.values.items()}

    def sent(self, x: Any, edge_values: dict[str, Any]) -> tuple[Any, ...]:
        """What edges send that read ``x`` (target, position, ...), each part by itself."""
        p = SimpleNamespace(**{n: v.reshape(*v.shape, *(1,) * (x.ndim - v.ndim)) for n, v in edge_values.items()})
        out = self.pre(x, p)
        return out if isinstance(out, tuple) else (out,)


def undelayed_sums(edges: Any, conn: Any, per_edge: PerEdgePre | None) -> Callable[[Any], list[Any]]:
    """The sums over undelayed edges of what is sent, ``(N, simulation)`` to a list of the same."""
    listed, n = isinstance(edges, EdgeGroup), len(conn)
    if per_edge is None and not listed:
        weights = conn * edges
        return lambda x: [weights @ x]
    source = edges.source if listed else jnp.tile(jnp.arange(n), (n, 1))
    weights = (edges.weights(conn) if listed else conn * edges)[..., None]
    if per_edge is None:
        return lambda x: [(weights * x[source]).sum(1)]
    edge_values = per_edge.lists(edges.edge if listed else jnp.arange(n * n).reshape(n, n))
    return lambda x: [(weights * one).sum(1) for one in per_edge.sent(x[source], edge_values)]


class EdgeGroupReader:
    """The delayed sums of one level: its weights and offsets laid out once for a run.

    Many targets are read in blocks, so that the slices of a block stay in the cache of a CPU; with several simulations
    a block is one target.
    """

    def __init__(self, group: EdgeGroup, conn: Any, columns: int, simulations: int, per_edge: PerEdgePre | None = None):
        n, k = group.source.shape
        self.size, self.n, self.simulations, self.per_edge = group.size, n, simulations, per_edge
        self.span = n * columns * simulations  # numbers of one channel
        weights, offset = group.weights(conn), (group.source * columns - group.delay) * simulations
        slice_bytes = k * max(group.size * simulations, _SLICE) * weights.dtype.itemsize
        rows = n if slice_bytes * n <= _CACHE else max(1, _CACHE // (8 * slice_bytes))
        if group.size == 1 or (group.size < WINDOW and simulations > 1):
            rows = n  # few edges, read every few steps: a loop over blocks would cost more than it saves
        elif simulations > 1:
            rows = 1
        self.blocks = -(-n // rows)
        padding = ((0, self.blocks * rows - n), (0, 0))

        def blocks(lists: Any) -> Any:
            return jnp.pad(lists, padding, mode="edge").reshape(self.blocks, rows, k)

        self.lists = dict(weights=blocks(weights), offset=blocks(offset))
        self.edge_values = (
            {name: blocks(value) for name, value in per_edge.lists(group.edge).items()} if per_edge else {}
        )

    def __call__(self, history: Any, now: Any) -> list[Any]:
        """The sums of the next ``size`` steps of each thing sent, ``(size, N, simulation)``.

        ``history`` is ``(channel·N, time, simulation)`` with the current state in column ``now``.
        """
        flat = history.reshape(-1)
        starts = [now * self.simulations + at for at in range(0, flat.size, self.span)]
        return [total for start in starts for total in self._channel(flat, start)]

    def _channel(self, flat: Any, start: Any) -> tuple[Any, ...]:
        lists = (self.lists["weights"], self.lists["offset"], self.edge_values)
        if self.blocks == 1:
            weights, offset, edge_values = jax.tree.map(lambda x: x[0], lists)
            return self._block(flat, weights, offset + start, edge_values)

        def block(_: None, index: Any) -> tuple[None, Any]:
            index = outside_small_loops(index)
            weights, offset, edge_values = jax.tree.map(lambda x: x[index], lists)
            return None, self._block(flat, weights, offset + start, edge_values)

        sums = lax.scan(block, None, jnp.arange(self.blocks))[1]  # (block, size, rows, simulation) each
        joined = (x.swapaxes(0, 1).reshape(self.size, -1, self.simulations) for x in sums)
        return tuple(x[:, : self.n] for x in joined)

    def _block(self, flat: Any, weights: Any, start: Any, edge_values: dict[str, Any]) -> tuple[Any, ...]:
        """The sums (size, target, simulation) of some targets."""
        span = self.size * self.simulations
        if span == 1:
            values = flat[start]
        else:
            span = max(span, _SLICE) if self.simulations == 1 else span
            values = jax.vmap(jax.vmap(lambda at: lax.dynamic_slice(flat, (at,), (span,))))(start)
        sent = self.per_edge.sent(values, edge_values) if self.per_edge else (values,)
        return tuple(self._weighted(weights, x) for x in sent)

    def _weighted(self, weights: Any, values: Any) -> Any:
        shape = (-1, self.size, self.simulations)
        if values.ndim == 2:
            return (weights * values).sum(1)[None, :, None]
        if self.simulations == 1:
            return jnp.einsum("ij,ijl->li", weights, values)[: self.size, :, None]
        if self.size < WINDOW:
            return (weights[..., None] * values).sum(1).reshape(shape).swapaxes(0, 1)
        return (weights[0] @ values[0]).reshape(shape).swapaxes(0, 1)  # one target


def outside_small_loops(index: Any) -> Any:
    """The same integer; on a CPU by way of a sort.

    XLA compiles a loop that it takes for small as one scalar function, in which slices are copied several times slower;
    it leaves loops that hold a sort alone. (JAX 0.12 takes nearly every loop for small.)
    """
    return lax.sort(jnp.stack([index, index]))[0] if jax.default_backend() == "cpu" else index

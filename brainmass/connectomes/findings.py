"""What looks wrong in a connectome, in sentences: it may be so in the brain, and often is a mistake in the file."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

LONGEST = 350.0  # mm; beyond it no tract of a human brain is plausible
_FEW = 3


class Finding(NamedTuple):
    """One thing that looks wrong: its ``kind``, and a sentence for people."""

    kind: str
    sentence: str


def findings_of(weights: np.ndarray, distances: Any, labels: np.ndarray) -> list[Finding]:
    """As `Connectome.check`."""
    lengths = None if distances is None else distances.mantissa
    return [*_of_weights(weights, labels), *(_of_lengths(weights, lengths, labels) if lengths is not None else ())]


def _of_weights(weights: np.ndarray, labels: np.ndarray) -> Iterator[Finding]:
    off = ~np.eye(len(weights), dtype=bool)
    edges = (weights != 0) & off
    scale = np.abs(weights).max()
    lopsided = np.abs(weights - weights.T) > 1e-6 * scale
    if lopsided.any():
        share = lopsided[edges | edges.T].mean()
        yield Finding("asymmetric", f"weights differ by direction in {share:.0%} of the edges; rows must be targets")
    if (weights < 0).any():
        count = int((weights < 0).sum())
        yield Finding("negative", f"{count} weights are negative, down to {weights.min():g}; -1 often means missing")
    if np.diag(weights).any():
        count = np.count_nonzero(np.diag(weights))
        yield Finding("diagonal", f"{count} regions are wired to themselves, which a Network leaves out")
    alone = ~(edges | edges.T).any(1)
    if alone.any():
        yield Finding("isolated", f"{_named(labels, alone)} without any connection")
    cut = _pieces(edges | edges.T) - int(alone.sum())
    if cut > 1:
        yield Finding("disconnected", f"the regions fall into {cut} parts that are not wired to each other")


def _of_lengths(weights: np.ndarray, lengths: np.ndarray, labels: np.ndarray) -> Iterator[Finding]:
    off = ~np.eye(len(weights), dtype=bool)
    edges = (weights != 0) & off
    none = edges & (lengths == 0)
    if none.any():
        at = _edge(labels, none)
        yield Finding("no length", f"{none.sum()} edges have a length of 0 mm, as {at}: they have no delay")
    known = np.where(edges & np.isfinite(lengths), lengths, 0.0)
    long = known > LONGEST
    if long.any():
        at = _edge(labels, long)
        yield Finding("long", f"{long.sum()} lengths are over {LONGEST:g} mm, up to {known.max():g} mm, as {at}")
    if 0 < known.max() < 1:
        yield Finding("unit", f"no length is over {known.max():g} mm; they may be in metres")
    differs = np.abs(np.nan_to_num(lengths - lengths.T)) > 1e-3 * max(known.max(), 1e-12)
    if (differs & edges & edges.T).any():
        at = _edge(labels, differs & edges & edges.T)
        yield Finding("asymmetric lengths", f"lengths differ by direction, as {at}")


def _edge(labels: np.ndarray, which: np.ndarray) -> str:
    target, source = np.argwhere(which)[0]
    return f"from {labels[source]} to {labels[target]}"


def _named(labels: np.ndarray, which: np.ndarray) -> str:
    names = labels[which].tolist()
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"{', '.join(names[:_FEW])}{more} {'is' if len(names) == 1 else 'are'}"


def _pieces(wired: np.ndarray) -> int:
    """How many parts there are, a single region counted as one."""
    left, count = np.ones(len(wired), dtype=bool), 0
    while left.any():
        reached = np.zeros(len(wired), dtype=bool)
        reached[left.argmax()] = True
        while (more := wired[reached].any(0) & ~reached).any():
            reached |= more
        left &= ~reached
        count += 1
    return count

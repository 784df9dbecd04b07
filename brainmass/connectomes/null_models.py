"""Null models: a connectome wired otherwise, with some of what it is made of kept."""

from typing import Any

import numpy as np

from brainmass.names import meant
from brainmass.units import describe, is_whole

_METHODS = ("weights", "length", "degree")
_LIKE = 20  # edges of like length that change their weights among each other
_SWAPS = 10  # tries for each edge, by which the wiring is random (Milo et al. 2003, arXiv:cond-mat/0312028)


def rewired_matrices(weights: np.ndarray, lengths: Any, method: str, seed: int, symmetric: bool) -> np.ndarray:
    """The weights as `Connectome.rewired` describes; ``symmetric`` ones stay so, and the diagonal as it is.

    Raises
    ------
    ValueError, TypeError
        See there.
    """
    if not isinstance(method, str) or method not in _METHODS:
        near = meant(method, _METHODS)
        raise ValueError(f"method={describe(method)} must be one of {', '.join(_METHODS)}{near}.")
    if not is_whole(seed) or seed < 0:
        raise TypeError(f"seed={describe(seed)} must be an integer of zero or more.")
    draws = np.random.default_rng(seed)
    off = ~np.eye(len(weights), dtype=bool)
    edges = np.argwhere((weights != 0) & (np.triu(off) if symmetric else off))
    if method == "degree":
        moved = _swapped(edges, weights, draws, symmetric)
        _check_lengths(lengths, moved)
    else:
        moved = edges
    values = weights[tuple(edges.T)]
    if method == "weights":
        values = draws.permutation(values)
    if method == "length" and lengths is None:
        raise ValueError('method="length" needs lengths; give distances=, or use method="weights".')
    if method == "length":
        _check_lengths(lengths, edges)
        values = _among_alike(values, lengths[tuple(edges.T)], draws)
    found = np.where(off, 0.0, weights)
    found[tuple(moved.T)] = values
    if symmetric:
        found.T[tuple(moved.T)] = values
    return found


def _check_lengths(lengths: Any, edges: np.ndarray) -> None:
    if lengths is None:
        return
    unknown = ~np.isfinite(lengths[tuple(edges.T)])
    if unknown.any():
        at = edges[unknown.argmax()].tolist()
        raise ValueError(f'method: no length is known for an edge at {at}; give centres=, or use method="weights".')


def _among_alike(values: np.ndarray, lengths: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """The values in other places, of which the lengths are like those of the old ones."""
    order, found = np.argsort(lengths, kind="stable"), values.copy()
    for group in np.array_split(order, max(len(order) // _LIKE, 1)):
        found[group] = values[draws.permutation(group)]
    return found


def _swapped(edges: np.ndarray, weights: np.ndarray, draws: np.random.Generator, symmetric: bool) -> np.ndarray:
    """The edges (target, source) with sources exchanged between pairs of them, where no edge comes to stand twice."""
    there, moved, done = weights != 0, edges.copy(), 0
    tries = _SWAPS * len(edges)
    pairs, turned = draws.integers(0, max(len(edges), 1), (tries, 2)), draws.random(tries) < 0.5
    for (one, other), turn in zip(pairs.tolist(), turned.tolist(), strict=True):
        (a, b), (c, d) = moved[one].tolist(), moved[other].tolist()
        if symmetric and turn:
            c, d = d, c
        if len({a, b, c, d}) < 4 or there[a, d] or there[c, b]:
            continue
        _move(there, (a, b), (a, d), symmetric)
        _move(there, (c, d), (c, b), symmetric)
        moved[one], moved[other], done = (a, d), (c, b), done + 1
    if not done:
        raise ValueError('method="degree": no edge can change its place; threshold the connectome, or use "weights".')
    return moved


def _move(there: np.ndarray, old: tuple[int, int], new: tuple[int, int], symmetric: bool) -> None:
    there[old], there[new] = False, True
    if symmetric:
        there[old[::-1]], there[new[::-1]] = False, True

"""Edges of SONATA, .h5: synapses from nodes to nodes, summed for each pair."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from brainmass.formats.reading import (
    MOST_REGIONS,
    FileContent,
    Refused,
    dataset_at,
    group_at,
    names_in,
    numbers_of,
    opened_hdf5,
)
from brainmass.names import meant

_WEIGHTS = "syn_weight"


class _Edges(NamedTuple):
    targets: np.ndarray
    sources: np.ndarray
    weights: np.ndarray
    populations: tuple[str, str]
    """Of the targets, and of the sources."""


def is_sonata(file: Any) -> bool:
    """Whether it has populations of edges."""
    edges = group_at(file, "edges")
    return edges is not None and any(group_at(edges, name) is not None for name in names_in(edges))


def read_sonata(path: Path, key: str | None) -> FileContent:
    """The sum of the ``key`` of all synapses from one node to another; without such an attribute their number."""
    assumed: list[str] = []
    with opened_hdf5(path) as file:
        edges = group_at(file, "edges")
        found = [_edges(group_at(edges, name), name, key, assumed) for name in names_in(edges)]
    sizes: dict[str, int] = {}
    for one in found:
        for population, ids in zip(one.populations, (one.targets, one.sources), strict=True):
            sizes[population] = max(sizes.get(population, 0), int(ids.max(initial=-1)) + 1)
    n = sum(sizes.values())
    if not 0 < n <= MOST_REGIONS:
        raise Refused(f"has {n} nodes, where 1 to {MOST_REGIONS} can be read")
    first = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    weights = np.zeros((n, n))
    for one in found:
        target, source = (first[population] for population in one.populations)
        np.add.at(weights, (one.targets + target, one.sources + source), one.weights)
    labels = [f"{population}_{i}" for population, size in sizes.items() for i in range(size)]
    return FileContent(weights=weights, labels=labels, orientation="target_source", assumed=assumed)


def _edges(group: Any, name: str, key: str | None, assumed: list[str]) -> _Edges:
    if group is None:
        raise Refused(f"has {name!r} among its edges, which is no population")
    ends, populations = [], []
    for end in ("target_node_id", "source_node_id"):
        array = dataset_at(group, end)
        if array is None or array.ndim != 1 or array.dtype.kind not in "iu":
            raise Refused(f"has no {end} in the edges {name!r}")
        ids = numbers_of(array, end)
        if ids.size and (ids.min() < 0 or ids.max() >= MOST_REGIONS):
            raise Refused(f"has a {end} that is not from 0 to {MOST_REGIONS - 1}")
        population = array.attrs.get("node_population", "node")
        populations.append(population.decode() if isinstance(population, bytes) else str(population))
        ends.append(ids.astype(np.int64))
    if len(ends[0]) != len(ends[1]):
        raise Refused(f"has more targets than sources, or fewer, in the edges {name!r}")
    weights = _weights(group, len(ends[0]), key)
    if weights is None:
        weights = np.ones(len(ends[0]))
        assumed.append(f"weights of {name!r} count its synapses, as these have no {_WEIGHTS!r}")
    return _Edges(ends[0], ends[1], weights, (populations[0], populations[1]))


def _weights(group: Any, count: int, key: str | None) -> np.ndarray | None:
    """Of every edge, from the group of attributes that it is in; None where no group has them."""
    groups = {name: found for name in names_in(group) if name.isdecimal() and (found := group_at(group, name))}
    name = key or _WEIGHTS
    arrays = {int(one): dataset_at(found, name) for one, found in groups.items()}
    known = {one: numbers_of(array, name) for one, array in arrays.items() if array is not None}
    if not known:
        if key is None:
            return None
        names = sorted({one for found in groups.values() for one in names_in(found)})
        raise Refused(f"has no {key!r}{meant(key, names)} of synapses; they have {', '.join(names) or 'nothing'}")
    of_group, at = (dataset_at(group, part) for part in ("edge_group_id", "edge_group_index"))
    if of_group is None or at is None:
        ids, places = np.full(count, next(iter(known))), np.arange(count)
    else:
        ids, places = numbers_of(of_group, "edge_group_id"), numbers_of(at, "edge_group_index")
    if ids.shape != (count,) or places.shape != (count,) or not set(np.unique(ids).tolist()) <= set(known):
        raise Refused(f"has synapses without {name!r}, or not one group and place for each of {count}")
    weights = np.zeros(count)
    for one, values in known.items():
        mine = ids == one
        if values.ndim != 1 or (mine.any() and not 0 <= places[mine].min() <= places[mine].max() < len(values)):
            raise Refused(f"has synapses without {name!r}")
        weights[mine] = values[places[mine].astype(np.int64)] if mine.any() else 0.0
    return weights

"""Graphs with attributes, GraphML and GML: an edge goes from its source to its target."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from brainmass.formats.reading import (
    MOST_REGIONS,
    FileContent,
    Refused,
    first_of,
    names_of_numbers,
    needed,
    parsed,
    text_of,
)
from brainmass.names import meant

_LENGTHS = "length", "fiber_length_mean", "fiber_length", "tract_length", "length_mean", "distance"
_NAMES = "dn_name", "name", "label", "dn_label"
_PLACES = ("dn_position_x", "dn_position_y", "dn_position_z"), ("x", "y", "z"), ("pos_x", "pos_y", "pos_z")


def read_graphml(path: Path, key: str | None) -> FileContent:
    """A graph in XML, of which the document type may not be defined."""
    networkx = needed("networkx")
    return _content(_text(path), networkx.parse_graphml, key)


def read_gml(path: Path, key: str | None) -> FileContent:
    """A graph in GML."""
    networkx = needed("networkx")
    return _content(_text(path), lambda text: networkx.parse_gml(text, label="id"), key)


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        text = text_of(stream)
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Refused("has XML that defines a document type or entities, which no graph needs")
    return text


def _content(text: str, parse: Callable[[str], Any], key: str | None) -> FileContent:
    graph = parse(text)
    n = graph.number_of_nodes()
    if not 0 < n <= MOST_REGIONS:
        raise Refused(f"has {n} nodes, where 1 to {MOST_REGIONS} can be read")
    if graph.is_multigraph():
        raise Refused("has several edges from one node to another; make one of them")
    place = {node: i for i, node in enumerate(graph.nodes)}
    edges = [(place[source], place[target], values) for source, target, values in graph.edges(data=True)]
    name, assumed = _attribute(edges, key)
    lengths = first_of({one for *_, values in edges for one in values if one != name}, _LENGTHS)
    weights = _matrix(edges, name, n, graph.is_directed(), 0.0)
    found = FileContent(weights=weights, orientation="target_source", assumed=assumed)
    if lengths is not None:
        found.lengths = _matrix(edges, lengths, n, graph.is_directed(), np.nan)
        found.assumed += [] if lengths == "length" else [f"the lengths are the attribute {lengths!r}"]
    _put_regions(found, graph)
    return found


def _attribute(edges: list[Any], key: str | None) -> tuple[str | None, list[str]]:
    """The attribute that is the weight, None where edges have none."""
    known = sorted({name for *_, values in edges for name in values})
    if key is not None:
        if key not in known:
            raise Refused(f"has no edges with {key!r}{meant(key, known)}; they have {', '.join(known) or 'nothing'}")
        return key, []
    if "weight" in known:
        return "weight", []
    if [name for name in known if name not in ("id", *_LENGTHS)]:
        raise Refused(f"has edges without a weight, but with {', '.join(known)}; name one of these with key=")
    return None, ["every edge has the weight 1, as none is given"]


def _matrix(edges: list[Any], name: str | None, n: int, is_directed: bool, empty: float) -> np.ndarray:
    """(target, source)."""
    matrix = np.full((n, n), empty)
    for source, target, values in edges:
        value = 1.0 if name is None else parsed(str(values.get(name)))
        if value is None or (name is not None and name not in values):
            raise Refused(f"has an edge whose {name!r} is missing or no number; give one to all edges")
        matrix[target, source] = value
        if not is_directed:
            matrix[source, target] = value
    return matrix


def _put_regions(found: FileContent, graph: Any) -> None:
    nodes = list(graph.nodes(data=True))
    common = set.intersection(*(set(values) for _, values in nodes))
    name = first_of(common, _NAMES)
    found.labels = names_of_numbers([node if name is None else values[name] for node, values in nodes])
    axes = next((axes for axes in _PLACES if common.issuperset(axes)), None)
    if axes is not None:
        rows = [[parsed(str(values[axis])) for axis in axes] for _, values in nodes]
        if any(number is None for row in rows for number in row):
            raise Refused(f"has nodes whose {axes[0]!r} and so on are no numbers")
        found.centres = np.array(rows, dtype=np.float64)

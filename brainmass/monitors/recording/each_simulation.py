"""Data of which every simulation of a batch has its own."""

from typing import Any, NamedTuple


class EachSimulation(NamedTuple):
    """A tree of arrays with an axis of simulations: the first outside of a program, and the last inside."""

    of: Any


def is_each(x: Any) -> bool:
    """Whether every simulation has its own: where `jax.tree` is to stop."""
    return isinstance(x, EachSimulation)

"""Functions known on a grid, declared like parameters."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.state_space.declarations import Declaration
from brainmass.units import UNITLESS, describe, float_dtype, mantissa, numbers, with_unit


class Table(Declaration):
    """A function known on a regular grid: ``p.<name>(x, ...)`` in a drift, linear in between and held at the edges.

    Parameters
    ----------
    values
        Array with one axis per argument, or a callable without arguments that loads it at first use.
    axes : sequence of (first, last, unit)
        The grid of each argument.

    Raises
    ------
    ValueError
        As many axes as the array has are needed, each with at least two points and two different ends.
    """

    def __init__(self, values: Any, axes: Sequence[tuple[Any, Any, Any]], unit: Any = UNITLESS, doc: str = ""):
        super().__init__(unit, doc)
        if not isinstance(axes, list | tuple) or not all(isinstance(axis, list | tuple) for axis in axes):
            raise TypeError(f"Table: axes={describe(axes)} must be a list of (first, last, unit).")
        self.values, self.axes = values, tuple(tuple(axis) for axis in axes)
        for axis in self.axes:
            ends = [numbers(end, axis[-1], "Table: axes") for end in axis[:-1]] if len(axis) == 3 else []
            if len(ends) != 2 or ends[0] == ends[1]:
                raise ValueError(f"Table: axes has {axis!r}; give (first, last, unit) with two different ends.")
        if not callable(values):
            self.check(values)

    def check(self, values: Any) -> np.ndarray:
        """The values as an array that fits the axes."""
        grid = np.asarray(numbers(values, self.unit, "Table: values"))
        if grid.ndim != len(self.axes) or min(grid.shape, default=0) < 2:
            raise ValueError(
                f"Table: values of the shape {grid.shape} must have two points or more along each of the "
                f"{len(self.axes)} axes."
            )
        return grid

    @cached_property
    def grid(self) -> np.ndarray:
        """The values, loaded and checked once."""
        with jax.ensure_compile_time_eval():
            return self.check(self.values() if callable(self.values) else self.values)

    def __call__(self, *at: Any) -> Any:
        """Interpolate at ``at``, one array per axis, elementwise; with the unit of the table."""
        if len(at) != len(self.axes):
            raise TypeError(f"Table {self.name} takes {len(self.axes)} arguments, not {len(at)}.")
        grid, corners = jnp.asarray(self.grid, float_dtype()), [(1.0, 0)]
        for place, (first, last, unit), size in zip(at, self.axes, grid.shape, strict=True):
            first, last = (mantissa(end, unit, self.name) for end in (first, last))
            bare = mantissa(place, unit, f"Table {self.name}: argument")
            scaled = jnp.clip((bare - first) * ((size - 1) / (last - first)), 0.0, size - 1.0)
            below = jnp.clip(jnp.floor(lax.stop_gradient(scaled)), 0, size - 2)
            part, index = scaled - below, below.astype(jnp.int32)
            corners = [
                (share * weight, flat * size + index + shift)
                for share, flat in corners
                for shift, weight in ((0, 1.0 - part), (1, part))
            ]
        return with_unit(sum(share * grid.reshape(-1)[flat] for share, flat in corners), self.unit)

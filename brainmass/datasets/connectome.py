"""The structural connectome: who is wired to whom, how strongly, and along which length."""

from html import escape
from typing import NamedTuple

import brainunit as u
import numpy as np


class _Fields(NamedTuple):
    weights: np.ndarray
    distances: u.Quantity
    labels: np.ndarray


class Connectome(_Fields):
    """Wiring of N regions; unpacks into ``weights, distances, labels``.

    - ``weights``: (N, N) float64, ``weights[target, source]``.
    - ``distances``: (N, N) lengths of the tracts, a Quantity in mm; a bare array means mm.
    - ``labels``: (N,) names of the regions.

    ``ValueError`` where shapes disagree, a unit is wrong, a number is not finite, or a distance is negative.
    """

    __slots__ = ()

    def __new__(cls, weights, distances, labels):
        weights = _square("weights", _plain("weights", weights, u.UNITLESS, "numbers without a unit"))
        distances = _square("distances", _plain("distances", distances, u.mm, "lengths; a bare array means mm"))
        labels = np.array(labels, dtype=str)
        if distances.shape != weights.shape:
            raise ValueError(f"distances must have the shape of the weights, {weights.shape}, not {distances.shape}.")
        if (distances < 0).any():
            raise ValueError(f"distances must not be negative, but the smallest is {distances.min():g} mm.")
        if labels.shape != weights.shape[:1]:
            raise ValueError(f"labels must be one name for each of the {len(weights)} regions, not {labels.shape}.")
        return super().__new__(cls, weights, u.Quantity(distances, unit=u.mm), labels)

    @classmethod
    def _make(cls, iterable):  # pyright: ignore[reportIncompatibleMethodOverride]  # _replace calls it: checked too
        return cls(*iterable)

    def __repr__(self):
        longest = self.distances.mantissa.max()
        count = np.count_nonzero(self.weights)
        return f"Connectome({len(self.labels)} regions, {count} weights, lengths up to {longest:g} mm)"

    def _repr_html_(self):
        """The same in a notebook, with the regions to unfold."""
        cell = 'style="text-align:left;padding:1px 14px 1px 0;background:none"'
        rows = zip(self.labels, self.weights.sum(1), np.count_nonzero(self.weights, 1), strict=True)
        body = "".join(
            f"<tr><td {cell}>{escape(n)}</td><td {cell}>{k}</td><td {cell}>{w:.4g}</td></tr>" for n, w, k in rows
        )
        heads = "".join(f"<th {cell}>{head}</th>" for head in ("region", "weights onto it", "their sum"))
        summary = f'<summary style="cursor:pointer">Regions ({len(self.labels)})</summary>'
        table = f'<table style="border-collapse:collapse"><tr>{heads}</tr>{body}</table>'
        return f"<div><b>{escape(repr(self))}</b><details>{summary}{table}</details></div>"


def _plain(name, value, unit, expected):
    """A float64 copy of ``value`` as numbers in ``unit``."""
    if isinstance(value, u.Quantity):
        if not u.have_same_dim(value, unit):
            raise ValueError(f"{name} must be {expected}, but came in {value.unit}.")
        value = value.to_decimal(unit)
    return np.array(value, dtype=np.float64)


def _square(name, matrix):
    if matrix.ndim != 2 or len(matrix) == 0 or len(matrix) != matrix.shape[1]:
        raise ValueError(f"{name} must be an (N, N) matrix, but has shape {matrix.shape}.")
    bad = np.argwhere(~np.isfinite(matrix))
    if len(bad):
        row, column = bad[0]
        raise ValueError(f"{name} must be finite, but {name}[{row}, {column}] is {matrix[row, column]}.")
    return matrix

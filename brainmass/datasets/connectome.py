"""The structural connectome: who is wired to whom, how strongly, and along which length."""

from collections.abc import Iterable
from typing import NamedTuple

import brainunit as u
import numpy as np

from brainmass.dimensions import MATRIX, arranged
from brainmass.display import Card, CardTable, WithCard
from brainmass.names import agreed, is_numbering, square_names
from brainmass.numerics import as_weights, check_lengths_known
from brainmass.units import describe, numbers, reals


class _Fields(NamedTuple):
    weights: np.ndarray
    distances: u.Quantity
    labels: np.ndarray


class Connectome(WithCard, _Fields):
    """Wiring of N regions; unpacks into ``weights, distances, labels``.

    - ``weights``: (N, N) float64, ``weights[target, source]``, or True and False for an adjacency.
    - ``distances``: (N, N) lengths of the tracts, a Quantity in mm; a bare array means mm. Those of tracts that do not
      exist may be NaN or infinite.
    - ``labels``: (N,) names of the regions, each once; by default those of a table (of pandas or xarray), which must
      name its rows and columns alike. Other tables and the labels must agree with it.

    ``ValueError`` where shapes or names disagree, a unit is wrong, a number is missing or not finite, or a distance is
    negative.
    """

    __slots__ = ()

    def __new__(cls, weights, distances, labels=None):
        weights = arranged(weights, MATRIX, "Connectome: weights")
        distances = arranged(distances, MATRIX, "Connectome: distances")
        labels = _labels(labels, weights, distances)
        weights = numbers(as_weights(weights), u.UNITLESS, "Connectome: weights")
        weights = np.array(_square("weights", weights), dtype=np.float64)
        lengths = _square("distances", reals(distances, u.mm, "Connectome: distances"))
        if lengths.shape != weights.shape:
            raise ValueError(f"distances must have the shape of the weights, {weights.shape}, not {lengths.shape}.")
        if (np.nan_to_num(lengths) < 0).any():
            raise ValueError(f"distances must not be negative, but the smallest is {np.nanmin(lengths):g} mm.")
        check_lengths_known(lengths, (weights != 0) & ~np.eye(len(weights), dtype=bool), "Connectome: distances")
        if labels.shape != weights.shape[:1]:
            raise ValueError(f"labels must be one name for each of the {len(weights)} regions, not {labels.shape}.")
        return super().__new__(cls, weights, u.Quantity(np.array(lengths, np.float64), unit=u.mm), labels)

    @classmethod
    def _make(cls, iterable):  # pyright: ignore[reportIncompatibleMethodOverride]  # _replace calls it: checked too
        return cls(*iterable)

    def as_arguments(self):
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return self._asdict()

    def card(self):
        longest = np.max(self.distances.mantissa, where=np.isfinite(self.distances.mantissa), initial=0.0)
        counts = np.count_nonzero(self.weights, 1)
        rows = [(n, str(k), f"{w:.4g}") for n, k, w in zip(self.labels, counts, self.weights.sum(1), strict=True)]
        title = f"Connectome: {len(rows)} regions, {counts.sum()} weights, lengths up to {longest:g} mm"
        return Card(title, (), [CardTable("Regions", ["region", "weights onto it", "their sum"], rows)])


def _labels(given, weights, distances):
    """The names of the regions, on which all that has names agrees."""
    named = {"weights": square_names(weights, "weights"), "distances": square_names(distances, "distances")}
    if given is not None:
        is_list = isinstance(given, Iterable) and not isinstance(given, str | dict) and getattr(given, "ndim", 1) == 1
        listed = list(given) if is_list else [None]
        if not all(isinstance(name, str | int | np.integer) for name in listed) or np.ma.is_masked(given):
            raise TypeError(f"labels must be a list of names, one for each region, not {describe(given)}.")
        named["labels"] = tuple(str(name) for name in listed)
    found = agreed(named)
    if found is None or (given is None and is_numbering(found)):
        raise ValueError("labels is missing; give one name for each region, or weights as a table that has them.")
    return np.array(named.get("labels", found), dtype=str)


def _square(name, matrix):
    if np.ndim(matrix) != 2 or len(matrix) == 0 or len(matrix) != matrix.shape[1]:
        raise ValueError(f"{name} must be an (N, N) matrix, but has shape {np.shape(matrix)}.")
    return np.asarray(matrix)

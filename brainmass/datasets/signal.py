"""A recording: activity of several regions over time."""

from typing import Any, NamedTuple

import brainunit as u
import numpy as np

from brainmass.naming import check_agreement, check_once, names_along, square_names
from brainmass.units import UNITLESS, describe, one_time, reals, unit_of


class _Fields(NamedTuple):
    signal: np.ndarray
    dt: u.Quantity
    labels: np.ndarray
    fc: np.ndarray


class Signal(_Fields):
    """``signal``: (time, region), a sample every ``dt``; ``labels``: (region,); ``fc``: its correlations.

    A bare ``dt`` means ms. ``ValueError`` where shapes or names disagree.
    """

    __slots__ = ()

    def __new__(cls, signal: Any, dt: Any, labels: Any, fc: Any) -> "Signal":
        every = one_time(dt, "dt")
        if every <= 0:
            raise ValueError(f"dt={describe(dt)} must be a positive time between samples.")
        series = np.asarray(reals(signal, unit_of(signal), "signal"))
        if series.ndim != 2 or not series.size:
            raise ValueError(f"signal must be (time, region), but has the shape {series.shape}.")
        matrix = np.asarray(reals(fc, UNITLESS, "fc"))
        if matrix.shape != (series.shape[1],) * 2:
            raise ValueError(f"fc must be {(series.shape[1],) * 2}, a row for each region, not {matrix.shape}.")
        if np.shape(labels) != (series.shape[1],):
            raise ValueError(
                f"labels={describe(labels)} must be one name for each of the {series.shape[1]} regions of the signal."
            )
        check_once(list(labels), "labels")
        for name, found in (("signal", names_along(signal, 1)), ("fc", square_names(fc, "fc"))):
            if found is not None:
                check_agreement(found, f"the names of {name}", list(labels), "labels")
        kept = u.Quantity(series, signal.unit) if isinstance(signal, u.Quantity) else series
        return super().__new__(cls, kept, every * u.ms, np.array(labels, dtype=str), matrix)

    @classmethod
    def _make(cls, iterable):  # pyright: ignore[reportIncompatibleMethodOverride]  # _replace calls it: checked too
        return cls(*iterable)

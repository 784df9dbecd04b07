"""A recording: activity of several regions over time."""

from typing import Any, NamedTuple

import brainunit as u
import numpy as np

from brainmass.dimensions import TIMES, arranged
from brainmass.names import agreed, region_names, square_names
from brainmass.units import UNITLESS, check_no_mask, describe, one_time, reals, unit_of


class _Fields(NamedTuple):
    signal: Any
    dt: Any
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
        signal = arranged(signal, TIMES, "signal")
        for name, given in (("signal", signal), ("fc", fc)):
            check_no_mask(given, name, "leave out the regions or times that lack a value")
        series = np.asarray(reals(signal, unit_of(signal), "signal"))
        if series.ndim != 2 or not series.size:
            raise ValueError(f"signal must be (time, region), but has the shape {series.shape}.")
        matrix = np.asarray(reals(fc, UNITLESS, "fc"))
        n = series.shape[1]
        if matrix.shape != (n, n):
            raise ValueError(f"fc must be {(n, n)}, as signal is {series.shape}, but is {matrix.shape}.")
        listed = isinstance(labels, list | tuple) or getattr(labels, "ndim", 0) == 1
        names = [str(name) for name in labels] if listed else []
        if len(names) != n:
            raise ValueError(f"labels={describe(labels)} must be one name for each of the {n} regions of signal.")
        agreed({"labels": tuple(names), "signal": region_names(signal, "signal"), "fc": square_names(fc, "fc")})
        kept = u.Quantity(series, signal.unit) if isinstance(signal, u.Quantity) else series
        return super().__new__(cls, kept, every * u.ms, np.array(names), matrix)

    @classmethod
    def _make(cls, iterable):  # pyright: ignore[reportIncompatibleMethodOverride]  # _replace calls it: checked too
        return cls(*iterable)

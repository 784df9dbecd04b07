"""Stimuli from data."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.files import checked_path, read_netcdf
from brainmass.stimulus.arguments import Duration, Instant, Samples, Weights
from brainmass.stimulus.exact_time import Steps, TurnsPerStep
from brainmass.stimulus.waveforms import Waveform
from brainmass.units import describe, unit_named, with_unit


class Series(Waveform):
    """Given values, the first at the onset and one every ``dt``, linear in between; zero before and after.

    The last is held for ``dt``.

    Parameters
    ----------
    values : array (time,) or (time, region)
        A Quantity, or bare.
    dt
        Time from one value to the next, bare in ms; any, whatever the step of the run.
    onset
        Time of the first value, bare in ms.
    weights : array (region,), optional
        Factors.
    """

    values: Samples
    dt: Duration
    onset: Instant = 0.0
    weights: Weights = None

    def __post_init__(self) -> None:
        super().__post_init__()
        columns = self.level.shape[1:]
        if self.weights is not None and columns not in ((), self.weights.shape):
            raise ValueError(f"Series: values has {columns[0]} regions, but weights has {len(self.weights)}.")

    @property
    def offset(self) -> Any:
        return self.onset + len(self.level) * self.dt

    @property
    def regions(self) -> int | None:
        return self.level.shape[1] if self.level.ndim > 1 else super().regions

    def settings(self, dt: float) -> tuple:
        return self.level, TurnsPerStep.of(dt / self.dt)

    @staticmethod
    def shape(values: Any, rate: TurnsPerStep, elapsed: Steps) -> Any:
        values, (j, part) = jnp.asarray(values), rate.turns(elapsed)
        before, after = (values[jnp.clip(j + n, 0, len(values) - 1)] for n in (0, 1))
        return before + (after - before) * (part[..., None] if values.ndim > 1 else part)

    @classmethod
    def read(
        cls, path: Any, dt: Any = None, unit: u.Unit | None = None, variable: str | None = None, **settings: Any
    ) -> "Series":
        """A series from a file: ``.npy``, ``.csv`` or ``.txt`` (rows are times), or ``.nc`` (time comes first).

        Parameters
        ----------
        path
            The file; a first line of names is skipped.
        dt : optional
            Bare in ms. A netCDF file with an even time coordinate in ms or s needs none.
        unit : optional
            That of the values; what a netCDF file says itself, otherwise 1.
        variable : optional
            The one to take from a netCDF file that has several.
        **settings
            ``onset`` and ``weights``.

        Raises
        ------
        ValueError
            Another kind of file, a damaged one, no ``dt`` and no even times, or a variable that is not there.
        FileNotFoundError
            There is no such file.
        TypeError
            A path, unit or variable that is none.
        """
        path = checked_path(path, "Series.read: path")
        for name, given, kind in (("unit", unit, u.Unit), ("variable", variable, str)):
            if not isinstance(given, kind | None):
                raise TypeError(f"Series.read: {name}={describe(given)} must be a {kind.__name__}, or be left out.")
        shown = path.name if path.name.isprintable() else repr(path.name)
        if path.suffix not in _READERS:
            raise ValueError(f"Series.read: path {shown} is none of {', '.join(_READERS)}.")
        if not path.is_file():
            raise FileNotFoundError(f"Series.read: path {shown} is no file that exists.")
        values, every, written = _READERS[path.suffix](path, variable)
        every = every if dt is None else dt
        if every is None:
            raise ValueError(
                f"Series.read: path {shown} has no even times in ms or s; give dt, the time between values."
            )
        return cls(with_unit(values, _unit(written, shown) if unit is None else unit), every, **settings)


def _unit(written: Any, shown: str) -> u.Unit:
    try:
        return unit_named(written)
    except Exception:  # whatever the parser of another package makes of it
        raise ValueError(f"Series.read: path {shown} is in {describe(written)}, which is no unit; give unit.") from None


def _read_array(path: Path, variable: str | None) -> tuple[np.ndarray, None, Any]:
    # A map of the file, since the file says how much memory it takes.
    return _loaded(path, lambda: np.array(np.load(path, mmap_mode="r"))), None, "1"


def _read_text(path: Path, variable: str | None) -> tuple[np.ndarray, None, Any]:
    comma = "," if path.suffix == ".csv" else None

    def load() -> np.ndarray:
        with path.open(encoding="utf-8-sig") as file:
            named = not all(map(_is_number, file.readline().replace(",", " ").split()))
        return np.loadtxt(path, delimiter=comma, skiprows=int(named), encoding="utf-8-sig", ndmin=2)

    with warnings.catch_warnings(action="ignore"):  # of a file without numbers, which the Series refuses
        table = _loaded(path, load)
    return table[:, 0] if table.shape[1] == 1 else table, None, "1"


def _loaded(path: Path, load: Callable[[], np.ndarray]) -> np.ndarray:
    try:
        return load()
    except Exception as error:  # what is no such file may raise anything
        why = re.sub(r"\s+", " ", f"{error}").rstrip(".")
        raise ValueError(f"Series.read: path={str(path)!r} cannot be read: {why}.") from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _read_netcdf(path: Path, variable: str | None) -> tuple[np.ndarray, Any, Any]:
    data = read_netcdf(path)
    names = list(data.data_vars)
    name = names[0] if variable is None and len(names) == 1 else variable
    if name not in names:
        raise ValueError(f"Series.read: variable={variable!r} must be one of {', '.join(map(str, names))}.")
    array = data[name]
    times = array.coords.get(array.dims[0]) if array.ndim else None
    scale = None if times is None else {"ms": 1.0, "s": 1e3}.get(str(times.attrs.get("units", "")))
    every = None if scale is None or len(array) < 2 else _spacing(np.asarray(times) * scale)
    return np.asarray(array), every, array.attrs.get("units", "1")


def _spacing(times: np.ndarray) -> float | None:
    """The time between evenly spaced times, or None."""
    every = (times[-1] - times[0]) / (len(times) - 1)
    return float(f"{every:.9g}") if np.allclose(np.diff(times), every, rtol=1e-3) else None


_READERS = {
    ".npy": _read_array,
    ".csv": _read_text,
    ".txt": _read_text,
    ".nc": _read_netcdf,
}

"""What a run returns: a dict of arrays with their labels, units and provenance."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.display import Card, CardTable, WithCard, plural, warn
from brainmass.files import checked_path
from brainmass.names import UnknownName, is_storable, meant
from brainmass.results.checks import bare_of, check_made_of, is_text, leaves_of
from brainmass.results.diverged import Diverged, earliest
from brainmass.units import checked_switch, describe, is_concrete, one_number, size_text, unit_name, unit_of, with_unit

_DIVERGED = "diverged_simulations"  # among the attributes of a dataset


class Result(WithCard, dict):
    """Arrays by name, ``(time, [batch,] *in_size)``, and "ts", the end of each recorded step.

    What was sampled at other times than "ts" has its own in ``times``, by name; one value of the whole run, as the
    functional connectivity is, has no time: ``([batch,] ...)``, and its name is in ``whole``. ``axes`` holds by name
    the coordinates of last axes that are not regions, as the frequencies of a spectrum.
    ``periods`` holds by name, bare in the unit of the array, after how much a phase starts anew.
    ``coords`` holds by path the values that differed between the simulations of a batch, (batch, ...), and ``diverged``
    those simulations that stopped being finite; in a batch they are NaN from there on, and in all of ``whole``.
    ``attrs`` says how they came about: versions, device, seed, dt, duration.
    """

    def __init__(
        self,
        arrays: dict[str, Any],
        *,
        times: dict[str, Any] | None = None,
        whole: Iterable[str] = (),
        axes: dict[str, dict[str, Any]] | None = None,
        periods: dict[str, float] | None = None,
        labels: Any = None,
        batched: bool = False,
        coords: dict[str, Any] | None = None,
        diverged: Iterable[Diverged] = (),
        attrs: dict | None = None,
    ):
        batched = checked_switch(batched, "Result: batched")
        named = dict(times=times, axes=axes, attrs=attrs, coords=coords, periods=periods)
        check_made_of(arrays, named, whole, labels, diverged)
        super().__init__(arrays)
        self.times, self.whole, self.axes = times or {}, frozenset(whole), axes or {}
        self.labels, self.batched, self.attrs = labels, batched, attrs or {}
        self.coords, self.periods, self.diverged = coords or {}, periods or {}, list(diverged)

    def __missing__(self, name: Any) -> Any:
        known = ", ".join(map(str, self))
        raise UnknownName(f"name={describe(name)} was not recorded{meant(name, self)}; there are {known}.")

    def card(self) -> Card:
        """Names, shapes, units and times, and the run that they come from."""
        found = [(n, leaf) for key, value in self.items() if key != "ts" for n, leaf in leaves_of(key, value)]
        rows = [(name, self._about(name, value)) for name, value in found]
        size = size_text(sum(getattr(bare_of(value), "nbytes", 0) for _, value in found))
        most = 8
        lines = rows if len(rows) <= most else [*rows[: most - 1], ("…", f"and {len(rows) - most + 1} more")]
        run = self._run()
        attributes = CardTable("Attributes", ["name", "value"], [(str(n), str(v)) for n, v in self.attrs.items()])
        tables = (
            [CardTable("Regions", ["", "name"], [(str(i), str(x)) for i, x in enumerate(self.labels)])]
            if self.labels is not None
            else []
        )
        lines = [*lines, ("run", run)] if run else lines
        return Card(f"Result: {plural(len(rows), 'array')}, {size}", lines, [*tables, attributes])

    def _about(self, name: str, value: Any) -> str:
        number = bare_of(value)
        if not hasattr(number, "shape") or not hasattr(number, "dtype"):
            return type(number).__name__
        top = name if name in self else name.split(".")[0]
        dims = " × ".join(self._dims(top, number, number.shape[-1] if number.ndim else None))
        told = f"({', '.join(map(str, number.shape))}) {dims.replace(f'_{top}', '')}, {number.dtype}"
        told += f", {unit_name(value.unit)}" if isinstance(value, u.Quantity) else ""
        if top in self.whole:
            return f"{told}, one of the whole run"
        times = bare_of(self.times.get(top, self.get("ts")))
        if not hasattr(times, "shape") or not is_concrete(times):
            return told
        return f"{told}, {times[0]:g} to {times[-1]:.10g} ms" if np.size(times) else f"{told}, no samples"

    def _run(self) -> str:
        known = self.attrs
        told = [f"seed {known['seed']}"] if known.get("seed") is not None else []
        told += [f"dt {known['dt_ms']:g} ms"] if "dt_ms" in known else []
        told += [f"{known['duration_ms']:.10g} ms in {known['wall_s']:.2g} s"] if "wall_s" in known else []
        told += [str(known["device"])] if "device" in known else []
        told += [f"diverged {earliest(self.diverged).when}"] if self.diverged else []
        return ", ".join([*told, *(["diverged"] if "diverged" in known and not self.diverged else [])])

    def times_of(self, name: str) -> Any:
        """When the samples of a recorded thing were taken; None for one value of the whole run.

        Raises
        ------
        KeyError
            Nothing of that name was recorded.
        """
        if not isinstance(name, str) or name not in self:
            self.__missing__(name)
        return None if name in self.whole else self.times.get(name, self["ts"])

    def unwrapped(self, name: str, period: Any = None) -> Any:
        """A recorded phase without its jumps, in double precision, (time, ...).

        Parameters
        ----------
        name : str
            The phase, recorded more than twice per turn.
        period : optional
            After how much it starts anew; what the model declares by default.

        Raises
        ------
        KeyError, ValueError, TypeError
            Nothing of that name, one value of the whole run, no phase, or another period than that of the phase.
        """
        if self.times_of(name) is None:
            raise ValueError(f"unwrapped: {name!r} is one value of the whole run, and no course of a phase.")
        turn = self._turn(name, period)
        course = np.unwrap(_number(self[name]).astype(float), period=turn, axis=0)
        if np.abs(np.diff(course, axis=0)).max(initial=0.0) > 0.45 * turn:
            warn(
                f"unwrapped: {name!r} moves by nearly half a turn between samples, so its turns may be miscounted; "
                "record it more often."
            )
        return with_unit(course, unit_of(self[name]))

    def _turn(self, name: str, period: Any) -> float:
        """After how much a phase starts anew, bare in its unit."""
        declared: Any = self.periods.get(name)
        if period is None and declared is None:
            raise ValueError(
                f"unwrapped: {name!r} is not declared as a phase (those are {', '.join(self.periods) or 'none'}); give "
                "the period if it is one."
            )
        turn: Any = declared if period is None else one_number(period, unit_of(self[name]), "unwrapped: period")
        if turn <= 0:
            raise ValueError(f"unwrapped: period={describe(period)} must be greater than 0.")
        if declared is not None and not np.isclose(turn, declared, rtol=1e-5):
            raise ValueError(
                f"unwrapped: period={describe(period)} is not that of {name!r}, {declared:.10g}; leave it out."
            )
        return turn

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` with time (ms), batch and region coordinates and a ``units`` attribute per variable.

        A phase has the attribute ``period``.

        The values with which a batch was run are coordinates along "batch", by path ("k", "node.a").
        """
        import xarray

        coordinates: dict[str, Any] = {}
        times = {"time": self["ts"]} if "ts" in self else {}
        for dim, ts in (times | {f"time_{name}": ts for name, ts in self.times.items()}).items():
            coordinates[dim] = (dim, np.asarray(ts.to(u.ms).mantissa), {"units": "ms"})
        for name, axes in self.axes.items():
            for axis, at in axes.items():
                dim = f"{axis}_{name}"
                units = {} if is_text(at) else {"units": unit_name(unit_of(at))}
                coordinates[dim] = (dim, np.asarray(_number(at)), units)
        flat = {name: leaf for key, value in self.items() if key != "ts" for name, leaf in leaves_of(key, value)}
        odd = next((name for name in flat if not is_storable(name)), None)
        if odd is not None:
            raise ValueError(f"the result has an array {odd!r}, which is no name in a file; rename it.")
        regions = self._regions(flat)
        if self.labels is not None and regions == len(self.labels):
            coordinates["region"] = ("region", np.asarray(self.labels, dtype=str))
        if self.batched and flat:
            name, value = next(iter(flat.items()))
            coordinates["batch"] = ("batch", np.arange(np.shape(_number(value))[0 if name in self.whole else 1]))
            coordinates |= {path: self._coordinate(path, value, regions) for path, value in self.coords.items()}
            coordinates |= {"seed": ((), self.attrs["seed"])} if "seed" in self.attrs else {}
        data = {}
        for name, value in flat.items():
            unit = unit_name(value.unit) if isinstance(value, u.Quantity) else "1"
            told = {"units": unit} | ({"period": self.periods[name]} if name in self.periods else {})
            data[name] = (self._dims(name, _number(value), regions), _number(value), told)
        if _DIVERGED in self.attrs:
            raise ValueError(f"attrs[{_DIVERGED!r}] has the name under which diverged is kept; rename it.")
        lost = [
            (d.simulation, float(d.time.to(u.ms).mantissa), d.variable, d.region, d.no_later) for d in self.diverged
        ]
        attrs = self.attrs | ({_DIVERGED: json.dumps(lost)} if lost else {})
        return xarray.Dataset(data, coords=coordinates, attrs=attrs)

    def _coordinate(self, path: str, value: Any, regions: int | None) -> tuple:
        """The values of a batch by path, (batch, ...)."""
        shape = np.shape(_number(value))[1:]
        dims = ("region", "other_region")[: len(shape)]
        if not all(size == regions for size in shape) or len(shape) > len(dims):
            dims = tuple(f"{path}_axis_{i}" for i in range(len(shape)))
        return ("batch", *dims), _number(value), {"units": unit_name(unit_of(value))}

    def _regions(self, flat: dict[str, Any]) -> int | None:
        """How many regions there are: the labels say, or the first recorded thing with one axis of its own."""
        if self.labels is not None:
            return len(self.labels)
        plain = [n for n in flat if n not in self.axes]
        sizes = [np.shape(_number(flat[n]))[(n not in self.whole) + self.batched :] for n in plain]
        return next((size[0] for size in sizes if len(size) == 1), None)

    def _dims(self, name: str, number: np.ndarray, regions: int | None) -> tuple[str, ...]:
        time = () if name in self.whole else (f"time_{name}",) if name in self.times else ("time",)
        leading = (*time, "batch") if self.batched else time
        rest = number.shape[len(leading) :]
        own = [f"{axis}_{name}" for axis in self.axes.get(name, {})]
        if own:
            return (*leading, *("region",) * (len(rest) - len(own)), *own)
        if rest == (regions,):
            return (*leading, "region")
        if rest == (regions, regions):
            return (*leading, "region", "other_region")
        return (*leading, *(f"{name}_axis_{i}" for i in range(len(rest))))

    def to_bids(self, folder: Any, name: str, subject: str = "01", task: str = "rest") -> list[Path]:
        """Write a signal, as a BOLD monitor's, as a BIDS derivative dataset: a table and a JSON file each.

        The files are named by the signal, as in ``sub-01_task-rest_desc-bold_timeseries.tsv``; none is replaced.

        Parameters
        ----------
        folder : path
            Where the dataset is or will be.
        name : str
            The recorded signal, (time, [batch,] region); the members of a batch become runs.
        subject, task : str
            BIDS entities, letters and digits.

        Returns
        -------
        list of Path
            The tables.

        Raises
        ------
        KeyError, ValueError
            Nothing of that name, or no evenly spaced series of one number per region.
        FileExistsError
            There is a table of that name.
        """
        from brainmass.results.bids import write_bids

        return write_bids(self, folder, name, subject, task)

    def save(self, path: Any) -> None:
        """Write a netCDF file (h5netcdf) under a checksum, whole or not at all; `load_result` reads it."""
        from brainmass.files import write_netcdf

        if "ts" not in self:
            raise ValueError("save: the result has no 'ts', and load_result reads none without; give ts * u.ms.")
        write_netcdf(self.to_xarray(), checked_path(path, "path"))


def _flatten(r: Result) -> tuple:
    """Arrays of numbers are the leaves; names of things and of sensors are not."""
    texts = {n: {axis: tuple(at) for axis, at in own.items() if is_text(at)} for n, own in r.axes.items()}
    numbers = {n: {axis: at for axis, at in own.items() if not is_text(at)} for n, own in r.axes.items()}
    named = tuple((n, axis, at) for n, own in texts.items() for axis, at in own.items())
    labels = None if r.labels is None else tuple(map(str, r.labels))
    return (tuple(r.values()), r.times, numbers, r.coords), (
        tuple(r),
        r.whole,
        r.batched,
        labels,
        named,
        tuple(r.periods.items()),
    )


def _unflatten(aux: tuple, leaves: tuple) -> Result:
    names, whole, batched, labels, named, periods = aux
    values, times, axes, coords = leaves
    axes = {name: dict(own) for name, own in axes.items()}
    for name, axis, at in named:
        axes[name][axis] = np.array(at)
    arrays = dict(zip(names, values, strict=True))
    result = Result(arrays, times=times, whole=whole, axes=axes, batched=batched, labels=labels, coords=coords)
    result.periods = dict(periods)
    return result


jax.tree_util.register_pytree_node(Result, _flatten, _unflatten)


def _number(value: Any) -> np.ndarray:
    return np.asarray(bare_of(value))

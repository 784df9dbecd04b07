"""What a run returns: a dict of arrays with their labels, units and provenance."""

from collections.abc import Iterable
from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.units import unit_name


class Result(dict):
    """Arrays by name, ``(time, [batch,] *in_size)``, and "ts", the end of each recorded step.

    What was sampled at other times than "ts" has its own in ``times``, by name; one value of the whole run, as the
    functional connectivity is, has no time: ``([batch,] ...)``, and its name is in ``whole``.
    ``attrs`` says how they came about: versions, device, seed, dt, duration.
    """

    def __init__(
        self,
        arrays: dict[str, Any],
        *,
        times: dict[str, Any] | None = None,
        whole: Iterable[str] = (),
        labels: Any = None,
        batched: bool = False,
        attrs: dict | None = None,
    ):
        super().__init__(arrays)
        self.times, self.whole = times or {}, frozenset(whole)
        self.labels, self.batched, self.attrs = labels, batched, attrs or {}

    def times_of(self, name: str) -> Any:
        """When the samples of a recorded thing were taken; None for one value of the whole run.

        Raises
        ------
        KeyError
            Nothing of that name was recorded.
        """
        if name not in self:
            raise KeyError(f"{name!r} was not recorded; there are {', '.join(self)}.")
        return None if name in self.whole else self.times.get(name, self["ts"])

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` with time (ms), batch and region coordinates and a ``units`` attribute per variable."""
        import xarray

        coordinates: dict[str, Any] = {}
        for dim, ts in {"time": self["ts"], **{f"time_{name}": ts for name, ts in self.times.items()}}.items():
            coordinates[dim] = (dim, np.asarray(ts.to(u.ms).mantissa), {"units": "ms"})
        flat = {name: leaf for key, value in self.items() if key != "ts" for name, leaf in _leaves(key, value)}
        regions = self._regions(flat)
        if self.labels is not None and regions == len(self.labels):
            coordinates["region"] = ("region", np.asarray(self.labels, dtype=str))
        if self.batched and flat:
            name, value = next(iter(flat.items()))
            coordinates["batch"] = ("batch", np.arange(np.shape(_number(value))[0 if name in self.whole else 1]))
        data = {}
        for name, value in flat.items():
            unit = unit_name(value.unit) if isinstance(value, u.Quantity) else "1"
            data[name] = (self._dims(name, _number(value), regions), _number(value), {"units": unit})
        return xarray.Dataset(data, coords=coordinates, attrs=dict(self.attrs))

    def _regions(self, flat: dict[str, Any]) -> int | None:
        """How many regions there are: the labels say, or the first recorded thing with one axis of its own."""
        if self.labels is not None:
            return len(self.labels)
        sizes = [np.shape(_number(v))[(n not in self.whole) + self.batched :] for n, v in flat.items()]
        return next((size[0] for size in sizes if len(size) == 1), None)

    def _dims(self, name: str, number: np.ndarray, regions: int | None) -> tuple[str, ...]:
        time = () if name in self.whole else (f"time_{name}",) if name in self.times else ("time",)
        leading = (*time, "batch") if self.batched else time
        rest = number.shape[len(leading) :]
        if rest == (regions,):
            return (*leading, "region")
        if rest == (regions, regions):
            return (*leading, "region", "other_region")
        return (*leading, *(f"{name}_axis_{i}" for i in range(len(rest))))

    def save(self, path: Any) -> None:
        """Write a netCDF file (h5netcdf), whole or not at all."""
        from brainmass.store import atomic

        with atomic(path) as partial:
            self.to_xarray().to_netcdf(partial, engine="h5netcdf")


jax.tree_util.register_pytree_node(
    Result,
    lambda r: (
        (tuple(r.values()), r.times),
        (tuple(r), r.whole, r.batched, None if r.labels is None else tuple(map(str, r.labels))),
    ),
    lambda aux, leaves: Result(
        dict(zip(aux[0], leaves[0], strict=True)), times=leaves[1], whole=aux[1], batched=aux[2], labels=aux[3]
    ),
)


def _leaves(name: str, value: Any) -> list[tuple[str, Any]]:
    """The arrays of a tree by dotted name."""
    pairs = jax.tree_util.tree_flatten_with_path(value, is_leaf=lambda x: isinstance(x, u.Quantity))[0]
    return [(".".join([name, *(str(getattr(k, "key", getattr(k, "idx", k))) for k in keys)]), x) for keys, x in pairs]


def _number(value: Any) -> np.ndarray:
    return np.asarray(value.mantissa if isinstance(value, u.Quantity) else value)


def until_divergence(result: Result) -> Result:
    """The samples before the first that is not finite; a value of the whole run is left out, where there is any."""
    first = np.inf
    for name, value in result.items():
        if name not in (*result.whole, "ts"):
            ts = np.asarray(result.times_of(name).mantissa)
            bad = [_first_bad(np.asarray(leaf)) for leaf in jax.tree.leaves(value)]
            first = min([first, *(ts[place[0]] for place in bad if place is not None)])
    arrays, times = {}, {}
    for name, value in result.items():
        if name not in result.whole:
            ts = result["ts"] if name == "ts" else result.times_of(name)
            rows = slice(0, int((np.asarray(ts.mantissa) < first).sum()))
            arrays[name] = jax.tree.map(lambda x, rows=rows: x[rows], value)
            if name in result.times:
                times[name] = ts[rows]
    return Result(arrays, times=times, labels=result.labels, batched=result.batched, attrs=result.attrs)


def check_finite(result: Result, states: dict[str, dict[str, Any]], names: dict[str, str]) -> None:
    """Refuse NaN and infinite values, in what was recorded and in the final States.

    ``names`` says what each recorded thing is.

    Raises
    ------
    FloatingPointError
        Names the variable, region and time of the first bad sample; its ``result`` holds what was recorded.
    """
    for name, value in result.items():
        for leaf in jax.tree.leaves(value):
            place = _first_bad(np.asarray(leaf))
            if place is not None:
                what = name if names.get(name, name) == name else f"{name} ({names[name]})"
                bad, ts = np.asarray(leaf)[tuple(place)], None if name == "ts" else result.times_of(name)
                where = f"{_where(place, result)} is {bad}"
                if ts is not None:
                    where = f"{_where(place[1:], result)} is {bad} at t = {ts[int(place[0])]}"
                _diverged(f"{what}{where}", result)
    for path, variables in states.items():
        for name, value in variables.items():
            place = _first_bad(np.asarray(value))
            if place is not None:
                what = f"{path}.{name}" if path else name
                _diverged(f"{what}{_where(place, result)} is not finite at the end", result)


def _first_bad(number: np.ndarray) -> list[int] | None:
    flat = number.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):  # one fast pass; large finite numbers need the second look
        clean = number.dtype.kind not in "fc" or np.isfinite(np.dot(flat, flat)) or np.isfinite(number).all()
    return None if clean else list(map(int, np.argwhere(~np.isfinite(number))[0]))


def _where(place: list[int], result: Result) -> str:
    text = ""
    if result.batched and place:
        text, place = f", simulation {place[0]}", place[1:]
    if len(place) == 1:
        label = "" if result.labels is None else f" ({result.labels[place[0]]})"
        return f"{text}, region {place[0]}{label},"
    return f"{text}, at {place}," if place else f"{text}," if text else ""


def _diverged(what: str, result: Result) -> None:
    error = FloatingPointError(f"the run diverged: {what}; try a smaller dt or weaker coupling.")
    error.result = result  # type: ignore[attr-defined]
    raise error

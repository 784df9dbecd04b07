"""What a run returns: a dict of arrays with their labels, units and provenance."""

from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.units import unit_name


class Result(dict):
    """Arrays by name, ``(time, [batch,] *in_size)``, and "ts", the end of each recorded step.

    ``attrs`` says how they came about: versions, device, seed, dt, duration.
    """

    def __init__(self, arrays: dict[str, Any], *, labels: Any = None, batched: bool = False, attrs: dict | None = None):
        super().__init__(arrays)
        self.labels, self.batched, self.attrs = labels, batched, attrs or {}

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` with time (ms), batch and region coordinates and a ``units`` attribute per variable."""
        import xarray

        time = np.asarray(self["ts"].to(u.ms).mantissa)
        coordinates: dict[str, Any] = {"time": ("time", time, {"units": "ms"})}
        flat = {name: leaf for key, value in self.items() if key != "ts" for name, leaf in _leaves(key, value)}
        regions = self._regions(flat)
        if self.labels is not None and regions == len(self.labels):
            coordinates["region"] = ("region", np.asarray(self.labels, dtype=str))
        if self.batched and flat:
            coordinates["batch"] = ("batch", np.arange(np.shape(_number(next(iter(flat.values()))))[1]))
        data = {}
        for name, value in flat.items():
            unit = unit_name(value.unit) if isinstance(value, u.Quantity) else "1"
            data[name] = (self._dims(name, _number(value), regions), _number(value), {"units": unit})
        return xarray.Dataset(data, coords=coordinates, attrs=dict(self.attrs))

    def _regions(self, flat: dict[str, Any]) -> int | None:
        """How many regions there are: the labels say, or the first recorded thing with one axis of its own."""
        if self.labels is not None:
            return len(self.labels)
        sizes = [np.shape(_number(v))[1 + self.batched :] for v in flat.values()]
        return next((size[0] for size in sizes if len(size) == 1), None)

    def _dims(self, name: str, number: np.ndarray, regions: int | None) -> tuple[str, ...]:
        leading = ("time", "batch") if self.batched else ("time",)
        rest = number.shape[len(leading) :]
        if rest == (regions,):
            return (*leading, "region")
        return (*leading, *(f"{name}_axis_{i}" for i in range(len(rest))))

    def save(self, path: Any) -> None:
        """Write a netCDF file (h5netcdf), whole or not at all."""
        from brainmass.store import atomic

        with atomic(path) as partial:
            self.to_xarray().to_netcdf(partial, engine="h5netcdf")


jax.tree_util.register_pytree_node(
    Result,
    lambda r: (tuple(r.values()), (tuple(r), r.batched, None if r.labels is None else tuple(map(str, r.labels)))),
    lambda aux, leaves: Result(dict(zip(aux[0], leaves, strict=True)), batched=aux[1], labels=aux[2]),
)


def _leaves(name: str, value: Any) -> list[tuple[str, Any]]:
    """The arrays of a tree by dotted name."""
    pairs = jax.tree_util.tree_flatten_with_path(value, is_leaf=lambda x: isinstance(x, u.Quantity))[0]
    return [(".".join([name, *(str(getattr(k, "key", getattr(k, "idx", k))) for k in keys)]), x) for keys, x in pairs]


def _number(value: Any) -> np.ndarray:
    return np.asarray(value.mantissa if isinstance(value, u.Quantity) else value)


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
                where = _where(place[1:], result)
                bad = np.asarray(leaf)[tuple(place)]
                _diverged(f"{what}{where} is {bad} at t = {result['ts'][int(place[0])]}", result)
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

"""Values that are not finite: where the first of each simulation is, and what a result holds then."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.results.parts import Diverged
from brainmass.results.result import Result


class Lost(NamedTuple):
    """The first variable and region of a simulation that was found to be not finite after an absolute step."""

    step: int
    variable: str
    region: int | None


def lost_in(states: dict[str, dict[str, Any]], batched: bool, step: int) -> dict[int, Lost]:
    """The members of a batch (the one of a single run is 0) whose states are not finite."""
    found: dict[int, Lost] = {}
    for path, variables in states.items():
        for name, value in variables.items():
            number = np.asarray(value)
            if _first_bad(number) is not None:
                for member, row in enumerate(number if batched else number[None]):
                    place = _first_bad(row)
                    if place is not None and member not in found:
                        found[member] = Lost(step, f"{path}.{name}" if path else name, _region(place))
    return found


def frozen(tree: Any, members: Any) -> Any:
    """Arrays ([member], ...) with NaN in these members, whatever they would become finite again by."""

    def one(x: Any) -> Any:
        if not jnp.issubdtype(x.dtype, jnp.inexact):
            return x
        lost = np.isin(np.arange(x.shape[0]), members).reshape(-1, *(1,) * (x.ndim - 1))
        return jnp.where(lost, jnp.asarray(jnp.nan, x.dtype), x)

    return jax.tree.map(one, tree)


def diverged_in(result: Result, lost: dict[int, Lost], names: dict[str, str], end: float, dt: float) -> list[Diverged]:
    """Where each simulation stopped being finite: its first bad sample, or else where its state was found ``lost``.

    Or else the ``end``, for a value of the whole run. ``names`` says what each recorded thing is; a simulation goes by
    its place in the batch.
    """
    found: dict[int, Diverged] = {}
    for name in [str(name) for name in result if name != "ts" and name not in result.whole]:
        for member, (row, *place) in _bad_members(result, name):
            time = result.times_of(name)[row]
            if member not in found or time < found[member].time:
                found[member] = Diverged(member, time, names.get(name, name), _region(place))
    for member, (step, variable, region) in lost.items():
        found.setdefault(member, Diverged(member, u.Quantity(step * dt, u.ms), variable, region))
    for name in [str(name) for name in result if name in result.whole]:
        for member, place in _bad_members(result, name):
            found.setdefault(member, Diverged(member, u.Quantity(end, u.ms), names.get(name, name), _region(place)))
    return [found[member] for member in sorted(found)]


def _bad_members(result: Result, name: str) -> Iterator[tuple[int, list[int]]]:
    """The members for which something recorded is not finite, and the place where it first is not."""
    for leaf in jax.tree.leaves(result[name]):
        number = np.asarray(leaf)
        if _first_bad(number) is not None:
            by_member = np.moveaxis(number, 0 if name in result.whole else 1, 0) if result.batched else number[None]
            places = [_first_bad(own) for own in by_member]
            yield from ((member, place) for member, place in enumerate(places) if place is not None)


def _region(place: list[int]) -> int | None:
    return place[0] if len(place) == 1 else None


def silenced(result: Result) -> Result:
    """The result of a batch with NaN in simulations that diverged, from their first bad sample on."""
    members = [lost.simulation for lost in result.diverged]
    since = np.array([float(lost.time.mantissa) for lost in result.diverged])
    for name in [name for name in result if name != "ts" and members]:
        places: Any = members
        if name not in result.whole:
            rows, columns = np.nonzero(np.asarray(result.times_of(name).mantissa)[:, None] >= since)
            places = rows, np.take(members, columns)
        result[name] = jax.tree.map(lambda x, places=places: _without(x, places), result[name])
    return result


def _without(x: Any, places: Any) -> Any:
    number = np.array(x)
    if number.dtype.kind in "fc":
        number[places] = np.nan
    return number


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
    kept = {name: getattr(result, name) for name in ("axes", "periods", "labels", "batched", "diverged", "attrs")}
    return Result(arrays, times=times, **kept)


def check_batch(result: Result) -> None:
    """Refuse what a batch has recorded if any of its simulations diverged.

    Raises
    ------
    FloatingPointError
        Names the first of them; its ``result`` holds the others whole, its ``diverged`` is that of the result.
    """
    if result.diverged:
        first = min(result.diverged, key=lambda d: float(d.time.mantissa))
        place = [] if first.region is None else [first.simulation, first.region]
        where = _where(place or [first.simulation], result)
        more = len(result.diverged) - 1
        _diverged(
            f"{first.variable}{where} is not finite at t = {first.time}"
            + (f", and {more} more simulations are so later" if more else ""),
            result,
        )


def check_finite(result: Result, states: dict[str, dict[str, Any]], names: dict[str, str], when: str) -> None:
    """Refuse NaN and infinite values, in what was recorded and in the final States.

    ``names`` says what each recorded thing is, and ``when`` the time that the final States are of.

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
                _diverged(f"{what}{_where(place, result)} is not finite at {when}", result)


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
    error: Any = FloatingPointError(f"the run diverged: {what}; try a smaller dt or weaker coupling.")
    error.result, error.diverged = result, result.diverged
    raise error

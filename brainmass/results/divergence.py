"""Values that are not finite: where the first of each simulation is, and what a result holds then."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.results.diverged import Diverged, earliest
from brainmass.results.result import Result


class BadState(NamedTuple):
    """The first variable and region of a simulation that was found to be not finite after an absolute step."""

    step: int
    variable: str
    region: int | None


def bad_states_in(states: dict[str, dict[str, Any]], batched: bool, step: int) -> dict[int, BadState]:
    """The members of a batch (the one of a single run is 0) whose states are not finite."""
    found: dict[int, BadState] = {}
    for path, variables in states.items():
        for name, value in variables.items():
            number = np.asarray(value)
            if _first_bad(number) is not None:
                for member, row in enumerate(number if batched else number[None]):
                    index = _first_bad(row)
                    if index is not None and member not in found:
                        found[member] = BadState(step, f"{path}.{name}" if path else name, _region(index))
    return found


def nan_in_members(tree: Any, members: Any) -> Any:
    """Arrays ([member], ...) with NaN in these members, whatever they would become finite again by."""

    def one(x: Any) -> Any:
        if not jnp.issubdtype(x.dtype, jnp.inexact):
            return x
        is_bad = np.isin(np.arange(x.shape[0]), members).reshape(-1, *(1,) * (x.ndim - 1))
        return jnp.where(is_bad, jnp.asarray(jnp.nan, x.dtype), x)

    return jax.tree.map(one, tree)


class RecordedRun(NamedTuple):
    """What a run recorded, as far as it matters to where it diverged.

    ``titles`` are by name of what is recorded after steps themselves, ``variables`` the Variables that a thing shows by
    region. The steps are those after the absolute step ``first_step``, up to the time ``end``.
    """

    titles: dict[str, str]
    variables: dict[str, str]
    first_step: int
    end: float
    dt: float


def diverged_in(result: Result, bad_states: dict[int, BadState], about: RecordedRun) -> list[Diverged]:
    """Where each simulation stopped being finite, the earliest that is known of its samples and its ``bad_states``.

    Or else the end, for a value of the whole run. A simulation goes by its place in the batch.
    """
    found: dict[int, list[Diverged]] = {}
    for name in [str(name) for name in result if name != "ts" and name not in result.whole]:
        for member, (row, *index) in _bad_members(result, name):
            at = _at_sample(result, name, row, index, bad_states.get(member), about)
            found.setdefault(member, []).append(Diverged(member, *at))
    for member, (step, variable, region) in bad_states.items():
        time = u.Quantity(step * about.dt, u.ms)
        found.setdefault(member, []).append(Diverged(member, time, variable, region, no_later=True))
    for name in [str(name) for name in result if name in result.whole]:
        for member, index in _bad_members(result, name):
            lost = Diverged(member, u.Quantity(about.end, u.ms), name, _region(index), no_later=True)
            found.setdefault(member, []).append(lost)
    return [earliest(found[member]) for member in sorted(found)]


def _at_sample(
    result: Result, name: str, row: int, index: list[int], bad: BadState | None, about: RecordedRun
) -> tuple[Any, str, int | None, bool]:
    """Time, variable and region of a bad sample, and whether it was bad no later than that.

    The time is exact if the step before was recorded too, or is that from which the run went on.
    """
    times = result.times_of(name)
    steps = np.rint(np.asarray(times.mantissa) / about.dt)
    before = steps[row - 1] if row else about.first_step
    exact = name in about.titles and steps[row] == before + 1
    title, region = about.titles.get(name) or name, _region(index)
    if name in about.variables and (exact or bad is not None):
        title = about.variables[name]
    elif not exact and bad is not None:  # what is bad in a sample of other things
        title, region = bad.variable, bad.region
    return times[row], title, region, not exact


def _bad_members(result: Result, name: str) -> Iterator[tuple[int, list[int]]]:
    """The members for which something recorded is not finite, and the place where it first is not."""
    for leaf in jax.tree.leaves(result[name]):
        number = np.asarray(leaf)
        if _first_bad(number) is not None:
            by_member = np.moveaxis(number, 0 if name in result.whole else 1, 0) if result.batched else number[None]
            indices = [_first_bad(own) for own in by_member]
            yield from ((member, index) for member, index in enumerate(indices) if index is not None)


def _region(index: list[int]) -> int | None:
    return index[0] if len(index) == 1 else None


def nan_after_divergence(result: Result) -> Result:
    """The result of a batch with NaN in simulations that diverged, from their first bad sample on."""
    members = [one.simulation for one in result.diverged]
    since = np.array([float(one.time.mantissa) for one in result.diverged])
    for name in [name for name in result if name != "ts" and members]:
        indices: Any = members
        if name not in result.whole:
            rows, columns = np.nonzero(np.asarray(result.times_of(name).mantissa)[:, None] >= since)
            indices = rows, np.take(members, columns)
        result[name] = jax.tree.map(lambda x, indices=indices: _without(x, indices), result[name])
    return result


def _without(x: Any, indices: Any) -> Any:
    number = np.array(x)
    if number.dtype.kind in "fc":
        number[indices] = np.nan
    return number


def until_divergence(result: Result) -> Result:
    """The samples before the first that is not finite; a value of the whole run is left out, where there is any."""
    first = np.inf
    for name, value in result.items():
        if name not in (*result.whole, "ts"):
            ts = np.asarray(result.times_of(name).mantissa)
            bad = [_first_bad(np.asarray(leaf)) for leaf in jax.tree.leaves(value)]
            first = min([first, *(ts[index[0]] for index in bad if index is not None)])
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


def raise_if_any_diverged(result: Result, names: dict[str, str]) -> None:
    """Refuse what was recorded if the run, or any simulation of a batch, diverged.

    ``names`` says what each thing is that was recorded after steps themselves.

    Raises
    ------
    FloatingPointError
        Names the first of them; its ``result`` holds the others whole, its ``diverged`` is that of the result.
    """
    if not result.diverged:
        return
    first, more = earliest(result.diverged), len(result.diverged) - 1
    index = [first.simulation] if result.batched else []
    where = _where(index if first.region is None else [*index, first.region], result)
    if first.no_later:
        _diverged(
            f" {first.when}: {first.variable}{where} is not finite"
            + (f", and {more} more simulations are so too" if more else ""),
            result,
        )
    found = None if result.batched else _sample(first, result, names)
    _diverged(
        (f": {first.variable}{where} is not finite {first.when}" if found is None else f": {found} {first.when}")
        + (f", and {more} more simulations are so later" if more else ""),
        result,
    )


def _sample(lost: Diverged, result: Result, names: dict[str, str]) -> str | None:
    """The sample of a single run at which it diverged: what it is of, where, and its value."""
    for name in [name for name in names if name in result]:
        for leaf in jax.tree.leaves(result[name]):
            index = _first_bad(np.asarray(leaf))
            if index is not None and result.times_of(name)[index[0]] == lost.time:
                what = name if names[name] in (name, "") else f"{name} ({names[name]})"
                return f"{what}{_where(index[1:], result)} is {np.asarray(leaf)[tuple(index)]}"
    return None


def raise_if_not_finite(result: Result) -> None:
    """Refuse NaN and infinite values in what a module recorded.

    Raises
    ------
    FloatingPointError
        Names what was recorded, region and time of the first bad sample; its ``result`` holds what was recorded.
    """
    found = []
    for name in [name for name in result if name != "ts"]:
        for leaf in jax.tree.leaves(result[name]):
            index = _first_bad(np.asarray(leaf))
            if index is not None:
                what = f"{name}{_where(index[1:], result)} is {np.asarray(leaf)[tuple(index)]}"
                found.append((index[0], f": {what} at t = {result.times_of(name)[index[0]]}"))
    if found:
        _diverged(min(found, key=lambda one: one[0])[1], result)


def _first_bad(number: np.ndarray) -> list[int] | None:
    flat = number.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):  # one fast pass; large finite numbers need the second look
        clean = number.dtype.kind not in "fc" or np.isfinite(np.dot(flat, flat)) or np.isfinite(number).all()
    return None if clean else list(map(int, np.argwhere(~np.isfinite(number))[0]))


def _where(index: list[int], result: Result) -> str:
    text = ""
    if result.batched and index:
        text, index = f", simulation {index[0]}", index[1:]
    if len(index) == 1:
        label = "" if result.labels is None else f" ({result.labels[index[0]]})"
        return f"{text}, region {index[0]}{label},"
    return f"{text}, at {index}," if index else f"{text}," if text else ""


def _diverged(what: str, result: Result) -> None:
    error: Any = FloatingPointError(f"the run diverged{what}; try a smaller dt or weaker coupling.")
    error.result, error.diverged = result, result.diverged
    raise error

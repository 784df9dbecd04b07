"""Values that are not finite: where the first is, and what came before it."""

from typing import Any

import jax
import numpy as np

from brainmass.result import Result


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
    return Result(
        arrays, times=times, axes=result.axes, labels=result.labels, batched=result.batched, attrs=result.attrs
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
    error = FloatingPointError(f"the run diverged: {what}; try a smaller dt or weaker coupling.")
    error.result = result  # type: ignore[attr-defined]
    raise error

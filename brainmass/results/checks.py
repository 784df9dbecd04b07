"""What no Result can be made of is refused: masks, objects, lengths that differ, what a file could not give back."""

from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.names import is_storable
from brainmass.results.diverged import Diverged
from brainmass.units import describe


def is_text(at: Any) -> bool:
    """Whether a coordinate holds names and no numbers."""
    return isinstance(at, np.ndarray) and at.dtype.kind in "UTO"


def leaves_of(name: str, value: Any) -> list[tuple[str, Any]]:
    """The arrays of a tree by dotted name."""
    pairs = jax.tree_util.tree_flatten_with_path(value, is_leaf=lambda x: isinstance(x, u.Quantity))[0]
    return [(".".join([name, *(str(getattr(k, "key", getattr(k, "idx", k))) for k in keys)]), x) for keys, x in pairs]


def bare_of(value: Any) -> Any:
    return value.mantissa if isinstance(value, u.Quantity) else value


def check_made_of(arrays: Any, named: dict[str, Any], whole: Any, labels: Any, diverged: Any) -> None:
    """Refuse, with a TypeError, what no result can be made of."""
    for argument, value in dict(arrays=arrays, **named).items():
        if not isinstance(value, dict | None) or not all(isinstance(name, str) for name in value or ()):
            raise TypeError(f"Result: {argument}={describe(value)} must be a dict by name.")
    if arrays is None:
        raise TypeError("Result: arrays=None must be a dict by name.")
    sampled = [("arrays", "ts", arrays["ts"])] if "ts" in arrays else []
    sampled += [("times", name, ts) for name, ts in (named["times"] or {}).items()]
    for argument, name, ts in sampled:
        if not isinstance(ts, u.Quantity) or np.ndim(ts.mantissa) != 1 or ts.dim != u.ms.dim:
            raise TypeError(
                f"Result: {argument}[{name!r}]={describe(ts)} must be a time for each sample, as ts * u.ms."
            )
    axes = named["axes"] or {}
    along = [at for one in axes.values() for at in (one.values() if isinstance(one, dict) else [0.0])]
    if any(len(np.shape(bare_of(at))) != 1 for at in along):
        raise TypeError(f"Result: axes={describe(axes)} must be a dict by name of dicts by axis of one value an entry.")
    for name, period in (named["periods"] or {}).items():
        if not isinstance(period, int | float) or not 0 < period < np.inf:
            raise TypeError(f"Result: periods[{name!r}]={describe(period)} must be a number greater than 0.")
    if not isinstance(diverged, list | tuple) or not all(isinstance(one, Diverged) for one in diverged):
        raise TypeError(f"Result: diverged={describe(diverged)} must be a list of Diverged.")
    for argument, value in dict(whole=whole, labels=() if labels is None else labels).items():
        is_list = isinstance(value, list | tuple | set | frozenset) or (
            isinstance(value, np.ndarray) and value.ndim == 1
        )
        if not is_list or not all(isinstance(name, str) for name in value):
            raise TypeError(f"Result: {argument}={describe(value)} must be a list of names.")
    _check_leaves(arrays, whole, named["times"] or {})


def _check_leaves(arrays: dict[str, Any], whole: Any, times: dict[str, Any]) -> None:
    odd = next((name for name in arrays if not is_storable(name)), None)
    if odd is not None:
        raise TypeError(
            f'Result: arrays has the name {odd!r}; give a text of printed signs without a slash, and not ".".'
        )
    for name, leaf in [leaf for array in arrays.items() for leaf in leaves_of(*array)]:
        bare = bare_of(leaf)
        if isinstance(bare, np.ma.MaskedArray) and np.ma.is_masked(bare):
            raise TypeError(f"Result: arrays[{name!r}] has values that are masked; fill them, as x.filled(np.nan).")
        if isinstance(bare, np.ndarray) and bare.dtype.kind in "OMmS":
            raise TypeError(f"Result: arrays[{name!r}] is an array of {bare.dtype}; give one of numbers.")
    courses = {name: value for name, value in arrays.items() if name not in (*whole, "ts")}
    for name, leaf in [leaf for course in courses.items() for leaf in leaves_of(*course)]:
        if not np.shape(bare_of(leaf)):
            raise TypeError(f"Result: arrays[{name!r}]={describe(leaf)} must be (time, ...), or its name in whole.")
        ts = times.get(name.split(".")[0], times.get(name, arrays.get("ts")))
        if ts is not None and len(bare_of(leaf)) != len(ts.mantissa):
            raise TypeError(
                f"Result: arrays[{name!r}] has {len(bare_of(leaf))} samples and its times are {len(ts.mantissa)}; give "
                "one time a sample, or put its name in whole."
            )

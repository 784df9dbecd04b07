"""Results that were kept: in a file, or in the folder of a run. What is read is data and never code."""

import json
from pathlib import Path
from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass import monitors
from brainmass.display import warn
from brainmass.files import checked_path, kind_of, read_netcdf
from brainmass.monitors import SlidingStatistic
from brainmass.results import Diverged, Result, is_text
from brainmass.simulation.checkpoints.folder import CompleteState, as_written, check_part, newest_complete_state
from brainmass.simulation.checkpoints.setup import Setup
from brainmass.simulation.run import kind_name, result_of, spliced
from brainmass.units import UNITLESS, describe, unit_named, with_unit

_TRIES = 5  # to read a folder while the run replaces its states


def load_result(path: Any) -> Result:
    """The result that `Result.save` wrote, with units, times, labels and provenance.

    Trees of arrays come back as their leaves, by dotted name. The folder of a run with ``checkpoint=`` gives what that
    run has recorded and saved so far, whether it goes on, was stopped or has ended. Neither runs any code of the file.

    Parameters
    ----------
    path
        A file of `Result.save`, or the folder of a run.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        Not a file of a result, or a damaged one.
    """
    given = checked_path(path, "path")
    if not given.exists():
        raise FileNotFoundError(
            f"path={str(given)!r} does not exist; give a file that Result.save wrote, or the folder of a run."
        )
    if not given.is_dir() and not given.is_file():
        raise ValueError(f"path={str(given)!r} is {kind_of(given)}; give a file that Result.save wrote.")
    return _of_folder(given) if given.is_dir() else _of_file(given)


# -- the folder of a run ----------------------------------------------------------------------------------------------


def _of_folder(folder: Path) -> Result:
    setup = Setup(folder)
    for left in reversed(range(_TRIES)):
        try:
            return _of_state(setup, newest_complete_state(folder, setup.file.seal, fall_back=False))
        except FileNotFoundError:
            if not left:
                raise
    raise AssertionError


def _of_state(setup: Setup, last: CompleteState) -> Result:
    with as_written(setup.folder, last.file.path.name):
        described = last.data["described"]
        pieces = [kept for part in last.parts for _, kept in check_part(setup.folder, part).data()]
        names = [name for name in described["names"] if any(name in piece for piece in pieces)]
        found = _finished(spliced(pieces, names), described, setup.folder) | described["found"]
        stands = float(described["stop"] * described["dt"])
        result = _result(described, found) if found else None
        wall = float(last.data["wall"])
        kept = [repr(name) for name in names]
    if result is None and kept:
        raise ValueError(f"{str(setup.folder)!r} has only {', '.join(kept)}, which brainmass.resume alone gives.")
    if result is None:
        raise ValueError(f"{str(setup.folder)!r} stands at t = {stands:g} ms, and nothing was recorded so far.")
    begun = {name: then for name, then in setup.about.items() if result.attrs.get(name, then) != then}
    result.attrs |= {f"begun_with_{name}": then for name, then in begun.items() if name != "commit"}
    result.attrs["wall_s"] = wall
    return result


def _result(described: dict[str, Any], found: dict[str, Any]) -> Result:
    """The result of what was found, whose series have as many samples as steps are described."""
    steps = {}
    for name in [name for name in described["steps"] if name in found]:
        first, step, count = described["steps"][name]
        if any(len(x) != count for x in jax.tree.leaves(found[name])):
            raise ValueError(f"{name} has not {count} samples")
        steps[name] = first + step * np.arange(count)
    return result_of(described, found, steps)


def _finished(found: dict[str, Any], described: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What was recorded, and of the frames of statistics their value; classes of the user's own are not run here."""
    listed = [kind for kind in vars(monitors).values() if isinstance(kind, type) and issubclass(kind, SlidingStatistic)]
    kinds = {kind_name(kind): kind for kind in listed}
    for name in [name for name in described["framed"] if name in found]:
        kind = described["statistics"][name]
        frames = found.pop(name)
        if kind in kinds:
            found[name] = kinds[kind].finish(frames)
        else:
            warn(
                f"{str(folder)!r}: {name!r} is left out, since {kind} is no class of brainmass, and no code of a "
                "folder is run here; brainmass.resume gives it."
            )
    return found


# -- a file -----------------------------------------------------------------------------------------------------------


def _of_file(path: Path) -> Result:
    data = read_netcdf(path)
    if "time" not in data.coords:
        raise ValueError(f"path={str(path)!r} is no result of brainmass: it has no times.")

    def quantity(name: str) -> Any:
        array = data[name]
        if is_text(array.values):
            return array.values.astype(str)
        return with_unit(array.values, _unit(array.attrs.get("units", "1"), name, path))

    def times(name: str) -> u.Quantity:
        found = quantity(name)
        if not isinstance(found, u.Quantity) or found.ndim != 1 or found.unit.dim != u.ms.dim:
            raise ValueError(f"path={str(path)!r} is no result of brainmass: {name!r} holds no times.")
        return found

    dims = {str(name): tuple(map(str, array.dims)) for name, array in data.data_vars.items()}
    arrays = {name: quantity(name) for name in dims}
    axes: dict[str, dict[str, Any]] = {}
    for name, own in dims.items():
        found = [d for d in own if d in data.coords and d.endswith(f"_{name}") and d != f"time_{name}"]
        axes |= {name: {d.removesuffix(f"_{name}"): quantity(d) for d in found}} if found else {}
    attrs = dict(data.attrs)
    diverged = json.loads(attrs.pop("diverged_simulations", "[]"))
    return Result(
        {**arrays, "ts": times("time")},
        times={name: times(f"time_{name}") for name in arrays if f"time_{name}" in data.coords},
        whole=[name for name, own in dims.items() if not {"time", f"time_{name}"} & set(own)],
        axes=axes,
        periods={name: float(data[name].attrs["period"]) for name in dims if "period" in data[name].attrs},
        labels=data["region"].values if "region" in data.coords else None,
        batched="batch" in data.coords,
        coords={str(n): quantity(str(n)) for n, c in data.coords.items() if "batch" in c.dims and n != "batch"},
        diverged=[Diverged(s, with_unit(at, u.ms), *where) for s, at, *where in diverged],
        attrs=attrs,
    )


def _unit(written: Any, name: str, path: Path) -> u.Unit:
    try:
        return UNITLESS if written == "1" else unit_named(written)
    except Exception:  # whatever the parser of another package makes of it
        raise ValueError(
            f"path={str(path)!r} is no result of brainmass: {name!r} is in {describe(written)}, which is no unit."
        ) from None

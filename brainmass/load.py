"""Results that were kept: in a file, or in the folder of a run."""

import json
from pathlib import Path
from typing import Any

import brainunit as u

from brainmass.checkpoint import Checkpoint
from brainmass.result import Diverged, Result, is_text
from brainmass.units import unit_named, with_unit


def load_result(path: Any) -> Result:
    """The result that `Result.save` wrote, with units, times, labels and provenance.

    Trees of arrays come back as their leaves, by dotted name. The folder of a run with ``checkpoint=`` gives what that
    run has recorded and saved so far, whether it goes on, was stopped or has ended; it holds a pickle, which can run
    code: load only what you made yourself.

    Parameters
    ----------
    path
        A file of `Result.save`, or the folder of a run.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        Not a file of a result.
    """
    import xarray

    if not Path(path).exists():
        raise FileNotFoundError(
            f"path={str(path)!r} does not exist; give a file that Result.save wrote, or the folder of a run."
        )
    if Path(path).is_dir():
        store = Checkpoint(path, 1)
        setup = store.setup(strict=False)
        return setup["simulator"]._saved(setup["arguments"], store)
    try:
        data = xarray.load_dataset(path, engine="h5netcdf")
    except OSError as error:
        raise ValueError(f"path={str(path)!r} is no netCDF file of a result: {error}.") from None
    if "time" not in data.coords:
        raise ValueError(f"path={str(path)!r} is no result of brainmass: it has no times.")

    def quantity(array: Any) -> Any:
        if is_text(array.values):
            return array.values.astype(str)
        return with_unit(array.values, unit_named(array.attrs.get("units", "1")))

    dims = {str(name): tuple(map(str, array.dims)) for name, array in data.data_vars.items()}
    arrays = {str(name): quantity(array) for name, array in data.data_vars.items()}
    axes: dict[str, dict[str, Any]] = {}
    for name, own in dims.items():
        found = [d for d in own if d in data.coords and d.endswith(f"_{name}") and d != f"time_{name}"]
        axes |= {name: {d.removesuffix(f"_{name}"): quantity(data[d]) for d in found}} if found else {}
    attrs = dict(data.attrs)
    lost = json.loads(attrs.pop("diverged_simulations", "[]"))
    return Result(
        {**arrays, "ts": quantity(data["time"])},
        times={name: quantity(data[f"time_{name}"]) for name in arrays if f"time_{name}" in data.coords},
        whole=[name for name, own in dims.items() if not {"time", f"time_{name}"} & set(own)],
        axes=axes,
        labels=data["region"].values if "region" in data.coords else None,
        batched="batch" in data.coords,
        coords={str(n): quantity(c) for n, c in data.coords.items() if "batch" in c.dims and n != "batch"},
        diverged=[Diverged(s, with_unit(at, u.ms), *where) for s, at, *where in lost],
        attrs=attrs,
    )

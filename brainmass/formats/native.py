"""The package's own netCDF, which keeps all that a connectome knows, with dimensions (target, source)."""

from pathlib import Path
from typing import Any

import numpy as np

from brainmass.connectomes import Connectome
from brainmass.files import read_netcdf, write_netcdf
from brainmass.formats.reading import (
    CENTRES,
    FileContent,
    Refused,
    check_heaps,
    chosen,
    first_of,
    flags_of,
    names_of_numbers,
)
from brainmass.units import unit_named

_WORDS = "space", "source", "licence", "terms", "citation", "orientation"
_REGION = {"target", "source", "region", "node", "roi"}


def read_native(path: Path, key: str | None) -> FileContent:
    """Any netCDF with a square matrix; where its dimensions are target and source, it is known what its rows are."""
    check_heaps(path)
    try:
        data = read_netcdf(path)
    except ValueError as error:
        raise Refused(str(error).removeprefix(f"path={str(path)!r} ").rstrip(".")) from None
    numeric = {str(name): x.shape for name, x in data.data_vars.items() if x.dtype.kind in "biuf"}
    named = dict(numeric)
    weights, lengths, assumed = chosen(named, key)
    matrix = _arranged(data[weights])
    found = FileContent(weights=_numbers(matrix, weights), assumed=assumed)
    found.orientation = "target_source" if set(matrix.dims) == {"target", "source"} else None
    if lengths is not None:
        found.lengths = _numbers(_arranged(data[lengths]), lengths)
        found.length_unit = _unit(data[lengths])
    names = matrix.coords[matrix.dims[0]].values if matrix.dims[0] in matrix.coords else None
    found.labels = None if names is None else names_of_numbers(names)
    _put_regions(found, data)
    found.about = {name: str(data.attrs[name]) for name in _WORDS if data.attrs.get(name)}
    steps = data.attrs.get("steps")
    found.steps = [str(step) for step in steps] if isinstance(steps, list) else []
    return found


def _put_regions(found: FileContent, data: Any) -> None:
    n = len(found.weights)
    centres = first_of([str(x) for x in data.data_vars if data[x].shape == (n, 3)], CENTRES)
    if centres is not None:
        found.centres = _numbers(data[centres], centres)
    if "hemispheres" in data:
        found.hemispheres = np.array([str(side) for side in data["hemispheres"].values.reshape(-1)])
    if "cortical" in data:
        found.cortical = flags_of(data["cortical"].values, n, "cortical")


def _arranged(matrix: Any) -> Any:
    return matrix.transpose("target", "source") if set(matrix.dims) == {"target", "source"} else matrix


def _numbers(array: Any, name: str) -> np.ndarray:
    if array.dtype.kind not in "biuf":
        raise Refused(f"has {name!r} of type {array.dtype}, which are no real numbers")
    return np.asarray(array.values, np.float64)


def _unit(array: Any) -> Any:
    name = array.attrs.get("units")
    try:
        return None if name is None else unit_named(str(name))
    except Exception:  # whatever the parser of another package makes of a name
        raise Refused(f"has lengths in {name!r}, which is no unit that is known; write mm, cm or m") from None


# -- writing -----------------------------------------------------------------------------------------------------------


def write_native(connectome: Connectome, path: Path) -> None:
    """All that a connectome knows."""
    import xarray

    names, square = connectome.labels, ("target", "source")
    variables: dict[str, Any] = {"weights": (square, connectome.weights)}
    if connectome.distances is not None:
        variables["lengths"] = (square, connectome.distances.mantissa, {"units": "mm"})
    if connectome.centres is not None:
        variables["centres"] = (("target", "axis"), connectome.centres.mantissa, {"units": "mm"})
    for name in ("hemispheres", "cortical"):
        value = getattr(connectome, name)
        variables |= {} if value is None else {name: ("target", value)}
    coordinates = {"target": names, "source": names, "axis": ["x", "y", "z"]}
    if connectome.centres is None:
        del coordinates["axis"]
    words = {name: getattr(connectome, name) for name in _WORDS if getattr(connectome, name)}
    steps = {"steps": list(connectome.steps)} if connectome.steps else {}
    write_netcdf(xarray.Dataset(variables, coordinates, attrs={**words, **steps}), path)

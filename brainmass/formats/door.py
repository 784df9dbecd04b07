"""One door for connectomes in files: the kind is recognised, and what was assumed is said once."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brainunit as u
import numpy as np

from brainmass.connectomes import Connectome
from brainmass.display import warn
from brainmass.files import checked_path, kind_of
from brainmass.formats.arrays import read_npy, read_npz
from brainmass.formats.bids import is_bids, read_bids
from brainmass.formats.cifti import read_cifti
from brainmass.formats.fsl import is_fsl, read_fsl
from brainmass.formats.graph import read_gml, read_graphml
from brainmass.formats.matlab import is_matlab_hdf5, read_matlab, read_matlab_hdf5
from brainmass.formats.native import read_native
from brainmass.formats.reading import FileContent, Refused, centres_of_file, names_of_file, opened_hdf5
from brainmass.formats.settling import (
    checked_length_unit,
    checked_missing,
    checked_orientation,
    content_of_array,
    listed_names,
    settled,
    settled_labels,
)
from brainmass.formats.sonata import is_sonata, read_sonata
from brainmass.formats.tables import read_table
from brainmass.formats.tvb import read_tvb_hdf5, read_tvb_zip
from brainmass.names import with_named_arguments
from brainmass.units import checked_text, describe, numbers

_Reader = Callable[[Path, str | None], FileContent]


def _read_hdf5(path: Path, key: str | None) -> FileContent:
    if is_matlab_hdf5(path):
        return read_matlab_hdf5(path, key)
    with opened_hdf5(path) as file:
        reader = read_native if "_NCProperties" in file.attrs else read_sonata if is_sonata(file) else read_tvb_hdf5
    return reader(path, key)


def _read_mat(path: Path, key: str | None) -> FileContent:
    with path.open("rb") as file:
        is_new = is_matlab_hdf5(path) or file.read(8) == b"\x89HDF\r\n\x1a\n"
    return read_matlab_hdf5(path, key) if is_new else read_matlab(path, key)


def _read_zip(path: Path, key: str | None) -> FileContent:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        is_npz = any(name.endswith(".npy") for name in archive.namelist())
    return (read_npz if is_npz else read_tvb_zip)(path, key)


# The endings, longer ones first, and what a file begins with whose ending is none of them.
_ENDINGS: dict[str, tuple[str, _Reader]] = {
    "_relmat.dense.tsv": ("a matrix of BIDS", read_bids),
    ".pconn.nii": ("a CIFTI file", read_cifti),
    ".zip": ("a zip of TVB", _read_zip),
    ".npz": ("arrays of NumPy", read_npz),
    ".npy": ("an array of NumPy", read_npy),
    ".mat": ("a file of MATLAB", _read_mat),
    **dict.fromkeys((".nc", ".nc4", ".cdf", ".netcdf"), ("netCDF", read_native)),
    **dict.fromkeys((".h5", ".hdf5"), ("HDF5 of TVB, MATLAB, SONATA or netCDF", _read_hdf5)),
    ".graphml": ("GraphML", read_graphml),
    ".gml": ("GML", read_gml),
    **dict.fromkeys((".csv", ".tsv", ".txt", ".dat"), ("a table", read_table)),
    "fdt_network_matrix": ("a matrix of FSL", read_fsl),
}
_BEGINNINGS: dict[bytes, tuple[str, _Reader]] = {
    b"PK\x03\x04": ("a zip", _read_zip),
    b"\x89HDF": _ENDINGS[".h5"],
    b"CDF": _ENDINGS[".nc"],
    b"\x93NUMPY": _ENDINGS[".npy"],
    b"MATLAB": _ENDINGS[".mat"],
    b"<?xml": _ENDINGS[".graphml"],
    b"<graphml": _ENDINGS[".graphml"],
    b"": _ENDINGS[".txt"],
}


@with_named_arguments
def load_connectome(
    path: Any,
    *,
    orientation: str | None = None,
    lengths: Any = None,
    labels: Any = None,
    centres: Any = None,
    key: str | None = None,
    missing: float | None = None,
    length_unit: Any = u.mm,
) -> Connectome:
    """The connectome of a file, whatever program wrote it; what had to be assumed is said in one warning.

    Parameters
    ----------
    path
        A zip or .h5 of TVB; .mat; .csv, .tsv or .txt; .npy or .npz; .nc; .graphml or .gml; .pconn.nii; .h5 of SONATA
        edges; a matrix or folder of BIDS; or a folder of FSL's probtrackx.
    orientation : str, optional
        What the rows of the file are: "target_source", as here and in TVB, or "source_target". It must be said where a
        matrix differs by direction and the format does not say it; where it is said, it holds against the format.
    lengths : optional
        A file with them, or a matrix that lies as the file's weights do.
    labels : optional
        Names of the regions in the order of the file, or a text with one a line.
    centres : optional
        (N, 3), bare in mm, or a text with x, y and z a line.
    key : str, optional
        The name of the weights, where a file has several matrices or attributes of edges.
    missing : float, optional
        The number that means missing, as -1 or NaN: there weights become 0, and lengths unknown.
    length_unit : optional
        That of bare lengths, where the file has none.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError, TypeError
        It cannot be read, is too large, contradicts itself, or leaves open what its rows are.
    ImportError
        A package is needed, which is named.
    """
    file, own = _existing(path, "path"), checked_orientation(orientation)
    number, unit = checked_missing(missing), checked_length_unit(length_unit)
    content = _read(file, checked_text(key, "key"), "path")
    names = _names(labels, len(content.weights))
    other = _lengths(lengths, unit, content, names)
    try:
        found = settled(content, other, own, number)
        named = settled_labels(content, names, content.assumed)
        _put_centres(content, centres, named)
    except Refused as error:
        raise ValueError(f"path={str(file)!r} {error}.") from None
    content.assumed += found.assumed
    if found.lengths is None:
        content.assumed.append("it has no lengths, so distances is None")
    own_unit = (content if other is None else other).length_unit
    distances = None if found.lengths is None else u.Quantity(found.lengths, unit=own_unit or unit)
    about = dict(content.about, source=content.about.get("source", file.name))
    if own is not None or "orientation" not in about:
        about["orientation"] = found.orientation
    connectome = _made(
        file, content, weights=found.weights, distances=distances, labels=named, about=about, steps=found.steps
    )
    _say(file, content.assumed, connectome)
    return connectome


def _made(file: Path, content: FileContent, steps: list[str], about: dict[str, str], **matrices: Any) -> Connectome:
    of_regions = dict(centres=content.centres, hemispheres=content.hemispheres, cortical=content.cortical)
    try:
        return Connectome(**matrices, **of_regions, **about, steps=[*content.steps, *steps])
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"path={str(file)!r} makes no connectome: {str(error).replace('distances', 'lengths')}"
        ) from None


def _say(file: Path, assumed: list[str], connectome: Connectome) -> None:
    said = [f"path={str(file)!r} was read"]
    said += [f"it was assumed that {'; '.join(assumed)}"] if assumed else []
    findings = [one.sentence for one in connectome.check()]
    said += [f"worth a look: {'; '.join(findings)}"] if findings else []
    if len(said) > 1:
        warn(f"{'. '.join(one[0].upper() + one[1:] if i else one for i, one in enumerate(said))}.")


def _existing(given: Any, name: str) -> Path:
    path = checked_path(given, name)
    if not path.exists():
        raise FileNotFoundError(f"{name}={str(path)!r} does not exist; give the path of a file that is there.")
    if not path.is_file() and not path.is_dir():
        raise ValueError(f"{name}={str(path)!r} is {kind_of(path)}; give the path of a file.")
    return path


def _reader_of(path: Path) -> tuple[str, _Reader]:
    """What it seems to be, and what reads that."""
    if path.is_dir():
        for is_one, found in ((is_fsl, ("a folder of FSL", read_fsl)), (is_bids, ("a folder of BIDS", read_bids))):
            if is_one(path):
                return found
        raise Refused("is a folder without an fdt_network_matrix of FSL or a matrix of BIDS; give a file")
    name = path.name.casefold()
    found = next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), None)
    with path.open("rb") as file:
        begin = file.read(16)
    if not begin:
        raise Refused("is empty")
    return found or next(kind for first, kind in _BEGINNINGS.items() if begin.startswith(first))


def _read(path: Path, key: str | None, name: str) -> FileContent:
    kind = "a connectome"
    try:
        kind, reader = _reader_of(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, about what is checked here
            return reader(path, key)
    except Refused as error:
        raise ValueError(f"{name}={str(path)!r} {error}.") from None
    except ImportError:
        raise
    except Exception as error:  # a file that is damaged or made up may raise anything
        why = " ".join(f"{error}".split()).rstrip(".?!") or type(error).__name__
        raise ValueError(f"{name}={str(path)!r} cannot be read as {kind}: {why[:300]}.") from None


def _side(given: Any, name: str, reader: Callable[[Path], Any]) -> Any:
    """What a small text beside the connectome says."""
    path = _existing(given, name)
    if path.is_dir():
        raise ValueError(f"{name}={str(path)!r} is a folder; give the path of a text.")
    try:
        return reader(path)
    except (Refused, OSError) as error:
        raise ValueError(f"{name}={str(path)!r} {error}.") from None


def _is_path(given: Any) -> bool:
    return isinstance(given, str | os.PathLike)


def _names(given: Any, n: int) -> list[str] | None:
    if given is None:
        return None
    if _is_path(given):
        return _side(given, "labels", lambda path: names_of_file(path, n))
    return listed_names(given)


def _lengths(given: Any, unit: Any, content: FileContent, names: list[str] | None) -> FileContent | None:
    if given is None:
        return None
    own = names or content.labels
    if not _is_path(given):
        return content_of_array(given, unit, own)
    path = _existing(given, "lengths")
    found = _read(path, None, "lengths")
    if found.labels is not None and own is not None and names is None and found.labels != own:
        raise ValueError(f"lengths={str(path)!r} names other regions than the weights, or in another order; sort them.")
    return found


def _put_centres(content: FileContent, given: Any, names: list[str]) -> None:
    if given is None:
        return
    if not _is_path(given):
        places = np.asarray(numbers(given, u.mm, "centres"))
    else:
        own, places = _side(given, "centres", centres_of_file)
        if own is not None and own != names:
            raise ValueError(f"centres={describe(given)} names other regions than the weights, or in another order.")
    if np.shape(places) != (len(names), 3):
        raise Refused(f"has {len(names)} regions, and centres= the shape {np.shape(places)}")
    content.centres = places

"""Connectomes into files, of the kind that the ending says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from brainmass.connectomes import Connectome
from brainmass.files import check_target, checked_path
from brainmass.formats.arrays import write_npz
from brainmass.formats.native import write_native
from brainmass.formats.tables import write_table
from brainmass.formats.tvb import write_tvb_zip
from brainmass.names import with_named_arguments
from brainmass.units import describe

_WRITERS: dict[str, Callable[[Connectome, Path], None]] = {
    ".nc": write_native,
    ".npz": write_npz,
    ".zip": write_tvb_zip,
    ".csv": write_table,
}


@with_named_arguments
def save_connectome(connectome: Connectome, path: Any) -> None:
    """Write a connectome that `load_connectome` reads again; a file that is there is replaced.

    Parameters
    ----------
    connectome : Connectome
        What is written, with rows that are targets.
    path
        With the ending of a kind: .nc and .npz keep all that is known; .zip is for TVB; .csv is a table of the weights,
        with lengths and centres, where there are some, beside it in NAME_lengths.csv and NAME_centres.csv.

    Raises
    ------
    ValueError, TypeError
        Another ending; no Connectome; names that the kind cannot hold.
    OSError
        It cannot be written there.
    """
    if not isinstance(connectome, Connectome):
        raise TypeError(f"connectome={describe(connectome)} must be a Connectome.")
    file = checked_path(path, "path")
    if (ending := file.suffix.casefold()) not in _WRITERS:
        raise ValueError(f"path={str(file)!r} has none of the endings {', '.join(_WRITERS)}; choose one.")
    check_target(file)
    _WRITERS[ending](connectome, file)

"""Simulated signals in the Brain Imaging Data Structure.

Gorgolewski et al. 2016, doi:10.1038/sdata.2016.44.
"""

import errno
import json
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import brainunit as u
import numpy as np

from brainmass.files import as_json, atomic, checked_path, kind_of
from brainmass.units import describe, unit_name, unit_of

VERSION = "1.10.0"


def write_bids(result: Any, folder: Any, name: str, subject: str, task: str) -> list[Path]:
    """Write one recorded signal (time, [batch,] region) as a derivative dataset, and return its tables.

    Raises
    ------
    KeyError, ValueError
        Nothing of that name, one value of the whole run, samples that are not evenly spaced, or labels with other
        signs than letters and digits.
    FileExistsError
        There is such a table.
    OSError
        The folder cannot be written.
    """
    for label, value in (("subject", subject), ("task", task)):
        if not isinstance(value, str) or not re.fullmatch("[A-Za-z0-9]+", value):
            raise ValueError(f"to_bids: {label}={describe(value)} must be letters and digits.")
    times = result.times_of(name)
    signal = np.asarray(u.get_mantissa(result[name]))
    labelled = result.labels is None or signal.shape[-1] == len(result.labels)
    if times is None or signal.ndim != 2 + result.batched or len(signal) < 2 or name in result.axes or not labelled:
        raise ValueError(f"to_bids: {name!r} must be two or more samples of one number per region.")
    seconds = np.asarray(times.to(u.second).mantissa, float)
    interval = (seconds[-1] - seconds[0]) / (len(seconds) - 1)
    if not np.allclose(np.diff(seconds), interval, rtol=1e-6):
        raise ValueError(f"to_bids: the samples of {name!r} are not evenly spaced.")
    root = checked_path(folder, "to_bids: folder")
    where = root / f"sub-{subject}" / "func"
    labels = result.labels if result.labels is not None else [f"region{i}" for i in range(signal.shape[-1])]
    torn = [label for label in map(str, labels) if label.splitlines() != [label] or "\t" in label]
    if torn:
        raise ValueError(f"to_bids: the label {torn[0]!r} does not fit into a table; give one without tabs and lines.")
    about = {
        "RepetitionTime": float(f"{interval:.9g}"),
        "StartTime": float(f"{seconds[0]:.9g}"),
        "SamplingFrequency": float(f"{1 / interval:.9g}"),
        "TaskName": task,
        "Units": unit_name(unit_of(result[name])),
        "Signal": name,
        "Simulation": _finite(as_json(result.attrs)),
    }
    members = np.moveaxis(signal, 1, 0) if result.batched else signal[None]
    runs = [f"_run-{i + 1}" for i in range(len(members))] if result.batched else [""]
    stem = f"sub-{subject}_task-{task}{{}}_desc-{_entity(name)}_timeseries.tsv"
    tables = [where / stem.format(run) for run in runs]
    _check_new(path for table in tables for path in (table, table.with_suffix(".json")))
    _make(where, root)
    _describe(root, result)
    for table, series in zip(tables, members, strict=True):
        _write(table, labels, series, about)
    return tables


def _entity(name: str) -> str:
    """A name in the letters and digits that BIDS has: "node.noise_x.x" as "nodeNoiseXX"."""
    first, *rest = re.findall("[A-Za-z0-9]+", name) or ["simulated"]
    return first + "".join(word[0].upper() + word[1:] for word in rest)


def _check_new(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists():
            raise FileExistsError(
                f"to_bids: {str(path)!r} exists{_signal_in(path)}; remove it first, or give another folder, subject or "
                "task."
            )


def _signal_in(path: Path) -> str:
    """Which signal there is: names that differ in other signs than letters and digits have one table."""
    try:
        return f", of the signal {json.loads(path.with_suffix('.json').read_text(encoding='utf-8'))['Signal']!r}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _make(where: Path, root: Path) -> None:
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if root.exists() and not root.is_dir():
            kind = "a file" if root.is_file() else kind_of(root)
            raise NotADirectoryError(f"to_bids: folder={str(root)!r} is {kind}; give a folder.") from None
        why = os.strerror(error.errno or errno.EIO)
        raise OSError(error.errno, f"to_bids: folder={str(root)!r} cannot be written ({why})") from None


def _finite(value: Any) -> Any:
    """What JSON holds without names for what is no number."""
    if isinstance(value, dict):
        return {name: _finite(x) for name, x in value.items()}
    if isinstance(value, list):
        return [_finite(x) for x in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _describe(root: Path, result: Any) -> None:
    path = root / "dataset_description.json"
    if path.exists():
        return
    made_by = {"Name": "brainmass", "Version": str(result.attrs.get("brainmass", "unknown"))}
    about = {
        "Name": "Simulated activity",
        "BIDSVersion": VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [made_by],
    }
    _write_text(path, json.dumps(about, indent=2))


def _write(table: Path, labels: Any, series: np.ndarray, about: dict[str, Any]) -> None:
    rows = ["\t".join(map(str, labels)), *("\t".join(map(_cell, row)) for row in series)]
    _write_text(table, "\n".join(rows))
    _write_text(table.with_suffix(".json"), json.dumps(about, indent=2, allow_nan=False))


def _cell(x: Any) -> str:
    return "n/a" if np.isnan(x) else f"{x:.9g}"


def _write_text(path: Path, text: str) -> None:
    with atomic(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")

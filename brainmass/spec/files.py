"""Specs in files: JSON or TOML for people, and a companion ``.npz`` for arrays that are too large for them."""

import json
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from brainmass.files import atomic, checked_path
from brainmass.names import meant
from brainmass.spec.arrays import Arrays, companions, size_of, type_name
from brainmass.spec.problems import Problem, SpecError
from brainmass.spec.text import as_json, as_toml
from brainmass.spec.write import Spec, to_spec
from brainmass.units import describe, size_text

_LARGEST = 64_000_000
"""Bytes of a text beyond which it is no spec."""
_MOMENT = (1980, 1, 1, 0, 0, 0)  # of the files in a companion, so that the same arrays make the same bytes


def write_spec(obj: Any, path: Any) -> None:
    """Write an object, or a spec, to a ``.json`` or ``.toml`` file; large arrays go into an ``.npz`` beside it.

    Parameters
    ----------
    obj
        What `to_spec` takes, or what it gives.
    path
        Each file is replaced as a whole.

    Raises
    ------
    SpecError, ValueError
        Something in it has no form as data, or the file is of another kind.
    OSError
        It cannot be written.
    """
    target = checked_path(path, "write_spec: path")
    write = _form(target, _WRITERS, "write_spec")
    spec = obj if isinstance(obj, Spec) else to_spec(obj)
    arrays = getattr(spec, "arrays", {})
    if arrays:
        with atomic(target.with_suffix(".npz")) as partial:
            _write_arrays(partial, arrays)
    with atomic(target) as partial:
        partial.write_text(write(dict(spec)), encoding="utf-8", newline="\n")


def read_spec(path: Any) -> Spec:
    """A spec from a ``.json`` or ``.toml`` file, with the arrays of the ``.npz`` beside it, for `from_spec`.

    Raises
    ------
    SpecError, ValueError
        No JSON or TOML, or arrays that are not those that it names.
    FileNotFoundError, OSError
        There is no such file, or it cannot be read.
    """
    source = checked_path(path, "read_spec: path")
    read = _form(source, _READERS, "read_spec")
    if not source.is_file():
        raise FileNotFoundError(f"read_spec: path={str(source)!r} is no file that exists.")
    size = source.stat().st_size
    if size > _LARGEST:
        raise ValueError(f"{source.name} has {size_text(size)}, too much for a spec; large arrays belong into an .npz.")
    try:
        data = read(source.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        why = "its parts lie too deep within each other" if isinstance(error, RecursionError) else str(error)
        raise SpecError([Problem("", f"this is no {source.suffix[1:].upper()}: {why}.")], source.name) from None
    if not isinstance(data, dict):
        raise SpecError([Problem("", f"a spec is a table of names and values, not {describe(data)}.")], source.name)
    return Spec(data, _read_arrays(source.with_suffix(".npz"), data, source.name))


def _form(path: Path, forms: dict[str, Callable[[Any], Any]], name: str) -> Callable[[Any], Any]:
    if path.suffix not in forms:
        known = " or ".join(forms)
        raise ValueError(f"{name}: path={str(path)!r} must end in {known}{meant(path.suffix, forms)}.")
    return forms[path.suffix]


def _refused(word: str) -> Any:
    raise ValueError(f'{word} is no number of JSON; write "{word.lower().replace("infinity", "inf")}", as a text')


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one table")
        found[key] = value
    return found


_WRITERS: dict[str, Callable[[Any], Any]] = {".json": as_json, ".toml": as_toml}
_READERS: dict[str, Callable[[Any], Any]] = {
    ".json": lambda text: json.loads(text, parse_constant=_refused, object_pairs_hook=_unique),
    ".toml": tomllib.loads,
}


def _write_arrays(path: Path, arrays: Arrays) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy", _MOMENT), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


def _read_arrays(path: Path, data: dict[str, Any], source: str) -> Arrays:
    """The arrays that a spec names, of which the file holds as many bytes as the spec says, and no more."""
    wanted = [node for node in companions(data) if isinstance(node["file"], str)]
    if not wanted:
        return {}
    found: Arrays = {}
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(path) as file:
            for node in wanted:
                try:
                    found[node["file"]] = _member(file, node)
                except (ValueError, KeyError, OSError, zipfile.BadZipFile, NotImplementedError) as error:
                    why = "there is none" if isinstance(error, KeyError) else str(error).rstrip(".")
                    problems.append(Problem(node["file"], f"the array cannot be read from {path.name}: {why}."))
    except (OSError, zipfile.BadZipFile):
        problems = [Problem("", f"its arrays are in {path.name}, which is not there, or is no .npz file.")]
    if problems:
        raise SpecError(problems, source)
    return found


def _member(file: zipfile.ZipFile, node: Any) -> np.ndarray:
    info, size = file.getinfo(f"{node['file']}.npy"), size_of(node)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise ValueError("it is compressed or encrypted; write it with write_spec")
    if size is None:
        raise ValueError(f"shape={describe(node.get('shape'))} must be a list of positive integers")
    with file.open(info) as member:
        if np.lib.format.read_magic(member) != (1, 0):
            raise ValueError("it is of another version; write it with write_spec")
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        said = list(shape), type_name(dtype)
        if said != (node["shape"], node.get("dtype")) or dtype.hasobject or dtype.kind not in "biufU":
            raise ValueError(f"it has the shape {shape} and the dtype {dtype}, not those that are written")
        if info.file_size != member.tell() + size * dtype.itemsize:
            raise ValueError("it has another size than its shape says")
    with file.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)

"""Paths as users give them, and files that appear whole or not at all."""

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from brainmass.units import describe

_LONGEST = 255  # bytes of a name, on the file systems in use
_PROCESS, _COUNT = uuid4().hex[:8], itertools.count()
_PARTIAL = re.compile(r"\.brainmass-(\d+)-([0-9a-f]{8})-\d+")


def checked_path(given: Any, name: str) -> Path:
    """A path that a file system can have.

    Raises
    ------
    TypeError, ValueError
        No path, an empty one, a sign that no name can hold, or a name that is too long.
    """
    if not isinstance(given, str | os.PathLike) or not isinstance(os.fspath(given), str):
        raise TypeError(f"{name}={describe(given)} is not a path; give a string or a pathlib.Path.")
    text = os.fspath(given)
    if not text:
        raise ValueError(f"{name}='' is an empty path; name a file or a folder.")
    try:
        sizes = [len(os.fsencode(part)) for part in Path(text).parts]
    except UnicodeError:
        sizes = None
    if sizes is None or "\0" in text:
        raise ValueError(f"{name}={describe(given)} holds a sign that no file name can hold; choose another name.")
    if max(sizes, default=0) > _LONGEST:
        raise ValueError(f"{name} has a name of {max(sizes)} bytes; {_LONGEST} are the most, choose a shorter one.")
    return Path(text)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path that replaces ``path`` on success and vanishes on failure; links are followed.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    FileExistsError
        There is something else than a file.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"path={str(path)!r} lies in a folder that does not exist; make {target.parent} first.")
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "a device or a pipe"
        raise FileExistsError(f"path={str(path)!r} is {kind}; give the path of a file.")
    partial = target.with_name(f".brainmass-{os.getpid()}-{_PROCESS}-{next(_COUNT)}")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
        _sync(target.parent)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make a rename outlast a power cut, where folders can be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def is_partial(path: Path) -> bool:
    """Whether it is what `atomic` writes before the rename."""
    return bool(_PARTIAL.fullmatch(path.name))


def sweep(folder: Path) -> None:
    """Remove what writers left that were killed."""
    for path in folder.iterdir():
        found = _PARTIAL.fullmatch(path.name)
        if found and not _writes(int(found[1]), found[2]):
            with suppress(OSError):
                path.unlink()


def _writes(process: int, token: str) -> bool:
    """Whether a process is there still; a number may have come to another one, as to this."""
    if process == os.getpid():
        return token == _PROCESS
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

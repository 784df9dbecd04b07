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

_LONGEST, _LONGEST_PATH = 255, 4095  # bytes of a name and of a path, on the systems in use
_PROCESS, _COUNT = uuid4().hex[:8], itertools.count()
_PARTIAL = re.compile(r"\.brainmass-(\d+)-([0-9a-f]{8})-\d+")


def checked_path(given: Any, name: str) -> Path:
    """A path that a file system can have; a "~" before it is the home of a user.

    Raises
    ------
    TypeError, ValueError
        No path, an empty one, a sign that no name can hold, or too long.
    """
    if not isinstance(given, str | os.PathLike) or not isinstance(os.fspath(given), str):
        raise TypeError(f"{name}={describe(given)} is not a path; give a string or a pathlib.Path.")
    text = os.path.expanduser(os.fspath(given))
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
    if (size := len(os.fsencode(text))) > _LONGEST_PATH:
        raise ValueError(f"{name} is a path of {size} bytes; {_LONGEST_PATH} are the most, choose a shorter one.")
    return Path(text)


def kind_of(path: Path) -> str:
    """What something else than a file is."""
    return "a folder" if path.is_dir() else "a device or a pipe"


def check_target(path: Path) -> Path:
    """Where a file goes that is written to ``path``; links are followed.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        There is no such folder, or it takes no file.
    FileExistsError
        There is something else than a file.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        file = next((above for above in target.parents if above.is_file()), None)
        if file is not None:
            raise NotADirectoryError(f"path={str(path)!r} lies in {str(file)!r}, which is a file; give a folder.")
        raise FileNotFoundError(f"path={str(path)!r} lies in a folder that does not exist; make {target.parent} first.")
    if target.is_symlink():
        raise FileExistsError(f"path={str(path)!r} is a link that leads back to itself; give the path of a file.")
    if target.exists() and not target.is_file():
        raise FileExistsError(f"path={str(path)!r} is {kind_of(target)}; give the path of a file.")
    if not os.access(target.parent, os.W_OK):
        raise PermissionError(f"path={str(path)!r} lies in a folder that may not be written; choose another one.")
    return target


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path that replaces ``path`` on success and vanishes on failure; links are followed.

    Raises
    ------
    OSError
        It cannot be written.
    """
    target = check_target(path)
    partial = target.with_name(f".brainmass-{os.getpid()}-{_PROCESS}-{next(_COUNT)}")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
        _sync(target.parent)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"path={str(path)!r} cannot be written ({os.strerror(error.errno)})") from None
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


def remove_leftovers(folder: Path) -> None:
    """Remove what writers left that were killed."""
    for path in folder.iterdir():
        if (found := _PARTIAL.fullmatch(path.name)) is None:
            continue
        process, token = int(found[1]), found[2]
        if not (token == _PROCESS if process == os.getpid() else is_alive(process)):
            with suppress(OSError):
                path.unlink()


def is_alive(process: int) -> bool:
    """Whether there is a process of this number; it may have come to another one."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True

"""One process at a time writes a run's folder."""

import json
import os
import socket
from contextlib import suppress
from pathlib import Path

from brainmass.files import is_alive

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None

NAME = ".lock"


class Lock:
    """A file that says which process, on which host, holds a folder.

    It is locked by the system as long as that process lives, so one that a killed process left holds nobody up. Where
    the system has no locks, it holds as long as it is there, and its process, if that is of this host, lives.
    """

    def __init__(self, folder: Path):
        self.path, self._file = folder / NAME, None

    def take(self) -> None:
        """Hold the folder.

        Raises
        ------
        BlockingIOError
            It is held, perhaps by another thread of this process.
        """
        while self._file is None:
            opened, made = _opened(self.path)
            try:
                if _lock(opened, made) and _is_at(opened, self.path):
                    os.ftruncate(opened, 0)
                    os.write(opened, json.dumps(dict(pid=os.getpid(), host=socket.gethostname())).encode())
                    self._file = opened
                elif _is_at(opened, self.path):  # a dead process left it, and no system holds it for another
                    self.path.unlink()
            except BlockingIOError as error:
                way = "wait for it or stop it" + ("" if error.errno else f", and if it has ended, delete {NAME} there")
                raise BlockingIOError(
                    f"{str(self.path.parent)!r} is held by {_holder(opened)}, and this is {_self()}; {way}."
                ) from None
            finally:
                if self._file is None:
                    os.close(opened)

    @property
    def holds(self) -> bool:
        """Whether it is taken, and nobody has removed or replaced its file."""
        return self._file is not None and _is_at(self._file, self.path)

    def release(self) -> None:
        """Let another one hold the folder."""
        if self._file is None:
            return
        try:
            if _is_at(self._file, self.path):
                self.path.unlink()
        except OSError:  # what is left is no lock any more
            pass
        finally:
            os.close(self._file)
            self._file = None


def _opened(path: Path) -> tuple[int, bool]:
    """The file, and whether this call has made it."""
    with suppress(FileExistsError):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o666), False


def _lock(opened: int, made: bool) -> bool:
    """Lock an open file; False if it must be made anew.

    Raises
    ------
    BlockingIOError
        It is held.
    """
    try:
        if fcntl is not None:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        pass
    if not made and not _is_left(_read(opened)):
        raise BlockingIOError
    return made


def _is_at(opened: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened), os.stat(path))
    except FileNotFoundError:
        return False


def _self() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _read(opened: int) -> tuple[int, str] | None:
    """The process and the host that a file names."""
    try:
        holder = json.loads(os.pread(opened, 1000, 0))
        return int(holder["pid"]), str(holder["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_left(named: tuple[int, str] | None) -> bool:
    """Whether a file names a process of this host that has ended."""
    return named is not None and named[1] == socket.gethostname() and not is_alive(named[0])


def _holder(opened: int) -> str:
    named = _read(opened)
    if named is None:
        return "another process"
    child = "a child of the ended " if _is_left(named) else ""
    return f"{child}process {named[0]} on {named[1]}"

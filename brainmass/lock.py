"""One process at a time writes a run's folder."""

import json
import os
import socket
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None

NAME = ".lock"


class Lock:
    """A file that says which process, on which host, holds a folder.

    It is locked by the system as long as that process lives, so one that a killed process left holds nobody up.
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
            opened = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                _lock(opened)
            except BlockingIOError:
                holder = _read(opened)
                os.close(opened)
                raise BlockingIOError(
                    f"{str(self.path.parent)!r} is held by {holder}, and this is {_self()}; wait for it or stop it."
                ) from None
            except BaseException:
                os.close(opened)
                raise
            if _is_at(opened, self.path):
                self._file = opened
                os.ftruncate(opened, 0)
                os.write(opened, json.dumps(dict(pid=os.getpid(), host=socket.gethostname())).encode())
            else:  # its holder has just removed it
                os.close(opened)

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


def _lock(opened: int) -> None:
    try:
        if fcntl is not None:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        pass


def _is_at(opened: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened), os.stat(path))
    except FileNotFoundError:
        return False


def _self() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _read(opened: int) -> str:
    try:
        holder = json.loads(os.pread(opened, 1000, 0))
        return f"process {holder['pid']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"

"""Memory that was freed, given back to the system; and how much the process takes while it does something."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None  # glibc alone has it
_STATM = Path("/proc/self/statm")
_BETWEEN = 0.01  # seconds between two looks


def give_back() -> None:
    """Give back what the C library keeps of what was freed: some 200 MB after compiling a recording network."""
    if _TRIM is not None:
        _TRIM(0)


class Growth:
    """The most bytes that a process took above what it had; None where the system does not say."""

    bytes: int | None = None


@contextmanager
def growth() -> Iterator[Growth]:
    """Watch the memory of the process meanwhile."""
    give_back()
    found, over, before = Growth(), Event(), _resident()
    if before is None:
        yield found
        return
    found.bytes = 0

    def look() -> None:
        while True:
            found.bytes = max(found.bytes or 0, (_resident() or 0) - before)
            if over.wait(_BETWEEN):
                return

    thread = Thread(target=look, name="brainmass memory", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _resident() -> int | None:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None

"""Memory: what is kept from run to run, what is given back to the system, and how much the process takes meanwhile."""

import ctypes
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

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


class BoundedCache:
    """Things by key, made when they are first asked for; where there are too many, that of longest ago goes."""

    def __init__(self, most: int = 64):
        self.most, self._made = most, OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._made

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        self._made.move_to_end(key)
        while len(self._made) > self.most:
            self._made.popitem(last=False)
        return self._made[key]

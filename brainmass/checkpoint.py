"""The folder of a long run: how it was called, where it stands, what it has recorded; each file whole or not there."""

import errno
import os
import time
from itertools import chain
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainmass.job import Job, Place
from brainmass.provenance import environment
from brainmass.store import read_about, read_checked, write_checked
from brainmass.units import describe, step_count

SETUP = "setup.bm"
_LOOSE = ("commit",)


class Checkpoint:
    """Writes the folder of one run, and reads it.

    ``setup.bm`` holds the simulator and the arguments of the run, ``part-<step>.bm`` what was recorded up to a step,
    ``state-<step>.bm`` where the run stood there. A part is written before the state that follows it, so that whatever
    interrupts it, the last state finds all its parts. What is written is no longer kept in memory, until the end.
    """

    def __init__(self, folder: Any, every: int):
        self.folder, self.every = Path(folder), every
        self.start, self.saved = 0, None

    def begin(self, simulator: Any, arguments: dict[str, Any], job: Job) -> None:
        """Make the folder.

        Raises
        ------
        FileExistsError
            It holds a run already.
        """
        if (self.folder / SETUP).exists() and any(self.folder.glob("state-*.bm")):
            raise FileExistsError(
                f"checkpoint={str(self.folder)!r} holds a run already; brainmass.resume({str(self.folder)!r}) goes on "
                "with it, or give another folder."
            )
        if self.folder.exists() and not self.folder.is_dir():
            raise FileExistsError(f"checkpoint={str(self.folder)!r} is a file; give the path of a folder.")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start = job.start
        self._write(SETUP, dict(simulator=simulator, arguments=arguments), environment())
        self.save(job)

    def save(self, job: Job, *, now: bool = False) -> None:
        """Write what is new, if ``every`` steps have passed or it must be ``now``."""
        if self.saved is None or job.place.step - self.saved >= self.every or now:
            new = [part for part in job.reel.parts if part[0] <= job.place.step]
            if new:
                self._write(f"part-{job.place.step:012d}.bm", jax.tree.map(np.asarray, new))
                job.reel.parts = job.reel.parts[len(new) :]
            self._write_state(job)

    def _write_state(self, job: Job) -> None:
        place = jax.tree.map(np.asarray, job.place._replace(step=0))._replace(step=job.place.step)
        self._write(f"state-{job.place.step:012d}.bm", (tuple(place), job.origin, job.wall))
        for older in sorted(self.folder.glob("state-*.bm"))[:-2]:
            older.unlink()
        self.saved = job.place.step

    def _write(self, name: str, content: Any, about: dict[str, str] | None = None) -> None:
        try:
            write_checked(self.folder / name, content, about)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
                raise
            kept = "nothing was" if self.saved is None else f"the first {self.saved - self.start} steps are"
            raise OSError(
                error.errno,
                f"checkpoint={str(self.folder)!r} cannot be written ({os.strerror(error.errno)}); {kept} kept there",
            ) from None

    # -- reading ------------------------------------------------------------------------------------------------------

    def setup(self, *, strict: bool) -> dict[str, Any]:
        """The simulator and the arguments of the run.

        Raises
        ------
        FileNotFoundError
            The folder holds no run.
        ValueError
            A damaged file, or ``strict`` and other versions or another device than now.
        """
        if not (self.folder / SETUP).exists():
            raise FileNotFoundError(f"{str(self.folder)!r} holds no run: it has no {SETUP}.")
        changed = self.changed()
        if changed and strict:
            name, then = next(iter(changed.items()))
            raise ValueError(
                f"{str(self.folder)!r} was begun with {name} {then}, and this is {environment()[name]}; go on there, "
                "or with strict=False, which may round differently."
            )
        return read_checked(self.folder / SETUP)

    def about(self) -> dict[str, str]:
        """The versions and the device with which the run was begun."""
        return read_about(self.folder / SETUP)

    def changed(self) -> dict[str, str | None]:
        """Of these, those that are others now and may change a bit."""
        now, then = environment(), self.about()
        return {n: then.get(n) for n in now if n not in _LOOSE and now[n] != then.get(n)}

    def restore(self, job: Job) -> None:
        """Put the job where the run stood last."""
        states = sorted(self.folder.glob("state-*.bm"))
        problem: Exception | None = None
        for path in reversed(states):
            try:
                place, job.origin, wall = read_checked(path)
                job.place, job.reel.origin, job.since = Place(*place), job.origin, time.perf_counter() - wall
                break
            except (ValueError, FileNotFoundError) as error:  # damaged, or just replaced: another is as good
                problem = error
        else:
            raise problem or FileNotFoundError(f"{str(self.folder)!r} holds no state of a run; start it again.")
        job.reel.parts = []
        self.start, self.saved = job.start, job.place.step

    def prune(self) -> None:
        """Remove the parts whose state was not written any more; they come again."""
        for path, step in self._parts():
            if self.saved is not None and step > self.saved:
                path.unlink()

    def recall(self, job: Job) -> None:
        """Give the job back what was recorded and written."""
        written = [read_checked(path) for path, step in self._parts() if self.saved is not None and step <= self.saved]
        job.reel.parts = [*chain(*written), *job.reel.parts]

    def _parts(self) -> list[tuple[Path, int]]:
        """The files of parts in the order of time, and the steps up to which they go."""
        return [(path, int(path.stem.removeprefix("part-"))) for path in sorted(self.folder.glob("part-*.bm"))]


def check_saving(folder: Any, every: Any) -> None:
    """Refuse, with a ValueError, a time between savings of a run that is not saved."""
    if folder is None and every is not None:
        raise ValueError(f"checkpoint_every={describe(every)} came without checkpoint; give the folder, too.")


def checked_every(given: Any, dt: float, duration: int) -> int:
    """The steps between two checkpoints; a twentieth of the run by default."""
    steps = max(1, duration // 20) if given is None else step_count(given, dt, "checkpoint_every")
    if steps < 1:
        raise ValueError(f"checkpoint_every={describe(given)} must be at least one step of {dt:g} ms.")
    return steps

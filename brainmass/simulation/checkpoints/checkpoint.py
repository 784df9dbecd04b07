"""The folder of a long run: how it was called, where it stands, what it has recorded; each file whole or not there."""

import errno
import io
import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import brainunit as u
import jax
import numpy as np

from brainmass.files import checked_path, remove_leftovers
from brainmass.results import BadState
from brainmass.simulation.checkpoints.call import PICKLE
from brainmass.simulation.checkpoints.folder import (
    SETUP,
    Part,
    as_written,
    check_free,
    check_part,
    file_name,
    newest_complete_state,
    numbered,
)
from brainmass.simulation.checkpoints.lock import NAME as LOCK
from brainmass.simulation.checkpoints.lock import Lock
from brainmass.simulation.checkpoints.sealed_files import Seal, read_checked, write_checked
from brainmass.simulation.checkpoints.setup import setup_of
from brainmass.simulation.engine import SimulationState
from brainmass.simulation.run import (
    Run,
)
from brainmass.simulation.setup import (
    RunOptions,
)

_MOST_OPEN = 64  # parts that stay readable when the folder is deleted; of others the content is kept in memory


class Checkpoint:
    """Writes the folder of one run, and goes on with it.

    ``setup.bm`` holds the simulator and the options of the run, ``part-<step>.bm`` what was recorded up to a step,
    ``state-<step>.bm`` where the run stood there, with the list of all parts until then. A part is written before the
    state that lists it, so that whatever interrupts it, the last state finds all its parts. What is written is no
    longer kept in memory, until the end; only a run that saves itself very often keeps it. All of it is data: trees
    are written as their arrays, and get their nodes back from the run that is prepared again.

    ``described`` says of a run what a result needs beside the series. As a context it holds the folder for itself.
    """

    def __init__(self, folder: Any, every: int, described: Callable[[Run], dict[str, Any]]):
        self.folder, self.every, self.described = checked_path(folder, "checkpoint"), every, described
        self.start, self.saved = 0, None
        self._lock, self._setup = Lock(self.folder), Seal(0, "")
        self._parts: list[Part] = []
        self._open: dict[Part, BinaryIO] = {}

    def __enter__(self) -> "Checkpoint":
        return self

    def __exit__(self, *raised: Any) -> None:
        self._lock.release()
        while self._open:
            self._open.popitem()[1].close()

    # -- writing ------------------------------------------------------------------------------------------------------

    def begin(self, simulator: Any, options: RunOptions, run: Run) -> None:
        """Make the folder.

        Raises
        ------
        FileExistsError
            It holds a run already, or something else.
        TypeError
            An option that cannot be saved.
        OSError
            It cannot be written.
        """
        content = setup_of(simulator, options, run)
        try:
            check_free(self.folder)
            made = _made(self.folder)
        except OSError as error:
            raise self._unwritten(error) from None
        self.start = run.start
        self._take()
        check_free(self.folder)  # once more: another one may have begun and ended
        try:
            self._setup = self._written(SETUP, content)
            self.save(run)
        except BaseException:
            if made and self.saved is None and self._lock.holds:  # all in it is of this run
                shutil.rmtree(self.folder, ignore_errors=True)
            raise
        if content["call"]["pickle"] is not None:
            logging.getLogger("brainmass").warning(
                'checkpoint=%r holds a pickle, which can run code (%s); brainmass.resume asks for trust=("%s",).',
                str(self.folder),
                content["call"]["why"],
                PICKLE,
            )

    def save(self, run: Run, *, now: bool = False) -> None:
        """Write what is new, if ``every`` steps have passed or it must be ``now``."""
        step = run.state.step
        if step == self.saved or not (self.saved is None or step - self.saved >= self.every or now):
            return
        self._check_own()
        new = [part for part in run.recorded.parts if part[0] <= step]
        parts = list(self._parts)
        if new:
            parts.append(Part(step, *self._written(file_name("part", step), new)))
            self._hold(parts[-1])
        state = jax.tree.map(np.asarray, run.state._replace(step=0))._replace(step=step)
        data = dict(
            step=step,
            setup=self._setup,
            parts=parts,
            count_from=run.count_from,
            wall=run.wall,
            described=self.described(run),
            state=state,
        )
        self._written(file_name("state", step), data)
        rest = run.recorded.parts[len(new) :]
        self.saved, self._parts, run.recorded.parts = step, parts, rest  # in one line, which no interrupt divides
        with suppress(OSError, ValueError):
            for older in list(numbered(self.folder, "state").values())[:-2]:
                older.unlink()

    def _check_own(self) -> None:
        """Refuse to write where the folder is no longer that of this run."""
        try:
            why = "" if self._lock.holds else f"its {LOCK} is gone or of another run"
            if not why and read_checked(self.folder / SETUP).seal != self._setup:
                why = f"its {SETUP} is of another run"
        except (OSError, ValueError):
            why = f"its {SETUP} is gone or damaged"
        if not self.folder.is_dir():
            raise self._unwritten(FileNotFoundError(errno.ENOENT, ""))
        if why:
            raise OSError(
                f"checkpoint={str(self.folder)!r} is not written any more: {why}; what is there is left as it is."
            )

    def _take(self) -> None:
        try:
            self._lock.take()
            remove_leftovers(self.folder)
        except OSError as error:
            raise self._unwritten(error) from None

    def _written(self, name: str, data: Any) -> Seal:
        try:
            return write_checked(self.folder / name, data)
        except OSError as error:
            raise self._unwritten(error) from None

    def _unwritten(self, error: OSError) -> OSError:
        """The sentence of what the system says, and of what is kept; one of our own stays."""
        gone = self.saved is not None and not self.folder.is_dir()
        if error.errno is None and not gone:
            return error
        why = "the folder is gone" if gone else os.strerror(error.errno or errno.EIO)
        kept = "nothing was" if self.saved is None else f"the first {self.saved - self.start} steps are"
        text = f"checkpoint={str(self.folder)!r} cannot be written ({why}); {'nothing is' if gone else kept} kept there"
        return OSError(error.errno or errno.ENOENT, text)

    def _hold(self, part: Part) -> None:
        """Keep a part readable, whatever becomes of its name."""
        with suppress(OSError):
            file = (self.folder / part.name).open("rb")
            if len(self._open) >= _MOST_OPEN:
                with file:
                    file = io.BytesIO(file.read())
            self._open[part] = file

    # -- reading ------------------------------------------------------------------------------------------------------

    def restore(self, run: Run) -> None:
        """Hold the folder, check all of it, and put the run where it stood last.

        Raises
        ------
        ValueError, FileNotFoundError
            No state of which all parts are right.
        """
        self._take()
        self._setup = read_checked(self.folder / SETUP).seal
        last = newest_complete_state(self.folder, self._setup, fall_back=True)
        with as_written(self.folder, last.file.path.name):
            run.state, run.count_from = _state_of(run, last.data["state"]), last.data["count_from"]
            run.recorded.count_from = run.count_from
            run.since, run.recorded.parts = time.perf_counter() - last.data["wall"], []
            run.bad_states = {member: BadState(*bad) for member, bad in last.data["described"]["bad_states"].items()}
        self.start, self.saved, self._parts = run.start, last.step, last.parts
        for kind in ("part", "state"):  # of a state that was not written any more, or is damaged: they come again
            for step, path in numbered(self.folder, kind).items():
                if step > last.step:
                    path.unlink()
        for part in last.parts:
            self._hold(part)

    def load_parts(self, run: Run) -> OSError | None:
        """Give the run back what was recorded and written; the error, if a part was damaged meanwhile.

        The run then ends before that part, and has no statistics.
        """
        written, problem, stop = [], None, self.start
        try:
            for part in self._parts:
                written += check_part(self.folder, part, self._open.get(part)).data()
                stop = part.step
        except (OSError, ValueError) as error:
            problem = OSError(f"checkpoint={str(self.folder)!r}: {error}")
            run.state, run.recorded.parts = run.state._replace(monitor_states=None, step=stop), []
        run.recorded.parts = [*_with_nodes(run, written), *run.recorded.parts]
        return problem


def _made(folder: Path) -> bool:
    """Whether this call has made a folder, and no other one before it."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return False
    return True


def _is_quantity(x: Any) -> bool:
    return isinstance(x, u.Quantity)


def _grown(like: Any, tree: Any) -> Any:
    """A tree that was read as data, with the nodes of one that is like it."""
    structure = jax.tree.structure(jax.tree.map(lambda _: 0, like, is_leaf=_is_quantity))
    return jax.tree.unflatten(structure, jax.tree.leaves(tree, is_leaf=_is_quantity))


def _state_of(run: Run, written: tuple) -> SimulationState:
    """Where a run stood."""
    state = SimulationState(*written)
    if state.states is not None and any(
        not state.states[path].keys() >= {*names} for path, names in run.variables.items()
    ):
        raise KeyError("states of another model")
    if state.monitor_states is None:
        return state
    like = jax.eval_shape(lambda: run.recorded.recorder.begin(1))[: len(state.monitor_states)]
    return state._replace(monitor_states=_grown(like, state.monitor_states))


def _with_nodes(run: Run, written: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """What was recorded and read as data; trees have the nodes again that callables give them."""
    trees = {n for _, kept in written for n, x in kept.items() if not isinstance(x, np.ndarray | u.Quantity)}
    if not trees:
        return written
    chunk = run.schedule[-1]
    like, _ = jax.eval_shape(run.program_for(chunk.shape), run.program_arguments(chunk))
    return [(end, {n: _grown(like[n], x) if n in trees else x for n, x in kept.items()}) for end, kept in written]

"""What lies in the folder of a run, checked before anything is made of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from brainmass.files import checked_path, is_partial, kind_of
from brainmass.simulation.checkpoints.lock import NAME as LOCK
from brainmass.simulation.checkpoints.sealed_files import BACK, CheckedFile, Seal, read_checked

SETUP = "setup.bm"
_NUMBERED = re.compile(r"(part|state)-(\d{12,})\.bm")


class Part(NamedTuple):
    """A file of what was recorded up to a step, as a state lists it."""

    step: int
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        return file_name("part", self.step)


class CompleteState(NamedTuple):
    """A state of which the folder holds every part."""

    step: int
    data: dict[str, Any]
    file: CheckedFile
    parts: list[Part]


def file_name(kind: str, step: int) -> str:
    """The name of the "part" or "state" of a step; names sort by step."""
    return f"{kind}-{step:012d}.bm"


def numbered(folder: Path, kind: str) -> dict[int, Path]:
    """The files of a kind by step, in order; what others have put there is none of them.

    Raises
    ------
    ValueError
        Something else than a file stands where the run will write.
    """
    found = ((_NUMBERED.fullmatch(path.name), path) for path in folder.iterdir())
    files = {int(m[2]): path for m, path in found if m and m[1] == kind}
    for path in files.values():
        if path.exists() and not path.is_file():
            raise ValueError(f"{str(folder)!r}: {path.name} is {kind_of(path)}, where the run has a file; remove it.")
    return dict(sorted(files.items()))


def open_folder(given: Any, name: str = "folder") -> Path:
    """The folder of a run.

    Raises
    ------
    FileNotFoundError
        It holds no run.
    """
    folder = checked_path(given, name)
    if not (folder / SETUP).is_file():
        raise FileNotFoundError(f"{name}={str(folder)!r} holds no run: it has no {SETUP}.")
    return folder


def check_free(folder: Path) -> None:
    """Refuse a folder that holds more than the beginning of a run that was killed at once.

    Raises
    ------
    FileExistsError
        Names what it holds.
    """
    if folder.is_symlink() and not folder.exists():
        raise FileExistsError(f"checkpoint={str(folder)!r} is a link to nothing; give the path of a folder.")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FileExistsError(f"checkpoint={str(folder)!r} is a file; give the path of a folder.")
    if numbered(folder, "state") or numbered(folder, "part"):
        way = "goes on with it" if (folder / SETUP).is_file() else f"could, if {SETUP} were there"
        raise FileExistsError(
            f"checkpoint={str(folder)!r} holds a run already; brainmass.resume({str(folder)!r}) {way}, or give another "
            "folder."
        )
    for path in folder.iterdir():
        if path.name not in (SETUP, LOCK) and not is_partial(path):
            raise FileExistsError(
                f"checkpoint={str(folder)!r} holds other files, as {path.name!r}; give a folder that does not exist "
                "yet or is empty."
            )


def newest_complete_state(folder: Path, setup: Seal, *, fall_back: bool) -> CompleteState:
    """The newest state, all of whose parts are there and right; or else, to ``fall_back``, the one before.

    Raises
    ------
    ValueError, FileNotFoundError
        There is none; names what is wrong with the newest.
    """
    numbered(folder, "part")  # nothing else may stand where one of them will
    problem: Exception | None = None
    older = ""
    for step, path in reversed(numbered(folder, "state").items()):
        try:
            found = _checked_state(folder, step, path, setup)
        except (ValueError, OSError) as error:
            problem = problem or error
            continue
        if problem is None or fall_back:
            return found
        older = f", or let brainmass.resume go on from {path.name}"
        break
    if problem is None:
        raise FileNotFoundError(f"{str(folder)!r} holds no state of a run; start it again in another folder.")
    kind = FileNotFoundError if isinstance(problem, FileNotFoundError) else ValueError
    raise kind(f"{str(folder)!r}: {str(problem).rstrip('.')}{older}.") from None


@contextmanager
def as_written(folder: Path, name: str) -> Iterator[None]:
    """Say of a file in one sentence that it holds something else than a run writes, whatever that leads to."""
    try:
        yield
    except (OSError, Warning):
        raise
    except Exception:
        raise ValueError(f"{str(folder)!r}: {name} holds something else than a run writes; {BACK}.") from None


def _checked_state(folder: Path, step: int, path: Path, setup: Seal) -> CompleteState:
    file = read_checked(path)
    data = file.data()
    try:
        same, parts = data["step"] == step, [Part(*part) for part in data["parts"]]
        ours = Seal(*data["setup"]) == setup
    except (TypeError, KeyError, ValueError):
        raise ValueError(f"{path.name} is no state of a run; {BACK}") from None
    if not same:
        raise ValueError(f"{path.name} is a copy of {file_name('state', data['step'])}; delete it")
    if not ours:
        raise ValueError(f"{path.name} and {SETUP} are of two runs; put them apart")
    for part in parts:
        check_part(folder, part)
    return CompleteState(step, data, file, parts)


def check_part(folder: Path, part: Part, opened: BinaryIO | None = None) -> CheckedFile:
    """The file of a part, if it is that which was written.

    Raises
    ------
    FileNotFoundError, ValueError
        It is missing, damaged or another.
    """
    path = folder / part.name
    if opened is None and not path.is_file():
        raise FileNotFoundError(f"{part.name} is missing; {BACK}")
    file = read_checked(path, opened)
    if file.seal != Seal(part.bytes, part.sha256):
        raise ValueError(f"{part.name} is another than was written; {BACK}")
    return file

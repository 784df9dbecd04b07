"""Files of a run: data, under a checksum. Reading one executes nothing."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from brainmass.files import atomic, packed, unpacked

KIND, FORMAT = "brainmass checkpoint", 6
BACK = "bring the file back as it was written"


class Seal(NamedTuple):
    """The size and the checksum of a file's content: what it must have to be the one that was written."""

    bytes: int
    sha256: str


class CheckedFile(NamedTuple):
    """A file that is what was written."""

    path: Path
    seal: Seal
    content: memoryview
    tree: int
    """The bytes of the JSON at its beginning; the rest are the arrays."""

    def data(self) -> Any:
        """The data.

        Raises
        ------
        ValueError
            A file that only looks like one that `write_checked` wrote.
        """
        try:
            return unpacked(json.loads(bytes(self.content[: self.tree])), self.content[self.tree :])
        except Exception:  # what is damaged or made up may lead to anything
            raise ValueError(f"{self.path.name} is damaged, or no run wrote it; {BACK}.") from None


def write_checked(path: str | os.PathLike, data: Any) -> Seal:
    """Write data after a line that says what it is, how long, and with which checksum."""
    buffers: list[np.ndarray] = []
    tree = json.dumps(packed(data, buffers)).encode()
    pieces = [tree, *(x.reshape(-1).view(np.uint8).data for x in buffers)]
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    seal = Seal(sum(len(piece) for piece in pieces), digest.hexdigest())
    head = dict(kind=KIND, format=FORMAT, tree=len(tree), **seal._asdict())
    with atomic(Path(path)) as partial, partial.open("wb") as file:
        file.writelines([json.dumps(head).encode() + b"\n", *pieces])
    return seal


def read_checked(path: str | os.PathLike, opened: BinaryIO | None = None) -> CheckedFile:
    """What `write_checked` wrote, checked; from an ``opened`` file, whatever has its name by now.

    Raises
    ------
    ValueError
        Another kind of file, one of another format, or a damaged one.
    """
    path = Path(path)
    if opened is not None:
        opened.seek(0)
    first, _, rest = (path.read_bytes() if opened is None else opened.read()).partition(b"\n")
    seal, tree = _head(first, path.name)
    content = memoryview(rest)
    if Seal(len(content), sha256(content).hexdigest()) != seal or tree > len(content):
        raise ValueError(
            f"{path.name} is damaged: {len(content)} bytes of {seal.bytes}, or others than were written; {BACK}."
        )
    return CheckedFile(path, seal, content, tree)


def _head(line: bytes, name: str) -> tuple[Seal, int]:
    try:
        head = json.loads(line)
        version = head["format"] if head["kind"] == KIND else None
    except (ValueError, KeyError, TypeError, RecursionError):
        head, version = {}, None
    if not isinstance(version, int):
        raise ValueError(f"{name} is no checkpoint of brainmass; {BACK}.")
    if version != FORMAT:
        age, way = ("a later", "update brainmass") if version > FORMAT else ("an earlier", "go on with that one")
        raise ValueError(f"{name} is of {age} brainmass (its format is {version}, not {FORMAT}); {way}.")
    try:
        if (tree := int(head["tree"])) < 0:
            raise ValueError
        return Seal(int(head["bytes"]), str(head["sha256"])), tree
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is damaged: its first line lacks what every file of a run says; {BACK}.") from None

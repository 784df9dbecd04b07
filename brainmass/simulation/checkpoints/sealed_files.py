"""Files of a run: data, and code beside it that is read only by those who ask for it, under one checksum."""

import json
import os
import pickle
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from brainmass.files import atomic, packed, unpacked

KIND, FORMAT = "brainmass checkpoint", 5
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
    lengths: tuple[int, int]

    def data(self) -> Any:
        """The data; nothing is unpickled.

        Raises
        ------
        ValueError
            A file that only looks like one that `write_checked` wrote.
        """
        tree, buffers = self.lengths
        try:
            return unpacked(json.loads(bytes(self.content[:tree])), self.content[tree : tree + buffers])
        except Exception:  # what is damaged or made up may lead to anything
            raise ValueError(f"{self.path.name} is damaged, or no run wrote it; {BACK}.") from None

    def code(self) -> Any:
        """What was pickled, which can run code: ask only for what you made yourself."""
        return pickle.loads(self.content[sum(self.lengths) :])


def pickled(content: Any) -> bytes:
    """The pickle of what has no form as data."""
    import cloudpickle

    return cloudpickle.dumps(content)


def write_checked(path: str | os.PathLike, data: Any, code: bytes = b"") -> Seal:
    """Write data, and a pickle beside it, after a line that says what it is, how long, and with which checksum."""
    buffers: list[np.ndarray] = []
    tree = json.dumps(packed(data, buffers)).encode()
    pieces = [tree, *(x.reshape(-1).view(np.uint8).data for x in buffers), code]
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    seal = Seal(sum(len(piece) for piece in pieces), digest.hexdigest())
    lengths = [len(tree), seal.bytes - len(tree) - len(code)]
    head = dict(kind=KIND, format=FORMAT, lengths=lengths, **seal._asdict())
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
    seal, lengths = _head(first, path.name)
    content = memoryview(rest)
    if Seal(len(content), sha256(content).hexdigest()) != seal or sum(lengths) > len(content):
        raise ValueError(
            f"{path.name} is damaged: {len(content)} bytes of {seal.bytes}, or others than were written; {BACK}."
        )
    return CheckedFile(path, seal, content, lengths)


def _head(line: bytes, name: str) -> tuple[Seal, tuple[int, int]]:
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
        tree, buffers = map(int, head["lengths"])
        if min(tree, buffers) < 0:
            raise ValueError
        return Seal(int(head["bytes"]), str(head["sha256"])), (tree, buffers)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is damaged: its first line lacks what every file of a run says; {BACK}.") from None

"""Files that appear whole or not at all, and are checked when they are read."""

import json
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4


@contextmanager
def atomic(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it on success and vanishes on failure.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path={str(path)!r} lies in a folder that does not exist; make {path.parent} first.")
    partial = path.with_name(f".{path.name}.{os.getpid()}.{uuid4().hex[:8]}")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


KIND, FORMAT = "brainmass checkpoint", 2


def write_checked(path: str | os.PathLike, content: Any, about: dict[str, str] | None = None) -> None:
    """Write an object with a first line that says what it is, how long, with which checksum, and ``about`` it."""
    import cloudpickle

    payload = cloudpickle.dumps(content)
    head = dict(kind=KIND, format=FORMAT, bytes=len(payload), sha256=sha256(payload).hexdigest(), about=about or {})
    with atomic(path) as partial:
        partial.write_bytes(json.dumps(head).encode() + b"\n" + payload)


def read_about(path: str | os.PathLike) -> dict[str, str]:
    """What the first line says about an object that `write_checked` wrote; nothing of it is unpickled.

    Raises
    ------
    ValueError
        Another kind of file, or one of another format.
    """
    return _head(Path(path))[0]["about"]


def read_checked(path: str | os.PathLike) -> Any:
    """What `write_checked` wrote. It is a pickle, which can run code: read only files that you made yourself.

    Raises
    ------
    ValueError
        Another kind of file, one of another format, or a damaged one.
    """
    head, payload = _head(Path(path))
    if len(payload) != head["bytes"] or sha256(payload).hexdigest() != head["sha256"]:
        raise ValueError(
            f"{Path(path).name} is damaged: {len(payload)} bytes of {head['bytes']}, or others than were written."
        )
    return pickle.loads(payload)


def _head(path: Path) -> tuple[dict[str, Any], bytes]:
    first, _, payload = path.read_bytes().partition(b"\n")
    name = path.name
    try:
        head = json.loads(first)
        kind, version = head["kind"], head["format"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{name} is no checkpoint of brainmass.") from None
    if kind != KIND:
        raise ValueError(f"{name} is no checkpoint of brainmass.")
    if version != FORMAT:
        age, way = ("a later", "update brainmass") if version > FORMAT else ("an earlier", "go on with that one")
        raise ValueError(f"{name} is of {age} brainmass (its format is {version}, not {FORMAT}); {way}.")
    return head, payload

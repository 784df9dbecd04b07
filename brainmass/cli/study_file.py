"""What all commands that take a file share: its name, ``--set``, ``--json``, ``-q`` and ``-v``, and how they refuse."""

import json
import logging
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer

File = Annotated[Path, typer.Argument(help="The study: a .toml or .json file.", show_default=False)]
Set = Annotated[list[str] | None, typer.Option("--set", help="Another value, as network.k=0.3; may be repeated.")]
Trust = Annotated[list[str] | None, typer.Option("--trust", help="A module of yours that may be imported.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing but the result.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say what is being done.")]

_STEP = re.compile(r'\.?([^.\[\]"]+)|\["([^"]*)"\]|\[(\d+)\]')


@contextmanager
def refusals(as_json: bool = False) -> Iterator[None]:
    """Inside, what is wrong with a file is said in sentences, or as JSON, with exit code 1."""
    from brainmass.spec import SpecError

    sys.path.append("")  # for modules of the user; last, so that no file beside a study stands in for a library
    try:
        yield
    except SpecError as error:
        _refuse(str(error), [problem._asdict() for problem in error.problems], as_json)
    except (ValueError, TypeError, KeyError, FloatingPointError, ImportError, OSError) as error:
        sentence = str(error)
        if isinstance(error, OSError) and error.filename:
            sentence = f"{error.filename}: {error.strerror}."
        _refuse(sentence, [{"path": "", "sentence": sentence}], as_json)


def _refuse(text: str, problems: list[dict[str, str]], as_json: bool) -> None:
    typer.echo(json.dumps({"problems": problems}) if as_json else text, err=not as_json)
    raise typer.Exit(1) from None


def loaded(file: Path, changes: list[str] | None) -> Any:
    """The spec of a file with other values."""
    from brainmass.spec import read_spec
    from brainmass.study import completed

    spec = read_spec(file)
    for change in changes or ():
        path, sign, text = change.partition("=")
        if not sign or not path:
            raise ValueError(f"--set {change!r} must be path=value, as network.k=0.3.")
        put(spec, path.strip(), value_of(text.strip()))
    return completed(spec)


def value_of(text: str) -> Any:
    """A value as TOML has it; a text without quotes is one, too."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def put(spec: Any, path: str, value: Any) -> None:
    """Put a value at a path, such as ``network.node.a`` or ``stimuli.x_inp.terms[0].onset``.

    Raises
    ------
    ValueError
        There is no such place.
    """
    steps: list[Any] = [name or quoted or int(number) for name, quoted, number in _STEP.findall(path)]
    if "".join(found[0] for found in iter(_STEP.finditer(path))) != path:
        raise ValueError(f"--set {path}: the path must be names with points between them, as network.node.a.")
    at: Any = spec
    for done, step in enumerate(steps):
        indexed = isinstance(at, list) and isinstance(step, int) and step < len(at)
        if not indexed and not (isinstance(at, dict) and isinstance(step, str)):
            raise ValueError(f"--set {path}: there is no {step!r} in {'.'.join(map(str, steps[:done])) or 'the file'}.")
        parts = cast("Any", at)
        if done == len(steps) - 1:
            parts[step] = value
        else:
            at = parts[step] if indexed else parts.setdefault(step, {})


def listen(verbose: bool) -> logging.Logger:
    """The logger of the package, which is silent unless one wants to hear it."""
    logger = logging.getLogger("brainmass")
    if verbose and not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    return logger

"""What all commands share: the program itself, tables, and errors without a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

app = typer.Typer(
    help="Simulate whole brains: neural-mass models coupled through a connectome.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("brainmass"))
        raise typer.Exit


@app.callback()
def brainmass(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Simulate whole brains: neural-mass models coupled through a connectome."""


def print_table(*columns: str, rows: Iterable[Sequence[object]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@contextmanager
def plain_errors(remedy: str) -> Iterator[None]:
    """Say in one sentence, and with exit code 1, that a path cannot be read or written: the user can put that right."""
    try:
        yield
    except OSError as error:
        typer.echo(f"{error.filename or 'The file'}: {error.strerror or error}; {remedy}.", err=True)
        raise typer.Exit(1) from None

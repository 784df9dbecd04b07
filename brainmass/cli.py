"""The command line: ``brainmass demo``, ``resume``, ``models``, ``datasets`` and ``info``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from brainmass.commands import COMMANDS

app = typer.Typer(
    help="Simulate whole brains: neural-mass models coupled through a connectome.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


for _command in COMMANDS:
    app.command()(_command)


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


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the figures and the netCDF result.")] = Path("out"),
) -> None:
    """Simulate two bundled connectomes; draw activity and functional connectivity."""
    with _plain_errors("choose another folder with --out"):
        out.mkdir(parents=True, exist_ok=True)
        from brainmass.demo import demo as run_demo

        run_demo(out)


@app.command()
def resume(
    folder: Annotated[Path, typer.Argument(help="The folder given as checkpoint= to the run.")],
    out: Annotated[Path | None, typer.Option(help="The netCDF result; result.nc in the folder by default.")] = None,
    strict: Annotated[bool, typer.Option(help="Refuse other versions, other sources or another device.")] = True,
) -> None:
    """Go on with a run that was stopped, from where it last saved itself, and save its result.

    The folder holds the simulator as a pickle, which can run code: resume only what you made yourself.
    """
    target = folder / "result.nc" if out is None else out
    with _plain_errors("give the folder of a run, and a file that can be written with --out"):
        from brainmass import resume as go_on
        from brainmass.files import check_target, checked_path

        sys.path.insert(0, "")  # where a script finds the user's own models
        try:
            if out is not None or folder.is_dir():  # before anything is computed
                check_target(checked_path(str(target), "--out"))
            go_on(folder, strict=strict).save(target)
        except (ValueError, TypeError, FloatingPointError, ImportError, OSError) as error:
            if isinstance(error, OSError) and error.filename:
                raise
            typer.echo((isinstance(error, OSError) and error.strerror) or str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(str(target))


@app.command()
def models() -> None:
    """List the neural-mass models."""
    from brainmass import list_models

    rows = [(model.name, model.n_state_vars, model.use_case) for model in list_models()]
    _print_table("model", "states", "meaning", rows=rows)


@app.command()
def datasets() -> None:
    """List the datasets."""
    from brainmass.datasets import list_datasets

    _print_table("dataset", "description", rows=list_datasets())


@app.command()
def info() -> None:
    """Show versions, devices and precision."""
    import platform
    from importlib.metadata import version

    import jax

    import brainmass

    packages = ("jax", "jaxlib", "brainstate", "brainunit", "braintools", "numpy")
    devices = ", ".join(f"{device.device_kind} ({device})" for device in jax.devices())
    _print_table(
        "what",
        "value",
        rows=[
            ("brainmass", brainmass.__version__),
            *((name, version(name)) for name in packages),
            ("Python", platform.python_version()),
            ("devices", devices),
            ("precision", str(jax.numpy.result_type(float))),
        ],
    )


def _print_table(*columns: str, rows: Iterable[Sequence[object]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@contextmanager
def _plain_errors(remedy: str) -> Iterator[None]:
    """Say in one sentence, and with exit code 1, that a path cannot be read or written: the user can put that right."""
    try:
        yield
    except OSError as error:
        typer.echo(f"{error.filename or 'The file'}: {error.strerror or error}; {remedy}.", err=True)
        raise typer.Exit(1) from None

"""``brainmass resume``: a run that was stopped goes on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.base import plain_errors


def resume(
    folder: Annotated[Path, typer.Argument(help="The folder given as checkpoint= to the run.")],
    out: Annotated[Path | None, typer.Option(help="The netCDF result; result.nc in the folder by default.")] = None,
    strict: Annotated[bool, typer.Option(help="Refuse other versions, other sources or another device.")] = True,
) -> None:
    """Go on with a run that was stopped, from where it last saved itself, and save its result.

    The folder holds the simulator as a pickle, which can run code: resume only what you made yourself.
    """
    target = folder / "result.nc" if out is None else out
    with plain_errors("give the folder of a run, and a file that can be written with --out"):
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

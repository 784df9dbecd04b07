"""``brainmass resume``: a run that was stopped goes on."""

from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.study_file import Trust, refusals


def resume(
    folder: Annotated[Path, typer.Argument(help="The folder given as checkpoint= to the run.")],
    out: Annotated[Path | None, typer.Option(help="The netCDF result; result.nc in the folder by default.")] = None,
    strict: Annotated[bool, typer.Option(help="Refuse other versions, other sources or another device.")] = True,
    trust: Trust = None,
) -> None:
    """Go on with a run that was stopped, from where it last saved itself, and save its result.

    A folder that holds a pickle, which can run code, is taken with --trust pickle alone: give it for what you made
    yourself.
    """
    target = folder / "result.nc" if out is None else out
    with refusals():
        from brainmass import resume as go_on
        from brainmass.files import check_target, checked_path

        if out is not None or folder.is_dir():  # before anything is computed
            check_target(checked_path(str(target), "--out"))
        go_on(folder, strict=strict, trust=tuple(trust or ())).save(target)
    typer.echo(str(target))

"""``brainmass run study.toml``: run a study and save its result."""

import json
from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.study_file import File, Json, Quiet, Set, Trust, Verbose, listen, loaded, refusals


def run(
    file: File,
    change: Set = None,
    out: Annotated[Path | None, typer.Option(help="The netCDF result; FILE with .nc by default.")] = None,
    trust: Trust = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run a study, and save its result."""
    with refusals(as_json):
        from brainmass.files import check_target, checked_path
        from brainmass.study import read_study

        logger = listen(verbose)
        study = read_study(loaded(file, change), tuple(trust or ()))
        target = check_target(checked_path(str(out or file.with_suffix(".nc")), "--out"))
        logger.info("%s: spec %s", file, study.simulator.spec_hash)
        study.result(progress=not (quiet or as_json)).save(target)
    if as_json:
        typer.echo(json.dumps({"out": str(target), "spec_hash": study.simulator.spec_hash}))
    elif not quiet:
        typer.echo(str(target))

"""``brainmass diff one.toml other.toml``: what differs between two files, in units."""

import json
from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.study_file import File, Json, Set, Trust, loaded, refusals


def diff(
    file: File,
    other: Annotated[Path, typer.Argument(help="The file to compare it with.", show_default=False)],
    change: Set = None,
    trust: Trust = None,
    as_json: Json = False,
) -> None:
    """Print what differs between two files, in units; ``--set`` changes the second one."""
    with refusals(as_json):
        from brainmass.spec import diff as differences

        found = differences(loaded(file, None), loaded(other, change), tuple(trust or ()))
    typer.echo(json.dumps([one._asdict() for one in found]) if as_json else str(found))

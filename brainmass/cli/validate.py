"""``brainmass validate study.toml``: everything that is wrong with a file, at once, before anything is computed."""

import json

import typer

from brainmass.cli.study_file import File, Json, Quiet, Set, Trust, loaded, refusals


def validate(file: File, change: Set = None, trust: Trust = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Say everything that is wrong with a file."""
    with refusals(as_json):
        from brainmass.spec import from_spec

        from_spec(loaded(file, change), tuple(trust or ()))
    if as_json:
        typer.echo(json.dumps({"problems": []}))
    elif not quiet:
        typer.echo(f"{file} is right.")

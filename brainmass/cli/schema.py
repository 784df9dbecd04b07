"""``brainmass schema``: the JSON Schema of the format, for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.study_file import refusals


def schema(out: Annotated[Path | None, typer.Option(help="Write it to a file.")] = None) -> None:
    """Print the JSON Schema of the files, for editors that check and complete."""
    with refusals():
        from brainmass.files import atomic
        from brainmass.study import study_schema

        text = json.dumps(study_schema(), indent=1, ensure_ascii=False)
        if out is not None:
            with atomic(out) as partial:
                partial.write_text(f"{text}\n", encoding="utf-8")
    typer.echo(text if out is None else str(out))

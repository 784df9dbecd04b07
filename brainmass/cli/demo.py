"""``brainmass demo``: two simulations with their figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brainmass.cli.base import plain_errors


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the figures and the netCDF result.")] = Path("out"),
) -> None:
    """Simulate two bundled connectomes; draw activity and functional connectivity."""
    with plain_errors("choose another folder with --out"):
        out.mkdir(parents=True, exist_ok=True)
        from brainmass.demo import demo as run_demo

        run_demo(out)

"""Run the command line with ``python -m brainmass``."""

from brainmass.cli import app

app(prog_name="brainmass")

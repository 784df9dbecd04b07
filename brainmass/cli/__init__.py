"""The command line: files with ``brainmass run``, ``validate``, ``diff``, ``show``; ``demo``, ``resume`` and lists."""

from brainmass.cli.base import app
from brainmass.cli.datasets import datasets
from brainmass.cli.demo import demo
from brainmass.cli.diff import diff
from brainmass.cli.info import info
from brainmass.cli.models import models
from brainmass.cli.resume import resume
from brainmass.cli.run import run
from brainmass.cli.schema import schema
from brainmass.cli.show import show
from brainmass.cli.validate import validate

for command in (run, validate, diff, schema, show, demo, resume, models, datasets, info):
    app.command()(command)

__all__ = ["app"]

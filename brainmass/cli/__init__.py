"""The command line: ``brainmass demo``, ``resume``, ``models``, ``datasets`` and ``info``."""

from brainmass.cli.base import app
from brainmass.cli.datasets import datasets
from brainmass.cli.demo import demo
from brainmass.cli.info import info
from brainmass.cli.models import models
from brainmass.cli.resume import resume

for command in (demo, resume, models, datasets, info):
    app.command()(command)

__all__ = ["app"]

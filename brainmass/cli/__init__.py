"""The command line: ``brainmass demo``, ``resume``, ``models``, ``datasets`` and ``info``."""

from brainmass.cli.base import app

__all__ = ["app"]

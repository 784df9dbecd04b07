"""The commands that take a file: ``brainmass VERB FILE [--set path=value] [--out] [--json] [-q/-v]``."""

from brainmass.commands.diff import diff
from brainmass.commands.run import run
from brainmass.commands.schema import schema
from brainmass.commands.show import show
from brainmass.commands.validate import validate

COMMANDS = (run, validate, diff, schema, show)

__all__ = ["COMMANDS"]

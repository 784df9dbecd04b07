"""Warnings that point to the user's line."""

import sys
import warnings
from pathlib import Path

import brainstate

_PACKAGE = str(Path(__file__).parents[1])
_MODULES = str(Path(brainstate.__file__).parent)  # makes modules, and stands between a constructor and who calls it


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of the line that called into the package."""
    frame, level = sys._getframe(1), 2
    while frame is not None and frame.f_code.co_filename.startswith((_PACKAGE, _MODULES)):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)

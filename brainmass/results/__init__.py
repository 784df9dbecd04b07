"""What a run returns and how it is written, with where it came from and what became of it."""

from brainmass.results.divergence import (
    Lost,
    check_batch,
    check_finite,
    diverged_in,
    frozen,
    lost_in,
    silenced,
    until_divergence,
)
from brainmass.results.parts import Diverged, is_text
from brainmass.results.provenance import environment, summary
from brainmass.results.result import Result

__all__ = [
    "Diverged",
    "Lost",
    "Result",
    "check_batch",
    "check_finite",
    "diverged_in",
    "environment",
    "frozen",
    "is_text",
    "lost_in",
    "silenced",
    "summary",
    "until_divergence",
]

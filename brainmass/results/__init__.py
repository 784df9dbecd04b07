"""What a run returns and how it is written, with where it came from and what became of it."""

from brainmass.results.checks import is_text
from brainmass.results.diverged import Diverged
from brainmass.results.divergence import (
    BadState,
    RecordedRun,
    bad_states_in,
    diverged_in,
    nan_after_divergence,
    nan_in_members,
    raise_if_any_diverged,
    raise_if_not_finite,
    until_divergence,
)
from brainmass.results.provenance import environment, summary
from brainmass.results.result import Result

__all__ = [
    "BadState",
    "Diverged",
    "RecordedRun",
    "Result",
    "bad_states_in",
    "diverged_in",
    "environment",
    "is_text",
    "nan_after_divergence",
    "nan_in_members",
    "raise_if_any_diverged",
    "raise_if_not_finite",
    "summary",
    "until_divergence",
]

"""What a person sees: warnings at their own line, what objects say of themselves, the progress of a run."""

from brainmass.display.card import Card, CardTable, WithCard, counted, plural, some, value_text
from brainmass.display.progress import Work, in_words, progress_of, showing, time_text
from brainmass.display.warning import warn

__all__ = [
    "Card",
    "CardTable",
    "WithCard",
    "Work",
    "counted",
    "in_words",
    "plural",
    "progress_of",
    "showing",
    "some",
    "time_text",
    "value_text",
    "warn",
]

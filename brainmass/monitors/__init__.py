"""What a run records, resolved before anything is compiled."""

from brainmass.monitors.observe import Observable, resolve_monitors

__all__ = ["Observable", "resolve_monitors"]

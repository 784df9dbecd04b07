"""Samples and averages of anything that can be observed."""

from typing import Any

from brainmass.monitors.base import Monitor, checked_source
from brainmass.monitors.signals import Carry, Rows, Signal, checked_period, on_circle, phase_of, picked, steps_of
from brainmass.names import Names


class Sample(Monitor):
    """The value at whole multiples of ``every``, counted from t = 0.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor.
    every
        Time between samples, bare in ms; a whole number of steps.
    """

    takes_phases = takes_jumps = True

    def __init__(self, what: Any, every: Any):
        self.what, self.every = checked_source(what, "Sample"), checked_period(every, "Sample: every")

    def gives(self, given: Signal) -> Signal:
        return given._replace(every=steps_of(self.every, given, "Sample: every"))

    def push(self, carry: Carry, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Carry, Rows]:
        return carry, picked(rows, given, self.gives(given).every)


class TemporalAverage(Monitor):
    """The mean over consecutive periods, at whole multiples of ``period`` counted from t = 0.

    A period that reaches into the transient is left out. Phases are averaged as points of a circle.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor.
    period
        Bare in ms; a whole number of steps.
    """

    takes_phases = True

    def __init__(self, what: Any, period: Any):
        kind = type(self).__name__
        self.what, self.period = checked_source(what, kind), checked_period(period, f"{kind}: period")

    def averaged_over(self, given: Signal) -> int:
        return steps_of(self.period, given, f"{type(self).__name__}: period")

    def gives(self, given: Signal) -> Signal:
        return given

    def push(self, carry: Carry, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Carry, Rows]:
        return carry, rows


class GlobalAverage(TemporalAverage):
    """The mean over all regions and consecutive periods, at whole multiples of ``period`` counted from t = 0.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor.
    period
        Bare in ms; a whole number of steps.
    """

    def gives(self, given: Signal) -> Signal:
        return given._replace(shape=())

    def axes(self, given: Signal, before: dict[str, Any]) -> dict[str, Any]:
        return {}

    def names_of(self, before: dict[str, Names | None]) -> dict[str, Names | None]:
        return {}

    def push(self, carry: Carry, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Carry, Rows]:
        regions = tuple(range(1, 1 + len(given.shape)))
        if given.period is None:
            return carry, rows._replace(values=rows.values.mean(regions))
        points = on_circle(rows.values, given.period, -1).mean(regions)
        return carry, rows._replace(values=phase_of(points, given.period, -1))

"""Samples and averages of anything that can be observed."""

from typing import Any

from brainmass.monitors.base import Monitor, checked_source
from brainmass.monitors.signals import (
    MonitorState,
    Signal,
    WindowSamples,
    checked_period,
    on_circle,
    phase_of,
    picked,
    steps_of,
)
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

    def output_signal(self, signal: Signal) -> Signal:
        return signal._replace(every=steps_of(self.every, signal, "Sample: every"))

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: dict[str, Any]
    ) -> tuple[MonitorState, WindowSamples]:
        return state, picked(rows, signal, self.output_signal(signal).every)


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

    def averaging_steps(self, signal: Signal) -> int:
        return steps_of(self.period, signal, f"{type(self).__name__}: period")

    def output_signal(self, signal: Signal) -> Signal:
        return signal

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: dict[str, Any]
    ) -> tuple[MonitorState, WindowSamples]:
        return state, rows


class GlobalAverage(TemporalAverage):
    """The mean over all regions and consecutive periods, at whole multiples of ``period`` counted from t = 0.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor.
    period
        Bare in ms; a whole number of steps.
    """

    def output_signal(self, signal: Signal) -> Signal:
        return signal._replace(shape=())

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        return {}

    def names_of(self, before: dict[str, Names | None]) -> dict[str, Names | None]:
        return {}

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: dict[str, Any]
    ) -> tuple[MonitorState, WindowSamples]:
        regions = tuple(range(1, 1 + len(signal.shape)))
        if signal.period is None:
            return state, rows._replace(values=rows.values.mean(regions))
        points = on_circle(rows.values, signal.period, -1).mean(regions)
        return state, rows._replace(values=phase_of(points, signal.period, -1))

"""How a run records what monitors ask for: observables, the graph of monitors, and buffers of samples."""

from brainmass.monitors.recording.each_simulation import EachSimulation, is_each
from brainmass.monitors.recording.observables import (
    AFFERENT,
    INPUTS,
    Observable,
    check_names,
    named_monitors,
    resolve_monitors,
    strip,
)
from brainmass.monitors.recording.plan import check_sampled
from brainmass.monitors.recording.recorder import Recorder
from brainmass.monitors.recording.sample_buffer import sample_steps

__all__ = [
    "AFFERENT",
    "INPUTS",
    "EachSimulation",
    "Observable",
    "Recorder",
    "check_names",
    "check_sampled",
    "is_each",
    "named_monitors",
    "resolve_monitors",
    "sample_steps",
    "strip",
]

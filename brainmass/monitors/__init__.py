"""What a run records: observables step by step, and monitors that keep a state of their own."""

from brainmass.monitors.balloon import Balloon
from brainmass.monitors.bold import Bold
from brainmass.monitors.observe import Observable, resolve_monitors
from brainmass.monitors.recorder import Recorder
from brainmass.monitors.sampling import GlobalAverage, Sample, TemporalAverage
from brainmass.monitors.stream import Monitor
from brainmass.monitors.streaming import StreamingFC, StreamingFCD

__all__ = [
    "Balloon",
    "Bold",
    "GlobalAverage",
    "Monitor",
    "Observable",
    "Recorder",
    "Sample",
    "StreamingFC",
    "StreamingFCD",
    "TemporalAverage",
    "resolve_monitors",
]

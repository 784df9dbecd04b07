"""What a run records: observables step by step, and monitors that keep a state of their own."""

from brainmass.monitors.balloon import Balloon
from brainmass.monitors.bold import Bold
from brainmass.monitors.hrf import (
    DoubleExponentialHRFKernel,
    FirstOrderVolterraHRFKernel,
    GammaHRFKernel,
    HRFKernel,
    MixtureOfGammasHRFKernel,
)
from brainmass.monitors.observe import Afferent, Observable, resolve_monitors
from brainmass.monitors.recorder import Recorder
from brainmass.monitors.sampling import GlobalAverage, Sample, TemporalAverage
from brainmass.monitors.sensors import EEG, MEG, SEEG
from brainmass.monitors.stream import Monitor
from brainmass.monitors.streaming import StreamingFC, StreamingFCD, StreamingPSD

__all__ = [
    "EEG",
    "MEG",
    "SEEG",
    "Afferent",
    "Balloon",
    "Bold",
    "DoubleExponentialHRFKernel",
    "FirstOrderVolterraHRFKernel",
    "GammaHRFKernel",
    "GlobalAverage",
    "HRFKernel",
    "MixtureOfGammasHRFKernel",
    "Monitor",
    "Observable",
    "Recorder",
    "Sample",
    "StreamingFC",
    "StreamingFCD",
    "StreamingPSD",
    "TemporalAverage",
    "resolve_monitors",
]

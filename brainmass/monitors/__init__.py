"""What a run records: observables step by step, and monitors that keep a state of their own."""

from brainmass.monitors.balloon import Balloon
from brainmass.monitors.base import Afferent, Means, Monitor
from brainmass.monitors.bold import Bold
from brainmass.monitors.hrf import (
    DoubleExponentialHRFKernel,
    FirstOrderVolterraHRFKernel,
    GammaHRFKernel,
    HRFKernel,
    MixtureOfGammasHRFKernel,
)
from brainmass.monitors.sampling import GlobalAverage, Sample, TemporalAverage
from brainmass.monitors.sensors import EEG, MEG, SEEG
from brainmass.monitors.signals import Carry, Rows, Signal
from brainmass.monitors.statistic import Framed, Samples, Statistic
from brainmass.monitors.streaming import StreamingFC, StreamingFCD, StreamingPSD

__all__ = [
    "EEG",
    "MEG",
    "SEEG",
    "Afferent",
    "Balloon",
    "Bold",
    "Carry",
    "DoubleExponentialHRFKernel",
    "FirstOrderVolterraHRFKernel",
    "Framed",
    "GammaHRFKernel",
    "GlobalAverage",
    "HRFKernel",
    "Means",
    "MixtureOfGammasHRFKernel",
    "Monitor",
    "Rows",
    "Sample",
    "Samples",
    "Signal",
    "Statistic",
    "StreamingFC",
    "StreamingFCD",
    "StreamingPSD",
    "TemporalAverage",
]

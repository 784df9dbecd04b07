"""What a run records: observables step by step, and monitors that keep a state of their own."""

from brainmass.monitors.balloon import Balloon
from brainmass.monitors.base import Afferent, Monitor, PeriodMean
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
from brainmass.monitors.signals import MonitorState, Signal, WindowSamples
from brainmass.monitors.statistic import ChunkSamples, SlidingStatistic, Statistic
from brainmass.monitors.streaming import StreamingFC, StreamingFCD, StreamingPSD

__all__ = [
    "EEG",
    "MEG",
    "SEEG",
    "Afferent",
    "Balloon",
    "Bold",
    "ChunkSamples",
    "DoubleExponentialHRFKernel",
    "FirstOrderVolterraHRFKernel",
    "GammaHRFKernel",
    "GlobalAverage",
    "HRFKernel",
    "MixtureOfGammasHRFKernel",
    "Monitor",
    "MonitorState",
    "PeriodMean",
    "Sample",
    "Signal",
    "SlidingStatistic",
    "Statistic",
    "StreamingFC",
    "StreamingFCD",
    "StreamingPSD",
    "TemporalAverage",
    "WindowSamples",
]

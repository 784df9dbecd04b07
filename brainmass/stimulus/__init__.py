"""External inputs as functions of absolute time: ``Simulator.run(inputs={"x_inp": brainmass.stimulus.Step(0.5)})``."""

from brainmass.stimulus.base import Stimulus, Sum, Switch
from brainmass.stimulus.noise import Noise
from brainmass.stimulus.series import Series
from brainmass.stimulus.waveforms import Alpha, Chirp, Gaussian, PulseTrain, Ramp, Sine, Step

__all__ = [
    "Alpha",
    "Chirp",
    "Gaussian",
    "Noise",
    "PulseTrain",
    "Ramp",
    "Series",
    "Sine",
    "Step",
    "Stimulus",
    "Sum",
    "Switch",
]

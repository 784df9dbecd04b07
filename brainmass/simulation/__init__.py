"""The Simulator, and what goes round a run: what it will need, and how a stopped one goes on."""

from brainmass.simulation.estimation import Estimate, estimate
from brainmass.simulation.resumption import resume
from brainmass.simulation.setup import (
    Place,
)
from brainmass.simulation.simulator import Simulator

__all__ = [
    "Estimate",
    "Place",
    "Simulator",
    "estimate",
    "resume",
]

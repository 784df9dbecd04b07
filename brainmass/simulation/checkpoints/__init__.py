"""The folder of a run: how it was called, where it stands and what it has recorded, whole or refused."""

from brainmass.simulation.checkpoints.checkpoint import Checkpoint
from brainmass.simulation.checkpoints.load import load_result
from brainmass.simulation.checkpoints.setup import Setup

__all__ = [
    "Checkpoint",
    "Setup",
    "load_result",
]

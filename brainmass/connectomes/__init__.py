"""The structural connectome as a value: its regions selected and reordered, its weights scaled, its flaws found."""

from brainmass.connectomes.connectome import Connectome
from brainmass.connectomes.findings import Finding

__all__ = ["Connectome", "Finding"]

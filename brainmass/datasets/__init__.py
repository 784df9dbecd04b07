"""Connectomes and recordings by name: ``load_dataset("example_connectome")``."""

from brainmass.connectomes import Connectome
from brainmass.datasets.bundled import bundled_names as bundled_names
from brainmass.datasets.bundled import register_bundled
from brainmass.datasets.packages import register_packages
from brainmass.datasets.registry import list_datasets, load_dataset, register_dataset
from brainmass.datasets.signal import Signal

__all__ = ["Connectome", "Signal", "list_datasets", "load_dataset", "register_dataset"]

register_bundled()
register_packages()

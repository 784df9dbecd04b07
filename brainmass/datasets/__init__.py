"""Connectomes and recordings by name: ``load_dataset("example_connectome")``."""

from .bundled import bundled_names as bundled_names
from .bundled import register_bundled
from .connectome import Connectome
from .registry import list_datasets, load_dataset, register_dataset
from .signal import Signal

__all__ = ["Connectome", "Signal", "list_datasets", "load_dataset", "register_dataset"]

register_bundled()

"""A recording: activity of several regions over time."""

from typing import NamedTuple

import brainunit as u
import numpy as np


class Signal(NamedTuple):
    """``signal``: (time, region), a sample every ``dt``; ``labels``: (region,); ``fc``: its correlations."""

    signal: np.ndarray
    dt: u.Quantity
    labels: np.ndarray
    fc: np.ndarray

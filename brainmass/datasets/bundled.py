"""The datasets inside the package; ``datasets/*/make.py`` at the top of the repository writes their files."""

from functools import partial
from pathlib import Path

import brainunit as u
import numpy as np

from brainmass.connectomes import Connectome
from brainmass.datasets.registry import register_dataset
from brainmass.datasets.signal import Signal

_DATA = Path(__file__).parent / "data"


def _read(name):
    with np.load(_DATA / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def _connectome(name):
    data = _read(name)
    return Connectome(data["weights"], data["distances_mm"], data["labels"])


def _signal(name):
    data = _read(name)
    fc = np.corrcoef(data["signal"], rowvar=False)
    return Signal(data["signal"], u.Quantity(float(data["dt_ms"]), unit=u.ms), data["labels"], fc)


_BUNDLED = {
    "example_connectome": (_connectome, "8 regions on a ring of 40 mm radius, made for tutorials"),
    "example_signal": (_signal, "500 ms of noisy oscillations on the example connectome, 8 regions, every 1 ms"),
    "synthetic_80": (_connectome, "80 regions in two hemispheres, lengths and weights as in human tractography"),
    "synthetic_200": (_connectome, "200 regions, made like synthetic_80"),
    "synthetic_400": (_connectome, "400 regions, made like synthetic_80"),
}


def bundled_names():
    """The names of the datasets inside the package."""
    return tuple(_BUNDLED)


def register_bundled():
    for name, (loader, description) in _BUNDLED.items():
        register_dataset(name, partial(loader, name), description=description)

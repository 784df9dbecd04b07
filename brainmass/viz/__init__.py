"""Figures of activity and connectivity: each ``plot_*`` draws on ``ax``, or a new figure, and returns the Axes."""

from brainmass.viz.bifurcation import plot_bifurcation
from brainmass.viz.matrix import plot_connectivity, plot_functional_connectivity
from brainmass.viz.phase import plot_phase_portrait
from brainmass.viz.plane import plot_phase_plane
from brainmass.viz.spectrum import plot_power_spectrum
from brainmass.viz.timeseries import plot_timeseries

__all__ = [
    "plot_bifurcation",
    "plot_connectivity",
    "plot_functional_connectivity",
    "plot_phase_plane",
    "plot_phase_portrait",
    "plot_power_spectrum",
    "plot_timeseries",
]

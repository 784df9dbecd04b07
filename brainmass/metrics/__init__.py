"""Numbers that summarise simulated or recorded activity.

A signal is (time, region) or (time, batch, region), and so is a phase; what is no longer a series has the batch axis
first. Units drop out. NaN stays NaN, and so does what is made of an infinite number; a masked value is refused, as is
a matrix of correlations, symmetric with a diagonal of 1, in the place of a signal.
"""

from brainmass.metrics.connectivity import (
    correlation,
    distance,
    fc_correlation,
    fc_rmse,
    functional_connectivity,
    global_brain_connectivity,
    off_diagonal,
    pairs,
    pearson,
    upper_triangle,
)
from brainmass.metrics.densities import FCD_MIDPOINTS, fcd_distribution, ks_distance, wasserstein_1d
from brainmass.metrics.distances import kolmogorov_smirnov, wasserstein
from brainmass.metrics.dynamics import (
    STEP,
    WINDOW,
    fcd_of,
    fcd_variance,
    functional_connectivity_dynamics,
    sliding,
    windows,
)
from brainmass.metrics.phases import envelope, kuramoto_order, metastability, phase, phase_locking_value, synchrony
from brainmass.metrics.spectrum import band_power, coherence, density, peak_frequency, power_spectrum, tapered_transform
from brainmass.metrics.structure import regional_structure_function_coupling, structure_function_coupling

__all__ = [
    "band_power",
    "coherence",
    "envelope",
    "fc_correlation",
    "fc_rmse",
    "fcd_distribution",
    "fcd_of",
    "fcd_variance",
    "functional_connectivity",
    "functional_connectivity_dynamics",
    "global_brain_connectivity",
    "kolmogorov_smirnov",
    "ks_distance",
    "kuramoto_order",
    "metastability",
    "off_diagonal",
    "peak_frequency",
    "phase",
    "phase_locking_value",
    "power_spectrum",
    "regional_structure_function_coupling",
    "structure_function_coupling",
    "synchrony",
    "upper_triangle",
    "wasserstein",
    "wasserstein_1d",
]

"""Node banks wired together: weights, delayed reads, and the paths by which values are named."""

from brainmass.network.delayed_reads import (
    WINDOW,
    DelayPlan,
    EdgeGroupReader,
    PerEdgePre,
    outside_small_loops,
    undelayed_sums,
)
from brainmass.network.network import Network
from brainmass.network.parameter_paths import ParameterRef, States, bind, join, parameter_refs, processes

__all__ = [
    "WINDOW",
    "DelayPlan",
    "EdgeGroupReader",
    "Network",
    "ParameterRef",
    "PerEdgePre",
    "States",
    "bind",
    "join",
    "outside_small_loops",
    "parameter_refs",
    "processes",
    "undelayed_sums",
]

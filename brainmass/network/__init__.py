"""Node banks wired together: weights, delayed reads, and the paths by which values are named."""

from brainmass.network.delayed_reads import WINDOW, EachEdge, Plan, Reader, outside_small_loops, undelayed_sums
from brainmass.network.network import Network
from brainmass.network.parameter_paths import Slot, States, bind, join, processes, slots

__all__ = [
    "WINDOW",
    "EachEdge",
    "Network",
    "Plan",
    "Reader",
    "Slot",
    "States",
    "bind",
    "join",
    "outside_small_loops",
    "processes",
    "slots",
    "undelayed_sums",
]

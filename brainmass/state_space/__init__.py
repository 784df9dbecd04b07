"""What a model is: declarations, one ``drift``, the values of parameters, and the methods that step it."""

from brainmass.state_space.declarations import (
    Added,
    Declaration,
    Delayed,
    Input,
    Law,
    Output,
    Parameter,
    Symbol,
    Variable,
)
from brainmass.state_space.description import coupling_card, network_card, noise_card
from brainmass.state_space.equations import Values, attach_noise
from brainmass.state_space.methods import quarters
from brainmass.state_space.parameters import Declared, argument, hold, refuse_traced
from brainmass.state_space.periods import turn_of, wrapped
from brainmass.state_space.self_delays import past_of, recall, ring_of, store
from brainmass.state_space.state_space import StateSpace, call_initializer, check_dt
from brainmass.state_space.tables import Table

__all__ = [
    "Added",
    "Declaration",
    "Declared",
    "Delayed",
    "Input",
    "Law",
    "Output",
    "Parameter",
    "StateSpace",
    "Symbol",
    "Table",
    "Values",
    "Variable",
    "argument",
    "attach_noise",
    "call_initializer",
    "check_dt",
    "coupling_card",
    "hold",
    "network_card",
    "noise_card",
    "past_of",
    "quarters",
    "recall",
    "refuse_traced",
    "ring_of",
    "store",
    "turn_of",
    "wrapped",
]

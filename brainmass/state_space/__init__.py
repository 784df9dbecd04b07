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
    Uniform,
    Variable,
)
from brainmass.state_space.description import coupling_card, network_card, noise_card
from brainmass.state_space.equations import Values, attach_noise
from brainmass.state_space.lookup_tables import Table
from brainmass.state_space.methods import quarters
from brainmass.state_space.parameters import Declared, argument, as_const, refuse_traced
from brainmass.state_space.periods import turn_of, wrapped
from brainmass.state_space.self_delays import past_from_ring, read_ring, ring_from_past, write_ring
from brainmass.state_space.state_space import StateSpace, call_initializer, check_dt

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
    "Uniform",
    "Values",
    "Variable",
    "argument",
    "as_const",
    "attach_noise",
    "call_initializer",
    "check_dt",
    "coupling_card",
    "network_card",
    "noise_card",
    "past_from_ring",
    "quarters",
    "read_ring",
    "refuse_traced",
    "ring_from_past",
    "turn_of",
    "wrapped",
    "write_ring",
]

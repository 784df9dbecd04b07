"""What is compiled: a run as a pure function of values, one window of steps after another."""

from brainmass.simulation.engine.batch import DELAY_VALUES, EDGE_VALUES, Batch, results, run_batch
from brainmass.simulation.engine.external_inputs import Drive, foreseen, in_double, resolve_inputs
from brainmass.simulation.engine.initial_values import check_initializers
from brainmass.simulation.engine.program import Fed, Program, Span

__all__ = [
    "DELAY_VALUES",
    "EDGE_VALUES",
    "Batch",
    "Drive",
    "Fed",
    "Program",
    "Span",
    "check_initializers",
    "foreseen",
    "in_double",
    "resolve_inputs",
    "results",
    "run_batch",
]

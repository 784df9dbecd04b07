"""What is compiled: a run as a pure function of values, one window of steps after another."""

from brainmass.simulation.engine.argument_values import ArgumentValues
from brainmass.simulation.engine.batch import DELAY_VALUES, EDGE_VALUES, Batch, results
from brainmass.simulation.engine.devices import run_on_devices
from brainmass.simulation.engine.external_inputs import (
    CallableInputs,
    in_double,
    named_inputs,
    resolve_inputs,
    values_beforehand,
)
from brainmass.simulation.engine.initial_values import check_initializers
from brainmass.simulation.engine.program import Program
from brainmass.simulation.engine.records import (
    ChunkShape,
    ProgramArguments,
    RunContext,
    RunData,
    SimulationState,
    StepRange,
)

__all__ = [
    "DELAY_VALUES",
    "EDGE_VALUES",
    "ArgumentValues",
    "Batch",
    "CallableInputs",
    "ChunkShape",
    "Program",
    "ProgramArguments",
    "RunContext",
    "RunData",
    "SimulationState",
    "StepRange",
    "check_initializers",
    "in_double",
    "named_inputs",
    "resolve_inputs",
    "results",
    "run_on_devices",
    "values_beforehand",
]

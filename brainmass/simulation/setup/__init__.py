"""What a run is made from: its options, the values by path, and the place where it begins."""

from brainmass.simulation.setup.model_state import (
    check_noises,
    check_place,
    kinds_of,
    read_noises,
    read_place,
    read_values,
    trimmed_history,
    write_place,
)
from brainmass.simulation.setup.options import RunOptions, RunSteps, check_simulations, checked_simulation
from brainmass.simulation.setup.parameter_values import (
    as_arrays,
    batch_of,
    check_batch_size,
    checked_values,
    ring_lengths,
    traced_history_length,
    without_batch,
)
from brainmass.simulation.setup.place import ONE, MonitorsAtEnd, Place, first_numbers
from brainmass.simulation.setup.run_values import KnownValues, RunValues
from brainmass.simulation.setup.time_step import warn_of_long_steps

__all__ = [
    "ONE",
    "KnownValues",
    "MonitorsAtEnd",
    "Place",
    "RunOptions",
    "RunSteps",
    "RunValues",
    "as_arrays",
    "batch_of",
    "check_batch_size",
    "check_noises",
    "check_place",
    "check_simulations",
    "checked_simulation",
    "checked_values",
    "first_numbers",
    "kinds_of",
    "read_noises",
    "read_place",
    "read_values",
    "ring_lengths",
    "traced_history_length",
    "trimmed_history",
    "warn_of_long_steps",
    "without_batch",
    "write_place",
]

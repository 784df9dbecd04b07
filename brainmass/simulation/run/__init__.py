"""The host's side of a run: its options, its values, its chunks, and the result that is made of them."""

from brainmass.simulation.run.build_result import (
    description,
    kind_name,
    raise_or_stop,
    result_of,
    result_of_run,
    stopped,
    where_states_are,
)
from brainmass.simulation.run.capacity import check_capacity
from brainmass.simulation.run.chunks import SHORTEST, Chunk, Recorded, chunk_length, chunk_schedule, spliced
from brainmass.simulation.run.compile_cache import CompileCache, allow_rank_promotion
from brainmass.simulation.run.end_of_run import place_after, run_statistics
from brainmass.simulation.run.joint_result import result_of_runs
from brainmass.simulation.run.memory import growth
from brainmass.simulation.run.model_state import (
    check_noises,
    read_noises,
    read_place,
    read_values,
    trimmed_history,
    write_place,
)
from brainmass.simulation.run.options import RunOptions, RunSteps, check_simulations, checked_simulation
from brainmass.simulation.run.parameter_values import (
    as_arrays,
    batch_of,
    check_batch_size,
    checked_values,
    ring_lengths,
    traced_history_length,
    without_batch,
)
from brainmass.simulation.run.place import ONE, MonitorsAtEnd, Place, first_numbers
from brainmass.simulation.run.plain_modules import run_module
from brainmass.simulation.run.run_values import KnownValues, RunValues
from brainmass.simulation.run.runner import Run
from brainmass.simulation.run.time_step import warn_of_long_steps

__all__ = [
    "ONE",
    "SHORTEST",
    "Chunk",
    "CompileCache",
    "KnownValues",
    "MonitorsAtEnd",
    "Place",
    "Recorded",
    "Run",
    "RunOptions",
    "RunSteps",
    "RunValues",
    "allow_rank_promotion",
    "as_arrays",
    "batch_of",
    "check_batch_size",
    "check_capacity",
    "check_noises",
    "check_simulations",
    "checked_simulation",
    "checked_values",
    "chunk_length",
    "chunk_schedule",
    "description",
    "first_numbers",
    "growth",
    "kind_name",
    "place_after",
    "raise_or_stop",
    "read_noises",
    "read_place",
    "read_values",
    "result_of",
    "result_of_run",
    "result_of_runs",
    "ring_lengths",
    "run_module",
    "run_statistics",
    "spliced",
    "stopped",
    "traced_history_length",
    "trimmed_history",
    "warn_of_long_steps",
    "where_states_are",
    "without_batch",
    "write_place",
]

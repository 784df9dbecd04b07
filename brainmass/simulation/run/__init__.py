"""The host's side of a run: its options, its values, its chunks, and the result that is made of them."""

from brainmass.simulation.run.build_result import (
    description,
    kind_name,
    raise_or_stop,
    result_of,
    result_of_run,
    stopped,
)
from brainmass.simulation.run.capacity import check_capacity
from brainmass.simulation.run.chunks import SHORTEST, Chunk, Recorded, chunk_length, chunk_schedule, spliced
from brainmass.simulation.run.compile_cache import CompileCache, allow_rank_promotion
from brainmass.simulation.run.memory import growth
from brainmass.simulation.run.model_state import (
    batch_size_of,
    check_noises,
    chosen,
    last_seed,
    read_noises,
    read_start,
    read_values,
    trimmed_history,
    write_back,
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
from brainmass.simulation.run.plain_modules import run_module
from brainmass.simulation.run.runner import MonitorsAtEnd, Run
from brainmass.simulation.run.time_step import warn_of_long_steps

__all__ = [
    "SHORTEST",
    "Chunk",
    "CompileCache",
    "MonitorsAtEnd",
    "Recorded",
    "Run",
    "RunOptions",
    "RunSteps",
    "allow_rank_promotion",
    "as_arrays",
    "batch_of",
    "batch_size_of",
    "check_batch_size",
    "check_capacity",
    "check_noises",
    "check_simulations",
    "checked_simulation",
    "checked_values",
    "chosen",
    "chunk_length",
    "chunk_schedule",
    "description",
    "growth",
    "kind_name",
    "last_seed",
    "raise_or_stop",
    "read_noises",
    "read_start",
    "read_values",
    "result_of",
    "result_of_run",
    "ring_lengths",
    "run_module",
    "spliced",
    "stopped",
    "traced_history_length",
    "trimmed_history",
    "warn_of_long_steps",
    "without_batch",
    "write_back",
]

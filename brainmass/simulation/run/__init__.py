"""The host's side of a run under way: its programs, its chunks, and the result that is made of them."""

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
from brainmass.simulation.run.chunks import SHORTEST, Chunk, chunk_length, chunk_schedule
from brainmass.simulation.run.compile_cache import CompileCache, allow_rank_promotion
from brainmass.simulation.run.end_of_run import place_after, run_statistics
from brainmass.simulation.run.joint_result import result_of_runs
from brainmass.simulation.run.memory import growth
from brainmass.simulation.run.plain_modules import run_module
from brainmass.simulation.run.recorded import Recorded, spliced
from brainmass.simulation.run.runner import Run

__all__ = [
    "SHORTEST",
    "Chunk",
    "CompileCache",
    "Recorded",
    "Run",
    "allow_rank_promotion",
    "check_capacity",
    "chunk_length",
    "chunk_schedule",
    "description",
    "growth",
    "kind_name",
    "place_after",
    "raise_or_stop",
    "result_of",
    "result_of_run",
    "result_of_runs",
    "run_module",
    "run_statistics",
    "spliced",
    "stopped",
    "where_states_are",
]

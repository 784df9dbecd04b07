"""The host's side of a run: its options, its values, its chunks, and the result that is made of them."""

from brainmass.simulation.run.build_result import description, finite, kind_name, outcome, result_of
from brainmass.simulation.run.capacity import check_capacity
from brainmass.simulation.run.chunks import SHORTEST, Chunk, Reel, chunk_length, chunk_schedule, spliced
from brainmass.simulation.run.compile_cache import Compiled, lenient
from brainmass.simulation.run.memory import growth
from brainmass.simulation.run.model_state import (
    batch_size_of,
    check_noises,
    chosen,
    fitting_history,
    keep,
    own_seed,
    read_noises,
    read_place,
    read_values,
)
from brainmass.simulation.run.options import check_simulations, checked_simulation, checked_span
from brainmass.simulation.run.parameter_values import (
    as_arrays,
    batch_of,
    checked_values,
    history_columns,
    past_depths,
    without_batch,
)
from brainmass.simulation.run.plain_modules import run_module
from brainmass.simulation.run.runner import Job, Place, Watched
from brainmass.simulation.run.time_step import warn_of_long_steps

__all__ = [
    "SHORTEST",
    "Chunk",
    "Compiled",
    "Job",
    "Place",
    "Reel",
    "Watched",
    "as_arrays",
    "batch_of",
    "batch_size_of",
    "check_capacity",
    "check_noises",
    "check_simulations",
    "checked_simulation",
    "checked_span",
    "checked_values",
    "chosen",
    "chunk_length",
    "chunk_schedule",
    "description",
    "finite",
    "fitting_history",
    "growth",
    "history_columns",
    "keep",
    "kind_name",
    "lenient",
    "outcome",
    "own_seed",
    "past_depths",
    "read_noises",
    "read_place",
    "read_values",
    "result_of",
    "run_module",
    "spliced",
    "warn_of_long_steps",
    "without_batch",
]

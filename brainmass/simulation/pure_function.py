"""A run as a pure function of values."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from brainmass.monitors.recording import Recorder, resolve_monitors, strip
from brainmass.names import UnknownName, meant
from brainmass.network import Network
from brainmass.numerics import checked_seed, seed_key
from brainmass.simulation.engine import DELAY_VALUES, Program, RunData, SimulationState, StepRange, check_initializers
from brainmass.simulation.run import (
    CompileCache,
    Recorded,
    RunOptions,
    allow_rank_promotion,
    as_arrays,
    batch_of,
    check_noises,
    check_simulations,
    checked_simulation,
    checked_values,
    chunk_schedule,
    read_noises,
    read_values,
    ring_lengths,
    traced_history_length,
    warn_of_long_steps,
)
from brainmass.state_space import StateSpace, Values
from brainmass.units import describe, float_dtype


def pure_function(model: Any, cache: CompileCache, dt: float, options: RunOptions, vary: Any) -> Callable[..., Values]:
    """What `Simulator.function` returns."""
    _, steps, transient, sample_every = options.steps(dt)
    if not isinstance(model, StateSpace | Network):
        raise TypeError(f"function takes a node bank or a Network, not {type(model).__name__}; use run.")
    model_values = read_values(model)
    vary = _checked_paths(vary, model_values)
    check_initializers(model)
    recorder = Recorder(model, resolve_monitors(model, options.monitors), dt, model_values)
    Recorded(recorder, transient, transient, sample_every).check(steps, dt, later=False)
    recording_key = recorder.key(model, model_values)
    (whole,) = chunk_schedule(0, steps, transient, steps)
    open_delays = DELAY_VALUES.intersection(vary)
    fixed = cache.delay_plan(model_values, dt, all_edges="conn" in vary) if not open_delays else None
    series = read_noises(model, 0, steps, dt)

    @allow_rank_promotion
    def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
        user_values = checked_values(model, values, model_values, vary)
        all_values = {**model_values, **user_values}
        check_noises(model, all_values, dt)
        warn_of_long_steps(model, all_values, dt)
        batch = batch_of(model, user_values, model_values, None)
        history_length = traced_history_length(model, all_values, model_values, batch, dt, open_delays)
        rings = cache.ring_lengths(ring_lengths(model, all_values, model_values, dt, vary, None))
        program = Program(model, dt, recorder, ring_lengths=rings, grouped=True)
        run_whole = cache.chunk_program(program, whole.shape, batch, history_length, recording_key, True)
        first = checked_simulation(simulation)
        check_simulations(first, batch.size or 1, program.last_simulation)
        whole_run = StepRange(*map(np.uint32, (0, steps, transient)))
        key, data = seed_key(checked_seed(seed)), RunData(series, {}, recorder.values())
        arrays = as_arrays(all_values, float_dtype())
        recorded, after = run_whole(arrays, fixed, key, first, whole_run, SimulationState(), data)
        kept = Recorded(recorder, transient, transient, sample_every)
        kept.add(recorded, whole)
        found = kept.joined(steps) | cache.statistics(recorder, recording_key, batch, after.monitor_states)
        return strip({name: found[name] for name in recorder.names})

    return simulate


def _checked_paths(vary: Any, model_values: Values) -> tuple[str, ...]:
    if not isinstance(vary, Iterable):
        raise TypeError(f"vary={describe(vary)} must be a path or a list of paths.")
    paths = (vary,) if isinstance(vary, str) else tuple(vary)
    unknown = [path for path in paths if not isinstance(path, str) or path not in model_values]
    if unknown:
        near = meant(unknown[0], model_values)
        raise UnknownName(f"vary has the path {describe(unknown[0])}{near}; use one of {', '.join(model_values)}.")
    return paths

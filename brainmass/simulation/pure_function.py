"""A run as a pure function of values."""

from collections.abc import Callable
from typing import Any

import numpy as np

from brainmass.monitors.recording import Recorder, resolve_monitors, strip
from brainmass.network import Network
from brainmass.numerics import checked_seed, seed_key
from brainmass.simulation.engine import (
    DELAY_VALUES,
    Program,
    ProgramArguments,
    RunData,
    SimulationState,
    StepRange,
    check_initializers,
    named_inputs,
    resolve_inputs,
)
from brainmass.simulation.run import (
    CompileCache,
    Recorded,
    allow_rank_promotion,
    chunk_schedule,
)
from brainmass.simulation.setup import (
    KnownValues,
    RunOptions,
    RunValues,
    as_arrays,
    check_noises,
    check_simulations,
    checked_simulation,
    read_noises,
    ring_lengths,
    warn_of_long_steps,
)
from brainmass.state_space import StateSpace, Values
from brainmass.units import float_dtype


def pure_function(model: Any, cache: CompileCache, dt: float, options: RunOptions, vary: Any) -> Callable[..., Values]:
    """What `Simulator.function` returns."""
    _, steps, transient, sample_every = options.steps(dt)
    if not isinstance(model, StateSpace | Network):
        raise TypeError(f"function takes a node bank or a Network, not {type(model).__name__}; use run.")
    monitors, inputs = resolve_monitors(model, options.monitors), named_inputs(model, options.inputs)
    known = KnownValues.of(model, inputs, monitors)
    model_values, vary = known.model_values, known.paths(vary)
    check_initializers(model)
    recorder = Recorder(model, monitors, dt, model_values)
    Recorded(recorder, transient, transient, sample_every).check(steps, dt, later=False)
    recording_key = recorder.key(model, model_values)
    (whole,) = chunk_schedule(0, steps, transient, steps)
    open_delays = DELAY_VALUES.intersection(vary)
    fixed = cache.delay_plan(model_values, dt, all_edges="conn" in vary) if not open_delays else None
    noises, whole_run = read_noises(model, 0, steps, dt), StepRange(*map(np.uint32, (0, steps, transient)))

    def data_of(run_values: RunValues) -> RunData:
        series, stimuli, callables = resolve_inputs(model, inputs, run_values.arguments, steps, dt)
        called = {} if callables is None else cache.inputs_of_callables(callables, whole)
        return RunData(series | noises | called, stimuli, recorder.values(run_values.arguments.of_monitor))

    @allow_rank_promotion
    def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
        run_values = known.of_run(known.checked(values, vary), options, None, dt, open_delays)
        all_values, batch = run_values.values, run_values.batch
        check_noises(model, all_values, dt)
        warn_of_long_steps(model, all_values, dt)
        rings = ring_lengths(model, all_values, model_values, dt, vary, None)
        program = Program(model, dt, recorder, cache.ring_lengths(rings), grouped=True)
        run_whole = cache.chunk_program(program, whole.shape, batch, run_values.history_length, recording_key, True)
        first = checked_simulation(simulation)
        check_simulations(first, batch.size or 1, program.last_simulation)
        key, arrays, data = seed_key(checked_seed(seed)), as_arrays(all_values, float_dtype()), data_of(run_values)
        recorded, after = run_whole(ProgramArguments(arrays, fixed, key, first, whole_run, SimulationState(), data))
        kept = Recorded(recorder, transient, transient, sample_every)
        kept.add(recorded, whole)
        found = kept.joined(steps) | cache.statistics(recorder, recording_key, batch, after.monitor_states)
        return strip({name: found[name] for name in recorder.names})

    return simulate

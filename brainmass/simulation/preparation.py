"""From the options of a run to the `Run` that goes through it: all is checked, nothing compiled."""

import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.recording import Recorder, check_names, resolve_monitors
from brainmass.network import WINDOW, DelayPlan, Network, processes
from brainmass.numerics import checked_seed
from brainmass.simulation.engine import (
    Batch,
    CallableInputs,
    ChunkShape,
    Program,
    RunData,
    SimulationState,
    check_initializers,
    named_inputs,
    resolve_inputs,
)
from brainmass.simulation.run import (
    SHORTEST,
    Chunk,
    CompileCache,
    Recorded,
    Run,
    check_capacity,
    chunk_length,
    chunk_schedule,
)
from brainmass.simulation.setup import (
    ONE,
    KnownValues,
    MonitorsAtEnd,
    Place,
    RunOptions,
    RunSteps,
    RunValues,
    as_arrays,
    check_noises,
    check_place,
    check_simulations,
    first_numbers,
    read_noises,
    ring_lengths,
    trimmed_history,
    warn_of_long_steps,
)
from brainmass.state_space import Variable, check_dt
from brainmass.units import float_dtype, is_concrete


class _Recording(NamedTuple):
    """What is recorded: after which step, the states of the monitors there, and the frames before."""

    recorder: Recorder
    key: Hashable
    count_from: int
    monitor_states: Any
    frames: Any

    def from_step(self, record_start: int, sample_every: int) -> Recorded:
        return Recorded(self.recorder, record_start, self.count_from, sample_every, self.frames)


def prepare(model: Any, cache: CompileCache, place: Place | None, options: RunOptions, dt: float) -> Run:
    """The run that the ``options`` ask for, before its first chunk; from a ``place`` where all stand at one time."""
    since, place = time.perf_counter(), _checked(model, place, options, dt)
    start, steps, transient, sample_every = run_steps = options.steps(dt, 0 if place is None else place.first_step)
    monitors, inputs = resolve_monitors(model, options.monitors), named_inputs(model, options.inputs)
    known = KnownValues.of(model, inputs, monitors)
    run_values = known.of_run(known.checked(options.values), options, place, dt)
    series, stimuli, callables = _inputs(model, inputs, run_values, start, steps, dt)
    recording = _recording(model, monitors, run_values, place, start, transient, dt)
    states = None if place is None else place.states
    program, delay_plan = _program(model, cache, recording.recorder, run_values, states, dt)
    data = RunData(series, stimuli, recording.recorder.values(run_values.arguments.of_monitor))
    state = SimulationState(states, _history(model, place, run_values, delay_plan, dt), recording.monitor_states, start)
    traced = _is_traced((run_values.values, states, state.history, data), callables)
    warn_of_long_steps(model, run_values.values, dt)
    return Run(
        program_for=_programs(cache, program, run_values, delay_plan, recording.key, jit=options.jit, traced=traced),
        schedule=_schedule(options, program, run_values, delay_plan, run_steps, traced=traced),
        values=as_arrays(run_values.values, float_dtype()),
        arguments=run_values.arguments.values,
        delay_plan=delay_plan,
        seed=checked_seed(place.seed if options.seed is None and place is not None else options.seed),
        data=data,
        inputs_of_callables=lambda chunk: {} if callables is None else cache.inputs_of_callables(callables, chunk),
        recording_key=recording.key,
        batch=run_values.batch,
        coords=run_values.coords,
        numbers=_numbers(place, run_values.batch, program.last_simulation),
        variables={path: list(process.declarations(Variable)) for path, process in processes(model).items()},
        start=start,
        steps=steps,
        count_from=recording.count_from,
        state=state,
        recorded=recording.from_step(run_steps.record_start, sample_every),
        traced=traced,
        since=since,
    )


def _checked(model: Any, place: Place | None, options: RunOptions, dt: float) -> Place | None:
    """The place, if it is one of this model, in the precision of now; else its initial values can be drawn."""
    if place is None:
        check_initializers(model)
        return None
    check_dt(dt, place.dt)
    check_place(model, place)
    devices = set(options.devices_for(place.size))

    def here(x: Any) -> Any:
        elsewhere = devices and is_concrete(x) and isinstance(x, jax.Array) and x.sharding.device_set != devices
        x = np.asarray(x) if elsewhere else x
        return x.astype(float_dtype()) if jnp.issubdtype(x.dtype, jnp.inexact) else x

    monitors = tuple(replace(one, states=jax.tree.map(here, one.states)) for one in place.monitors)
    states, history = jax.tree.map(here, (place.states, place.history))
    return replace(place, states=states, history=history, monitors=monitors)


def _numbers(place: Place | None, batch: Batch, last: int) -> Any:
    """The numbers of the simulations, none of which may be beyond the last."""
    size = batch.size or 1
    numbers = place.simulations if place is not None else ONE if batch.size is None else first_numbers(batch.size)
    check_simulations(int(np.max(numbers)) + 1 - size, size, last)
    return numbers


def _inputs(model: Any, inputs: dict[Any, Any], run_values: RunValues, start: int, steps: int, dt: float) -> tuple:
    """As `resolve_inputs`, with the noises that are series."""
    series, stimuli, callables = resolve_inputs(model, inputs, run_values.arguments, steps, dt)
    check_noises(model, run_values.values, dt)
    return series | read_noises(model, start, steps, dt), stimuli, callables


def _is_traced(data: Any, callables: CallableInputs | None) -> bool:
    return not all(map(is_concrete, jax.tree.leaves(data))) or (callables is not None and callables.traced)


def _recording(
    model: Any,
    monitors: dict[str, Any],
    run_values: RunValues,
    place: Place | None,
    start: int,
    transient: int,
    dt: float,
) -> _Recording:
    recorder = Recorder(model, monitors, dt, run_values.model_values)
    batched = set() if run_values.batch.size is None else {"seed", *run_values.batch.varying}
    check_names(recorder.names, batched | recorder.coordinates())
    key = recorder.key(model, run_values.model_values)
    held = () if place is None else place.monitors
    kept = next((one for one in held if one.key == key and np.ravel(one.count_from)[0] >= 0), None)
    return _Recording(recorder, key, *_monitors(kept, recorder, start, transient))


def _program(
    model: Any, cache: CompileCache, recorder: Recorder, run_values: RunValues, states: Any, dt: float
) -> tuple[Program, DelayPlan | None]:
    """The program, and how it reads its past where the delays are no data."""
    rings = cache.ring_lengths(ring_lengths(model, run_values.values, run_values.model_values, dt, (), states))
    all_edges = "conn" in run_values.batch.varying
    delay_plan = (
        cache.delay_plan(run_values.values, dt, all_edges=all_edges) if run_values.history_length is None else None
    )
    return Program(model, dt, recorder, rings), delay_plan


def _programs(
    cache: CompileCache,
    program: Program,
    run_values: RunValues,
    delay_plan: DelayPlan | None,
    recording_key: Hashable,
    *,
    jit: bool,
    traced: bool,
) -> Callable[[ChunkShape], Callable]:
    """The compiled programs of a run, by the shape of the chunk."""
    batch, history_length = run_values.batch, run_values.history_length
    gathers = history_length is not None or (delay_plan is not None and bool(delay_plan.edge_groups))
    wide = not (gathers or traced)
    return lambda shape: cache.chunk_program(program, shape, batch, history_length, recording_key, jit, wide=wide)


def _history(model: Any, place: Place | None, run_values: RunValues, delay_plan: DelayPlan | None, dt: float) -> Any:
    """As much of the history of a place as the delays of this run reach back."""
    if place is None:
        return None
    length = delay_plan.length if delay_plan else run_values.history_length
    return trimmed_history(model, place.history, length, place.first_step, run_values.values, dt)


def _monitors(kept: MonitorsAtEnd | None, recorder: Recorder, start: int, transient_steps: int) -> tuple[int, Any, Any]:
    """(count_from, states, frames) of the monitors, of ``kept`` ones that go on in the precision of now."""
    if kept is None:
        return start + transient_steps, None, None
    count_from = int(np.ravel(kept.count_from)[0])
    like = jax.eval_shape(lambda: recorder.begin(1))[: len(kept.states)]
    monitor_states = jax.tree.map(lambda x, now: x.astype(now.dtype), kept.states, like)
    if transient_steps or count_from > start:  # statistics begin anew
        return start + transient_steps, monitor_states[: len(recorder.nodes)], None
    frames = {n: x[: recorder.frames(n, count_from, start, count_from)] for n, x in kept.frames.items()}
    return count_from, monitor_states, frames


def _schedule(
    options: RunOptions,
    program: Program,
    run_values: RunValues,
    delay_plan: DelayPlan | None,
    run_steps: RunSteps,
    *,
    traced: bool,
) -> list[Chunk]:
    """The chunks of a run that fits into memory."""
    start, steps, transient_steps, sample_every = run_steps
    recorder, values = program.recorder, run_values.values
    length = steps if traced else _chunk_length(program.model, options, steps, recorder, run_values, program.dt)
    schedule = list(chunk_schedule(start, steps, transient_steps, length))
    columns = delay_plan.length if delay_plan else run_values.history_length or 0
    check_capacity(program, run_values.batch, run_values.model_values, values, columns, schedule, sample_every)
    return schedule


def _chunk_length(
    model: Any, options: RunOptions, steps: int, recorder: Recorder, run_values: RunValues, dt: float
) -> int:
    batch, length = run_values.batch, steps
    if not (isinstance(options.chunk, str) and options.chunk == "auto" and steps * batch.work <= SHORTEST):
        node = model.node if isinstance(model, Network) else model
        numbers = recorder.numbers_per_step(model, run_values.model_values) * (batch.size or 1)
        length = chunk_length(options.chunk, dt, int(np.prod(node.varshape)), numbers, batch.work)
    if options.checkpoint_every is not None:
        length = min(length, options.steps_between_savings(dt, steps) // WINDOW * WINDOW)
    return length

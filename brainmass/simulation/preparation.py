"""From the options of a run to the `Run` that goes through it: all is checked, nothing compiled."""

import time
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.monitors.recording import Recorder, check_names, resolve_monitors
from brainmass.network import WINDOW, DelayPlan, Network, parameter_refs, processes
from brainmass.numerics import checked_seed
from brainmass.simulation.engine import (
    Batch,
    CallableInputs,
    ChunkShape,
    Program,
    RunData,
    SimulationState,
    check_initializers,
    resolve_inputs,
)
from brainmass.simulation.run import (
    SHORTEST,
    Chunk,
    CompileCache,
    MonitorsAtEnd,
    Recorded,
    Run,
    RunOptions,
    RunSteps,
    as_arrays,
    batch_of,
    batch_size_of,
    check_capacity,
    check_noises,
    check_simulations,
    checked_values,
    chosen,
    chunk_length,
    chunk_schedule,
    last_seed,
    read_noises,
    read_start,
    read_values,
    ring_lengths,
    traced_history_length,
    trimmed_history,
    warn_of_long_steps,
    without_batch,
)
from brainmass.state_space import Values, Variable
from brainmass.units import checked_switch, float_dtype, is_concrete, with_unit


class StartingPoint(NamedTuple):
    """What a run starts from: the states and the history of its ``members``, and their ``numbers``.

    ``present`` is the size of the batch that the model holds.
    """

    states: Any
    history: Any
    members: Any
    numbers: Any
    present: int | None


class RunValues(NamedTuple):
    """The model's values, and all of a run, with those of the user; ``history_length`` as in `run_batch`."""

    model_values: Values
    values: Values
    batch: Batch
    history_length: int | None


def prepare(model: Any, cache: CompileCache, at_end: MonitorsAtEnd | None, options: RunOptions, dt: float) -> Run:
    """The run that the ``options`` ask for, before its first chunk."""
    since = time.perf_counter()
    start, *held = _held(model, options.init_states, dt)
    start, steps, transient_steps, sample_every = run_steps = options.steps(dt, start)
    point = _starting_point(model, options.simulations, *held)
    run_values = _run_values(model, options, point.states, dt)
    values, batch = run_values.values, run_values.batch
    series, stimuli, callables = _inputs(model, options.inputs, run_values, start, steps, dt)
    recorder = _recorder(model, options.monitors, run_values, dt)
    program, delay_plan = _program(model, cache, recorder, run_values, point, dt)
    recording_key, data = recorder.key(model, run_values.model_values), RunData(series, stimuli, recorder.values())
    traced = _is_traced((values, point.states, point.history, data), callables)
    seed = _seed(model, options)
    history = _history(model, point, run_values, delay_plan, start, dt)
    left = None if options.init_states else _left(at_end, model, recording_key, point.present)
    count_from, monitor_states, frames = _monitors(left, recorder, point.members, start, transient_steps)
    check_simulations(0, batch.size or 1, program.last_simulation)
    warn_of_long_steps(model, values, dt)
    return Run(
        program_for=_programs(cache, program, run_values, delay_plan, recording_key, jit=options.jit, traced=traced),
        schedule=_schedule(options, program, run_values, delay_plan, run_steps, traced=traced),
        values=as_arrays(values, float_dtype()),
        delay_plan=delay_plan,
        seed=seed,
        data=data,
        inputs_of_callables=lambda chunk: {} if callables is None else cache.inputs_of_callables(callables, chunk),
        recording_key=recording_key,
        batch=batch,
        coords=_coordinates(model, run_values),
        numbers=np.uint32(0) if point.numbers is None else point.numbers,
        variables={path: list(process.declarations(Variable)) for path, process in processes(model).items()},
        start=start,
        steps=steps,
        count_from=count_from,
        state=SimulationState(point.states, history, monitor_states, start),
        recorded=Recorded(recorder, run_steps.record_start, count_from, sample_every, frames),
        traced=traced,
        since=since,
    )


def _held(model: Any, init_states: Any, dt: float) -> tuple[int, Any, Any]:
    """(step, states, history) that the model holds for a run that goes on."""
    if checked_switch(init_states, "init_states"):
        check_initializers(model)
    return read_start(model, init_states, dt)


def _starting_point(model: Any, simulations: Any, states: Any, history: Any) -> StartingPoint:
    members, numbers = chosen(model, simulations, states)
    present = batch_size_of(model, states)
    if members is not None:
        states, history = jax.tree.map(lambda x: x[members], (states, history))
    return StartingPoint(states, history, members, numbers, present)


def _run_values(model: Any, options: RunOptions, states: Any, dt: float) -> RunValues:
    model_values = read_values(model)
    user_values = checked_values(model, {} if options.values is None else options.values, model_values)
    batch = batch_of(model, user_values, model_values, options.batch_size, batch_size_of(model, states))
    values = {**model_values, **(user_values if batch.size else without_batch(user_values, model_values))}
    return RunValues(model_values, values, batch, traced_history_length(model, values, model_values, batch, dt, ()))


def _coordinates(model: Any, run_values: RunValues) -> Values:
    """The values that differ between simulations, with their units, by path."""
    units, batch = parameter_refs(model), run_values.batch
    return {path: with_unit(batch.each(run_values.values[path]), units[path].unit) for path in sorted(batch.varying)}


def _inputs(model: Any, inputs: Any, run_values: RunValues, start: int, steps: int, dt: float) -> tuple:
    """As `resolve_inputs`, with the noises that are series."""
    series, stimuli, callables = resolve_inputs(model, inputs, steps, dt)
    check_noises(model, run_values.values, dt)
    return series | read_noises(model, start, steps, dt), stimuli, callables


def _is_traced(data: Any, callables: CallableInputs | None) -> bool:
    return not all(map(is_concrete, jax.tree.leaves(data))) or (callables is not None and callables.traced)


def _seed(model: Any, options: RunOptions) -> Any:
    """The seed of a run: one that goes on keeps its own, if none is given."""
    seed = last_seed(model) if options.seed is None and not options.init_states else None
    return checked_seed(options.seed) if seed is None else seed


def _recorder(model: Any, monitors: Any, run_values: RunValues, dt: float) -> Recorder:
    recorder = Recorder(model, resolve_monitors(model, monitors), dt, run_values.model_values)
    batched = set() if run_values.batch.size is None else {"seed", *run_values.batch.varying}
    check_names(recorder.names, batched | recorder.coordinates())
    return recorder


def _program(
    model: Any, cache: CompileCache, recorder: Recorder, run_values: RunValues, point: StartingPoint, dt: float
) -> tuple[Program, DelayPlan | None]:
    """The program, and how it reads its past where the delays are no data."""
    rings = cache.ring_lengths(ring_lengths(model, run_values.values, run_values.model_values, dt, (), point.states))
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


def _history(
    model: Any, point: StartingPoint, run_values: RunValues, delay_plan: DelayPlan | None, start: int, dt: float
) -> Any:
    """The history that the model holds, as far back as the delays of this run reach."""
    length = delay_plan.length if delay_plan else run_values.history_length
    return trimmed_history(model, point.history, length, start, run_values.values, dt)


def _left(at_end: MonitorsAtEnd | None, model: Any, recording_key: Any, batch: int | None) -> MonitorsAtEnd | None:
    """The monitors of the run that has left the States, if they are such ones and their batch is the same."""
    same = at_end is not None and at_end[:2] == (recording_key, batch) and at_end.clock is vars(model).get("clock")
    return at_end if same else None


def _monitors(
    kept: MonitorsAtEnd | None, recorder: Recorder, members: Any, start: int, transient_steps: int
) -> tuple[int, Any, Any]:
    """(origin, states, frames) of the monitors, of ``kept`` ones that go on in the precision of now."""
    if kept is None:
        return start + transient_steps, None, None
    monitor_states, frames = kept.monitor_states, kept.frames
    like = jax.eval_shape(lambda: recorder.begin(1))[: len(monitor_states)]
    if members is not None:
        monitor_states = jax.tree.map(lambda x: x[members], monitor_states)
        frames = jax.tree.map(lambda x: x[:, members], frames)
    monitor_states = jax.tree.map(lambda x, now: x.astype(now.dtype), monitor_states, like)
    if transient_steps or kept.count_from > start:  # statistics begin anew
        return start + transient_steps, monitor_states[: len(recorder.nodes)], None
    return kept.count_from, monitor_states, frames


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

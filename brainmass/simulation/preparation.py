"""From the arguments of a run to the job that goes through it: all is checked, nothing compiled."""

import time
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.monitors.recording import Recorder, check_names, resolve_monitors
from brainmass.network import WINDOW, Network, processes, slots
from brainmass.numerics import checked_seed
from brainmass.simulation.checkpoints import checked_every
from brainmass.simulation.engine import Batch, Drive, Fed, Program, check_initializers, resolve_inputs
from brainmass.simulation.run import (
    SHORTEST,
    Chunk,
    Compiled,
    Job,
    Place,
    Reel,
    Watched,
    as_arrays,
    batch_of,
    batch_size_of,
    check_capacity,
    check_noises,
    check_simulations,
    checked_span,
    checked_values,
    chosen,
    chunk_length,
    chunk_schedule,
    fitting_history,
    history_columns,
    own_seed,
    past_depths,
    read_noises,
    read_place,
    read_values,
    warn_of_long_steps,
    without_batch,
)
from brainmass.state_space import Values, Variable
from brainmass.units import checked_switch, float_dtype, is_concrete, with_unit


class Start(NamedTuple):
    """What a run starts from: the states and the history of its ``members``, and their ``numbers``.

    ``present`` is the size of the batch that the model holds.
    """

    states: Any
    history: Any
    members: Any
    numbers: Any
    present: int | None


class Given(NamedTuple):
    """The values of a run: the model's, and ``merged`` with what the user gave; ``columns`` as in `run_batch`."""

    own: Values
    merged: Values
    batch: Batch
    columns: int | None


def prepare(model: Any, compiled: Compiled, watched: Watched | None, a: Any, dt: float) -> Job:
    """The run that the arguments ``a`` of `Simulator.run` ask for, before its first chunk."""
    since = time.perf_counter()
    start, *held = _held(model, a.init_states, dt)
    steps, skip, stride = checked_span(a.duration, a.transient, a.sample_every, dt, start)
    begin = _start(model, a.simulations, *held)
    given = _given_values(model, a, begin.states, dt)
    series, stimuli, drive = _inputs(model, a.inputs, given, start, steps, dt)
    recorder = _recorder(model, a.monitors, given, dt)
    program, plan = _program(model, compiled, recorder, given, begin, dt)
    seen, fed = recorder.key(model, given.own), Fed(series, stimuli, recorder.values())
    traced = _is_traced((given.merged, begin.states, begin.history, fed), drive)
    wide = not (given.columns is not None or (plan is not None and bool(plan.levels)) or traced)
    seed = _seed(model, a)
    history = fitting_history(model, begin.history, plan.length if plan else given.columns, start, given.merged, dt)
    kept = None if a.init_states else _left(watched, model, seen, begin.present)
    origin, carries, frames = _monitors(kept, recorder, begin.members, start, skip)
    check_simulations(0, given.batch.size or 1, program.last_simulation)
    warn_of_long_steps(model, given.merged, dt)
    return Job(
        core=lambda span: compiled.core(program, span, given.batch, given.columns, seen, a.jit, wide=wide),
        course=_course(a, program, given, plan, (start, steps, skip, stride), traced=traced),
        values=as_arrays(given.merged, float_dtype()),
        plan=plan,
        seed=seed,
        fed=fed,
        driven=lambda chunk: {} if drive is None else compiled.driven(drive, chunk),
        seen=seen,
        batch=given.batch,
        coords=_coordinates(model, given),
        numbers=np.uint32(0) if begin.numbers is None else begin.numbers,
        variables={path: list(process.declarations(Variable)) for path, process in processes(model).items()},
        start=start,
        steps=steps,
        origin=origin,
        place=Place(begin.states, history, carries, start),
        reel=Reel(recorder, start + skip, origin, stride, frames),
        traced=traced,
        since=since,
    )


def _held(model: Any, init_states: Any, dt: float) -> tuple[int, Any, Any]:
    """(step, states, history) that the model holds for a run that goes on."""
    if checked_switch(init_states, "init_states"):
        check_initializers(model)
    return read_place(model, init_states, dt)


def _start(model: Any, simulations: Any, states: Any, history: Any) -> Start:
    members, numbers = chosen(model, simulations, states)
    present = batch_size_of(model, states)
    if members is not None:
        states, history = jax.tree.map(lambda x: x[members], (states, history))
    return Start(states, history, members, numbers, present)


def _given_values(model: Any, a: Any, states: Any, dt: float) -> Given:
    own = read_values(model)
    given = checked_values(model, {} if a.values is None else a.values, own)
    batch = batch_of(model, given, own, a.batch_size, batch_size_of(model, states))
    merged = {**own, **(given if batch.size else without_batch(given, own))}
    return Given(own, merged, batch, history_columns(model, merged, own, batch, dt, ()))


def _coordinates(model: Any, given: Given) -> Values:
    """The values that differ between simulations, with their units, by path."""
    units, batch = slots(model), given.batch
    return {path: with_unit(batch.each(given.merged[path]), units[path].unit) for path in sorted(batch.varying)}


def _inputs(model: Any, inputs: Any, given: Given, start: int, steps: int, dt: float) -> tuple:
    """As `resolve_inputs`, with the noises that are series."""
    series, stimuli, drive = resolve_inputs(model, inputs, steps, dt)
    check_noises(model, given.merged, dt)
    return series | read_noises(model, start, steps, dt), stimuli, drive


def _is_traced(data: Any, drive: Drive | None) -> bool:
    return not all(map(is_concrete, jax.tree.leaves(data))) or (drive is not None and drive.traced)


def _seed(model: Any, a: Any) -> Any:
    """The seed of a run: one that goes on keeps its own, if none is given."""
    seed = own_seed(model) if a.seed is None and not a.init_states else None
    return checked_seed(a.seed) if seed is None else seed


def _recorder(model: Any, monitors: Any, given: Given, dt: float) -> Recorder:
    recorder = Recorder(model, resolve_monitors(model, monitors), dt, given.own)
    batched = set() if given.batch.size is None else {"seed", *given.batch.varying}
    check_names(recorder.names, batched | recorder.coordinates())
    return recorder


def _program(
    model: Any, compiled: Compiled, recorder: Recorder, given: Given, begin: Start, dt: float
) -> tuple[Program, Any]:
    """The program, and how it reads its past where the delays are no data."""
    depths = compiled.depths(past_depths(model, given.merged, given.own, dt, (), begin.states))
    all_edges = "conn" in given.batch.varying
    plan = compiled.plan(given.merged, dt, all_edges=all_edges) if given.columns is None else None
    return Program(model, dt, recorder, depths), plan


def _left(watched: Watched | None, model: Any, seen: Any, batch: int | None) -> Watched | None:
    """The monitors of the run that has left the States, if they are such ones and their batch is the same."""
    same = watched is not None and watched[:2] == (seen, batch) and watched.clock is vars(model).get("clock")
    return watched if same else None


def _monitors(kept: Watched | None, recorder: Recorder, members: Any, start: int, skip: int) -> tuple[int, Any, Any]:
    """(origin, states, frames) of the monitors, of ``kept`` ones that go on in the precision of now."""
    if kept is None:
        return start + skip, None, None
    carries, frames = kept.carries, kept.frames
    like = jax.eval_shape(lambda: recorder.begin(1))[: len(carries)]
    if members is not None:
        carries = jax.tree.map(lambda x: x[members], carries)
        frames = jax.tree.map(lambda x: x[:, members], frames)
    carries = jax.tree.map(lambda x, now: x.astype(now.dtype), carries, like)
    if skip or kept.origin > start:  # statistics begin anew
        return start + skip, carries[: len(recorder.stages)], None
    return kept.origin, carries, frames


def _course(a: Any, program: Program, given: Given, plan: Any, at: tuple, *, traced: bool) -> list[Chunk]:
    """The chunks of a run, (start, steps, skip, stride), that fits into memory."""
    start, steps, skip, stride = at
    length = steps if traced else _chunk_length(program.model, a, steps, program.recorder, given, program.dt)
    course = list(chunk_schedule(start, steps, skip, length))
    columns = plan.length if plan else given.columns or 0
    check_capacity(program, given.batch, given.own, given.merged, columns, course, stride)
    return course


def _chunk_length(model: Any, a: Any, steps: int, recorder: Recorder, given: Given, dt: float) -> int:
    batch, length = given.batch, steps
    if not (isinstance(a.chunk, str) and a.chunk == "auto" and steps * batch.work <= SHORTEST):
        node = model.node if isinstance(model, Network) else model
        numbers = recorder.numbers_per_step(model, given.own) * (batch.size or 1)
        length = chunk_length(a.chunk, dt, int(np.prod(node.varshape)), numbers, batch.work)
    if a.checkpoint_every is not None:
        length = min(length, checked_every(a.checkpoint_every, dt, steps) // WINDOW * WINDOW)
    return length

"""The Simulator: checks what the user gives, compiles once, runs, and hands back the result."""

import time
import warnings
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brainunit as u
import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from brainmass.arguments import checked_seed, checked_simulation, checked_span
from brainmass.batch import DELAY_VALUES, Batch, results, run_batch
from brainmass.checkpoint import Checkpoint, checked_every
from brainmass.chunks import SHORTEST, Reel, chunk_length, chunks
from brainmass.declarations import Variable
from brainmass.divergence import check_finite, until_divergence
from brainmass.draws import seed_key
from brainmass.drive import resolve_inputs
from brainmass.history import WINDOW
from brainmass.job import Job, Place, Watched
from brainmass.modules import ModuleRun
from brainmass.monitors.observe import Afferent, resolve_monitors, strip
from brainmass.monitors.recorder import Recorder
from brainmass.monitors.stream import Monitor
from brainmass.network import Network
from brainmass.program import Fed, Program, Span
from brainmass.progress import progress_of
from brainmass.provenance import environment, summary
from brainmass.result import Result
from brainmass.shell import batch_size_of, check_noises, keep, read_noises, read_states, read_values
from brainmass.statespace import StateSpace, Values, check_dt
from brainmass.stimulus import Stimulus
from brainmass.tree import processes
from brainmass.units import describe, float_dtype, is_concrete, resolve_dt, with_unit
from brainmass.values import as_arrays, batch_of, check_batch_size, checked_values, history_columns, past_depths

# A run without delays computes, and wide vectors make it 1.1 to 1.35 times faster where the processor has them; one
# with delays gathers, which they make slower. JAX takes options for an outermost program only.
_WIDE = {"xla_cpu_prefer_vector_width": 512}


class Simulator:
    """Runs a model over time.

    Parameters
    ----------
    model
        A node bank, a `Network`, or any brainstate module with ``init_state`` and ``update``.
    dt : optional
        Time step, bare in ms; brainstate's global ``dt`` by default.
    """

    def __init__(self, model: Any, dt: Any = None):
        if isinstance(model, type) or not callable(getattr(model, "update", None)):
            raise TypeError(
                f"Simulator: model={describe(model)} must be a node bank, a Network, or a module with update."
            )
        if isinstance(model, StateSpace) and not model.declarations(Variable):
            raise TypeError(f"Simulator: {type(model).__name__} has no variables to run; attach it to a model.")
        self._model = model
        self.dt = None if dt is None else resolve_dt(dt) * u.ms
        self._compiled: dict[Any, Any] = {}
        self._plan: tuple | None = None
        self._watched: Watched | None = None
        self.interrupted: Result | None = None
        """What a run had recorded that was stopped by Ctrl-C."""
        self._depths: dict[str, int] = {}

    @property
    def model(self) -> Any:
        """The model; for another one, make another Simulator."""
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_compiled": {}, "_plan": None, "_watched": None, "interrupted": None}

    def run(
        self,
        duration: Any,
        *,
        inputs: Any = None,
        monitors: Any = None,
        transient: Any = None,
        sample_every: int | None = None,
        batch_size: int | None = None,
        init_states: bool = True,
        jit: bool = True,
        seed: int | None = None,
        values: Values | None = None,
        chunk: Any = "auto",
        progress: bool = True,
        on_divergence: str = "raise",
        checkpoint: Any = None,
        checkpoint_every: Any = None,
    ) -> Result:
        """Simulate, and leave the final values in the model's States.

        Parameters
        ----------
        duration
            Bare in ms, a whole number of steps.
        inputs : optional
            External drive: a `stimulus.Stimulus`, an array (time, [region]) or a callable ``(i, t)`` of the absolute
            step and time for the first free Input, or a dict of these by Input name.
        monitors : optional
            A name ("x", "node.noise_E.x"), a callable of the model, a monitor as ``Bold("x")``, a dict of these, or a
            list of names; the primary variable by default.
        transient : optional
            Time at the beginning that is run and not recorded, bare in ms.
        sample_every : int, optional
            Record every so many steps.
        batch_size : int, optional
            Number of simulations, with noise and initial values of their own; results are (time, batch, region).
        init_states : bool
            False continues from the present States, in time and in noise.
        jit : bool
            False runs the same program uncompiled, for debugging.
        seed : int, optional
            Decides initial values and noise; drawn from ``brainstate.random`` if not given.
        values : dict, optional
            Parameter values by path ("k", "node.a") for this run only; a leading batch axis runs as a batch.
        chunk : optional
            A long run goes in chunks of this time, bare in ms, so that its memory is that of what it records. Chunks
            change no bit of a result.
        progress : bool
            Show a progress bar where a run takes longer than a second and somebody can see it.
        on_divergence : str
            "raise", or "stop": give what was recorded before the first value that is not finite, with a warning.
        checkpoint : path, optional
            A folder that does not exist yet. The run saves itself there, and `brainmass.resume` goes on with it after
            whatever stopped it, to the same bits.
        checkpoint_every : optional
            Simulated time between two savings, bare in ms; a twentieth of the run by default. Savings come at the ends
            of chunks.

        Returns
        -------
        Result
            Arrays by monitor name, "output" for a single one, and "ts", the ends of the recorded steps; monitors that
            sample at other times have theirs in ``times``.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit, before anything is compiled.
        FloatingPointError
            The run diverged; names variable, region and first bad sample. The States are those before its chunk, or,
            in a run of one chunk, before the run.
        KeyboardInterrupt
            Ctrl-C: what was recorded is in ``interrupted``, and ``init_states=False`` goes on from there.
        """
        arguments = {name: value for name, value in locals().items() if name not in ("self", "checkpoint")}
        return self._run(arguments, None if checkpoint is None else Path(checkpoint), resumed=False)

    def _run(self, arguments: dict[str, Any], folder: Path | None, *, resumed: bool) -> Result:
        """Check the arguments of `run`, compile, and go through; a ``resumed`` run from where its folder says."""
        a = SimpleNamespace(**arguments)
        if a.on_divergence not in ("raise", "stop"):
            raise ValueError(f'on_divergence={describe(a.on_divergence)} must be "raise" or "stop".')
        dt = resolve_dt(self.dt)
        if not isinstance(self.model, StateSpace | Network):
            if folder is not None:
                raise TypeError(f"checkpoint needs a node bank or a Network, not {type(self.model).__name__}.")
            return self._run_module(a, dt)
        job = self._job(**arguments)
        store = None if folder is None else self._opened(job, arguments, folder, dt, resumed=resumed)
        done = 0 if store is None else job.place.step - job.start
        with progress_of(job.steps * dt, a.progress and len(job.course) > 1, done * dt) as report:
            job.advance(lambda done: report(done * dt), store)
        if store is not None:
            store.recall(job)
        result = self._result(job, dt)
        if job.traced:
            return result
        good = job.last if job.diverged else job.place
        if good is not None and good.states is not None:
            keep(self.model, good.states, good.history, (job.seed, good.step, dt))
            frames = job.reel.frames(good.step)
            self._watched = Watched(job.seen, job.batch.size, good.step, good.carries, job.origin, frames)
        return self._checked(result, job, dt, a.on_divergence, folder)

    def _job(self, **arguments: Any) -> Job:
        """The run that all the arguments of `run` ask for, checked, before its first chunk."""
        since, a, dt = time.perf_counter(), SimpleNamespace(**arguments), resolve_dt(self.dt)
        steps, skip, stride = checked_span(a.duration, a.transient, a.sample_every, dt)
        start, states, history = self._beginning(a.init_states, dt)
        own = read_values(self.model)
        given = checked_values(self.model, a.values or {}, own)
        batch = batch_of(self.model, given, own, a.batch_size, batch_size_of(self.model, states))
        merged = {**own, **given}
        columns = history_columns(self.model, merged, own, batch, dt, ())
        series, stimuli, drive = resolve_inputs(self.model, a.inputs, steps, dt)
        check_noises(self.model, merged, dt)
        series |= read_noises(self.model, start, steps, dt)
        recorder = Recorder(self.model, resolve_monitors(self.model, a.monitors), dt, own)
        depths = self._at_least(past_depths(self.model, merged, own, dt, (), states))
        plan = self._plan_of(merged, dt, all_edges="conn" in batch.varying) if columns is None else None
        program = Program(self.model, dt, recorder, drive, depths)
        seen, fed = recorder.key(self.model, own), Fed(series, stimuli, recorder.values())
        traced = not all(map(is_concrete, jax.tree.leaves((merged, states, history, fed))))
        delayed = columns is not None or (plan is not None and bool(plan.levels))
        seed = self._seed(a.seed, a.init_states)
        history = self._fitting(history, plan.length if plan else columns, start)
        begun = origin = start + skip
        carries = frames = None
        if not a.init_states and self._watched is not None and self._watched[:3] == (seen, batch.size, start):
            carries = self._watched.carries
            if skip or self._watched.origin > start:  # statistics begin anew
                carries = carries[: len(recorder.stages)]
            else:
                origin, frames = self._watched.origin, self._watched.frames
        recorder.check(start + steps, origin, dt)
        length = steps if traced else self._chunk_length(a.chunk, steps, recorder, own, batch, dt)
        return Job(
            core=lambda span: self._core(program, span, batch, columns, seen, a.jit, wide=not (delayed or traced)),
            course=list(chunks(start, steps, skip, length)),
            values=as_arrays(merged, float_dtype()),
            plan=plan,
            seed=seed,
            fed=fed,
            seen=seen,
            batch=batch,
            start=start,
            steps=steps,
            origin=origin,
            place=Place(states, history, carries, start),
            reel=Reel(recorder, begun, origin, stride, frames),
            traced=traced,
            since=since,
        )

    def _opened(self, job: Job, arguments: dict[str, Any], folder: Path, dt: float, *, resumed: bool) -> Checkpoint:
        """The folder in which the job is saved; a ``resumed`` one goes to where its folder says."""
        if job.traced:
            raise ValueError("checkpoint: a run inside of what is compiled or differentiated cannot be saved.")
        store = Checkpoint(folder, checked_every(arguments["checkpoint_every"], dt, job.steps))
        if resumed:
            store.restore(job)
            store.prune()
        else:
            given = checked_values(self.model, arguments["values"] or {}, read_values(self.model))
            simulator = copy(self)
            simulator.dt = dt * u.ms  # a global one may be another when the run goes on
            store.begin(simulator, arguments | dict(seed=job.seed, values=given), job)
        return store

    def _saved(self, arguments: dict[str, Any], store: Checkpoint) -> Result:
        """What the run of these arguments has recorded and saved so far."""
        job = self._job(**arguments)
        store.restore(job)
        store.recall(job)
        return self._result(job, resolve_dt(self.dt))

    def _chunk_length(self, chunk: Any, steps: int, recorder: Recorder, own: Values, batch: Batch, dt: float) -> int:
        if isinstance(chunk, str) and chunk == "auto" and steps <= SHORTEST:
            return steps
        node = self.model.node if isinstance(self.model, Network) else self.model
        numbers = recorder.numbers_per_step(self.model, own) * (batch.size or 1)
        return chunk_length(chunk, dt, int(np.prod(node.varshape)), numbers)

    def _result(self, job: Job, dt: float) -> Result:
        """What a job has recorded, in the order asked for, with the times of each thing and how it came about."""
        recorder, stop, found = job.reel.recorder, job.place.step, job.reel.joined(job.place.step)
        found |= self._statistics(recorder, job.seen, job.batch, job.place.carries) if stop > job.reel.begun else {}
        outputs = {name: found[name] for name in recorder.names if name in found}
        times = {n: u.Quantity(job.reel.steps(n, stop) * dt, u.ms) for n in outputs if n not in recorder.statistics}
        each = next((n for n in times if n in recorder.each), next(iter(times), None))
        ts = u.Quantity(np.array([stop * dt]), u.ms) if each is None else times[each]
        own = {n: t for n, t in times.items() if not np.array_equal(t.mantissa, ts.mantissa)}
        whole = [n for n in outputs if n in recorder.statistics]
        labels = getattr(self.model, "labels", None)
        axes, batched = recorder.axes(), job.batch.size is not None
        result = Result({**outputs, "ts": ts}, times=own, whole=whole, axes=axes, labels=labels, batched=batched)
        if not job.traced:
            facts = dict(seed=job.seed, dt_ms=dt, first_step=job.start, steps=stop - job.start, wall_s=job.wall)
            facts |= dict(transient_steps=job.reel.begun - job.start, duration_ms=facts["steps"] * dt)
            result.attrs = environment() | facts | dict(values=summary(job.values))
        return result

    def _checked(self, result: Result, job: Job, dt: float, on_divergence: str, folder: Path | None) -> Result:
        """The result, if the run came to its end and stayed finite.

        Raises
        ------
        FloatingPointError, KeyboardInterrupt
            With what was recorded as ``result``.
        """
        at = f"t = {job.place.step * dt:g} ms"
        try:
            titles = {name: o.title for name, o in job.reel.recorder.each.items()}
            since = "" if job.last is None else f"t = {job.last.step * dt:g} ms to "
            check_finite(result, job.place.states, titles, f"{since}{at}")
        except FloatingPointError as error:
            if job.diverged and job.last is not None and job.last.states is not None:
                error.add_note(f"The States are those of t = {job.last.step * dt:g} ms.")
            elif job.diverged:
                error.add_note("The States are as they were before the run.")
            if on_divergence == "raise":
                raise
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)
            result = until_divergence(result)
            result.attrs["diverged"] = str(error)
        if job.interrupted:
            self.interrupted = result
            way = "sim.run(..., init_states=False) goes on"
            if folder is not None:
                way = f"brainmass.resume({str(folder)!r}) goes on"
            raise KeyboardInterrupt(f"stopped at {at}; sim.interrupted holds what was recorded, and {way}")
        return result

    def function(
        self, duration: Any, *, monitors: Any = None, transient: Any = None, vary: Iterable[str] = ()
    ) -> Callable[..., Values]:
        """The run as a pure function ``f(values, seed, simulation=0)``, for ``jax.jit``, ``jax.grad`` and sharding.

        It starts afresh at each call, keeps today's values of everything that is not in ``vary``, and touches no State.

        Parameters
        ----------
        duration, monitors, transient
            As in `run`.
        vary : iterable of str
            Paths of the values to pass: "k", "conn", "speed", "node.a", "node.noise_E.sigma", "node.init_x", ...

        Returns
        -------
        callable
            ``values`` holds bare arrays in declared units by path; what is left out keeps its present value. One more
            axis than the model's own value has, the leading one, runs as a batch, whose members are the simulations
            ``simulation``, ``simulation + 1``, ...; give batched values rather than ``jax.vmap``, which is several
            times slower. The dict that comes back holds bare arrays (time, [batch,] region). A delay that comes to
            exceed four times the longest present one gives NaN.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit.
        """
        dt = resolve_dt(self.dt)
        steps, skip, _ = checked_span(duration, transient, None, dt)
        if not isinstance(self.model, StateSpace | Network):
            raise TypeError(f"function takes a node bank or a Network, not {type(self.model).__name__}; use run.")
        if not isinstance(vary, Iterable):
            raise TypeError(f"vary={describe(vary)} must be a path or a list of paths.")
        vary = (vary,) if isinstance(vary, str) else tuple(vary)
        own = read_values(self.model)
        unknown = [path for path in vary if path not in own]
        if unknown:
            raise KeyError(f"vary has the path {unknown[0]!r}; use one of {', '.join(own)}.")
        recorder = Recorder(self.model, resolve_monitors(self.model, monitors), dt, own)
        recorder.check(steps, skip, dt)
        seen = recorder.key(self.model, own)
        (whole,) = chunks(0, steps, skip, steps)
        open_delays = DELAY_VALUES.intersection(vary)
        fixed = self._plan_of(own, dt, all_edges="conn" in vary) if not open_delays else None
        series = read_noises(self.model, 0, steps, dt)

        def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
            given = checked_values(self.model, values, own, vary)
            check_noises(self.model, {**own, **given}, dt)
            batch = batch_of(self.model, given, own, None)
            columns = history_columns(self.model, {**own, **given}, own, batch, dt, open_delays)
            depths = self._at_least(past_depths(self.model, {**own, **given}, own, dt, vary, None))
            program = Program(self.model, dt, recorder, depths=depths, grouped=True)
            core = self._core(program, whole.span, batch, columns, seen, True)
            merged = as_arrays({**own, **given}, float_dtype())
            first = checked_simulation(simulation)
            ends, nothing = map(np.uint32, (0, steps, skip)), (None, None, None)
            key, fed = seed_key(checked_seed(seed)), Fed(series, {}, recorder.values())
            recorded, _, _, carries = core(merged, fixed, key, first, *ends, *nothing, fed)
            reel = Reel(recorder, skip, skip, 1)
            reel.add(recorded, whole)
            found = reel.joined(steps) | self._statistics(recorder, seen, batch, carries)
            return strip({name: found[name] for name in recorder.names})

        return simulate

    # -- what a run starts from ---------------------------------------------------------------------------------------

    def _at_least(self, depths: dict[str, int]) -> dict[str, int]:
        """Rings only grow, so that another self-delay seldom needs another program."""
        self._depths |= {path: max(depth, self._depths.get(path, 0)) for path, depth in depths.items()}
        return dict(self._depths)

    def _core(
        self, program: Program, span: Span, batch: Batch, columns: int | None, seen: Any, jit: bool, wide: bool = False
    ) -> Callable:
        dt, drive = program.dt, program.drive and program.drive.key(program.dt)
        options = _WIDE if wide and jax.default_backend() == "cpu" and is_concrete(jnp.zeros(())) else None
        key = (span, dt, batch, columns, seen, drive, tuple(program.depths.items()), jit, options is None)
        if key not in self._compiled:
            core = partial(run_batch, program, span, batch, columns)
            self._compiled[key] = jax.jit(core, compiler_options=options) if jit else core
        return self._compiled[key]

    def _statistics(self, recorder: Recorder, seen: Hashable, batch: Batch, carries: Any) -> Values:
        key = ("statistics", seen, batch)
        if key not in self._compiled:
            self._compiled[key] = jax.jit(lambda carries: results(recorder, carries, batch))
        return self._compiled[key](carries)

    def _run_module(self, a: SimpleNamespace, dt: float) -> Result:
        if a.values:
            raise TypeError("values needs a node bank or a Network; set the attributes of any other module.")
        steps, skip, stride = checked_span(a.duration, a.transient, a.sample_every, dt)
        monitors, inputs = a.monitors, a.inputs
        for given in monitors.values() if isinstance(monitors, dict) else [monitors]:
            if isinstance(given, Monitor | Afferent):
                kind = type(given).__name__
                raise TypeError(f"monitors: {kind} needs a node bank or a Network; a module records names, callables.")
        if isinstance(inputs, dict):
            raise TypeError("inputs of a module are an array, a stimulus, or a callable (i, t), and no dict.")
        key = ("module", dt, repr(monitors) if not callable(monitors) else monitors)
        if key not in self._compiled:
            self._compiled[key] = ModuleRun(self.model, dt, monitors)
        module = self._compiled[key]
        check_batch_size(a.batch_size)
        if a.init_states:
            module.initialise(a.batch_size)
        first = module.step_count
        if isinstance(inputs, Stimulus):
            inputs = with_unit(inputs.sample(np.arange(first, first + steps), dt), inputs.unit)
        recorded = module.run(steps, inputs, a.jit, None if a.seed is None else checked_seed(a.seed))
        kept = jax.tree.map(lambda x: x[skip::stride], recorded)
        ends = u.Quantity((first + np.arange(skip, steps)[::stride] + 1) * dt, u.ms)
        result = Result({**kept, "ts": ends}, batched=module.batched, attrs=environment() | {"dt_ms": dt})
        check_finite(result, {}, {}, "the end")
        return result

    def _plan_of(self, values: Values, dt: float, *, all_edges: bool) -> Any:
        """The read plan of concrete delays and weights, made anew only when they changed."""
        if not isinstance(self.model, Network):
            return None
        watched = {p: values[p] for p in (*DELAY_VALUES, "conn") if p in values}
        all_edges = all_edges or not is_concrete(watched["conn"])
        if all_edges:
            watched.pop("conn")
        key = (dt, all_edges, self.model.given_conn, float_dtype())
        if self._plan is not None and self._plan[0] == key and _same(self._plan[1], watched):
            return self._plan[2]
        with jax.ensure_compile_time_eval():  # a run inside jit must not leave tracers in the cache
            plan = jax.tree.map(jnp.asarray, self.model.plan(values, dt, all_edges=all_edges))
        self._plan = (key, watched, plan)
        return plan

    def _beginning(self, init_states: bool, dt: float) -> tuple:
        """(first step, states, history)."""
        clock, history, trace = (vars(self.model).get(name) for name in ("clock", "history", "trace"))
        if init_states:
            return 0, None, None
        if clock is not None:
            check_dt(dt, clock[2])
            return clock[1], read_states(self.model), None if history is None else history.value.astype(float_dtype())
        for process in processes(self.model).values():
            if process.bare_pasts():
                check_dt(dt, process.past_dt)
        if trace is None:
            return 0, read_states(self.model), None
        check_dt(dt, self.model.trace_dt)
        padding = [(0, 0)] * (trace.value.ndim - 1) + [(WINDOW, 0)]  # older than any delay reaches
        return 0, read_states(self.model), jnp.pad(trace.value, padding)

    def _seed(self, seed: Any, init_states: bool) -> Any:
        clock = vars(self.model).get("clock")
        return clock[0] if seed is None and clock is not None and not init_states else checked_seed(seed)

    def _fitting(self, history: Any, length: int | None, start: int) -> Any:
        if history is None and length and vars(self.model).get("clock") and start:
            raise ValueError("the last run kept no delay history to continue from; run with init_states=True.")
        if history is None or not length:
            return history
        columns, kept = length + WINDOW, history.shape[-1]
        if kept < columns:
            raise ValueError(
                "the delays have grown since the last run, beyond the history kept; run with init_states=True."
            )
        return history[..., kept - columns :]


def _same(old: Values, new: Values) -> bool:
    return old.keys() == new.keys() and all(old[p] is new[p] or np.array_equal(old[p], new[p]) for p in old)

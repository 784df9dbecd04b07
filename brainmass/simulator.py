"""The Simulator: checks what the user gives, compiles once, runs, and hands back the result."""

import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brainstate
import brainunit as u
import jax
import jax.core
import numpy as np

from brainmass.arguments import check_simulations, checked_seed, checked_simulation, checked_span
from brainmass.batch import DELAY_VALUES, Batch
from brainmass.beginning import check_initializers
from brainmass.checkpoint import Checkpoint, check_saving, checked_every
from brainmass.chunks import SHORTEST, Reel, chunk_length, chunks
from brainmass.compiled import Compiled, lenient
from brainmass.declarations import Variable
from brainmass.declared import Declared
from brainmass.draws import seed_key
from brainmass.drive import resolve_inputs
from brainmass.files import checked_path
from brainmass.history import WINDOW
from brainmass.job import Job, Place, Watched
from brainmass.modules import run_module
from brainmass.monitors.observe import check_names, resolve_monitors, strip
from brainmass.monitors.recorder import Recorder
from brainmass.naming import UnknownName, meant, with_named_arguments
from brainmass.network import Network
from brainmass.outcome import description, finite, outcome
from brainmass.pace import warn_of_long_steps
from brainmass.program import Fed, Program
from brainmass.progress import progress_of, time_text
from brainmass.result import Result
from brainmass.shell import (
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
from brainmass.shown import Card, Shown
from brainmass.spec import hash_of, to_spec
from brainmass.statespace import StateSpace, Values
from brainmass.tree import processes, slots
from brainmass.units import checked_switch, describe, float_dtype, is_concrete, resolve_dt, with_unit
from brainmass.values import as_arrays, batch_of, checked_values, history_columns, past_depths, without_batch
from brainmass.warn import warn


class Simulator(Shown):
    """Runs a model over time.

    Parameters
    ----------
    model
        A node bank, a `Network`, or any brainstate module with ``init_state`` and ``update``.
    dt : optional
        Time step, bare in ms; brainstate's global ``dt`` by default.
    """

    @with_named_arguments
    def __init__(self, model: Any, dt: Any = None):
        if not isinstance(model, brainstate.nn.Module) or not callable(getattr(model, "update", None)):
            raise TypeError(
                f"Simulator: model={describe(model)} must be a node bank, a Network, or a brainstate module "
                "with update."
            )
        if isinstance(model, StateSpace) and not model.declarations(Variable):
            raise TypeError(f"Simulator: {type(model).__name__} has no variables to run; attach it to a model.")
        self._model = model
        self.dt = None if dt is None else resolve_dt(dt) * u.ms
        self._compiled = Compiled(model)
        self._watched: Watched | None = None
        self.interrupted: Result | None = None
        """What a run had recorded that was stopped by Ctrl-C."""

    @property
    def model(self) -> Any:
        """The model; for another one, make another Simulator."""
        return self._model

    def as_arguments(self) -> Values:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return dict(model=self.model, dt=self.dt)

    @property
    def spec_hash(self) -> str:
        """The SHA-256 of all that is declared, and of dt: the same in whatever units and however defaults are given.

        Raises
        ------
        ValueError
            Something in it cannot be written down; see `to_spec`.
        """
        return hash_of(to_spec(self))

    def card(self) -> Card:
        dt = "the global dt" if self.dt is None else f"dt = {describe(self.dt)}"
        if not isinstance(self.model, Declared):
            return Card(f"Simulator of a {type(self.model).__name__}, {dt}")
        title, lines, sheets = self.model.card()
        return Card(f"Simulator, {dt}: {title}", lines, sheets)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_compiled": Compiled(self.model), "_watched": None, "interrupted": None}

    @with_named_arguments
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
        simulations: Any = None,
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
            Record the steps that are multiples of it, as `Sample` does.
        batch_size : int, optional
            Number of simulations, with noise and initial values of their own; results are (time, batch, region).
        init_states : bool
            False continues from the present States, in time and in noise.
        simulations : list of int, optional
            Continue these members of the present batch only, by number, each with its own noise.
        jit : bool
            False runs the same program uncompiled, for debugging.
        seed : int, optional
            Decides initial values and noise; drawn from ``brainstate.random`` if not given.
        values : dict, optional
            Parameter values by path ("k", "node.a") for this run only; a leading batch axis runs as a batch. In the
            place of one number, shapes are those of NumPy against (batch, region): (B,) or (B, 1) are B simulations,
            (B, N) such with a value for each region; (N,), which could be either, is refused.
        chunk : optional
            A long run goes in chunks of this time, bare in ms, so that its memory is that of what it records. Chunks
            change no bit of a result.
        progress : bool
            Where a run takes longer than a second and somebody can see it, in a terminal or a notebook: say that it
            compiles, show how far it is, and leave one line ("600 s in 35 s, 17 times real time").
        on_divergence : str
            "raise", or "stop": with a warning, give what was recorded before the first value that is not finite. The
            members of a batch that diverge are NaN from there on, in the States too, and named in ``diverged``; the
            others go on to the end, and the result, or that of the error, holds them whole.
        checkpoint : path, optional
            A folder that does not exist yet. The run saves itself there, and `brainmass.resume` goes on with it after
            whatever stopped it, to the same bits.
        checkpoint_every : optional
            The longest simulated time between two savings, bare in ms; a twentieth of the run by default, or one chunk
            where that is longer.

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
            The run diverged; names variable, region and first bad sample; ``result`` holds what was recorded. The
            States are those before its chunk, or, in a run of one chunk, before the run; in a batch only if all of its
            members diverged.
        KeyboardInterrupt
            Ctrl-C: what was recorded is in ``interrupted``, and ``init_states=False`` goes on from there.
        """
        arguments = {name: value for name, value in locals().items() if name not in ("self", "checkpoint")}
        folder = None if checkpoint is None else checked_path(checkpoint, "checkpoint")
        return self._run(arguments, folder, resumed=False)

    @lenient
    def _run(self, arguments: dict[str, Any], folder: Path | None, *, resumed: bool) -> Result:
        """Check the arguments of `run`, compile, and go through; a ``resumed`` run from where its folder says."""
        a = SimpleNamespace(**arguments)
        ways = "raise", "stop"
        if not isinstance(a.on_divergence, str) or a.on_divergence not in ways:
            near = meant(a.on_divergence, ways)
            raise ValueError(f'on_divergence={describe(a.on_divergence)} must be "raise" or "stop"{near}.')
        for name in ("jit", "progress"):
            checked_switch(arguments[name], name)
        check_saving(folder, a.checkpoint_every)
        dt = resolve_dt(self.dt)
        if not isinstance(self.model, StateSpace | Network):
            if folder is not None:
                raise TypeError(f"checkpoint needs a node bank or a Network, not {type(self.model).__name__}.")
            return run_module(self._compiled, a, dt)
        job = self._job(**arguments)
        if not resumed:
            job.check(dt)
        store = None if folder is None else self._opened(job, arguments, folder, dt)
        with store or nullcontext():
            if store is not None and resumed:
                store.restore(job)
            elif store is not None:
                self._begin(store, arguments, job, dt)
            failed = None
            try:
                with progress_of(job, dt, a.progress) as report:
                    job.advance(report, store)
            except OSError as error:
                if store is None:
                    raise
                failed = error
            lost = None if store is None else store.recall(job)
            if failed or lost:
                raise self._kept_despite(failed, lost, job, dt)
        result = self._outcome(job, dt)
        self._compiled.settle()
        if job.traced:
            return result
        self._keep(job, dt)
        if not job.interrupted:
            return finite(result, job, dt, a.on_divergence)
        self.interrupted = result
        kept, way = "sim.interrupted holds", "sim.run(..., init_states=False)"
        if folder is not None:
            kept, way = f"brainmass.load_result({str(folder)!r}) gives", f"brainmass.resume({str(folder)!r})"
        raise KeyboardInterrupt(
            f"stopped at t = {time_text(job.place.step * dt)}; {kept} what was recorded, and {way} goes on"
        )

    def _keep(self, job: Job, dt: float) -> None:
        """Leave the last good values in the model, and the monitors for a run that goes on."""
        good = job.last if job.diverged else job.place
        if good is not None and good.states is not None:
            clock = (job.seed, good.step, dt)
            keep(self.model, good.states, good.history, clock, job.numbers)
            if good.carries is None:  # of a run that went on with other monitors, and not far
                self._watched = None
                return
            frames, labels = job.reel.frames(good.step), getattr(self.model, "labels", None)
            complaints, carries = job.reel.recorder.complaints(good.carries, labels, job.simulations)
            self._watched = Watched(job.seen, job.batch.size, clock, carries, job.origin, frames)
            for complaint in complaints:
                warn(complaint)

    def _kept_despite(self, failed: OSError | None, lost: OSError | None, job: Job, dt: float) -> OSError:
        """The error of a run whose folder failed or lost a part; its ``result`` and ``interrupted`` are the rest."""
        error = failed or lost or OSError()
        self.interrupted = error.result = self._outcome(job, dt)  # type: ignore[attr-defined]
        if lost is None:
            self._keep(job, dt)
        elif failed is not None:
            error.add_note(str(lost))
        error.add_note(f"sim.interrupted holds what was recorded up to t = {time_text(job.place.step * dt)}.")
        return error

    def _outcome(self, job: Job, dt: float) -> Result:
        return outcome(job, self._found(job), getattr(self.model, "labels", None), dt)

    def _found(self, job: Job) -> Values:
        """What the statistics have found so far."""
        if job.place.step <= job.reel.begun or job.place.carries is None:
            return {}
        return self._compiled.statistics(job.reel.recorder, job.seen, job.batch, job.place.carries)

    def _job(self, **arguments: Any) -> Job:
        """The run that all the arguments of `run` ask for, checked, before its first chunk."""
        since, a, dt = time.perf_counter(), SimpleNamespace(**arguments), resolve_dt(self.dt)
        if checked_switch(a.init_states, "init_states"):
            check_initializers(self.model)
        start, states, history = read_place(self.model, a.init_states, dt)
        steps, skip, stride = checked_span(a.duration, a.transient, a.sample_every, dt, start)
        members, numbers = chosen(self.model, a.simulations, states)
        present = batch_size_of(self.model, states)
        if members is not None:
            states, history = jax.tree.map(lambda x: x[members], (states, history))
        own = read_values(self.model)
        given = checked_values(self.model, {} if a.values is None else a.values, own)
        batch = batch_of(self.model, given, own, a.batch_size, batch_size_of(self.model, states))
        merged = {**own, **(given if batch.size else without_batch(given, own))}
        columns = history_columns(self.model, merged, own, batch, dt, ())
        series, stimuli, drive = resolve_inputs(self.model, a.inputs, steps, dt)
        check_noises(self.model, merged, dt)
        series |= read_noises(self.model, start, steps, dt)
        recorder = Recorder(self.model, resolve_monitors(self.model, a.monitors), dt, own)
        batched = set() if batch.size is None else {"seed", *batch.varying}
        check_names(recorder.names, batched | recorder.coordinates())
        depths = self._compiled.depths(past_depths(self.model, merged, own, dt, (), states))
        plan = self._compiled.plan(merged, dt, all_edges="conn" in batch.varying) if columns is None else None
        program = Program(self.model, dt, recorder, depths)
        seen, fed = recorder.key(self.model, own), Fed(series, stimuli, recorder.values())
        traced = not all(map(is_concrete, jax.tree.leaves((merged, states, history, fed))))
        traced |= drive is not None and drive.traced
        delayed = columns is not None or (plan is not None and bool(plan.levels))
        seed = own_seed(self.model) if a.seed is None and not a.init_states else None
        seed = checked_seed(a.seed) if seed is None else seed
        history = fitting_history(self.model, history, plan.length if plan else columns, start, merged, dt)
        begun = start + skip
        goes_on = not a.init_states and self._left_by(seen, present)
        origin, carries, frames = self._watching(recorder, members, start, skip) if goes_on else (begun, None, None)
        check_simulations(0, batch.size or 1, program.last_simulation)
        warn_of_long_steps(self.model, merged, dt)
        length = steps if traced else self._chunk_length(a.chunk, steps, recorder, own, batch, dt)
        if a.checkpoint_every is not None:
            length = min(length, checked_every(a.checkpoint_every, dt, steps) // WINDOW * WINDOW)
        return Job(
            core=lambda span: self._compiled.core(
                program, span, batch, columns, seen, a.jit, wide=not (delayed or traced)
            ),
            course=list(chunks(start, steps, skip, length)),
            values=as_arrays(merged, float_dtype()),
            plan=plan,
            seed=seed,
            fed=fed,
            driven=lambda chunk: {} if drive is None else self._compiled.driven(drive, chunk),
            seen=seen,
            batch=batch,
            coords={p: with_unit(batch.each(merged[p]), slots(self.model)[p].unit) for p in sorted(batch.varying)},
            numbers=np.uint32(0) if numbers is None else numbers,
            variables={path: list(q.declarations(Variable)) for path, q in processes(self.model).items()},
            start=start,
            steps=steps,
            origin=origin,
            place=Place(states, history, carries, start),
            reel=Reel(recorder, begun, origin, stride, frames),
            traced=traced,
            since=since,
        )

    def _left_by(self, seen: Any, batch: int | None) -> bool:
        """Whether the States are those that a run of this Simulator has left, with such monitors and batch."""
        kept = self._watched
        return kept is not None and kept[:2] == (seen, batch) and kept.clock is vars(self.model).get("clock")

    def _watching(self, recorder: Recorder, members: Any, start: int, skip: int) -> tuple[int, Any, Any]:
        """(origin, states, frames) of the monitors that go on, in the precision of now."""
        kept: Any = self._watched
        carries, frames, like = (
            kept.carries,
            kept.frames,
            jax.eval_shape(lambda: recorder.begin(1))[: len(kept.carries)],
        )
        if members is not None:
            carries = jax.tree.map(lambda x: x[members], carries)
            frames = jax.tree.map(lambda x: x[:, members], frames)
        carries = jax.tree.map(lambda x, now: x.astype(now.dtype), carries, like)
        if skip or kept.origin > start:  # statistics begin anew
            return start + skip, carries[: len(recorder.stages)], None
        return kept.origin, carries, frames

    def _opened(self, job: Job, arguments: dict[str, Any], folder: Path, dt: float) -> Checkpoint:
        """The folder in which the job is saved."""
        if job.traced:
            raise ValueError("checkpoint: a run inside of what is compiled or differentiated cannot be saved.")

        def described(job: Job) -> dict[str, Any]:
            labels = getattr(self.model, "labels", None)
            return description(job, labels, dt) | dict(
                found=self._found(job), steps=job.reel.progressions(job.place.step)
            )

        return Checkpoint(folder, checked_every(arguments["checkpoint_every"], dt, job.steps), described)

    def _begin(self, store: Checkpoint, arguments: dict[str, Any], job: Job, dt: float) -> None:
        wanted = {} if arguments["values"] is None else arguments["values"]
        given = checked_values(self.model, wanted, read_values(self.model))
        simulator = copy(self)
        simulator.dt = dt * u.ms  # a global one may be another when the run goes on
        store.begin(simulator, arguments | dict(seed=job.seed, values=given), job)

    def _chunk_length(self, chunk: Any, steps: int, recorder: Recorder, own: Values, batch: Batch, dt: float) -> int:
        if isinstance(chunk, str) and chunk == "auto" and steps * batch.work <= SHORTEST:
            return steps
        node = self.model.node if isinstance(self.model, Network) else self.model
        numbers = recorder.numbers_per_step(self.model, own) * (batch.size or 1)
        return chunk_length(chunk, dt, int(np.prod(node.varshape)), numbers, batch.work)

    @with_named_arguments
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
        unknown = [path for path in vary if not isinstance(path, str) or path not in own]
        if unknown:
            near = meant(unknown[0], own)
            raise UnknownName(f"vary has the path {describe(unknown[0])}{near}; use one of {', '.join(own)}.")
        check_initializers(self.model)
        recorder = Recorder(self.model, resolve_monitors(self.model, monitors), dt, own)
        Reel(recorder, skip, skip, 1).check(steps, dt, later=False)
        seen = recorder.key(self.model, own)
        (whole,) = chunks(0, steps, skip, steps)
        open_delays = DELAY_VALUES.intersection(vary)
        fixed = self._compiled.plan(own, dt, all_edges="conn" in vary) if not open_delays else None
        series = read_noises(self.model, 0, steps, dt)

        @lenient
        def simulate(values: Values, seed: Any, simulation: Any = 0) -> Values:
            given = checked_values(self.model, values, own, vary)
            check_noises(self.model, {**own, **given}, dt)
            warn_of_long_steps(self.model, {**own, **given}, dt)
            batch = batch_of(self.model, given, own, None)
            columns = history_columns(self.model, {**own, **given}, own, batch, dt, open_delays)
            depths = self._compiled.depths(past_depths(self.model, {**own, **given}, own, dt, vary, None))
            program = Program(self.model, dt, recorder, depths=depths, grouped=True)
            core = self._compiled.core(program, whole.span, batch, columns, seen, True)
            merged = as_arrays({**own, **given}, float_dtype())
            first = checked_simulation(simulation)
            check_simulations(first, batch.size or 1, program.last_simulation)
            ends, nothing = map(np.uint32, (0, steps, skip)), (None, None, None)
            key, fed = seed_key(checked_seed(seed)), Fed(series, {}, recorder.values())
            recorded, _, _, carries = core(merged, fixed, key, first, *ends, *nothing, fed)
            reel = Reel(recorder, skip, skip, 1)
            reel.add(recorded, whole)
            found = reel.joined(steps) | self._compiled.statistics(recorder, seen, batch, carries)
            return strip({name: found[name] for name in recorder.names})

        return simulate

"""The Simulator: checks what the user gives, compiles once, runs, and hands back the result."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import brainstate
import brainunit as u

from brainmass.display import Card, WithCard, progress_of, time_text, warn
from brainmass.files import checked_path
from brainmass.names import meant, with_named_arguments
from brainmass.network import Network
from brainmass.results import Result
from brainmass.simulation.checkpoints import Checkpoint
from brainmass.simulation.preparation import prepare
from brainmass.simulation.pure_function import pure_function
from brainmass.simulation.run import (
    CompileCache,
    MonitorsAtEnd,
    Run,
    RunOptions,
    allow_rank_promotion,
    checked_values,
    description,
    raise_or_stop,
    read_values,
    result_of_run,
    run_module,
    stopped,
    write_back,
)
from brainmass.spec import hash_of, to_spec
from brainmass.state_space import Declared, StateSpace, Values, Variable
from brainmass.time_steps import resolve_dt
from brainmass.units import describe


class Simulator(WithCard):
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
        self._cache = CompileCache(model)
        self._monitors_at_end: MonitorsAtEnd | None = None
        self.interrupted: Result | None = None
        """What a run had recorded that was stopped by Ctrl-C."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("dt", "interrupted") and not name.startswith("_"):
            known = hasattr(type(self), name)
            reason = "is settled at construction; make a new Simulator" if known else "does not exist"
            raise AttributeError(f"Simulator.{name} {reason}{meant(name, ['dt'])}; what can be set is dt.")
        super().__setattr__(name, value)

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

        ``ValueError`` where something in it cannot be written down; see `to_spec`.
        """
        return hash_of(to_spec(self))

    def card(self) -> Card:
        dt = "the global dt" if self.dt is None else f"dt = {describe(self.dt)}"
        if not isinstance(self.model, Declared):
            return Card(f"Simulator of a {type(self.model).__name__}, {dt}")
        title, lines, tables = self.model.card()
        return Card(f"Simulator, {dt}: {title}", lines, tables)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_cache": CompileCache(self.model), "_monitors_at_end": None, "interrupted": None}

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
        options = RunOptions(
            duration=duration,
            inputs=inputs,
            monitors=monitors,
            transient=transient,
            sample_every=sample_every,
            batch_size=batch_size,
            init_states=init_states,
            simulations=simulations,
            jit=jit,
            seed=seed,
            values=values,
            chunk=chunk,
            progress=progress,
            on_divergence=on_divergence,
            checkpoint_every=checkpoint_every,
        )
        folder = None if checkpoint is None else checked_path(checkpoint, "checkpoint")
        options.check_saving(folder)
        return self._run(options, folder, resumed=False)

    @allow_rank_promotion
    def _run(self, options: RunOptions, folder: Path | None, *, resumed: bool) -> Result:
        """Check the options, compile, and go through; a ``resumed`` run from where its folder says."""
        dt = resolve_dt(self.dt)
        if not isinstance(self.model, StateSpace | Network):
            if folder is not None:
                raise TypeError(f"checkpoint needs a node bank or a Network, not {type(self.model).__name__}.")
            return run_module(self._cache, options, dt)
        run = self._prepare(options, dt)
        if not resumed:
            run.check(dt)
        saved = None if folder is None else self._open_checkpoint(run, options, folder, dt)
        with saved or nullcontext():
            if saved is not None and resumed:
                saved.restore(run)
            elif saved is not None:
                self._begin_checkpoint(saved, options, run, dt)
            self._run_chunks(run, saved, options.progress, dt)
        result = self._result(run, dt)
        self._cache.give_back_memory()
        if run.traced:
            return result
        self._write_back(run, dt)
        if not run.interrupted:
            return raise_or_stop(result, run, dt, options.on_divergence)
        self.interrupted = result
        raise stopped(run, folder, dt)

    def _run_chunks(self, run: Run, saved: Checkpoint | None, progress: bool, dt: float) -> None:
        """Run to the end, and read back what was saved meanwhile.

        Raises
        ------
        OSError
            The folder cannot be written any more, or has lost a part.
        """
        failed = None
        try:
            with progress_of(run, dt, progress) as report:
                run.run_chunks(report, saved)
        except OSError as error:
            if saved is None:
                raise
            failed = error
        missing = None if saved is None else saved.load_parts(run)
        if failed or missing:
            raise self._error_with_result(failed, missing, run, dt)

    def _write_back(self, run: Run, dt: float) -> None:
        """Leave the last good values in the model, and the monitors for a run that goes on."""
        good = run.last if run.diverged else run.state
        if good is not None and good.states is not None:
            clock = (run.seed, good.step, dt)
            write_back(self.model, good.states, good.history, clock, run.numbers)
            if good.monitor_states is None:  # of a run that went on with other monitors, and not far
                self._monitors_at_end = None
                return
            frames, labels = run.recorded.frames(good.step), getattr(self.model, "labels", None)
            complaints, monitor_states = run.recorded.recorder.complaints(good.monitor_states, labels, run.simulations)
            self._monitors_at_end = MonitorsAtEnd(
                run.recording_key, run.batch.size, clock, monitor_states, run.count_from, frames
            )
            for complaint in complaints:
                warn(complaint)

    def _error_with_result(self, failed: OSError | None, missing: OSError | None, run: Run, dt: float) -> OSError:
        """The error of a run whose folder failed or lost a part; its ``result`` and ``interrupted`` are the rest."""
        error = failed or missing or OSError()
        self.interrupted = error.result = self._result(run, dt)  # type: ignore[attr-defined]
        if missing is None:
            self._write_back(run, dt)
        elif failed is not None:
            error.add_note(str(missing))
        error.add_note(f"sim.interrupted holds what was recorded up to t = {time_text(run.state.step * dt)}.")
        return error

    def _result(self, run: Run, dt: float) -> Result:
        return result_of_run(run, self._statistics(run), getattr(self.model, "labels", None), dt)

    def _statistics(self, run: Run) -> Values:
        """What the statistics have found so far."""
        if run.state.step <= run.recorded.record_start or run.state.monitor_states is None:
            return {}
        return self._cache.statistics(run.recorded.recorder, run.recording_key, run.batch, run.state.monitor_states)

    def _prepare(self, options: RunOptions, dt: float) -> Run:
        """The run that the options ask for, checked, before its first chunk."""
        return prepare(self.model, self._cache, self._monitors_at_end, options, dt)

    def _open_checkpoint(self, run: Run, options: RunOptions, folder: Path, dt: float) -> Checkpoint:
        """The folder in which the run is saved."""
        if run.traced:
            raise ValueError("checkpoint: a run inside of what is compiled or differentiated cannot be saved.")

        def described(run: Run) -> dict[str, Any]:
            labels = getattr(self.model, "labels", None)
            return description(run, labels, dt) | dict(
                found=self._statistics(run), steps=run.recorded.progressions(run.state.step)
            )

        return Checkpoint(folder, options.steps_between_savings(dt, run.steps), described)

    def _begin_checkpoint(self, saved: Checkpoint, options: RunOptions, run: Run, dt: float) -> None:
        wanted = {} if options.values is None else options.values
        values = checked_values(self.model, wanted, read_values(self.model))
        simulator = copy(self)
        simulator.dt = dt * u.ms  # a global one may be another when the run goes on
        saved.begin(simulator, replace(options, seed=run.seed, values=values), run)

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
        options = RunOptions(duration=duration, monitors=monitors, transient=transient)
        return pure_function(self.model, self._cache, resolve_dt(self.dt), options, vary)

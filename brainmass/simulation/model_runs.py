"""The runs of one model: from where it stands or from the beginning, and back into its States."""

from contextlib import nullcontext
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import brainunit as u

from brainmass.display import progress_of, time_text
from brainmass.monitors.recording import resolve_monitors
from brainmass.network import Network
from brainmass.results import Result
from brainmass.simulation.checkpoints import Checkpoint
from brainmass.simulation.engine import named_inputs
from brainmass.simulation.preparation import prepare
from brainmass.simulation.run import (
    CompileCache,
    Run,
    allow_rank_promotion,
    description,
    place_after,
    raise_or_stop,
    result_of_run,
    run_module,
    run_statistics,
    stopped,
    where_states_are,
)
from brainmass.simulation.setup import (
    KnownValues,
    MonitorsAtEnd,
    Place,
    RunOptions,
    read_place,
    write_place,
)
from brainmass.state_space import StateSpace


class ModelRuns:
    """What runs a model: what is compiled for it, and the monitors with which the last run has left it."""

    def __init__(self, model: Any):
        self.model, self.cache = model, CompileCache(model)
        self._at_end: tuple[tuple, tuple[MonitorsAtEnd, ...]] | None = None

    @property
    def labels(self) -> Any:
        return getattr(self.model, "labels", None)

    @allow_rank_promotion
    def run(self, simulator: Any, options: RunOptions, folder: Path | None, dt: float, *, resumed: bool) -> Result:
        """Check the options, compile, and go through; a ``resumed`` run from where its folder says.

        The ``simulator`` is what a folder keeps, for `resume`.

        Raises
        ------
        KeyboardInterrupt, OSError
            With what was recorded as ``result``.
        """
        if not isinstance(self.model, StateSpace | Network):
            if folder is not None:
                raise TypeError(f"checkpoint needs a node bank or a Network, not {type(self.model).__name__}.")
            return run_module(self.cache, options, dt)
        run = self.prepare(options, dt)
        if not resumed:
            run.check(dt)
        saved = None if folder is None else self._open_checkpoint(run, options, folder, dt)
        with saved or nullcontext():
            if saved is not None and resumed:
                saved.restore(run)
            elif saved is not None:
                _begin_checkpoint(saved, simulator, options, run, dt)
            self._run_chunks(run, saved, options.progress, dt)
        result = self._result(run, dt)
        self.cache.give_back_memory()
        if run.traced:
            return result
        self._write_back(run, dt)
        if not run.interrupted:
            return raise_or_stop(result, run, options.on_divergence, where_states_are(run, dt))
        kept, way = "sim.interrupted holds", "sim.run(..., init_states=False)"
        if folder is not None:
            kept, way = f"brainmass.load_result({str(folder)!r}) gives", f"brainmass.resume({str(folder)!r})"
        error = stopped(run.state.step * dt, kept, way)
        error.result = result  # type: ignore[attr-defined]
        raise error

    def prepare(self, options: RunOptions, dt: float) -> Run:
        """The run that the options ask for, from the beginning or from where the model stands."""
        return prepare(self.model, self.cache, self._present(options, dt), options, dt)

    def _present(self, options: RunOptions, dt: float) -> Place | None:
        """Where the model stands, for a run that goes on from there."""
        if options.init_states:
            if options.simulations is not None:
                raise ValueError("simulations chooses among the members of a batch; run with init_states=False.")
            return None
        place = read_place(self.model, self._at_end, dt)
        return place if options.simulations is None else place.take(options.simulations)

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
        place = place_after(run, self.model, dt)
        if place is not None:
            clock = write_place(self.model, place)
            self._at_end = clock, place.monitors

    def _error_with_result(self, failed: OSError | None, missing: OSError | None, run: Run, dt: float) -> OSError:
        """The error of a run whose folder failed or lost a part; its ``result`` is the rest."""
        error = failed or missing or OSError()
        error.result = self._result(run, dt)  # type: ignore[attr-defined]
        if missing is None:
            self._write_back(run, dt)
        elif failed is not None:
            error.add_note(str(missing))
        error.add_note(f"sim.interrupted holds what was recorded up to t = {time_text(run.state.step * dt)}.")
        return error

    def _result(self, run: Run, dt: float) -> Result:
        return result_of_run(run, run_statistics(self.cache, run), self.labels, dt)

    def _open_checkpoint(self, run: Run, options: RunOptions, folder: Path, dt: float) -> Checkpoint:
        """The folder in which the run is saved."""
        if run.traced:
            raise ValueError("checkpoint: a run inside of what is compiled or differentiated cannot be saved.")

        def described(run: Run) -> dict[str, Any]:
            return description(run, self.labels, dt) | dict(
                found=run_statistics(self.cache, run), steps=run.recorded.progressions(run.state.step)
            )

        return Checkpoint(folder, options.steps_between_savings(dt, run.steps), described)


def _begin_checkpoint(saved: Checkpoint, simulator: Any, options: RunOptions, run: Run, dt: float) -> None:
    model = simulator.model
    known = KnownValues.of(model, named_inputs(model, options.inputs), resolve_monitors(model, options.monitors))
    values = known.written(options.values)
    simulator = copy(simulator)
    simulator.dt = dt * u.ms  # a global one may be another when the run goes on
    saved.begin(simulator, replace(options, seed=run.seed, values=values, devices=None), run)

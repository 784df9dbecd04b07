"""What a run leaves behind: what its statistics have found, and the place from which another goes on."""

from typing import Any

import numpy as np

from brainmass.display import warn
from brainmass.simulation.run.compile_cache import CompileCache
from brainmass.simulation.run.runner import Run
from brainmass.simulation.setup import MonitorsAtEnd, Place, kinds_of
from brainmass.state_space import Values


def run_statistics(cache: CompileCache, run: Run) -> Values:
    """What the statistics of a run have found so far."""
    if run.state.step <= run.recorded.record_start or run.state.monitor_states is None:
        return {}
    return cache.statistics(run.recorded.recorder, run.recording_key, run.batch, run.state.monitor_states)


def place_after(run: Run, model: Any, dt: float, *, with_lost: bool = False) -> Place | None:
    """Where a run has ended, or where it was finite last; None before its first chunk.

    ``with_lost`` simulations of a batch stand at its end, too, as those that others outlived: with NaN. What its
    monitors have to complain of is told.
    """
    lost = with_lost and run.diverged and run.batch.size is not None
    good = run.last if run.diverged and not lost else run.state
    if good is None or good.states is None:
        return None
    at = run.start + run.steps if lost else good.step
    step = at if run.batch.size is None else np.full(run.batch.size, at)
    monitors = () if lost else _monitors_after(run, good.monitor_states, at, np.shape(step), model)
    return Place(
        states=good.states,
        history=good.history,
        monitors=monitors,
        step=step,
        seed=run.seed,
        simulations=run.numbers,
        kinds=kinds_of(model),
        dt=dt,
    )


def _monitors_after(run: Run, states: Any, step: int, shape: tuple[int, ...], model: Any) -> tuple[MonitorsAtEnd, ...]:
    """The monitors at a step; none of a run that went on with other ones, and not far."""
    if states is None:
        return ()
    if not run.traced:
        labels = getattr(model, "labels", None)
        complaints, states = run.recorded.recorder.complaints(states, labels, run.simulations)
        for complaint in complaints:
            warn(complaint)
    frames, count_from = run.recorded.frames(step), np.full(shape, run.count_from)
    return (MonitorsAtEnd(key=run.recording_key, states=states, count_from=count_from, frames=frames),)

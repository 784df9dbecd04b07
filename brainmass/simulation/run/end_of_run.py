"""What a run leaves behind: what its statistics have found, and the place from which another goes on."""

from typing import Any

import numpy as np

from brainmass.display import warn
from brainmass.simulation.run.compile_cache import CompileCache
from brainmass.simulation.run.runner import Run
from brainmass.simulation.setup import MonitorsAtEnd, Place
from brainmass.state_space import Values


def run_statistics(cache: CompileCache, run: Run) -> Values:
    """What the statistics of a run have found so far."""
    if run.state.step <= run.recorded.record_start or run.state.monitor_states is None:
        return {}
    return cache.statistics(run.recorded.recorder, run.recording_key, run.batch, run.state.monitor_states)


def place_after(run: Run, labels: Any, dt: float) -> Place | None:
    """Where a run has ended, or where it was finite last; None before its first chunk.

    What its monitors have to complain of is told.
    """
    good = run.last if run.diverged else run.state
    if good is None or good.states is None:
        return None
    step = good.step if run.batch.size is None else np.full(run.batch.size, good.step)
    monitors = _monitors_after(run, good.monitor_states, good.step, np.shape(step), labels)
    return Place(
        states=good.states,
        history=good.history,
        monitors=monitors,
        step=step,
        seed=run.seed,
        simulations=run.numbers,
        dt=dt,
    )


def _monitors_after(run: Run, states: Any, step: int, shape: tuple[int, ...], labels: Any) -> MonitorsAtEnd | None:
    """The monitors at a step; None of a run that went on with other ones, and not far."""
    if states is None:
        return None
    if not run.traced:
        complaints, states = run.recorded.recorder.complaints(states, labels, run.simulations)
        for complaint in complaints:
            warn(complaint)
    count_from = np.full(shape, run.count_from)
    frames = run.recorded.frames(step)
    return MonitorsAtEnd(key=run.recording_key, states=states, count_from=count_from, frames=frames)

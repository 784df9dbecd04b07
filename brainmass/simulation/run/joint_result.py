"""The result of runs that are parts of one batch, each with the simulations that stood at one time."""

from collections.abc import Callable
from typing import Any

import brainunit as u
import jax
import numpy as np

from brainmass.results import BadState, Result, summary
from brainmass.simulation.run.build_result import description, result_of, result_of_run
from brainmass.simulation.run.runner import Run
from brainmass.state_space import Values


def result_of_runs(runs: list[Run], statistics: list[Values], order: np.ndarray, labels: Any, dt: float) -> Result:
    """What the runs have recorded, their simulations one after the other in the ``order`` given.

    Where they began at different times, those of the result count from there, and ``coords`` have the "start_time".
    """
    if len(runs) == 1:
        return result_of_run(runs[0], statistics[0], labels, dt)

    def together(axis: int, each: list[Any]) -> Any:
        return jax.tree.map(lambda *x: np.take(np.concatenate(x, axis), order, axis), *each)

    first = runs[0]
    origin = first.start if len({run.start for run in runs}) > 1 else 0
    recorder, stop = first.recorded.recorder, first.state.step
    found = [run.recorded.joined(run.state.step) | values for run, values in zip(runs, statistics, strict=True)]
    names = [name for name in recorder.names if name in found[0]]
    arrays = {n: together(0 if n in recorder.statistics else 1, [part[n] for part in found]) for n in names}
    steps = {n: first.recorded.steps(n, stop) - origin for n in names if n not in recorder.statistics}
    described = description(first, labels, dt)
    fields = described["fields"] | _of_simulations(runs, together, described["fields"], dt, later=bool(origin))
    at = dict(
        fields=fields,
        stop=stop - origin,
        simulations=together(0, [run.numbers for run in runs]).tolist(),
        bad_states=_bad_states(runs, order, relative=bool(origin)),
    )
    return result_of(described | at, arrays, steps)


def _of_simulations(
    runs: list[Run], together: Callable, fields: dict[str, Any], dt: float, *, later: bool
) -> dict[str, Any]:
    """The coordinates and attributes of all runs."""
    first = runs[0]
    coords = {name: together(0, [run.coords[name] for run in runs]) for name in first.coords}
    if later:
        begun = [np.full(run.batch.size or 1, run.start * dt) for run in runs]
        coords["start_time"] = u.Quantity(together(0, begun), u.ms)
    own = [run.values | run.arguments for run in runs]
    varying = {path: together(0, [values[path] for values in own]) for path in first.batch.varying}
    facts = dict(values=summary(own[0] | varying), wall_s=sum(run.wall for run in runs))
    return dict(coords=coords, attrs=fields["attrs"] | facts | (dict(first_step=0) if later else {}))


def _bad_states(runs: list[Run], order: np.ndarray, *, relative: bool) -> dict[int, BadState]:
    """The simulations that were lost, by their index in the result."""
    place = {int(old): new for new, old in enumerate(order)}
    before = np.cumsum([0, *(run.batch.size or 1 for run in runs)])
    return {
        place[int(passed) + member]: bad._replace(step=bad.step - (run.start if relative else 0))
        for passed, run in zip(before, runs, strict=False)
        for member, bad in run.bad_states.items()
    }

"""The result of runs that are parts of one batch, each with the simulations that stood at one time."""

from collections.abc import Callable
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.results import BadState, Result, summary
from brainmass.simulation.run.build_result import description, result_of, result_of_run
from brainmass.simulation.run.runner import Run
from brainmass.state_space import Values
from brainmass.units import is_concrete


def result_of_runs(runs: list[Run], statistics: list[Values], order: np.ndarray, labels: Any, dt: float) -> Result:
    """What the runs have recorded, their simulations one after the other in the ``order`` given.

    Where they began at different times, those of the result count from there, and ``coords`` have the "start_time".
    """
    if len(runs) == 1:
        return result_of_run(runs[0], statistics[0], labels, dt)

    def together(axis: int, each: list[Any]) -> Any:
        def one(*x: Any) -> Any:
            xp = np if all(map(is_concrete, x)) else jnp
            return xp.take(xp.concatenate(x, axis), order, axis)

        return jax.tree.map(one, *each)

    first, apart = runs[0], len({run.start for run in runs}) > 1
    recorder, stop = first.recorded.recorder, first.start + first.steps
    origin = first.start if apart else 0
    found = [run.recorded.joined(run.state.step) | values for run, values in zip(runs, statistics, strict=True)]
    names = [name for name in recorder.names if any(name in part for part in found)]
    whole = [_filled(run, part, found, names) for run, part in zip(runs, found, strict=True)]
    arrays = {n: together(0 if n in recorder.statistics else 1, [part[n] for part in whole]) for n in names}
    steps = {n: first.recorded.steps(n, stop) - origin for n in names if n not in recorder.statistics}
    described = description(first, labels, dt)
    at = dict(
        fields=described["fields"] | _of_simulations(runs, together, described["fields"], dt, apart=apart),
        stop=stop - origin,
        simulations=together(0, [run.numbers for run in runs]).tolist(),
        bad_states=None if first.traced else _bad_states(runs, order, apart=apart),
    )
    return result_of(described | at, arrays, steps)


def _filled(run: Run, found: Values, others: list[Values], names: list[str]) -> Values:
    """What a run has found, with NaN where it has nothing any more since all of its simulations were lost."""
    if not run.diverged:
        return found
    size, whole = run.batch.size or 1, {}
    for name in names:
        longest = max((part[name] for part in others if name in part), key=lambda x: len(jax.tree.leaves(x)[0]))
        of_run = name in run.recorded.recorder.statistics

        def lost(like: Any, of_run: bool = of_run) -> Any:
            shape = (size, *like.shape[1:]) if of_run else (len(like), size, *like.shape[2:])
            return np.full(shape, np.nan, like.dtype)

        blank = jax.tree.map(lost, longest)
        kept = found.get(name) if not of_run else None
        whole[name] = blank if kept is None else jax.tree.map(_over, blank, kept)
    return whole


def _over(blank: Any, kept: Any) -> Any:
    """The rows that were kept, and blank ones after them."""
    return np.concatenate([np.asarray(kept), blank[len(kept) :]])


def _of_simulations(
    runs: list[Run], together: Callable, fields: dict[str, Any], dt: float, *, apart: bool
) -> dict[str, Any]:
    """The coordinates and attributes of all runs."""
    first = runs[0]
    coords = {name: together(0, [run.coords[name] for run in runs]) for name in first.coords}
    if apart:
        begun = [np.full(run.batch.size or 1, run.start * dt) for run in runs]
        coords["start_time"] = u.Quantity(together(0, begun), u.ms)
    if first.traced:
        return dict(coords=coords)
    own = [run.values | run.arguments for run in runs]
    varying = {path: together(0, [values[path] for values in own]) for path in first.batch.varying}
    facts = dict(values=summary(own[0] | varying), wall_s=sum(run.wall for run in runs))
    return dict(coords=coords, attrs=fields["attrs"] | facts | (dict(first_step=0) if apart else {}))


def _bad_states(runs: list[Run], order: np.ndarray, *, apart: bool) -> dict[int, BadState]:
    """The simulations that were lost, by their index in the result."""
    place = {int(old): new for new, old in enumerate(order)}
    before = np.cumsum([0, *(run.batch.size or 1 for run in runs)])
    return {
        place[int(passed) + member]: bad._replace(step=bad.step - (run.start if apart else 0))
        for passed, run in zip(before, runs, strict=False)
        for member, bad in run.bad_states.items()
    }

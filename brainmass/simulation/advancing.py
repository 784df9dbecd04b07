"""Going on from a place: simulations that stand at one time are a run, and what all give becomes one result."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np

from brainmass.display import progress_of
from brainmass.monitors.recording import resolve_monitors
from brainmass.results import Result
from brainmass.simulation.engine import ChunkShape, named_inputs
from brainmass.simulation.preparation import prepare
from brainmass.simulation.run import (
    Chunk,
    CompileCache,
    Run,
    place_after,
    raise_or_stop,
    result_of_runs,
    run_statistics,
    stopped,
)
from brainmass.simulation.setup import (
    KnownValues,
    MonitorsAtEnd,
    Place,
    RunOptions,
    batch_of,
    without_batch,
)
from brainmass.units import is_concrete


class _Group(NamedTuple):
    """The simulations of a place that stand at one step, by index, and the run in which they go on."""

    members: np.ndarray
    run: Run


def start(model: Any, cache: CompileCache, options: RunOptions, dt: float) -> Place:
    """The place of new simulations at t = 0."""
    run = prepare(model, cache, None, options, dt)
    run.run_chunk(Chunk(ChunkShape(0, 0), 0, 0))
    place = place_after(run, None, dt)
    assert place is not None
    return replace(_for_this_stretch(model, place, options), monitors=None)


def advance(model: Any, cache: CompileCache, place: Place, options: RunOptions, dt: float) -> tuple[Result, Place]:
    """What is recorded from the place on, and the place that is reached.

    Raises
    ------
    FloatingPointError, KeyboardInterrupt
        With ``result`` and ``place``.
    """
    if not is_concrete(place.step):
        raise ValueError(
            "place is traced as a whole, and how long a program is depends on its step; make the place inside of what "
            "is compiled, or pass what shall be traced as values=."
        )
    members = np.arange(place.size or 1)
    if options.simulations is not None:
        members = place.members(options.simulations)
    chosen = _for_this_stretch(model, place if options.simulations is None else place.of_members(members), options)
    options = replace(options, values=None)
    groups = [_Group(at, prepare(model, cache, part, options, dt)) for at, part in _by_time(chosen)]
    for group in groups:
        group.run.check(dt)
    _check_alike(groups, dt)
    labels, done, reached = getattr(model, "labels", None), [], place
    for group in groups:
        with progress_of(group.run, dt, options.progress) as report:
            group.run.run_chunks(report)
        done.append(group)
        reached = _moved(reached, members[group.members], group.run, place_after(group.run, labels, dt))
        if group.run.interrupted:
            break
    whole = [group for group in done if not group.run.interrupted] or done
    order = np.argsort(np.concatenate([group.members for group in whole]))
    runs = [group.run for group in whole]
    result = result_of_runs(runs, [run_statistics(cache, run) for run in runs], order, labels, dt)
    cache.give_back_memory()
    return _given(result, reached, runs, options, dt, interrupted=done[-1].run.interrupted)


def _given(
    result: Result, place: Place, runs: list[Run], options: RunOptions, dt: float, *, interrupted: bool
) -> tuple[Result, Place]:
    try:
        if interrupted:
            raise stopped(float(np.max(place.step)) * dt, "its result is", "sim.advance from its place")
        return (result if runs[0].traced else raise_or_stop(result, runs[0], options.on_divergence)), place
    except (FloatingPointError, KeyboardInterrupt) as error:
        error.result, error.place = result, place  # type: ignore[union-attr]
        raise


def _for_this_stretch(model: Any, place: Place, options: RunOptions) -> Place:
    """The place with the values of the options in it."""
    monitors, inputs = resolve_monitors(model, options.monitors), named_inputs(model, options.inputs)
    known = KnownValues.of(model, inputs, monitors)
    values = place.values_for(known.present) | known.checked(options.values)
    batch = batch_of(model, values, known.present, None, place.size)
    return _with_values(place, values if batch.size else without_batch(values, known.present), batch.varying)


def _with_values(place: Place, values: dict[str, Any], varying: frozenset[str]) -> Place:
    """The place with these values in place of its own, of which the varying ones have a row for each simulation."""
    each = {
        path: np.broadcast_to(v, (place.size or 1, *v.shape[1:])) if is_concrete(v) and len(v) == 1 else v
        for path, v in values.items()
        if path in varying
    }
    return replace(place, values=values | each, varying=tuple(sorted(each)))


def _by_time(place: Place) -> Iterator[tuple[np.ndarray, Place]]:
    """The simulations that stand, and whose monitors began, at one step: their indices, and where they stand."""
    if place.size is None:
        yield np.arange(1), place
        return
    begun = place.step if place.monitors is None else place.monitors.count_from
    for pair in np.unique(np.stack([place.step, begun]), axis=1).T:
        members = np.flatnonzero((place.step == pair[0]) & (begun == pair[1]))
        yield members, place if len(members) == place.size else place.of_members(members)


def _check_alike(groups: list[_Group], dt: float) -> None:
    """Refuse, with a ValueError, groups that would not have their samples at the same times from where they stand."""
    first = groups[0].run
    for other in [group.run for group in groups[1:]]:
        for name, wanted in first.sampled_after().items():
            if not np.array_equal(wanted, other.sampled_after()[name]):
                raise ValueError(
                    f"monitors: {name} has other samples for the simulations at t = {first.start * dt:g} ms than for "
                    f"those at t = {other.start * dt:g} ms, and makes no one array; advance them one after the other, "
                    "with simulations=."
                )


def _moved(place: Place, members: np.ndarray, run: Run, reached: Place | None) -> Place:
    """The place where these simulations have gone to where they ``reached``; their values are as before."""
    if reached is None:
        return place
    if place.size is None or np.array_equal(members, np.arange(place.size)):
        return replace(reached, values=place.values, varying=place.varying)
    part = place.of_members(members)
    reached = replace(reached, values=part.values, varying=part.varying)
    return replace(place, monitors=_comparable(place, reached.monitors, run)).with_members(members, reached)


def _comparable(place: Place, monitors: MonitorsAtEnd | None, run: Run) -> MonitorsAtEnd | None:
    """The monitors of a place, if they record the same as others; or else such that begin where it stands."""
    if monitors is None or (place.monitors is not None and place.monitors.key == monitors.key):
        return None if monitors is None else place.monitors
    begun = run.recorded.recorder.begin(place.size or 1)
    return MonitorsAtEnd(
        key=monitors.key,
        states=jax.tree.map(lambda x: np.moveaxis(np.asarray(x), -1, 0), begun),
        count_from=place.step,
        frames=jax.tree.map(lambda x: np.zeros((0, place.size or 1, *x.shape[2:]), x.dtype), monitors.frames),
    )

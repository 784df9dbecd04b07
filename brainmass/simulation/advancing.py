"""Going on from a place: simulations that stand at one time are a run, and what all give becomes one result."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

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
    allow_rank_promotion,
    place_after,
    raise_or_stop,
    result_of_runs,
    run_statistics,
    stopped,
)
from brainmass.simulation.setup import (
    KnownValues,
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


@allow_rank_promotion
def start(model: Any, cache: CompileCache, options: RunOptions, dt: float) -> Place:
    """The place of new simulations at t = 0."""
    run = prepare(model, cache, None, options, dt)
    run.run_chunk(Chunk(ChunkShape(0, 0), 0, 0))
    place = place_after(run, model, dt)
    assert place is not None
    return replace(_for_this_stretch(model, place, options), monitors=())


@allow_rank_promotion
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
    done, reached = [], place
    for group in groups:
        with progress_of(group.run, dt, options.progress) as report:
            group.run.run_chunks(report)
        if group.run.interrupted and done:
            break  # its simulations stand where they stood, for their records would be shorter than those of others
        done.append(group)
        reached = _moved(reached, members[group.members], place_after(group.run, model, dt, with_lost=True))
        if group.run.interrupted:
            break
    order, runs = np.argsort(np.concatenate([group.members for group in done])), [group.run for group in done]
    found = [run_statistics(cache, run) for run in runs]
    result = result_of_runs(runs, found, order, getattr(model, "labels", None), dt)
    cache.give_back_memory()
    return _given(result, reached, runs, options, dt, interrupted=any(group.run.interrupted for group in groups))


def _given(
    result: Result, place: Place, runs: list[Run], options: RunOptions, dt: float, *, interrupted: bool
) -> tuple[Result, Place]:
    try:
        if interrupted:
            raise stopped(max(run.state.step for run in runs) * dt, "its result is", "sim.advance from its place")
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
    """The simulations that stand, and whose monitors all began, at one step: their indices, and where they stand."""
    if place.size is None:
        yield np.arange(1), place
        return
    stands = np.stack([place.step, *(one.count_from for one in place.monitors)])
    for at in np.unique(stands, axis=1).T:
        members = np.flatnonzero((stands == at[:, None]).all(0))
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


def _moved(place: Place, members: np.ndarray, reached: Place | None) -> Place:
    """The place where these simulations have gone to where they ``reached``; their values are as before."""
    if reached is None:
        return place
    if place.size is None or np.array_equal(members, np.arange(place.size)):
        return replace(reached, values=place.values, varying=place.varying)
    part = place.of_members(members)
    return place.with_members(members, replace(reached, values=part.values, varying=part.varying))

"""What a job gives back: everything it recorded with its times and provenance, or the error that ended it."""

from typing import Any

import brainunit as u
import numpy as np

from brainmass.display import warn
from brainmass.results import (
    Result,
    check_batch,
    check_finite,
    diverged_in,
    environment,
    silenced,
    summary,
    until_divergence,
)
from brainmass.simulation.run.runner import Job
from brainmass.state_space import Values


def outcome(job: Job, statistics: Values, labels: Any, dt: float) -> Result:
    """What a job has recorded, in the order asked for, with the times of each thing and how it came about."""
    recorder, stop = job.reel.recorder, job.place.step
    found = job.reel.joined(stop) | statistics
    steps = {n: job.reel.steps(n, stop) for n in recorder.names if n in found and n not in recorder.statistics}
    return result_of(description(job, labels, dt), found, steps)


def description(job: Job, labels: Any, dt: float) -> dict[str, Any]:
    """What a result needs beside its arrays and steps, as data; ``fields`` are arguments of `Result`."""
    recorder, stop = job.reel.recorder, job.place.step
    attrs = {}
    if not job.traced:
        facts = dict(seed=job.seed, dt_ms=dt, first_step=job.start, steps=stop - job.start, wall_s=job.wall)
        facts |= dict(transient_steps=job.reel.begun - job.start, duration_ms=facts["steps"] * dt)
        attrs = environment() | facts | dict(values=summary(job.values))
    return dict(
        names=recorder.names,
        each=list(recorder.each),
        statistics={name: kind_name(type(stage.monitor)) for name, stage in recorder.statistics.items()},
        framed=[name for name in recorder.statistics if recorder.is_framed(name)],
        stop=stop,
        dt=dt,
        titles=_titles(job),
        lost=None if job.traced else job.lost,
        simulations=job.simulations,
        fields=dict(
            axes=recorder.axes(),
            periods=recorder.periods,
            labels=labels,
            batched=job.batch.size is not None,
            coords=job.coords,
            attrs=attrs,
        ),
    )


def result_of(described: dict[str, Any], found: dict[str, Any], steps: dict[str, Any]) -> Result:
    """The result of what was found, whose series stand at these absolute steps."""
    dt, fields = described["dt"], described["fields"]
    outputs = {name: found[name] for name in described["names"] if name in found}
    times = {name: u.Quantity(steps[name] * dt, u.ms) for name in outputs if name in steps}
    each = next((n for n in times if n in described["each"]), next(iter(times), None))
    ts = u.Quantity(np.array([described["stop"] * dt]), u.ms) if each is None else times[each]
    own = {n: t for n, t in times.items() if not np.array_equal(t.mantissa, ts.mantissa)}
    axes = dict(fields["axes"])
    for name in [name for name in described["framed"] if name in outputs]:
        windows = np.arange(np.shape(outputs[name])[-1])
        axes[name] = {"window": windows, "other_window": windows}
    periods = {name: period for name, period in fields["periods"].items() if name in outputs}
    whole = [name for name in outputs if name in described["statistics"]]
    result = Result({**outputs, "ts": ts}, times=own, whole=whole, **fields | dict(axes=axes, periods=periods))
    if described["lost"] is not None:
        result.diverged = diverged_in(result, described["lost"], described["titles"], described["stop"] * dt, dt)
        if result.batched:
            result = silenced(result)
            numbers = described["simulations"]
            result.diverged = [lost._replace(simulation=numbers[lost.simulation]) for lost in result.diverged]
    return result


def kind_name(kind: type) -> str:
    """What a class is called, and no other class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _titles(job: Job) -> dict[str, str]:
    return {name: o.title for name, o in job.reel.recorder.each.items()}


def finite(result: Result, job: Job, dt: float, on_divergence: str) -> Result:
    """The result, if the job stayed finite, or with a warning if it is asked to "stop".

    That of a single simulation then ends before its first bad sample.

    Raises
    ------
    FloatingPointError
        With what was recorded as ``result``.
    """
    try:
        since = "" if job.last is None else f"t = {job.last.step * dt:g} ms to "
        if result.batched:
            check_batch(result)
        else:
            check_finite(result, job.states, _titles(job), f"{since}t = {job.place.step * dt:g} ms")
    except FloatingPointError as error:
        if job.diverged and job.last is not None and job.last.states is not None:
            error.add_note(f"The States are those of t = {job.last.step * dt:g} ms.")
        elif job.diverged:
            error.add_note("The States are as they were before the run.")
        if on_divergence == "raise":
            raise
        warn(str(error), RuntimeWarning)
        result = result if result.batched else until_divergence(result)
        result.attrs["diverged"] = str(error)
    return result

"""What a run gives back: everything it recorded with its times and provenance, or the error that ended it."""

from typing import Any

import brainunit as u
import numpy as np

from brainmass.display import time_text, warn
from brainmass.results import (
    RecordedRun,
    Result,
    diverged_in,
    environment,
    nan_after_divergence,
    raise_if_any_diverged,
    summary,
    until_divergence,
)
from brainmass.simulation.run.runner import Run
from brainmass.state_space import Values


def result_of_run(run: Run, statistics: Values, labels: Any, dt: float) -> Result:
    """What a run has recorded, in the order asked for, with the times of each thing and how it came about."""
    recorder, stop = run.recorded.recorder, run.state.step
    found = run.recorded.joined(stop) | statistics
    steps = {n: run.recorded.steps(n, stop) for n in recorder.names if n in found and n not in recorder.statistics}
    return result_of(description(run, labels, dt), found, steps)


def description(run: Run, labels: Any, dt: float) -> dict[str, Any]:
    """What a result needs beside its arrays and steps, as data; ``fields`` are arguments of `Result`."""
    recorder, stop = run.recorded.recorder, run.state.step
    attrs = {}
    if not run.traced:
        facts = dict(seed=run.seed, dt_ms=dt, first_step=run.start, steps=stop - run.start, wall_s=run.wall)
        facts |= dict(transient_steps=run.recorded.record_start - run.start, duration_ms=facts["steps"] * dt)
        attrs = environment() | facts | dict(values=summary(run.values | run.arguments))
    return dict(
        names=recorder.names,
        per_step=list(recorder.per_step),
        statistics={name: kind_name(type(node.monitor)) for name, node in recorder.statistics.items()},
        framed=[name for name in recorder.statistics if recorder.is_framed(name)],
        stop=stop,
        dt=dt,
        titles=_titles(run),
        variables=_variables(run),
        bad_states=None if run.traced else run.bad_states,
        simulations=run.simulations,
        fields=dict(
            axes=recorder.axes(),
            periods=recorder.periods,
            labels=labels,
            batched=run.batch.size is not None,
            coords=run.coords,
            attrs=attrs,
        ),
    )


def result_of(described: dict[str, Any], found: dict[str, Any], steps: dict[str, Any]) -> Result:
    """The result of what was found, whose series stand at these absolute steps."""
    dt, fields = described["dt"], described["fields"]
    outputs = {name: found[name] for name in described["names"] if name in found}
    times = {name: u.Quantity(steps[name] * dt, u.ms) for name in outputs if name in steps}
    per_step = next((n for n in times if n in described["per_step"]), next(iter(times), None))
    ts = u.Quantity(np.array([described["stop"] * dt]), u.ms) if per_step is None else times[per_step]
    own_times = {n: t for n, t in times.items() if not np.array_equal(t.mantissa, ts.mantissa)}
    axes = dict(fields["axes"])
    for name in [name for name in described["framed"] if name in outputs]:
        windows = np.arange(np.shape(outputs[name])[-1])
        axes[name] = {"window": windows, "other_window": windows}
    periods = {name: period for name, period in fields["periods"].items() if name in outputs}
    whole = [name for name in outputs if name in described["statistics"]]
    result = Result({**outputs, "ts": ts}, times=own_times, whole=whole, **fields | dict(axes=axes, periods=periods))
    if described["bad_states"] is not None:
        first_step, variables = fields["attrs"]["first_step"], described["variables"]
        about = RecordedRun(described["titles"], variables, first_step, described["stop"] * dt, dt)
        result.diverged = diverged_in(result, described["bad_states"], about)
        if result.batched:
            result = nan_after_divergence(result)
            numbers = described["simulations"]
            result.diverged = [one._replace(simulation=numbers[one.simulation]) for one in result.diverged]
    return result


def kind_name(kind: type) -> str:
    """What a class is called, and no other class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _titles(run: Run) -> dict[str, str]:
    return {name: o.title for name, o in run.recorded.recorder.per_step.items()}


def _variables(run: Run) -> dict[str, str]:
    """The Variable that a recorded thing shows by region, by name of the thing."""
    recorder = run.recorded.recorder
    shown, other_axes = dict(recorder.per_step), recorder.axes()
    for name, number in recorder.sampled.items():
        first = recorder.nodes[number]
        while isinstance(first.source, int):
            first = recorder.nodes[first.source]
        if name not in other_axes and recorder.signal(name).shape == first.source_signal.shape:
            shown[name] = first.source
    named = {name: what for name, what in shown.items() if what.read is None and not what.needs}
    return {name: what.title for name, what in named.items() if what.name in run.variables.get(what.path, ())}


def raise_or_stop(result: Result, run: Run, on_divergence: str, note: str | None = None) -> Result:
    """The result, if the run stayed finite, or with a warning if it is asked to "stop".

    That of a single simulation then ends before its first bad sample.

    Raises
    ------
    FloatingPointError
        With what was recorded as ``result``, and the ``note``.
    """
    try:
        raise_if_any_diverged(result, _titles(run))
    except FloatingPointError as error:
        if note is not None:
            error.add_note(note)
        if on_divergence == "raise":
            raise
        warn(str(error), RuntimeWarning)
        result = result if result.batched else until_divergence(result)
        result.attrs["diverged"] = str(error)
    return result


def where_states_are(run: Run, dt: float) -> str | None:
    """What a run that diverged as a whole has left in the model."""
    if not run.diverged:
        return None
    if run.last is not None and run.last.states is not None:
        return f"The States are those of t = {run.last.step * dt:g} ms."
    return "The States are as they were before the run."


def stopped(reached: float, kept: str, way: str) -> KeyboardInterrupt:
    """What Ctrl-C raises: how far the run came, in ms, what has kept that, and how it goes on."""
    return KeyboardInterrupt(f"stopped at t = {time_text(reached)}; {kept} what was recorded, and {way} goes on")

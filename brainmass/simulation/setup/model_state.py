"""The stateful side of a run: what it reads from a model before, and writes into it after."""

from typing import Any

import brainstate
import jax.numpy as jnp
import numpy as np

from brainmass.names import agreed
from brainmass.network import WINDOW, Network, join, parameter_refs, processes
from brainmass.simulation.setup.place import ONE, MonitorsAtEnd, Place, first_numbers
from brainmass.state_space import Parameter, Values, Variable, check_dt
from brainmass.units import float_dtype, is_concrete, with_unit


def read_values(model: Any) -> Values:
    """The model's own values by path, as host arrays (or tracers)."""
    read = ((path, ref.read()) for path, ref in parameter_refs(model).items())
    found = {path: np.asarray(v) if is_concrete(v) else v for path, v in read}
    if not isinstance(model, Network):
        parts = processes(model).items()
        agreed({join(path, n): names for path, q in parts for n, names in vars(q).get("region_names", {}).items()})
        return found
    model.check_regions()
    lengths = {
        n: model.known_lengths(found[n], found["conn"], f"Network: {n}") for n in ("distance", "delays") if n in found
    }
    return found | lengths


def read_states(model: Any) -> dict[str, Values]:
    """The Variables of every process, with the rests and the pasts that they keep, bare."""
    return {path: q.bare_states() | q.bare_rests() | q.bare_pasts() for path, q in processes(model).items()}


def kinds_of(model: Any) -> tuple[tuple[str, str], ...]:
    """The class of every process, by path."""
    return tuple((path, type(process).__name__) for path, process in processes(model).items())


def check_place(model: Any, place: Place) -> None:
    """Refuse, with a ValueError, a place of another model."""
    lead = 0 if place.size is None else 1
    if place.kinds != kinds_of(model):
        came, here = (", ".join(kind for _, kind in kinds) for kinds in (place.kinds, kinds_of(model)))
        raise ValueError(f"place is of another model, {came}, and this is {here}; start one of this model.")
    for path, process in processes(model).items():
        for name in process.declarations(Variable):
            shape = np.shape(place.states[path][name])[lead:]
            if shape != process.varshape:
                raise ValueError(
                    f"place is of another model: {join(path, name)} has the shape {shape} there, and "
                    f"{process.varshape} here; start one of this model."
                )


def check_noises(model: Any, values: Values, dt: float) -> None:
    """Refuse a noise that cannot be at this time step, with these values, what it claims to be.

    Raises
    ------
    ValueError
        A time constant too short for the step.
    """
    for path, process in processes(model).items():
        if process.is_noise:
            process.check_step(dt, {n: values[join(path, n)] for n in process.declarations(Parameter)})


def read_noises(model: Any, start: int, steps: int, dt: float) -> Values:
    """The stretch of every noise that is a given series, (time, *region or 1, 1), by "<path>.values".

    Raises
    ------
    ValueError
        The run goes beyond the end of one.
    """
    found = {path: q for path, q in processes(model).items() if q.is_noise and q.series is not None}
    return {
        join(path, "values"): jnp.asarray(q.series_of_steps(start, steps, dt), float_dtype())
        for path, q in found.items()
    }


def batch_size_of(model: Any, states: dict[str, Values]) -> int | None:
    """The leading batch axis of States, None without one."""
    for path, process in processes(model).items():
        for value in states[path].values():
            return value.shape[0] if value.ndim > len(process.varshape) else None
    return None


def read_place(model: Any, at_end: tuple[tuple, tuple[MonitorsAtEnd, ...]] | None, dt: float) -> Place:
    """Where a model stands; ``at_end`` are the clock and the monitors with which a run has left it.

    Raises
    ------
    ValueError
        It would go on at another time step, or there is nothing to go on from.
    """
    if any(n not in vars(q) for q in processes(model).values() for n in q.declarations(Variable)):
        raise ValueError("init_states=False goes on from where a model stands, and this one has not run; leave it out.")
    clock, history, trace = (vars(model).get(name) for name in ("clock", "history", "trace"))
    seed, step = (None, 0) if clock is None else clock[:2]
    past_dts = [clock[2]] if clock is not None else [q.past_dt for q in processes(model).values() if q.bare_pasts()]
    for past_dt in [*past_dts, *([] if clock is not None or trace is None else [model.trace_dt])]:
        check_dt(dt, past_dt)
    if clock is None:
        history = None if trace is None else _padded(trace.value)
    elif history is not None:
        history = history.value.astype(float_dtype())
    states = read_states(model)
    size, numbers = batch_size_of(model, states), vars(model).get("members") if clock is not None else None
    left = at_end[1] if at_end is not None and at_end[0] is clock else ()
    monitors = tuple(one for one in left if np.shape(one.count_from) == (() if size is None else (size,)))
    if size is not None:
        step, numbers = np.full(size, step), first_numbers(size) if numbers is None else numbers
    number = ONE if numbers is None else numbers
    return Place(
        states=states,
        history=history,
        monitors=monitors,
        step=step,
        seed=seed,
        simulations=number,
        kinds=kinds_of(model),
        dt=dt,
    )


def trimmed_history(model: Any, history: Any, length: int | None, start: int, values: Values, dt: float) -> Any:
    """The columns of a kept delay history that delays of up to ``length`` steps need, those of ``values``.

    Raises
    ------
    ValueError
        It does not reach back so far, or there is none.
    """
    if history is None and length and start:
        raise ValueError(_too_short(model, 0, values, dt))
    if history is None or not length:
        return history
    columns, kept = length + WINDOW, history.shape[-1]
    if kept < columns:
        raise ValueError(_too_short(model, kept - WINDOW, values, dt))
    return history[..., kept - columns :]


def _too_short(model: Network, columns: int, values: Values, dt: float) -> str:
    """Why a run cannot go on: the longest of the edges that reach back beyond the history kept."""
    weights, delays = np.asarray(values["conn"]), np.asarray(model.delay_times(values))
    while weights.ndim > 2 or delays.ndim > 2:  # of a batch: the longest
        weights, delays = (x.max(0) if x.ndim > 2 else x for x in (weights, delays))
    times = np.where(weights != 0, delays, -1.0)
    target, source = np.unravel_index(int(times.argmax()), times.shape)
    longest = float(times.max())
    return (
        f"the edge from region {source} to {target} has a delay of {longest:g} ms, but the last run kept a history of "
        f"{max(columns - 1, 0) * dt:g} ms; a slower speed, a longer delay or a new edge can go on in a "
        f"Network(..., longest_delay={longest:g}), or start anew, as init_states=True and Simulator.start do."
    )


def _padded(trace: Any) -> Any:
    """The past of a model that was stepped by hand as a history, with columns older than any delay reaches."""
    return jnp.pad(trace, [(0, 0)] * (trace.ndim - 1) + [(WINDOW, 0)])


def write_place(model: Any, place: Place) -> tuple:
    """Write where a run has ended into the model's States; the clock that says so."""
    for path, process in processes(model).items():
        for name, value in place.states[path].items():
            _set_state(process, name, with_unit(value, process.unit_of_state(name)))
        vars(process)["past_dt"] = place.dt
    if place.history is None:
        vars(model).pop("history", None)
    else:
        _set_state(model, "history", place.history)
    clock = (place.seed, place.first_step, place.dt)
    vars(model)["clock"], vars(model)["members"] = clock, None if place.size is None else place.simulations
    vars(model).pop("trace", None)
    return clock


def _set_state(owner: Any, name: str, value: Any) -> None:
    state = vars(owner).get(name)
    if state is None:
        vars(owner)[name] = brainstate.HiddenState(value)
    else:
        state.value = value

"""The stateful side of a run: what it reads from a model before, and writes into it after."""

from typing import Any

import brainstate
import jax.numpy as jnp
import numpy as np

from brainmass.names import agreed
from brainmass.network import WINDOW, Network, join, parameter_refs, processes
from brainmass.state_space import Parameter, Values, Variable, check_dt
from brainmass.units import describe, float_dtype, is_concrete, with_unit


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


def batch_size_of(model: Any, states: Any) -> Any:
    """The leading batch axis of States, None without one, ... where there are no States."""
    if states is None:
        return ...
    for path, process in processes(model).items():
        for value in states[path].values():
            return value.shape[0] if value.ndim > len(process.varshape) else None
    return None


def read_start(model: Any, init_states: bool, dt: float) -> tuple:
    """Where a run begins: (step, states, delay history); None for what it makes itself.

    Raises
    ------
    ValueError
        It would go on at another time step, or there is nothing to go on from.
    """
    if init_states:
        return 0, None, None
    if any(n not in vars(q) for q in processes(model).values() for n in q.declarations(Variable)):
        raise ValueError("init_states=False goes on from where a model stands, and this one has not run; leave it out.")
    clock, history, trace = (vars(model).get(name) for name in ("clock", "history", "trace"))
    if clock is not None:
        check_dt(dt, clock[2])
        return clock[1], read_states(model), None if history is None else history.value.astype(float_dtype())
    for process in processes(model).values():
        if process.bare_pasts():
            check_dt(dt, process.past_dt)
    if trace is None:
        return 0, read_states(model), None
    check_dt(dt, model.trace_dt)
    padding = [(0, 0)] * (trace.value.ndim - 1) + [(WINDOW, 0)]  # older than any delay reaches
    return 0, read_states(model), jnp.pad(trace.value, padding)


def chosen(model: Any, simulations: Any, states: Any) -> tuple[Any, Any]:
    """The indices in the present batch of the simulations that go on (None: all), and the numbers of these.

    Raises
    ------
    ValueError, TypeError
        There is no batch to continue, or a simulation is not in it.
    """
    size = None if states is None else batch_size_of(model, states)
    known = vars(model).get("members") if states is not None and "clock" in vars(model) else None
    if simulations is None:
        return None, known
    if not isinstance(size, int):
        raise ValueError("simulations chooses among the members of a batch that goes on; run with init_states=False.")
    known = np.arange(size, dtype=np.uint32) if known is None else known
    wanted = np.asarray(simulations)
    if wanted.ndim != 1 or not wanted.size or wanted.dtype.kind not in "iu" or len(set(wanted.tolist())) < wanted.size:
        raise TypeError(f"simulations={describe(simulations)} must be a list of different integers.")
    unknown = set(wanted.tolist()) - set(known.tolist())
    if unknown:
        raise ValueError(
            f"simulations={describe(simulations)}: {min(unknown)} is none of the present {known.tolist()}."
        )
    members = np.array([known.tolist().index(number) for number in wanted.tolist()])
    return members, known[members]


def last_seed(model: Any) -> Any:
    """The seed of the last run, or None."""
    clock = vars(model).get("clock")
    return None if clock is None else clock[0]


def trimmed_history(model: Any, history: Any, length: int | None, start: int, values: Values, dt: float) -> Any:
    """The columns of a kept delay history that delays of up to ``length`` steps need, those of ``values``.

    Raises
    ------
    ValueError
        It does not reach back so far, or there is none.
    """
    if history is None and length and vars(model).get("clock") and start:
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
        f"Network(..., longest_delay={longest:g}), or run with init_states=True."
    )


def write_back(model: Any, states: dict[str, Values], history: Any, clock: tuple, numbers: Any = None) -> None:
    """Write the end of a run into the model's States."""
    for path, process in processes(model).items():
        for name, value in states[path].items():
            _set_state(process, name, with_unit(value, process.unit_of_state(name)))
        vars(process)["past_dt"] = clock[2]
    if history is None:
        vars(model).pop("history", None)
    else:
        _set_state(model, "history", history)
    vars(model)["clock"], vars(model)["members"] = clock, numbers if np.ndim(numbers) else None
    vars(model).pop("trace", None)


def _set_state(owner: Any, name: str, value: Any) -> None:
    state = vars(owner).get(name)
    if state is None:
        vars(owner)[name] = brainstate.HiddenState(value)
    else:
        state.value = value

"""The stateful side of a run: what it reads from a model before, and writes into it after."""

from typing import Any

import brainstate
import jax.numpy as jnp
import numpy as np

from brainmass.declarations import Parameter
from brainmass.statespace import Values
from brainmass.tree import join, processes, slots
from brainmass.units import float_dtype, is_concrete, with_unit


def read_values(model: Any) -> Values:
    """The model's own values by path, as host arrays (or tracers)."""
    read = ((path, slot.read()) for path, slot in slots(model).items())
    return {path: np.asarray(v) if is_concrete(v) else v for path, v in read}


def read_states(model: Any) -> dict[str, Values]:
    """The Variables of every process and the pasts that they keep, bare."""
    return {path: process.bare_states() | process.bare_pasts() for path, process in processes(model).items()}


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
    return {join(path, "values"): jnp.asarray(q.stretch(start, steps, dt), float_dtype()) for path, q in found.items()}


def batch_size_of(model: Any, states: Any) -> Any:
    """The leading batch axis of States, None without one, ... where there are no States."""
    if states is None:
        return ...
    for path, process in processes(model).items():
        for value in states[path].values():
            return value.shape[0] if value.ndim > len(process.varshape) else None
    return None


def keep(model: Any, states: dict[str, Values], history: Any, clock: tuple) -> None:
    """Write the end of a run into the model's States."""
    for path, process in processes(model).items():
        for name, value in states[path].items():
            _set_state(process, name, with_unit(value, process.unit_of(process.declared[name])))
        vars(process)["past_dt"] = clock[2]
    if history is None:
        vars(model).pop("history", None)
    else:
        _set_state(model, "history", history)
    vars(model)["clock"] = clock
    vars(model).pop("trace", None)


def _set_state(owner: Any, name: str, value: Any) -> None:
    state = vars(owner).get(name)
    if state is None:
        vars(owner)[name] = brainstate.HiddenState(value)
    else:
        state.value = value

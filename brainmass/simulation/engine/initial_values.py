"""What a run starts from: initial values and the history before t = 0, drawn inside its trace."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.network import WINDOW, DelayPlan, Network, States, join, processes
from brainmass.numerics import Generator, Key, normals
from brainmass.simulation.engine.records import RunContext
from brainmass.state_space import Law, StateSpace, Values, Variable, call_initializer
from brainmass.units import describe, float_dtype, is_concrete, mantissa, numbers


def initial_streams(model: Any) -> list[str]:
    """The random streams of initial values and early history."""
    initial = [
        _stream(path, name)
        for path, q in processes(model).items()
        for name in q.declarations(Variable)
        if callable(q.initial[name]) or isinstance(q.initial[name], Law)
    ]
    return initial + ([_early_stream(name) for name in model.links] if isinstance(model, Network) else [])


def normals_by_stream(processes_of: dict[str, StateSpace], steps: Any, context: RunContext) -> Values:
    """The normals of absolute ``steps`` by stream, (step, *in_size, simulation), as the process of each uses them."""
    alike: dict[tuple[int, ...], dict[str, Key]] = {}
    for name, process in processes_of.items():
        alike.setdefault(process.varshape, {})[name] = context.keys[name]
    found = {}
    for shape, keys in alike.items():
        for name, flat in normals(keys, steps, int(np.prod(shape)), context.simulations).items():
            found[name] = processes_of[name].mix(flat.reshape(len(steps), *shape, -1))
    return found


def initial_states(model: Any, values: Values, context: RunContext) -> States:
    """The initial value of every Variable, (*in_size, simulation)."""
    found = processes(model).items()
    lawful = {_stream(path, n): q for path, q in found for n in q.initial if isinstance(q.initial[n], Law)}
    draws = normals_by_stream(lawful, jnp.zeros(1, jnp.uint32), context)
    return {
        path: {n: _initial(path, q, n, values, draws, context) for n in q.declarations(Variable)} for path, q in found
    }


def _initial(path: str, q: StateSpace, name: str, values: Values, draws: Values, context: RunContext) -> Any:
    initial, p, simulations = q.initial[name], context.parameters[path], context.simulations
    shape, dtype = (*q.varshape, len(simulations)), float_dtype()
    if isinstance(initial, Law):
        value: Any = initial.draw(q.namespace(p), draws[_stream(path, name)][0])
    elif callable(initial):
        key = context.keys[_stream(path, name)]
        value = draw_each(initial, q.varshape, key, simulations, q.unit_of(q.declared[name]), q.declared[name].argument)
    else:
        array = values.get(join(path, q.declared[name].argument))
        value = initial if array is None else array
    bare = mantissa(value, q.unit_of(q.declared[name]), name)
    return jnp.broadcast_to(jnp.asarray(bare, dtype), shape)


def check_initializers(model: Any) -> None:
    """Call every initializer that a user gave once, before anything is compiled.

    Raises
    ------
    ValueError, TypeError
        What it returns is no initial value.
    """
    for process in processes(model).values():
        for name, d in process.declarations(Variable).items():
            initial, checked = process.initial[name], vars(process).setdefault("checked_initializers", {})
            if callable(initial) and initial is not d.value and checked.get(name) is not initial:
                if not is_concrete(jnp.zeros(())):  # JAX is tracing
                    return
                label = f"{type(process).__name__}: {d.argument}"
                key, one = Key(np.uint32(0), np.uint32(0)), jnp.zeros(1, jnp.uint32)
                drawn = draw_each(initial, process.varshape, key, one, process.unit_of(d), label)
                if not np.isfinite(drawn).all():
                    value = np.asarray(drawn)[~np.isfinite(drawn)][0]
                    raise ValueError(f"{label}={describe(initial)} returned {value}; let it return finite values.")
                checked[name] = initial


def initial_history(model: Network, delay_plan: DelayPlan, now: Any, context: RunContext) -> Any:
    """What was sent before t = 0, (channel·N, time, simulation): the initial ``now`` held, or ``delay_init``."""
    shape = (now.shape[0], delay_plan.length + WINDOW, now.shape[1])
    if model.delay_init is None:
        return jnp.broadcast_to(now[:, None], shape)
    early = [_early(model, name, (model.n_node, *shape[1:]), context) for name in model.links]
    q = SimpleNamespace(**{n: v[:, None] for n, v in vars(context.coupling_parameters).items()})
    return joined(model.channels(early, q), 0).at[:, -1].set(now)


def _early(model: Network, name: str, shape: tuple[int, ...], context: RunContext) -> Any:
    """One coupled variable before t = 0, (N, time, simulation)."""
    past, unit = model.delay_init, model.node.unit_of(model.node.declared[name])
    if callable(past):
        times, key = (shape[1], shape[0]), context.keys[_early_stream(name)]
        return draw_each(past, times, key, context.simulations, unit, "delay_init")[::-1].swapaxes(0, 1)
    array = jnp.asarray(mantissa(past, unit, "delay_init"), float_dtype())
    return jnp.broadcast_to(array.reshape(*array.shape, *(1,) * (3 - array.ndim))[: shape[0]], shape)


def _stream(path: str, name: str) -> str:
    return f"{join(path, name)} at 0"


def _early_stream(name: str) -> str:
    return f"{name} before 0"


def joined(channels: list[Any], axis: int) -> Any:
    return channels[0] if len(channels) == 1 else jnp.concatenate(channels, axis)


def draw_each(
    initializer: Callable, shape: tuple[int, ...], key: Key, simulations: Any, unit: u.Unit, name: str
) -> Any:
    """Bare draws (*shape, simulation) of a braintools-style initializer, from a generator per simulation."""

    def one(simulation: Any) -> Any:
        generator = Generator(key, simulation)
        with generator.in_place_of_the_global_one():
            value = numbers(call_initializer(initializer, shape, generator), unit, name)
        value = jnp.asarray(value, float_dtype())
        if value.shape not in ((), shape):
            raise ValueError(f"{name} returned the shape {value.shape}; it must be {shape}.")
        return jnp.broadcast_to(value, shape)

    return jax.vmap(one, out_axes=-1)(simulations)

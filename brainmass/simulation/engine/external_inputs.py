"""External inputs of a run: arrays and callables by Input name."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.dimensions import TIMES, arranged
from brainmass.names import Names, agreed, meant, region_names
from brainmass.network import WINDOW, Network
from brainmass.numerics import fingerprint
from brainmass.simulation.engine.argument_values import ArgumentValues
from brainmass.state_space import Added, Input, Values
from brainmass.stimulus import Stimulus
from brainmass.units import UNITLESS, float_dtype, is_concrete, mantissa, numbers, unit_name


class CallableInputs:
    """Callables ``(i, t)`` of absolute steps, one value or a tuple per call, evaluated before the steps they drive.

    Their times are float64 whatever the precision of the run, so they are a program of their own: `windows`, to be
    called `in_double` precision. What it gives enters the run as data, and another callable compiles no run again.

    Raises
    ------
    TypeError, ValueError
        Not callable as ``(i, t)``, too many values, another shape or unit.
    """

    def __init__(self, node: Any, calls: dict[tuple[str, ...], Callable], dt: float):
        self.node, self.calls, self.dt = node, calls, dt
        self.traced = False
        """Whether a callable holds on to what JAX traces elsewhere."""
        with in_double():
            self.key: Hashable = tuple((names, self._key(names, call)) for names, call in calls.items())
        """What `windows` depends on; every callable is called once, abstractly, before anything is compiled."""

    def windows(self, number: int, dtype: Any, first: Any) -> Values:
        """The values of a number of windows from the ``first`` on, (step, *region or 1, 1) by Input name."""

        def window(index: Any) -> Values:
            steps = (index * WINDOW + jnp.arange(WINDOW)).astype(jnp.int32)
            return jax.vmap(self._values)(steps)

        found = lax.map(window, first + jnp.arange(number))
        return {name: column(x.reshape(-1, *x.shape[2:]).astype(dtype)) for name, x in found.items()}

    def _values(self, i: Any) -> Values:
        found: Values = {}
        for names, call in self.calls.items():
            returned = call(i, exact_time(i, self.dt))
            for name, value in zip(names, returned if isinstance(returned, tuple) else (returned,), strict=False):
                found[name] = jnp.asarray(mantissa(value, self.node.declared[name].unit, f"inputs: {name}"))
        return found

    def _key(self, names: tuple[str, ...], call: Callable) -> Hashable:
        label = f"inputs: the callable for {', '.join(names)}"

        def bare(i: Any) -> list:
            returned = call(i, exact_time(i, self.dt))
            series = returned if isinstance(returned, tuple) else (returned,)
            if len(series) > len(names):
                raise ValueError(f"{label} returned {len(series)} values; the free inputs are {', '.join(names)}.")
            found = []
            for name, value in zip(names, series, strict=False):
                number = mantissa(value, self.node.declared[name].unit, label)
                shape = (
                    np.shape(number) if isinstance(number, jax.Array | np.ndarray | np.generic | float | int) else None
                )
                if shape not in ((), self.node.varshape):
                    came = f"a {type(number).__name__}" if shape is None else f"the shape {shape}"
                    raise ValueError(f"{label} returned {came}; {name} takes one number or {self.node.varshape}.")
                if is_concrete(number):
                    numbers(number, UNITLESS, label)
                found.append(number)
            return found

        try:
            traced = jax.make_jaxpr(bare, return_shape=True)(np.int32(0))
        except TypeError as error:
            first = str(error).splitlines()[0].rstrip(".")
            raise TypeError(f"{label} failed as call(i, t): {first}.") from error
        self.traced |= not all(map(is_concrete, traced[0].consts))
        return fingerprint(call, lambda: traced)


def values_beforehand(call: Callable, first: int, steps: int, dt: float) -> Any:
    """What a callable ``(i, t)`` gives at ``steps`` steps from the ``first`` on, a tree of arrays (time, ...).

    None for one that reads brainstate States, which cannot be known before they come.
    """

    def at(i: Any) -> Any:
        return jax.tree.map(jnp.asarray, call(i, exact_time(i, dt)))

    with in_double():
        with brainstate.StateTraceStack() as met:
            jax.eval_shape(at, np.int32(first))
        met.recovery_original_values()
        found = None if met.states else jax.jit(jax.vmap(at))(np.arange(first, first + steps, dtype=np.int32))
    return jax.tree.map(lambda x: x.astype(jax.dtypes.canonicalize_dtype(x.dtype)), found)


@contextmanager
def in_double() -> Iterator[None]:
    """Inside, JAX computes in float64, at once where nothing is traced, and promotes dtypes as it does by default.

    A program must be traced and compiled inside as a whole: parts of it that are compiled outside lose their dtypes.
    """
    promotion = jax.numpy_dtype_promotion("standard")  # float64 times meet a user's float32 arrays
    with jax.enable_x64(True), promotion, jax.ensure_compile_time_eval():
        yield


def exact_time(i: Any, dt: float) -> Any:
    """The time of an absolute step, `in_double` precision: right to 1e-8 ms after a day."""
    return i.astype(jnp.float64) * dt * u.ms


def named_inputs(model: Any, inputs: Any) -> dict[Any, Any]:
    """External inputs by Input name; of callables, by the names of all that one drives.

    Raises
    ------
    ValueError
        An unknown Input.
    """
    if inputs is None:
        return {}
    node = model.node if isinstance(model, Network) else model
    known = node.declarations(Input)
    taken = model.links.values() if isinstance(model, Network) else ()
    free = tuple(n for n, d in known.items() if n not in taken and not isinstance(d, Added))
    if not isinstance(inputs, dict):
        if not free:
            raise ValueError(f"inputs: {type(node).__name__} has no free Input; name one in a dict.")
        inputs = {free if _is_callable(inputs) else free[0]: inputs}
    unknown = [n for n in inputs if n not in known and n != free]
    if unknown:
        near, kind = meant(unknown[0], known), type(node).__name__
        raise ValueError(f"inputs has the key {unknown[0]!r}{near}; {kind} has {', '.join(known)}.")
    return inputs


def resolve_inputs(
    model: Any, inputs: dict[Any, Any], arguments: ArgumentValues, steps: int, dt: float
) -> tuple[Values, dict[str, Any], CallableInputs | None]:
    """Arrays (time, *region, 1) and functions of absolute steps by Input name, and the callables, of `named_inputs`.

    Raises
    ------
    ValueError
        Another unit, or a length that is not that of the run.
    """
    node = model.node if isinstance(model, Network) else model
    calls = {(n,) if isinstance(n, str) else n: v for n, v in inputs.items() if _is_callable(v)}
    regions = getattr(model, "regions", None)
    stimuli = {
        n: arguments.of_stimulus(n, v, partial(_sampler, node, n, dt, regions))
        for n, v in inputs.items()
        if isinstance(v, Stimulus)
    }
    arrays = {n: _series(node, n, v, steps, regions) for n, v in inputs.items() if not callable(v)}
    return arrays, stimuli, CallableInputs(node, calls, dt) if calls else None


def _is_callable(value: Any) -> bool:
    return callable(value) and not isinstance(value, Stimulus)


def _sampler(node: Any, name: str, dt: float, regions: Names | None, stimulus: Stimulus) -> Any:
    unit, size = node.declared[name].unit, (stimulus.regions,)
    agreed({f"inputs: the stimulus of {name}": stimulus.region_names, "the labels of the Network": regions})
    if stimulus.unit.dim != unit.dim and stimulus.unit.dim != UNITLESS.dim:
        raise ValueError(
            f"inputs: {name} is in {unit_name(unit)}, and the stimulus in {unit_name(stimulus.unit)}; give its "
            "amplitude in that unit or bare."
        )
    if size not in ((None,), node.varshape):
        raise ValueError(f"inputs: the stimulus of {name} has {size[0]} regions; {node.varshape} are simulated.")
    return stimulus.to(unit).sampler(dt)


def _series(node: Any, name: str, value: Any, steps: int, regions: Names | None) -> Any:
    label = f"inputs: {name}"
    value = arranged(value, TIMES, label)
    bare = numbers(value, node.declared[name].unit, label)
    shape = np.shape(bare)
    agreed({label: region_names(value, label), "the labels of the Network": regions})
    if not shape or shape[0] != steps or shape[1:] not in ((), node.varshape):
        raise ValueError(
            f"inputs: {name} has the shape {shape}; {steps} steps need ({steps},) or {(steps, *node.varshape)}."
        )
    return column(jnp.asarray(bare, float_dtype()))


def column(series: Any) -> Any:
    """(time, *region) with an axis of one simulation; a bare series of time drives all regions."""
    return series[..., None] if series.ndim > 1 else series[:, None, None]

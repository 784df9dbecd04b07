"""External inputs of a run: arrays and callables by Input name."""

from collections.abc import Callable
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.declarations import Input
from brainmass.network import Network
from brainmass.statespace import Values
from brainmass.units import float_dtype, mantissa, numbers


class Drive:
    """Callables ``(i, t)`` evaluated at absolute steps inside the program, one value or tuple per call."""

    def __init__(self, node: Any, calls: dict[tuple[str, ...], Callable]):
        self.node, self.calls = node, calls

    def __call__(self, steps: Any, dt: float) -> Values:
        found = {}
        for names, call in self.calls.items():
            given = jax.vmap(lambda i, call=call: call(i, i * dt * u.ms))(steps.astype(jnp.int32))
            for name, value in zip(names, given if isinstance(given, tuple) else (given,), strict=False):
                found[name] = _column(mantissa(value, self.node.declared[name].unit, f"inputs: {name}"))
        return found

    def check(self, dt: float) -> None:
        """Call each once, abstractly, so that a mistake is told before anything is compiled.

        Raises
        ------
        TypeError, ValueError
            Not callable as ``(i, t)``, too many values, another shape or unit.
        """
        for names, call in self.calls.items():
            label = f"inputs: the callable for {', '.join(names)}"
            try:
                given = jax.eval_shape(lambda i, call=call: call(i, i * dt * u.ms), jnp.int32(0))
            except TypeError as error:
                raise TypeError(f"{label} failed as call(i, t): {str(error).splitlines()[0].rstrip('.')}.") from error
            series = given if isinstance(given, tuple) else (given,)
            if len(series) > len(names):
                raise ValueError(f"{label} returned {len(series)} values; there are the free inputs {', '.join(names)}.")
            for name, value in zip(names, series, strict=False):
                shape = getattr(mantissa(value, self.node.declared[name].unit, label), "shape", None)
                if shape not in ((), self.node.varshape):
                    raise ValueError(f"{label} returned {describe_shape(value)}; {name} takes one number or {self.node.varshape}.")


def resolve_inputs(model: Any, inputs: Any, steps: int, dt: float) -> tuple[Values, Drive | None]:
    """Arrays (time, *region, 1) by Input name, and the callables.

    Raises
    ------
    ValueError
        An unknown Input, another unit, or a length that is not that of the run.
    """
    if inputs is None:
        return {}, None
    node = model.node if isinstance(model, Network) else model
    known = node.declarations(Input)
    free = tuple(n for n in known if not (isinstance(model, Network) and n == model.target))
    if not isinstance(inputs, dict):
        if not free:
            raise ValueError(f"inputs: {type(node).__name__} has no free Input; name one in a dict.")
        inputs = {free if callable(inputs) else free[0]: inputs}
    unknown = [n for n in inputs if n not in known and n != free]
    if unknown:
        raise ValueError(f"inputs has the key {unknown[0]!r}; {type(node).__name__} has {', '.join(known)}.")
    calls = {(n,) if isinstance(n, str) else n: v for n, v in inputs.items() if callable(v)}
    arrays = {n: _series(node, n, v, steps) for n, v in inputs.items() if not callable(v)}
    drive = Drive(node, calls) if calls else None
    if drive:
        drive.check(dt)
    return arrays, drive


def describe_shape(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return f"a {type(value).__name__}" if shape is None else f"the shape {shape}"


def _series(node: Any, name: str, value: Any, steps: int) -> Any:
    bare = numbers(value, node.declared[name].unit, f"inputs: {name}")
    shape = np.shape(bare)
    if not shape or shape[0] != steps or shape[1:] not in ((), node.varshape):
        raise ValueError(
            f"inputs: {name} has the shape {shape}; a run of {steps} steps needs ({steps},) or {(steps, *node.varshape)}."
        )
    return _column(jnp.asarray(bare, float_dtype()))


def _column(series: Any) -> Any:
    """(time, *region) with an axis of one simulation; a bare series of time drives all regions."""
    return series[..., None] if series.ndim > 1 else series[:, None, None]

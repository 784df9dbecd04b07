"""What the plots of a model's dynamics share: copies of its first region, where they begin, what drives them."""

from typing import Any

import numpy as np

from brainmass.names import meant
from brainmass.state_space import Input, Law, Parameter, StateSpace
from brainmass.units import describe, mantissa, one_number


def check_model(model: Any) -> None:
    if not isinstance(model, StateSpace):
        raise TypeError(f"model={describe(model)} must be a node bank, such as HopfStep(1), or the node of a network.")


def known(model: Any, kind: Any, name: Any, argument: str) -> Any:
    """The declaration called ``name``."""
    found = model.declarations(kind)
    if not isinstance(name, str) or name not in found:
        near, owner = meant(name, found), type(model).__name__
        raise ValueError(f"{argument}={describe(name)} is unknown{near}; {owner} has {', '.join(found)}.")
    return found[name]


def first_region(model: Any) -> dict[str, float]:
    """The bare parameters of the first region."""
    values = {name: np.broadcast_to(model.bare(name), model.varshape) for name in model.declarations(Parameter)}
    return {name: float(value.flat[0]) for name, value in values.items()}


def copies(model: Any, n: int, **arguments: Any) -> Any:
    """A bank of ``n`` regions like the first of ``model`` and with its method, without noise, with other ``arguments``.

    So a plot shows what a run of the model does.
    """
    return type(model)(n, **{**first_region(model), **arguments}, method=model.method)


def beginning(model: Any, states: dict[str, Any]) -> dict[str, Any]:
    """Initial values by variable as constructor arguments."""
    return {model.declared[name].argument: value for name, value in states.items()}


def home(model: Any, name: str, remedy: str = "declare one") -> tuple[float, float]:
    """Where a variable lives: its span, else its bounds."""
    d = model.declared[name]
    ends = d.span or d.bounds
    if ends is None:
        raise ValueError(f"{type(model).__name__}: {name} has neither span nor bounds; {remedy}.")
    return float(ends[0]), float(ends[1])


def rest(model: Any, name: str) -> float:
    """Where a variable begins if that is a number, else the middle of where it lives."""
    value = model.initial[name]
    if callable(value) or isinstance(value, Law):
        return float(np.mean(home(model, name)))
    bare = mantissa(value, model.unit_of(model.declared[name]), name)
    return float(np.broadcast_to(bare, model.varshape).flat[0])


def constants(model: Any, inputs: Any) -> dict[str, Any]:
    """Constant inputs, bare, by name."""
    inputs = {} if inputs is None else inputs
    if not isinstance(inputs, dict):
        raise TypeError(f"inputs={describe(inputs)} must be a dict of numbers by input name.")
    found = {name: known(model, Input, name, "inputs") for name in inputs}
    return {name: float(one_number(inputs[name], model.unit_of(d), f"inputs: {name}")) for name, d in found.items()}


def steady(inputs: dict[str, Any]) -> dict[str, Any]:
    """Constant values as what a run takes."""
    return {name: lambda i, t, value=value: value for name, value in inputs.items()}

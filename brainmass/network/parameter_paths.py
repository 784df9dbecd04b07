"""A model as a flat tree: its processes and parameter values by dotted path, and a copy of it bound to other values."""

from copy import copy
from typing import Any, NamedTuple

import brainstate
import brainunit as u
import numpy as np

from brainmass.network.network import Network
from brainmass.state_space import Declared, Delayed, Parameter, StateSpace, Values, Variable, as_const
from brainmass.units import UNITLESS, mantissa, with_unit

States = dict[str, Values]


class ParameterRef(NamedTuple):
    """Where a parameter value lives, its unit, and the shape of its regions; () where it is no value of regions."""

    owner: Any
    name: str
    unit: u.Unit
    regions: tuple[int, ...] = ()
    initial: bool = False

    def read(self) -> Any:
        """The bare value."""
        value = self.owner.initial[self.name] if self.initial else vars(self.owner)[self.name].value()
        return mantissa(value, self.unit, self.name)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def processes(model: Any) -> dict[str, Any]:
    """Every state space of a model by path: "node", "node.noise_E", "noise"; "" and "noise_E" of a bare node."""
    root = "node" if isinstance(model, Network) else ""
    node = model.node if isinstance(model, Network) else model
    found = {root: node}
    found |= {join(root, node.declared[n].argument): noise for n, noise in node.attached().items()}
    if isinstance(model, Network) and model.noise is not None:
        found["noise"] = model.noise
    return found


def parameter_refs(model: Any) -> dict[str, ParameterRef]:
    """Every value that a run reads, by path. Initial values given as arrays count ("node.init_x")."""
    found: dict[str, ParameterRef] = {}
    for path, process in processes(model).items():
        for name, d in process.declarations(Parameter).items():
            found[join(path, name)] = ParameterRef(process, name, process.unit_of(d), process.varshape)
        for name, d in process.declarations(Variable).items():
            if np.ndim(mantissa(process.initial[name], process.unit_of(d), name)) and not callable(
                process.initial[name]
            ):
                found[join(path, d.argument)] = ParameterRef(process, name, process.unit_of(d), initial=True)
    if isinstance(model, Network):
        found["conn"] = ParameterRef(model.coupling, "conn", UNITLESS)
        for name, d in model.coupling.declarations(Parameter).items():
            regions = () if name in model.coupling.per_edge else (model.n_node,)
            ref = ParameterRef(model.coupling, name, model.coupling.unit_of(d), regions)
            found["k" if name == "k" else f"coupling.{name}"] = ref
        for name, d in model.declarations(Parameter).items():
            if vars(model)[name] is not None:
                found[name] = ParameterRef(model, name, d.unit)
    return found


def _of_coupling(values: Values) -> Values:
    named = {k.removeprefix("coupling."): v for k, v in values.items() if k.startswith("coupling.")}
    return named | {k: v for k, v in values.items() if k in ("k", "conn")}


def bind(model: Any, states: States, values: Values) -> Any:
    """A shallow copy of the model tree whose States and given values are new objects: what a callable monitor sees."""
    bound = copy(model)
    for name in ("history", "trace", *(model.declarations(Delayed) if isinstance(model, StateSpace) else ())):
        vars(bound).pop(name, None)  # what an earlier run left
    for name, value in list(vars(bound).items()):
        if isinstance(value, Declared):
            inner = {k.removeprefix(f"{name}."): v for k, v in values.items() if k.startswith(f"{name}.")}
            below = {k.removeprefix(name).removeprefix("."): v for k, v in states.items() if k.split(".")[0] == name}
            vars(bound)[name] = bind(value, below, inner)
    if isinstance(model, Network):
        vars(bound)["coupling"] = bind(model.coupling, {}, _of_coupling(values))
    if isinstance(model, StateSpace):
        for name, value in states.get("", {}).items():
            vars(bound)[name] = brainstate.HiddenState(with_unit(value, model.unit_of(model.declared[name])))
    for name, value in values.items():
        if name in vars(bound) and name != "noise":
            old = vars(bound)[name].value()
            unit = model.unit_of(model.declared[name]) if name in model.declared else UNITLESS
            same = u.Quantity(value, unit).to(old.unit) if isinstance(old, u.Quantity) else value
            vars(bound)[name] = as_const(same)
    return bound

"""Observables: names, dotted paths, callables; and lists and dicts of these and of monitors."""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.monitors import Afferent, Monitor, Signal
from brainmass.names import Names, is_storable, meant
from brainmass.network import Network, States, bind, processes
from brainmass.numerics import fingerprint
from brainmass.state_space import Input, Output, Parameter, StateSpace, Values, Variable, turn_of
from brainmass.units import UNITLESS, describe, float_dtype, is_concrete, with_unit

RESERVED = ("ts", "time", "batch", "region", "other_region")
AFFERENT, INPUTS = "afferent", "inputs"
"""Where the states of a step keep what entered it, if that is recorded."""


class Observable(NamedTuple):
    """One recorded thing: a Variable or Output of a process, an afferent current, or a callable of the model."""

    path: str
    name: str
    read: Any
    needs: str = ""  # AFFERENT or INPUTS, of the node, beside the states

    @property
    def title(self) -> str:
        """What is recorded, for messages."""
        return self.name if self.path in ("", "node") else f"{self.path}.{self.name}"

    def key(self, model: StateSpace | Network, values: Values) -> Hashable:
        """What a compiled program depends on: the names, or what the callable computes now."""
        if self.read is None:
            return self.path, self.name
        states, present = _abstract(model, values)

        def one(s: States, v: Values) -> Any:
            return _readable(self.read(bind(model, s, v)))

        return fingerprint(self.read, lambda: jax.make_jaxpr(one, return_shape=True)(states, present))

    def read_window(self, model: StateSpace | Network, states: States, values: Values, p: dict[str, Values]) -> Any:
        """Its values (step, *shape, simulation), with units, from the states of a block of steps.

        ``states`` holds arrays (step, *in_size, simulation), ``p`` parameters broadcast to (*in_size, simulation), and
        ``values`` those that the run varies, (*shape, simulation).
        """
        if self.path == AFFERENT:
            return with_unit(states[AFFERENT][self.name], _standing(model, self)[1])
        if self.read is None:
            entered = states.get(INPUTS) if self.needs else None
            bare = processes(model)[self.path].bare_read(self.name, states[self.path], p[self.path], entered)
            return with_unit(bare, _standing(model, self)[1])

        def one(s: States, v: Values) -> Any:
            return _readable(self.read(bind(model, s, v)))

        return jax.vmap(jax.vmap(one, in_axes=-1, out_axes=-1), in_axes=(0, None))(states, values)


def signal_of(model: StateSpace | Network, what: Observable, values: Values, dt: float) -> Signal:
    """What is known of an observable before a run.

    Raises
    ------
    TypeError
        A callable that gives more than one array, or complex numbers.
    """
    if what.read is None:
        return Signal(*_standing(model, what), dt, period=period_of(model, what, values))
    found = jax.eval_shape(lambda s, v: _readable(what.read(bind(model, s, v))), *_abstract(model, values))
    if not isinstance(found, u.Quantity | jax.ShapeDtypeStruct):
        raise TypeError("monitors: a monitor takes a callable that returns one array or Quantity.")
    if jnp.issubdtype(found.dtype, jnp.complexfloating):
        raise TypeError("monitors: a monitor takes real numbers; let the callable return a real part or a modulus.")
    unit = u.get_unit(found) if isinstance(found, u.Quantity) else UNITLESS
    return Signal(tuple(found.shape), unit, dt, period=period_of(model, what, values))


def _standing(model: StateSpace | Network, what: Observable) -> tuple[tuple[int, ...], u.Unit]:
    """The shape and unit of what has a name."""
    process = model.node if isinstance(model, Network) and what.path == AFFERENT else processes(model)[what.path]
    return process.varshape, process.unit_of(process.declared[what.name])


def period_of(model: StateSpace | Network, what: Observable, values: Values) -> float | None:
    """After how much it starts anew, as `turn_of` says; None of a tree of arrays, and of complex numbers."""
    if what.path == AFFERENT:
        return None
    if what.read is None:
        return processes(model)[what.path].period_of(what.name)
    phases = {(path, n): turn for path, q in processes(model).items() for n, turn in _phases(q).items()}
    shapes, present = _abstract(model, values)

    def read(at: dict[Any, float], level: float) -> Any:
        """With the phases of every or of every second region there, for what is made of several jumps by less."""
        states = {path: {n: jnp.full(x.shape, 0.3 * level) for n, x in own.items()} for path, own in shapes.items()}
        for (path, name, every), x in at.items():
            states[path][name] = states[path][name].at[::every].set(x)
        given = {path: jnp.full(x.shape, level) for path, x in present.items()}
        found = jax.tree.leaves(_readable(what.read(bind(model, states, given))))
        return found[0] if len(found) == 1 and is_concrete(found[0]) and np.isrealobj(found[0]) else 0.0

    return turn_of(read, {(*place, every): period for place, period in phases.items() for every in (1, 2)})


def _phases(process: StateSpace) -> dict[str, float]:
    return {n: float(d.period) for n, d in process.declarations(Variable).items() if d.period is not None}


def numbers_of(model: StateSpace | Network, what: Observable, values: Values) -> int:
    """How many numbers an observable has at one step."""
    return sum(int(np.prod(x.shape)) for x in _arrays_of(model, what, values))


def bytes_of(model: StateSpace | Network, what: Observable, values: Values) -> int:
    """How many bytes an observable has at one step."""
    return sum(int(np.prod(x.shape)) * x.dtype.itemsize for x in _arrays_of(model, what, values))


def _arrays_of(model: StateSpace | Network, what: Observable, values: Values) -> list[jax.ShapeDtypeStruct]:
    """The shapes and dtypes of what an observable has at one step."""
    if what.read is None:
        return [jax.ShapeDtypeStruct(_standing(model, what)[0], float_dtype())]
    found = jax.eval_shape(lambda s, v: _readable(what.read(bind(model, s, v))), *_abstract(model, values))
    return jax.tree.leaves(found)


def _abstract(model: StateSpace | Network, values: Values) -> tuple[States, Values]:
    """The shapes of the states and values of one simulation."""
    states = {
        path: {n: jax.ShapeDtypeStruct(q.varshape, float_dtype()) for n in q.declarations(Variable)}
        for path, q in processes(model).items()
    }
    return states, {path: jax.ShapeDtypeStruct(np.shape(v), float_dtype()) for path, v in values.items()}


def resolve_monitors(model: StateSpace | Network, monitors: Any) -> dict[str, Any]:
    """The observables and monitors by result name: one → "output", a list → each under its name, a dict → its keys.

    Raises
    ------
    ValueError
        An unknown or ambiguous name, or the key "ts".
    TypeError
        Neither a name, a callable, nor a list or dict of these.
    """
    if monitors is None:
        node = model.node if isinstance(model, Network) else model
        monitors = node.primary
    pairs = named_monitors(monitors) or {}
    for what in pairs.values():
        if isinstance(what, Monitor):
            what.check_names(_regions(model))
    return {str(key): what if isinstance(what, Monitor) else observable(model, what) for key, what in pairs.items()}


def _regions(model: StateSpace | Network) -> dict[str, Names | None]:
    """What the regions of a model are called, by what says so."""
    if isinstance(model, Network):
        return {"the labels of the Network": model.regions}
    parts = (model, *model.attached().values())
    return {f"{type(part).__name__}: {n}": at for part in parts for n, at in vars(part).get("region_names", {}).items()}


def named_monitors(monitors: Any) -> dict[str, Any] | None:
    """What to record by result name, not resolved yet.

    Raises
    ------
    ValueError, TypeError
        Nothing, the name "ts", or a callable in a list.
    """
    if monitors is None:
        return None
    if isinstance(monitors, dict):
        pairs = monitors
    elif isinstance(monitors, list | tuple):
        unnamed = [m for m in monitors if not isinstance(m, str)]
        if unnamed:
            raise TypeError(
                f"monitors holds {describe(unnamed[0])} in a list; a list takes names, a dict callables and monitors."
            )
        pairs = {m: m for m in monitors}
    else:
        pairs = {"output": monitors}
    if not pairs:
        raise ValueError("monitors is empty; name what to record, or leave it out for the primary variable.")
    for name in [monitors] if isinstance(monitors, str) else pairs:
        if isinstance(name, str) and name in RESERVED:
            raise ValueError(f'monitors names "{name}", which is an axis of every result; choose another name.')
        if not isinstance(monitors, str) and not is_storable(name):
            raise ValueError(
                f'monitors has the name {name!r}; give a text of printed signs without a slash, and not ".".'
            )
    return dict(pairs)


def check_names(names: Iterable[str], coordinates: Iterable[str]) -> None:
    """Refuse, with a ValueError, a monitor that has the name of a coordinate of the same result."""
    taken = sorted(set(names).intersection(coordinates))
    if taken:
        raise ValueError(
            f'monitors names "{taken[0]}", and the result of this run has a coordinate of that name; choose another.'
        )


def _readable(value: Any) -> Any:
    leaves = jax.tree.leaves(value, is_leaf=lambda x: isinstance(x, u.Quantity | brainstate.State))
    bad = [x for x in leaves if not _is_numeric(x)]
    if bad or not leaves:
        came = describe(bad[0]) if bad else "None or nothing"
        raise TypeError(
            f"monitors: a callable returned {came}; return an array or Quantity, for example m.node.x.value."
        )
    return value


def _is_numeric(x: Any) -> bool:
    if isinstance(x, jax.Array) and jnp.issubdtype(x.dtype, jax.dtypes.prng_key):
        return False
    return isinstance(x, u.Quantity | jax.Array | np.ndarray | np.generic | float | int)


def observable(model: StateSpace | Network, what: Any, label: str = "monitors") -> Observable:
    """A name, a dotted path or a callable of the model, found in it; messages begin with the ``label``."""
    if isinstance(what, Afferent):
        return _afferent(model, what)
    if isinstance(what, type):
        raise TypeError(f"{label}={what.__name__} is a class; make one of it, as {what.__name__}(...).")
    if callable(what):
        return Observable("", "", what)
    if not isinstance(what, str):
        raise TypeError(
            f"{label}={describe(what)} must be a name, a callable of the model, a monitor, or a list or dict of these."
        )
    found = processes(model)
    path, _, name = what.rpartition(".")
    if isinstance(model, Network) and not path:
        path = "node"
    kind = found[path].declared.get(name) if path in found else None
    if isinstance(kind, Variable | Output):
        under_inputs = isinstance(kind, Output) and kind.takes_inputs
        return Observable(path, name, None, INPUTS if under_inputs else "")
    if isinstance(kind, Parameter | Input):
        raise ValueError(
            f"{label}={what!r} names the {type(kind).__name__.lower()} {name}, which a run does not record."
        )
    known = [n for p, process in found.items() for n in _names(p, process)]
    near = meant(what, known)
    raise ValueError(f"{label}={what!r} is unknown{near}; use one of {', '.join(known)}, or a callable of the model.")


def _afferent(model: StateSpace | Network, what: Afferent) -> Observable:
    if not isinstance(model, Network):
        raise TypeError(f"Afferent needs a Network; a {type(model).__name__} receives nothing.")
    targets = list(dict.fromkeys(model.links.values()))
    if what.target not in (None, *targets):
        raise ValueError(f"Afferent: target={what.target!r} receives no coupling; use one of {', '.join(targets)}.")
    if what.target is None and len(targets) > 1:
        raise ValueError(f"Afferent: say which of {', '.join(targets)} it is.")
    return Observable(AFFERENT, what.target or targets[0], None, AFFERENT)


def _names(path: str, process: StateSpace) -> list[str]:
    names = process.declarations(Variable) | process.declarations(Output)
    return [n if path in ("", "node") else f"{path}.{n}" for n in names]


def strip(tree: Any) -> Any:
    """The bare arrays of a tree, in their units."""
    is_leaf = lambda x: isinstance(x, u.Quantity)  # noqa: E731
    return jax.tree.map(lambda x: x.mantissa if is_leaf(x) else x, tree, is_leaf=is_leaf)

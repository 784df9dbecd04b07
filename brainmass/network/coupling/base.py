"""What every coupling is: parameters, and the two functions around a weighted sum.

Delay belongs to the source: a coupling gets current or delayed values and cannot tell which.
"""

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Module, Param

from brainmass.display import Card
from brainmass.names import bind_arguments
from brainmass.numerics import as_weights
from brainmass.state_space import Declaration, Declared, Parameter, Symbol, argument, coupling_card
from brainmass.units import describe, numbers, unit_of, with_mask, with_unit

SOURCE = Symbol("unit of the coupled variable")
TARGET = Symbol("unit of the target input")
GAIN = Symbol("unit of the target input per unit of the coupled variable")


class Coupling(Declared, Module):
    """``post(Σ_j w_ij pre(x_j, p), x_i, p)``, the current into region i.

    Give it to a `Network`, by itself or as a subclass with parameters of its own.

    A parameter is one number, one for each region, or, where only ``pre`` uses it, one for each edge,
    ``(target, source)``; each edge then passes what it reads through ``pre`` by itself, which costs more. ``pre`` must
    be finite for the values of edges without weight, too.

    Parameters
    ----------
    pre : callable, optional
        ``pre(x, p)`` of the (delayed) source; the source itself if not given. It may return a tuple, each part of
        which is summed by itself.
    post : callable, optional
        ``post(total, x, p)`` of the weighted sum (or the tuple of sums) and the target's own current value;
        ``p.k * total`` if not given.
        ``p`` holds the parameters and ``p.strength``, the sum of the weights onto each target.
    k : float
        Global coupling strength, in (unit of the target input)/(unit of the coupled variable).

    Raises
    ------
    ValueError
        A value of another shape or unit, or one for each edge that ``post`` uses.
    """

    x: Any
    y: Any
    conn: Any
    signals: ClassVar[tuple[str, ...]] = ("pre", "post")
    k = Parameter(1.0, GAIN, "global coupling strength", bounds=(0, 2))
    __signature__: ClassVar[inspect.Signature]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind_arguments(type(self).__name__, type(self).__signature__, args, kwargs)
        super().__init__()
        self.size: int | None = None
        for name in type(self).signals:
            if name != "conn" and given[name] is not None and not callable(given[name]):
                raise TypeError(
                    f"{type(self).__name__}: {name}={describe(given[name])} must be callable: a Prefetch or a function."
                )
            vars(self)[name] = given[name]
        if given.get("conn") is not None:
            vars(self)["conn"] = self._checked_conn(given)
        for name, declaration in self.declarations(Parameter).items():
            self.set_parameter(declaration, given[name])
        self._complete = True

    def _checked_conn(self, given: dict[str, Any]) -> Any:
        """The weights of a coupling that is wired by hand, as `update` takes them."""
        conn, label = given["conn"], f"{type(self).__name__}: conn"
        if given["x"] is None:
            raise TypeError(f"{label} came without x; give both, or neither to a coupling for a Network.")
        weights = numbers(as_weights(conn.value() if isinstance(conn, Param) else conn), u.UNITLESS, label)
        if np.ndim(weights) != 2 or not np.size(weights):
            raise ValueError(f"{label} has the shape {np.shape(weights)}; it must be (target, source).")
        return conn if isinstance(conn, Param) else weights

    def card(self) -> Card:
        return coupling_card(self)

    def resolve_units(self, source: u.Unit, target: u.Unit, size: int) -> None:
        """Resolve the units of the parameters, and check the given values again in their light."""
        vars(self)["symbols"] = {SOURCE.meaning: source, TARGET.meaning: target, GAIN.meaning: target / source}
        vars(self)["size"] = size
        for name, declaration in self.declarations(Parameter).items():
            self.set_parameter(declaration, vars(self)[name].value())

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        # before a network says what the units and the size are, there is nothing to check against
        if self.size is None:
            label = f"{type(self).__name__}: {declaration.name}"
            numbers(value, unit_of(value), label)
            self._note_names(declaration.name, value, label)
            return value
        shape, edges = np.shape(magnitude(value)), (self.size, self.size)
        if len(shape) == 2 and shape != edges:
            raise ValueError(
                f"{type(self).__name__}: {declaration.name} has the shape {shape}; it must be one number, "
                f"({self.size},) for regions, or {edges} for edges."
            )
        if shape != edges:
            return super()._checked(declaration, value)
        if self._at_target(declaration.name):
            raise ValueError(
                f"{type(self).__name__}: {declaration.name} belongs to the target, so it is one number or "
                f"{self.size} of them; only what sources pass through differs by edge: scale the weights instead."
            )
        bare = numbers(value, self.unit_of(declaration), f"{type(self).__name__}: {declaration.name}")
        return with_unit(bare, self.unit_of(declaration)) if isinstance(value, u.Quantity) else bare

    def as_arguments(self) -> dict[str, Any]:
        """As it was made; of one that a Network has wired without ``k``, which the Network has."""
        values, wired = self.as_given(), self.size is not None
        signals = {n: vars(self)[n] for n in type(self).signals if n != "conn"}
        if not wired and "conn" in vars(self):
            signals["conn"] = self.conn
        return signals | {n: value for n, value in values.items() if not (wired and n == "k")}

    def _at_target(self, name: str) -> bool:
        """Whether ``post`` uses a parameter."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 1.0), strength=1.0)
        sent = self.source(jnp.zeros(1), p)
        delattr(p, name)
        try:
            self.current(sent, jnp.zeros(1), p)
        except AttributeError:
            return True
        return False

    def parameter_shape(self, declaration: Declaration) -> tuple[int, ...]:
        return () if self.size is None else (self.size,)

    @property
    def per_edge(self) -> tuple[str, ...]:
        """The parameters with a value for each edge, (target, source)."""
        return tuple(n for n in self.declarations(Parameter) if np.ndim(magnitude(vars(self)[n].value())) == 2)

    def set_parameter(self, declaration: Parameter, value: Any) -> None:
        held, value = vars(self).get(declaration.name), with_mask(value)
        if self._complete and self.size is not None and held is not None:
            given = value.value() if isinstance(value, Param) else value
            if (np.ndim(magnitude(held.value())) == 2) != (np.ndim(magnitude(given)) == 2):
                raise ValueError(
                    f"{type(self).__name__}: {declaration.name} changes between values of regions and of edges, so the "
                    "history of what was sent would not fit; make a new Network."
                )
        super().set_parameter(declaration, value)

    @property
    def sends_several(self) -> bool:
        """Whether ``pre`` returns a tuple."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 1.0), strength=1.0)
        return isinstance(self.source(jnp.zeros(1), p), tuple)

    def is_periodic(self, period: float) -> bool:
        """Whether what is sent is the same after a turn of the source, and what is received after one of the target."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 0.7), strength=1.3)
        phases = jnp.linspace(-0.5, 0.5, 16) * period
        total = jax.tree.map(lambda x: x + 0.3 * jnp.ptp(x), self.source(phases[::-1], p))
        return all(
            _is_same_after(f, phases, period)
            for f in (lambda x: self.source(x, p), lambda x: self.current(total, x, p))
        )

    def source(self, x: Any, p: Any) -> Any:
        pre = vars(self).get("pre")
        return pre(x, p) if pre else type(self).pre(x, p)

    def current(self, total: Any, x: Any, p: Any) -> Any:
        post = vars(self).get("post")
        return post(total, x, p) if post else type(self).post(total, x, p)

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return x

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * total

    def update(self) -> Any:
        """The current from the signals ``x`` (delayed sources, ``(..., target, source)``), ``y`` and ``conn``."""
        if vars(self).get("conn") is None:
            raise ValueError(
                f"{type(self).__name__} has no conn: give x and conn, or pass it to a Network as coupling=."
            )
        conn = self.conn.value() if isinstance(self.conn, Param) else self.conn
        y = _signal(self.y) if vars(self).get("y") is not None else 0.0
        values = {n: vars(self)[n].value() for n in self.declarations(Parameter)}
        return applied(type(self), _signal(self.x), y, conn, values)


def _is_same_after(f: Callable, x: Any, period: float) -> bool:
    """Whether ``f`` has the period, measured by what it varies within one."""
    pairs = zip(jax.tree.leaves(f(x)), jax.tree.leaves(f(x + period)), strict=True)
    return all(bool(jnp.abs(here - there).max() <= 1e-3 * jnp.ptp(here)) for here, there in pairs)


def _signature(cls: type[Coupling]) -> inspect.Signature:
    parameters = [argument(name, None) for name in cls.signals]
    return inspect.Signature(parameters + [argument(n, d.default) for n, d in cls.declarations(Parameter).items()])


Coupling.__signature__ = _signature(Coupling)


def _signal(given: Any) -> Any:
    if given is None or not callable(given):
        raise TypeError(f"the signal {given!r} must be callable: a brainstate Prefetch or a function that returns it.")
    return given()


def applied(rule: type[Coupling], x: Any, y: Any, conn: Any, values: dict[str, Any]) -> Any:
    if np.ndim(conn) != 2:
        raise ValueError(f"conn has the shape {np.shape(conn)}; it must be (target, source).")
    x = x.reshape(*x.shape[:-1], *conn.shape) if x.shape[-1] == conn.size and x.shape[-2:] != conn.shape else x
    if x.shape[-2:] != conn.shape:
        raise ValueError(f"x has the shape {x.shape}; its last axes must be {conn.shape}, those of conn.")
    p = SimpleNamespace(**values, strength=conn.sum(-1))
    sent = rule.pre(x, p)
    total = tuple((conn * one).sum(-1) for one in sent) if isinstance(sent, tuple) else (conn * sent).sum(-1)
    return rule.post(total, y, p)


def magnitude(value: Any) -> Any:
    return value.mantissa if isinstance(value, u.Quantity) else value

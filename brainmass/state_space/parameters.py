"""The class that keeps the values of declared parameters, and how they are held, copied and pickled."""

import copyreg
import inspect
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import brainstate
import brainunit as u
import jax
import numpy as np
from brainstate.nn import Const, IdentityT, Param

from brainmass.display import WithCard
from brainmass.names import Names, agreed, meant, names_along
from brainmass.spec import by_constructor, is_default, is_number
from brainmass.state_space.declarations import Declaration, Delayed, Parameter, Symbol, Variable
from brainmass.state_space.lookup_tables import Table
from brainmass.state_space.sensible_values import check_plausible
from brainmass.units import UNITLESS, describe, is_concrete, mantissa, numbers, with_unit


def as_const(value: Any) -> Param:
    """A brainstate ``Const`` of ``value``, which keeps its full precision (brainstate would cast it)."""
    param = Const(0.0)
    param.val = value
    return param


def is_plain(param: Param) -> bool:
    """Whether it is its value alone, as those are that `as_const` makes."""
    return isinstance(param, Const) and param.reg is None and param.precompute is None and type(param.t) is IdentityT


def refuse_traced(held: Any, value: Any, label: str) -> None:
    """Refuse, with a ValueError, to put what JAX traces into a model that outlives the trace."""
    if is_concrete(u.get_mantissa(held)) and not is_concrete(u.get_mantissa(value)):
        raise ValueError(
            f"{label} would hold {describe(value)} after the trace that it belongs to has ended; pass it as "
            "values={...} to run, or to Simulator.function with vary=[...]."
        )


class Declared(WithCard):
    """Keeps the values of declared parameters; a mixin of brainstate modules."""

    declared: ClassVar[dict[str, Any]] = {}
    symbols: dict[str, u.Unit]
    _complete: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: d for name, d in vars(cls).items() if isinstance(d, Declaration)}
        inherited = {n: d for base in reversed(cls.__mro__[1:]) for n, d in getattr(base, "declared", {}).items()}
        cls.declared = {**inherited, **own}

    @classmethod
    def declarations(cls, kind: type) -> dict[str, Any]:
        return {name: d for name, d in cls.declared.items() if isinstance(d, kind)}

    def unit_of(self, declaration: Declaration) -> Any:
        """The declared unit, with a symbol replaced by what it stands for here (1 while that is open)."""
        unit = self.declared[declaration.of].unit if isinstance(declaration, Delayed) else declaration.unit
        return vars(self).get("symbols", {}).get(unit.meaning, UNITLESS) if isinstance(unit, Symbol) else unit

    def parameter_shape(self, declaration: Declaration) -> tuple[int, ...]:
        """The largest shape that the parameter may have."""
        raise NotImplementedError

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        unit, label = self.unit_of(declaration), f"{type(self).__name__}: {declaration.name}"
        number = numbers(value, unit, label)
        shape = self.parameter_shape(declaration)
        try:
            fits = np.broadcast_shapes(np.shape(number), shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{label} has the shape {np.shape(number)}; it must be one number or broadcast to {shape}."
            )
        self._note_names(declaration.name, value, label)
        self.check_value(declaration, number, label, bare=not isinstance(value, u.Quantity))
        return with_unit(number, unit) if isinstance(value, u.Quantity) else number

    def check_value(self, declaration: Declaration, number: Any, label: str, *, bare: bool) -> None:
        """Refuse, with a ValueError, numbers in the declared unit that cannot be; ``bare`` if they came without it."""
        if bare:
            check_plausible(number, declaration, self.unit_of(declaration), label)

    def _note_names(self, name: str, value: Any, label: str) -> None:
        """Keep the names of the regions that values came with; all that have names must have the same."""
        known, held = vars(self).setdefault("region_names", {}), vars(self).get(name)
        if isinstance(held, Param) and held.value() is value:  # checked again, in the unit that is known now
            return
        known.pop(name, None)
        self._keep_names(name, names_along(value, -1), label)

    def _keep_names(self, name: str, names: Names | None, label: str) -> None:
        if names is not None:
            known = vars(self).setdefault("region_names", {})
            agreed({label: names, **{f"{type(self).__name__}: {other}": others for other, others in known.items()}})
            known[name] = names

    def set_parameter(self, declaration: Parameter, value: Any) -> None:
        """Check a value and hold it; a value that is held already is written in place."""
        name, held = declaration.name, vars(self).get(declaration.name)
        if self._complete and held is not None and (isinstance(value, Param) or not held.fit):
            new = value.value() if isinstance(value, Param) else value
            refuse_traced(held.value(), new, f"{type(self).__name__}: {name}")
        if value is None and declaration.default is None:
            vars(self)[name] = None
        elif isinstance(value, Param):
            self._checked(declaration, value.value())
            vars(self)[name] = value
        elif held is None:
            vars(self)[name] = as_const(self._checked(declaration, value))
        elif isinstance(held, Const):
            held.set_value(self._checked(declaration, value))
        else:  # a trainable Param keeps the form, bare or Quantity, that its ParamState was made with
            unit = self.unit_of(declaration)
            number = mantissa(self._checked(declaration, value), unit, name)
            held.set_value(with_unit(number, unit) if isinstance(held.value(), u.Quantity) else number)

    def __setattr__(self, name: str, value: Any) -> None:
        if vars(self).get("_complete") and not name.startswith("_") and name not in self.settable():
            kind, known = type(self).__name__, name in vars(self) or hasattr(type(self), name)
            near = meant(name, self.settable())
            reason = f"is settled at construction; make a new {kind}" if known else f"does not exist{near}"
            raise AttributeError(f"{kind}.{name} {reason}; what can be set is {', '.join(self.settable())}.")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return super().__repr__() if self._complete else f"{type(self).__name__} under construction"

    def settable(self) -> list[str]:
        """The names that may be assigned after construction."""
        return [name for name, d in self.declared.items() if isinstance(d, Parameter | Variable)]

    @classmethod
    def argument_declarations(cls) -> dict[str, Declaration]:
        """The declaration behind each argument of the constructor that has one."""
        return cls.declarations(Parameter)

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return by_constructor(self)

    def as_given(self) -> dict[str, Any]:
        """The values of the declared parameters with their units, where they differ from the defaults."""
        held = {n: (d, self.given(n)) for n, d in self.declarations(Parameter).items() if vars(self)[n] is not None}
        return {n: value for n, (d, value) in held.items() if not self.is_default(d, value)}

    def given(self, name: str) -> Any:
        """The value of a declared parameter, a Quantity where it has a unit; a Param that is more than its value."""
        held = vars(self)[name]
        return self.in_unit(self.declared[name], held.value()) if is_plain(held) else held

    def in_unit(self, declaration: Declaration, value: Any) -> Any:
        """A value of a declaration as a Quantity, where it is a number of something that has a unit."""
        bare = isinstance(value, int | float | np.ndarray | jax.Array)
        return with_unit(value, self.unit_of(declaration)) if bare else value

    def is_default(self, declaration: Any, value: Any) -> bool:
        """Whether a value is the number that is declared."""
        unit = self.unit_of(declaration)
        default = declaration.value if isinstance(declaration, Variable) else declaration.default
        numbers = is_number(default) and isinstance(value, int | float | np.ndarray | jax.Array | u.Quantity)
        fits = numbers and all(not isinstance(x, u.Quantity) or x.unit.dim == unit.dim for x in (default, value))
        return fits and is_default(value, default, unit)

    def __deepcopy__(self, memo: dict) -> Any:
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        vars(twin).update(deepcopy(vars(self), memo))
        return twin

    def bare(self, name: str) -> Any:
        """The value of a parameter as a bare array in its declared unit."""
        return mantissa(vars(self)[name].value(), self.unit_of(self.declared[name]), name)

    def namespace(self, values: dict[str, Any]) -> SimpleNamespace:
        """Bare values by declared name, with their units, and the tables: what a drift sees."""
        named = {n: with_unit(v, self.unit_of(self.declared[n])) for n, v in values.items()}
        return SimpleNamespace(**self.declarations(Table), **named)


def argument(name: str, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _rebuild_param(kind: type, fit: bool, transform: Any, reg: Any, precompute: Any, value: Any) -> Param:
    if not fit:
        param = Const(0.0)
        param.t, param.reg, param.precompute, param.val = transform, reg, precompute, value
        return param
    param = Param(0.0, t=transform, reg=reg, precompute=precompute, fit=True)
    cast("Any", param.val).value = value
    return param


def _reduce_param(param: Param) -> tuple:
    stored = cast("Any", param.val).value if param.fit else param.val
    return _rebuild_param, (type(param), param.fit, param.t, param.reg, param.precompute, jax.device_get(stored))


def _reduce_state(state: Any) -> tuple:
    return type(state), (jax.device_get(state.value),)


# brainstate's Param holds a lock and its State a weak reference, so neither pickles by itself.
for _kind in (Param, Const):
    copyreg.pickle(_kind, _reduce_param)
for _kind in (brainstate.HiddenState, brainstate.ShortTermState, brainstate.ParamState):
    copyreg.pickle(_kind, _reduce_state)

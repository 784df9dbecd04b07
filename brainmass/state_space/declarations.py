"""What a model says about itself: Parameter, Variable, Input, Delayed, Table, Output."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.spec import WithArguments
from brainmass.units import (
    UNITLESS,
    checked_function,
    checked_switch,
    describe,
    float_dtype,
    is_concrete,
    mantissa,
    numbers,
    one_number,
    unit_of,
    with_unit,
)


@dataclass(frozen=True)
class Symbol:
    """A unit that is known only in context, for example "the unit of sigma" or "target per source"."""

    meaning: str


class Declaration:
    """One named line of a model definition."""

    name: str = ""
    unit: Any

    def __init__(self, unit: Any = UNITLESS, doc: str = ""):
        if not isinstance(unit, u.Unit | Symbol):
            raise TypeError(f"{type(self).__name__}: unit={describe(unit)} must be a unit, as u.mV or u.ms**-1.")
        if not isinstance(doc, str):
            raise TypeError(f"{type(self).__name__}: doc={describe(doc)} must be a text, what it means.")
        self.unit, self.doc = unit, doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Parameter(Declaration):
    """A parameter: default, unit, meaning, and the range that sweeps and plots use.

    Reading ``model.a`` gives the brainstate ``Param`` that holds the value; ``model.a = 0.3`` checks unit and shape and
    writes into it.
    """

    def __init__(self, default: Any, unit: Any = UNITLESS, doc: str = "", *, bounds: tuple[float, float] | None = None):
        super().__init__(unit, doc)
        if default is not None:
            one_number(default, unit_of(default) if isinstance(unit, Symbol) else unit, "Parameter: default")
        self.default, self.bounds = default, _checked_range(bounds, "Parameter: bounds")

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        if self.name not in vars(owner):
            raise AttributeError(f"{type(owner).__name__}.{self.name} has no value yet.")
        return vars(owner)[self.name]

    def __set__(self, owner: Any, value: Any) -> None:
        owner.set_parameter(self, value)


class Variable(Declaration):
    """A state variable: initial value (number, array, Quantity, callable, or `Law`), unit, meaning.

    A callable gets the shape and, where it takes one, the random generator ``rng`` of the run; it may draw from that
    or from ``brainstate.random``. Numbers from anywhere else would be the same in every run and simulation.

    Parameters
    ----------
    init : str, optional
        Name of the constructor argument, where it is not ``init_<name>``.
    bounds : tuple, optional
        The variable is clamped to these after each step.
    span : tuple, optional
        Where plots and samples look; no effect on a run.
    period : float, optional
        It is a phase that starts anew after so much: kept between −period/2 and period/2, so that it is as exact after
        hours as in the first second.
    slow : bool
        A step may move it by less than a number of single precision can tell: what rounding leaves is kept and added
        later. It costs a small network up to a quarter of its time. A phase always is.
    noise : str, optional
        Name of the constructor argument that adds noise to its derivative, where it is not ``noise_<name>``.
    """

    def __init__(
        self,
        value: Any,
        unit: Any = UNITLESS,
        doc: str = "",
        *,
        init: str | None = None,
        bounds: tuple[float, float] | None = None,
        span: tuple[float, float] | None = None,
        period: float | None = None,
        slow: bool = False,
        noise: str | None = None,
    ):
        super().__init__(unit, doc)
        if not isinstance(value, Law) and (isinstance(value, type) or not callable(value)):
            numbers(value, unit_of(value) if isinstance(unit, Symbol) else unit, "Variable: value")
        _checked_argument(init, "Variable: init", "; the initial value comes first")
        _checked_argument(noise, "Variable: noise")
        checked_switch(slow, "Variable: slow")
        bounds, span = _checked_range(bounds, "Variable: bounds"), _checked_range(span, "Variable: span")
        is_number = isinstance(period, int | float) and not isinstance(period, bool)
        if period is not None and not (is_number and 0 < period < np.inf):
            raise ValueError(f"Variable: period={describe(period)} must be a positive number, for example 2 * math.pi.")
        if period is not None and bounds is not None:
            raise ValueError(f"Variable: bounds={bounds} came with a period; a phase has no bounds.")
        self.value, self.bounds, self.span, self._argument = value, bounds, span, init
        self.period, self.keeps_rest, self._noise = period, slow or period is not None, noise

    @property
    def argument(self) -> str:
        return self._argument or f"init_{self.name}"

    @property
    def noise_argument(self) -> str:
        return self._noise or f"noise_{self.name}"

    @property
    def rest(self) -> str:
        """The name of what rounding left of it."""
        return f"{self.name} (rest)"  # no name that could be declared

    def check_within(self, bare: Any, label: str) -> None:
        """Refuse, with a ValueError, values outside of the bounds in which the steps of a run keep it."""
        if self.bounds is None or not is_concrete(bare):
            return
        (low, high), values = self.bounds, np.asarray(bare)
        if not ((values >= low) & (values <= high)).all():
            span = f"{low:g} or more" if high == np.inf else f"between {low:g} and {high:g}"
            raise ValueError(f"{label}={describe(bare)} must be {span}, where a step keeps {self.name}.")

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        if self.name not in vars(owner):
            raise AttributeError(
                f"{type(owner).__name__}.{self.name} has no value yet: "
                "call model.init_all_states(), or run a Simulator, first."
            )
        return vars(owner)[self.name]

    def __set__(self, owner: Any, value: Any) -> None:
        if isinstance(value, brainstate.State):
            vars(owner)[self.name] = value
        else:
            unit, state, label = owner.unit_of(self), self.__get__(owner), f"{type(owner).__name__}: {self.name}"
            number, shape = numbers(value, unit, label), np.shape(mantissa(state.value, unit, label))
            if np.shape(number) not in ((), owner.varshape, shape):
                raise ValueError(f"{label} has the shape {np.shape(number)}; it must be one number or {shape}.")
            try:
                state.value = with_unit(jnp.broadcast_to(jnp.asarray(number, float_dtype()), shape), unit)
            except brainstate.TraceContextError:
                raise ValueError(
                    f"{label} would hold {describe(value)} after the trace that it belongs to has ended; use "
                    f'brainstate.transform, or run with values={{"{self.argument}": ...}}.'
                ) from None
            if self.rest in vars(owner):
                rest = vars(owner)[self.rest]
                rest.value = rest.value * 0.0


class Input(Declaration):
    """A drive that enters the drift.

    Parameters
    ----------
    additive : bool
        It enters the derivatives linearly and outside every nonlinearity, so white noise may be attached.
    noise : str, optional
        Name of the constructor argument that attaches a noise, where it is not ``noise_<stem of the name>``.
    """

    def __init__(self, unit: Any = UNITLESS, doc: str = "", *, additive: bool = False, noise: str | None = None):
        super().__init__(unit, doc)
        self.additive = checked_switch(additive, "Input: additive")
        self._argument = _checked_argument(noise, "Input: noise")

    @property
    def argument(self) -> str:
        return self._argument or f"noise_{self.name.removesuffix('_inp')}"


class Added(Input):
    """What is added to the derivative of a Variable, ``add_<name>``: every Variable has one without declaring it.

    Where an additive Input has the noise argument of the Variable already, there is none.
    """

    def __init__(self, to: Variable):
        doc = f"added to the derivative of {to.name}"
        super().__init__(to.unit / u.ms, doc, additive=True, noise=to.noise_argument)
        self.to, self.name = to.name, f"add_{to.name}"


class Delayed(Declaration):
    """An own Variable as it was some time ago: ``s.<name>`` in a drift, held over the step.

    Before t = 0 it is the initial value. Without a past (in ``derivative`` and phase planes) it is the present value.

    Parameters
    ----------
    of : str
        The Variable.
    by : str
        The Parameter with the delay, in ms; rounded to the nearest step, so gradients with respect to it are zero.
    """

    def __init__(self, of: str, by: str, doc: str = ""):
        super().__init__(doc=doc)
        for argument, name, kind in (("of", of, "Variable"), ("by", by, "Parameter")):
            if not isinstance(name, str) or not name.isidentifier():
                raise TypeError(f"Delayed: {argument}={describe(name)} must be the name of a {kind}.")
        self.of, self.by = of, by


class Output(Declaration):
    """A quantity derived from the variables, ``read(s, p)``, that can be coupled, recorded and plotted.

    With ``read(s, p, inp)`` it depends on the Inputs, too: recorded are those of the step that ends at each time. It
    cannot be coupled, since a coupling is itself an Input.
    """

    def __init__(self, read: Callable[..., Any], unit: Any = UNITLESS, doc: str = ""):
        super().__init__(unit, doc)
        self.takes_inputs = _takes_inputs(read)
        self.read = checked_function(read, "Output: read", "(s, p, inp)" if self.takes_inputs else "(s, p)")

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        """``model.eeg()`` reads it from the current States; ``model.r1(coherence=0.1)`` under Inputs."""
        return self if owner is None else lambda **inputs: owner.read(self.name, **inputs)


class Law:
    """Random initial values that depend on the parameters: ``draw(p, xi)`` with ``xi`` standard normal."""

    def __init__(self, draw: Callable[[Any, Any], Any]):
        self.draw = checked_function(draw, "Law: draw", "(p, xi)")

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return dict(draw=self.draw)


class Uniform(WithArguments):
    """Random initial values between two limits: numbers in the unit of the Variable, or Quantities.

    Those of braintools do the same, and take half as long to import as all of this package.
    """

    def __init__(self, low: Any, high: Any):
        self.low, self.high = low, high

    def __call__(self, size: tuple[int, ...], rng: Any = brainstate.random) -> Any:
        unit = unit_of(self.low)
        ends = (numbers(end, unit, f"Uniform: {name}") for name, end in (("low", self.low), ("high", self.high)))
        return with_unit(rng.uniform(*ends, size), unit)


def _checked_range(given: Any, label: str) -> Any:
    """Two numbers, the smaller first, or None.

    Raises
    ------
    ValueError
        Anything else.
    """
    pair: Any = given if isinstance(given, list | tuple) else ()
    ordered = len(pair) == 2 and all(isinstance(end, int | float) and not isinstance(end, bool) for end in pair)
    if given is not None and not (ordered and pair[0] < pair[1]):
        raise ValueError(f"{label}={describe(given)} must be two numbers, the smaller first, or None.")
    return given


def _takes_inputs(read: Any) -> bool:
    return callable(read) and not isinstance(read, type) and len(inspect.signature(read).parameters) == 3


def _checked_argument(given: Any, label: str, note: str = "") -> Any:
    """A name that a constructor's argument can have, or None.

    Raises
    ------
    TypeError
        Anything else.
    """
    if given is not None and not (isinstance(given, str) and given.isidentifier()):
        raise TypeError(f"{label}={describe(given)} must be the name of an argument{note}.")
    return given

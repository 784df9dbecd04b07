"""What declarations and one ``drift`` become: a constructor, and pure functions of bare values."""

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar, cast

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Dynamics
from jax.extend.core import Literal

from brainmass.declarations import Added, Declaration, Delayed, Input, Law, Output, Parameter, Variable
from brainmass.declared import Declared, argument
from brainmass.functions import clamp
from brainmass.integrate import METHODS, Method
from brainmass.naming import bind_arguments, meant
from brainmass.units import (
    checked_function,
    checked_text,
    describe,
    float_dtype,
    is_concrete,
    is_count,
    mantissa,
    with_unit,
)

Values = dict[str, Any]


class Equations(Declared, Dynamics):
    """The declared side of a `StateSpace`: signature, checks, and pure functions of bare values (in declared units)."""

    primary: ClassVar[str] = ""
    """The Variable or Output that ``update`` returns and ``monitors=None`` records."""
    coupled: ClassVar[str] = ""
    """The Variable or Output that a Network couples by default, where it is not the primary one."""
    target: ClassVar[str] = ""
    """The Input that a coupling drives where it is not ``<coupled_var>_inp``."""
    coupling: ClassVar[str] = "diffusive"
    """The name of the coupling that a Network uses by default."""
    dt: ClassVar[float] = 0.1
    """A time step, in ms, that the default parameters bear."""
    default_method: ClassVar[str] = "heun"
    is_noise: ClassVar[bool] = False
    options: ClassVar[tuple[inspect.Parameter, ...]] = ()
    """Constructor arguments that are no declarations; `_open` gets them."""
    __signature__: ClassVar[inspect.Signature]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        variables, outputs = cls.declarations(Variable), cls.declarations(Output)
        cls.declared = _with_added(cls.declared, {} if cls.is_noise else variables)
        cls.primary = cls.primary or next(iter(outputs or variables), "")
        for name, d in cls.declarations(Delayed).items():
            delay = cls.declarations(Parameter).get(d.by)
            if d.of not in variables or delay is None or delay.unit != u.ms:
                raise ValueError(
                    f"{cls.__name__}: {name} = Delayed({d.of!r}, by={d.by!r}) takes a Variable and a Parameter in ms."
                )
        _check_arguments(cls)
        for name in variables:
            if f"d{name}" not in vars(cls):
                setattr(cls, f"d{name}", _own_slope(name))
        needed = [option for option in cls.options if option.default is option.empty]
        named = [d.argument for d in cls.declarations(Input).values() if not isinstance(d, Added)]
        cls.__signature__ = inspect.Signature(
            [argument("in_size"), *needed]
            + [argument(name, d.default) for name, d in cls.declarations(Parameter).items()]
            + [argument(name, None) for name in named]
            + [argument(d.argument, d.value) for d in variables.values()]
            + [argument(name, None) for name in cls.noise_arguments() if name not in named]
            + [option for option in cls.options if option not in needed]
            + [argument("method", cls.default_method), argument("name", None)]
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind_arguments(type(self).__name__, type(self).__signature__, args, kwargs)
        kind = type(self).__name__
        super().__init__(_checked_size(given["in_size"], kind), name=checked_text(given["name"], f"{kind}: name"))
        self.method = given["method"]
        if not isinstance(self.method, str) or self.method not in METHODS:
            came = f"{type(self).__name__}: method={describe(self.method)} is unknown{meant(self.method, METHODS)}"
            raise ValueError(f"{came}; use one of {', '.join(METHODS)}.")
        self._open(given)
        for name, declaration in self.declarations(Parameter).items():
            if given[name] is None and declaration.default is None:
                raise TypeError(f"{kind}: {name} must be given, for its default is None.")
            self.set_parameter(declaration, given[name])
        self.initial = {n: self._checked_initial(d, given[d.argument]) for n, d in self.declarations(Variable).items()}
        for name in self.noise_arguments():
            noise, label = given[name], f"{type(self).__name__}: {name}"
            if noise is not None and any(noise is other for other in self.attached().values()):
                raise ValueError(f"{label} is attached to another input; make one for each.")
            vars(self)[name] = noise
            if noise is not None:
                attach_noise(noise, self, self._input_for(name, noise), label)
        self._complete = True

    @classmethod
    def noise_arguments(cls) -> list[str]:
        """The names of the constructor arguments that attach a noise, each once."""
        return list(dict.fromkeys(d.argument for d in cls.declarations(Input).values()))

    def _input_for(self, noise_argument: str, noise: Any) -> Input:
        """The Input that a noise drives: of two with one argument, what is in a nonlinearity gives white noise away."""
        found = [d for d in self.declarations(Input).values() if d.argument == noise_argument]
        return found[-1] if getattr(noise, "is_white", False) else found[0]

    @classmethod
    def argument_declarations(cls) -> dict[str, Declaration]:
        """The declaration behind each argument of the constructor that has one."""
        variables = {d.argument: d for d in cls.declarations(Variable).values()}
        noises = {d.argument: d for d in list(cls.declarations(Input).values())[::-1]}
        return noises | cls.declarations(Parameter) | variables

    def as_arguments(self) -> Values:
        sizes = self.varshape
        variables = {d.argument: (d, self.initial[n]) for n, d in self.declarations(Variable).items()}
        initial = {n: (d, value) for n, (d, value) in variables.items() if value is not d.value}
        return dict(
            in_size=list(sizes) if len(sizes) > 1 else int(np.prod(sizes)),
            **self.option_values(),
            **self.as_given(),
            **{n: self.in_unit(d, value) for n, (d, value) in initial.items() if not self.is_default(d, value)},
            **{n: vars(self)[n] for n in self.noise_arguments()},
            method=self.method,
            name=self.name,
        )

    def option_values(self) -> Values:
        """The `options` that it was made with."""
        return {option.name: getattr(self, option.name) for option in self.options}

    def _open(self, given: Values) -> None:
        """Resolve options and symbolic units from the arguments; only noise has any."""

    def mix(self, normals: Any) -> Any:
        """Standard normals (..., *in_size, simulation) as this process uses them."""
        return normals

    @property
    def varshape(self) -> tuple[int, ...]:
        """The shape of a variable, that of the bank."""
        return cast("tuple[int, ...]", self.in_size)

    @property
    def integrator(self) -> Method:
        return METHODS[self.method]

    def parameter_shape(self, declaration: Declaration) -> tuple[int, ...]:
        return self.varshape

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        found = super()._checked(declaration, value)
        if isinstance(declaration, Parameter) and self.declared.get(declaration.name) is declaration:
            self._check_moves(declaration, found)
        return found

    def _check_moves(self, declaration: Parameter, value: Any) -> None:
        """Refuse zero, or the other sign than the usual values have, where the equations break at it."""
        bare, bounds = mantissa(value, self.unit_of(declaration), declaration.name), declaration.bounds
        if bounds is None or self.is_noise or not is_concrete(bare) or min(bounds) <= 0 <= max(bounds):
            return
        usual = np.sign(bounds[0])
        odd = np.asarray(bare)[np.sign(bare) != usual]
        if not odd.size:
            return
        numbers = {n: d.default for n, d in self.declarations(Parameter).items()}
        with jax.ensure_compile_time_eval():
            p = {n: jnp.asarray(mantissa(v, self.unit_of(self.declared[n]), n)) for n, v in numbers.items()}
            s = {n: jnp.full((1,), 0.5) for n in self.declarations(Variable)}
            slopes = self.bare_drift(s, p | {declaration.name: jnp.asarray(odd.flat[0])}, {})
        broken = next((n for n, slope in slopes.items() if not np.isfinite(slope).all()), None)
        if broken is not None:
            raise ValueError(
                f"{type(self).__name__}: {declaration.name}={odd.flat[0]:g} leaves the derivative of {broken} without "
                f"a value; give one as usual, {bounds[0]:g} to {bounds[1]:g}."
            )

    def _checked_initial(self, declaration: Variable, value: Any) -> Any:
        if isinstance(value, Law):
            return value
        if callable(value):
            return checked_function(value, f"{type(self).__name__}: {declaration.argument}", "(shape)")
        as_parameter = Parameter(None, declaration.unit)
        as_parameter.name = declaration.argument
        found = self._checked(as_parameter, value)
        declaration.check_within(u.get_mantissa(found), f"{type(self).__name__}: {declaration.argument}")
        return found

    def bare_parameters(self) -> Values:
        """The bare parameter values."""
        return {n: jnp.asarray(self.bare(n), float_dtype()) for n in self.declarations(Parameter)}

    # -- pure functions of bare values (declared units, time in ms) ---------------------------------------------------

    def bare_drift(self, s: Values, p: Values, inputs: Values) -> Values:
        """Derivatives per ms of bare variables, with every unit checked while tracing."""
        given = {n: inputs.get(n, 0.0) for n, d in self.declarations(Input).items() if not isinstance(d, Added)}
        past = {n: inputs.get(n, s[d.of]) for n, d in self.declarations(Delayed).items()}
        slopes = type(self).drift(self.namespace(s | past), self.namespace(p), self.namespace(given))
        if slopes.keys() != s.keys():
            wrong = ", ".join(sorted(slopes.keys() ^ s.keys()))
            raise ValueError(f"{type(self).__name__}: the drift and the Variables differ in {wrong}.")
        per_ms = {n: self.unit_of(self.declared[n]) / u.ms for n in s}
        bare = {n: mantissa(slope, per_ms[n], f"{type(self).__name__}: drift of {n}") for n, slope in slopes.items()}
        for name, d in self.declarations(Added).items():
            if name in inputs:
                bare[d.to] = bare[d.to] + inputs[name]
        return bare

    def bare_diffusion(self, s: Values, p: Values) -> Values:
        """Own white-noise amplitudes per √ms of bare variables."""
        amplitudes = type(self).diffusion(self.namespace(s), self.namespace(p))
        return {n: mantissa(a, self.unit_of(self.declared[n]) / u.ms**0.5, n) for n, a in amplitudes.items()}

    def bare_read(self, name: str, s: Values, p: Values, inputs: Values | None = None) -> Any:
        """A Variable or Output, bare; under ``inputs`` where it depends on them, zero if not given."""
        declaration = self.declared[name]
        if isinstance(declaration, Variable):
            return s[name]
        read = [self.namespace({n: s[n] for n in self.declarations(Variable)}), self.namespace(p)]
        if declaration.takes_inputs:
            read.append(self.namespace({n: (inputs or {}).get(n, 0.0) for n in self.declarations(Input)}))
        return mantissa(declaration.read(*read), declaration.unit, name)

    def step(
        self, s: Values, p: Values, inputs: Values, white: list[tuple[str, Any, Any, bool]], normals: Values, h: Any
    ) -> Values:
        """One step of ``h`` ms of the Variables, and of what rounding left of those that keep it.

        Parameters
        ----------
        inputs
            Input values and delayed values by name, held over the step.
        white
            White noise on Inputs: (Input name, amplitude in (input unit)·√ms, standard normals, whether it is in
            proportion to the variable). One noise that enters several equations moves them together; several noises on
            one variable add their variances.
        normals
            Standard normals of the own diffusion, by Variable name.
        """
        if not s:  # white noise is a process without Variables
            return {}

        rests = {n: s[d.rest] for n, d in self.keeping_rests().items()}
        s = {n: s[n] for n in self.declarations(Variable)}
        kicks = {n: jnp.sqrt(h) * kick for n, kick in self._kicks(s, p, inputs, white, normals).items()}
        kicked = bool(kicks) and self.integrator.order > 1  # stages then see noise, which knows no bounds

        def field(values: Values) -> Values:
            return self.bare_drift(self.bounded(values) if kicked else values, p, inputs)

        return self._moved(s, rests, self.integrator.change(field, s, h, kicks))

    @classmethod
    def keeping_rests(cls) -> dict[str, Variable]:
        """The Variables of which is kept what rounding leaves of a step."""
        return {n: d for n, d in cls.declarations(Variable).items() if d.keeps_rest}

    def _moved(self, s: Values, rests: Values, change: Values) -> Values:
        """The Variables after a change, in their bounds and periods, and their new rests (Kahan 1965)."""
        change = {n: x + rests[n] if n in rests else x for n, x in change.items()}
        summed = {n: x + change[n] for n, x in s.items()}
        moved, new = self.bounded(summed), {}
        for name, d in self.keeping_rests().items():
            rest = change[name] - (summed[name] - s[name])
            rest = rest if d.bounds is None else jnp.where(moved[name] == summed[name], rest, 0.0)
            moved[name], new[d.rest] = wrapped(moved[name], rest, d.period)
        return moved | new

    def bounded(self, s: Values) -> Values:
        """The Variables within their bounds."""
        bounds = {n: d.bounds for n, d in self.declarations(Variable).items()}
        return {n: x if bounds[n] is None else clamp(x, *bounds[n]) for n, x in s.items()}

    def _kicks(self, s: Values, p: Values, inputs: Values, white: list, normals: Values) -> Values:
        """What white noise adds per √ms, by Variable name."""
        total = {n: amplitude * normals[n] for n, amplitude in self.bare_diffusion(s, p).items()}
        for name, sigma, normal, proportional in white:
            at = jnp.broadcast_to(inputs.get(name, 0.0), next(iter(s.values())).shape).astype(float_dtype())
            gains = jax.jvp(lambda x, n=name: self.bare_drift(s, p, {**inputs, n: x}), (at,), (jnp.ones_like(at),))[1]
            for variable in self.driven(name):
                scale = s[variable] if proportional else gains[variable]
                total[variable] = total.get(variable, 0.0) + scale * sigma * normal
        return total

    def driven(self, input_name: str) -> tuple[str, ...]:
        """The variables whose derivative an Input enters (found by tracing the drift once)."""
        cache = vars(self).setdefault("_driven", {})
        if input_name not in cache:
            names = list(self.declarations(Variable))
            s = {n: jnp.full((1,), 0.5) for n in names}
            p = {n: jnp.ones(()) for n in self.declarations(Parameter)}

            def slopes(x: Any) -> list[Any]:
                out = self.bare_drift(s, p, {input_name: x})
                return [out[n] for n in names]

            uses = [_depends(lambda x, i=i: slopes(x)[i]) for i in range(len(names))]
            cache[input_name] = tuple(n for n, used in zip(names, uses, strict=True) if used)
        return cache[input_name]

    def jumps(self, name: str) -> bool:
        """Whether a Variable or Output is a phase, or another after a turn of one."""
        s = {n: jnp.full((1,), 0.3) for n in self.declarations(Variable)}
        p = {n: jnp.ones(()) for n in self.declarations(Parameter)}
        periods = {n: d.period for n, d in self.declarations(Variable).items() if d.period is not None}
        here = [self.bare_read(name, s | {n: s[n] + turns * x for n, x in periods.items()}, p) for turns in (0, 1)]
        return bool(periods) and not np.allclose(*here, rtol=1e-3, atol=1e-3, equal_nan=True)

    def diffusing(self) -> tuple[str, ...]:
        """The variables with a diffusion of their own."""
        s = {n: jnp.ones(()) for n in self.declarations(Variable)}
        p = {n: jnp.ones(()) for n in self.declarations(Parameter)}
        return tuple(self.bare_diffusion(s, p))

    def attached(self) -> dict[str, Any]:
        """The noise processes by Input name."""
        noises = {name: vars(self).get(name) for name in self.noise_arguments()}
        return {self._input_for(name, noise).name: noise for name, noise in noises.items() if noise is not None}

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        """Time derivatives by variable name, with units, elementwise over regions."""
        raise NotImplementedError

    @staticmethod
    def diffusion(s: Any, p: Any) -> dict[str, Any]:
        """White-noise amplitudes by variable name, in unit/√ms."""
        return {}

    def __getstate__(self) -> Values:
        """What a class declares (its laws may be lambdas) is not pickled with its instances."""
        own = {n: v for n, v in self.initial.items() if v is not self.declared[n].value}
        return {**vars(self), "initial": own, "_driven": {}}

    def __setstate__(self, state: Values) -> None:
        declared = {n: d.value for n, d in self.declarations(Variable).items()}
        vars(self).update(state | {"initial": declared | state["initial"]})


def attach_noise(noise: Any, owner: Equations, declaration: Any, label: str) -> None:
    """Check that ``noise`` fits an Input and settle its open unit.

    Raises
    ------
    TypeError
        Not a noise process.
    ValueError
        Another size, another unit, or white noise on an Input that is not additive.
    """
    if isinstance(noise, type) or not getattr(noise, "is_noise", False):
        raise TypeError(
            f"{label}={describe(noise)} is not a noise process; give OUProcess(in_size={owner.varshape[0]}) or another."
        )
    if noise.varshape != owner.varshape:
        raise ValueError(f"{label} has in_size={noise.varshape}, the model {owner.varshape}; give them the same size.")
    if noise.is_white and not declaration.additive:
        own = [d.noise_argument for d in owner.declarations(Variable).values()]
        raise ValueError(
            f"{label} is white noise, but {declaration.name} enters a nonlinearity, where white noise has no limit "
            f"as dt goes to 0; add it to a derivative with {' or '.join(own)}= of {type(owner).__name__}, or attach an "
            "OUProcess here."
        )
    noise.settle(declaration.unit, label)


def _check_arguments(kind: type) -> None:
    """Refuse, with a ValueError, arguments of the constructor that go by the name of something else."""
    taken = {*kind.declared, "in_size", "method", "name"}
    for name, d in kind.declared.items():
        used = dict(init=d.argument, noise=d.noise_argument) if isinstance(d, Variable) else {}
        used |= dict(noise=d.argument) if isinstance(d, Input) else {}
        for option, wanted in used.items():
            if wanted in taken:
                raise ValueError(f"{kind.__name__}: {option}={wanted!r} of {name} is taken already; use another name.")


def _with_added(declared: dict[str, Any], variables: dict[str, Variable]) -> dict[str, Any]:
    """The declarations, with what may be added to the derivative of each of the variables."""
    own = {n: d for n, d in declared.items() if not isinstance(d, Added)}
    taken = {d.argument for d in own.values() if isinstance(d, Input) and d.additive}
    added = [Added(d) for d in variables.values() if d.noise_argument not in taken]
    return own | {d.name: d for d in added if d.name not in own}


def wrapped(value: Any, rest: Any, period: float | None) -> tuple[Any, Any]:
    """A phase between −period/2 and period/2, and the rest that goes with it; both as they are without a period."""
    if period is None:
        return value, rest
    turns = jnp.floor(value / period + 0.5)
    coarse = _short(period)  # of so few digits that whole turns of it are exact (Cody & Waite 1980)
    fine = _short(period - coarse)
    moved, left = (value - turns * coarse) - turns * fine, rest - turns * (period - coarse - fine)
    summed = moved + left
    return summed, left - (summed - moved)


def _short(number: float) -> float:
    """A number in 11 bits."""
    digits, exponent = math.frexp(number)
    return math.ldexp(round(digits * 2**11), exponent - 11)


def _own_slope(variable: str) -> Callable:
    def slope(self: Equations, own: Any, *rest: Any) -> Any:
        others = [n for n in self.declarations(Variable) if n != variable]
        inputs = sorted(self.declarations(Input), key=lambda n: n != f"{variable}_inp")
        given = {variable: own, **dict(zip([*others, *inputs], rest, strict=False))}
        missing = [n for n in others if n not in given]
        if missing or len(rest) > len(others) + len(inputs):
            raise TypeError(f"{type(self).__name__}.d{variable} takes {', '.join([variable, *others, *inputs])}.")
        bare = {n: mantissa(v, self.unit_of(self.declared[n]), n) for n, v in given.items() if v is not None}
        s = {n: bare.pop(n) for n in self.declarations(Variable)}
        unit = self.unit_of(self.declared[variable]) / u.ms
        return with_unit(self.bare_drift(s, self.bare_parameters(), bare)[variable], unit)

    slope.__name__ = f"d{variable}"
    slope.__doc__ = f"d{variable}/dt, with its unit, of {variable}, the other variables in declared order, and inputs."
    return slope


def _checked_size(in_size: Any, owner: str) -> tuple[int, ...]:
    sizes = in_size if isinstance(in_size, list | tuple) else (in_size,)
    if not sizes or not all(map(is_count, sizes)):
        raise ValueError(f"{owner}: in_size={describe(in_size)} must be a positive integer, or a tuple of them.")
    if math.prod(map(int, sizes)) >= 2**31:
        raise ValueError(f"{owner}: in_size={describe(in_size)} is more than can be counted in 32 bits; give fewer.")
    return tuple(int(n) for n in sizes)


def _depends(f: Callable) -> bool:
    jaxpr = jax.make_jaxpr(f)(jnp.zeros((1,))).jaxpr
    reached = set(jaxpr.invars)
    for equation in jaxpr.eqns:
        if any(not isinstance(v, Literal) and v in reached for v in equation.invars):
            reached.update(equation.outvars)
    return any(not isinstance(v, Literal) and v in reached for v in jaxpr.outvars)

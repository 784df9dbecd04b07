"""What declarations and one ``drift`` become: a constructor, and pure functions of bare values."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, cast

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Dynamics
from jax.extend.core import Literal

from brainmass.names import bind_arguments, meant
from brainmass.numerics import clamp
from brainmass.state_space.declarations import Added, Declaration, Delayed, Input, Law, Output, Parameter, Variable
from brainmass.state_space.methods import METHODS, Method
from brainmass.state_space.parameters import Declared
from brainmass.state_space.periods import turn_of, wrapped
from brainmass.state_space.sensible_values import check_side
from brainmass.state_space.signature import check_arguments, checked_size, constructor_signature, with_added
from brainmass.state_space.slopes import own_slope
from brainmass.units import checked_function, checked_text, describe, float_dtype, is_concrete, mantissa

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
    unsized: Values | None = None
    """The arguments of a noise without in_size, which is made when it is attached."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        variables, outputs = cls.declarations(Variable), cls.declarations(Output)
        cls.declared = with_added(cls.declared, {} if cls.is_noise else variables)
        cls.primary = cls.primary or next(iter(outputs or variables), "")
        for name, d in cls.declarations(Delayed).items():
            delay = cls.declarations(Parameter).get(d.by)
            if d.of not in variables or delay is None or delay.unit != u.ms:
                raise ValueError(
                    f"{cls.__name__}: {name} = Delayed({d.of!r}, by={d.by!r}) takes a Variable and a Parameter in ms."
                )
        check_arguments(cls)
        for name in variables:
            if f"d{name}" not in vars(cls):
                setattr(cls, f"d{name}", own_slope(name))
        cls.__signature__ = constructor_signature(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind_arguments(type(self).__name__, type(self).__signature__, args, kwargs)
        kind = type(self).__name__
        super().__init__(checked_size(given["in_size"], kind), name=checked_text(given["name"], f"{kind}: name"))
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

    def _open(self, given: Values) -> None:
        """Resolve options and symbolic units from the arguments; only noise has any."""

    def mix(self, normals: Any) -> Any:
        """Standard normals (..., *in_size, simulation) as this process uses them."""
        return normals

    @property
    def varshape(self) -> tuple[int, ...]:
        """The shape of a variable, that of the bank.

        Raises
        ------
        ValueError
            It is a noise that waits for what it is attached to.
        """
        if self.unsized is not None:
            kind = type(self).__name__
            raise ValueError(f"{kind} has no in_size before it is attached to a model; give one, as {kind}(in_size=8).")
        return cast("tuple[int, ...]", self.in_size)

    @property
    def integrator(self) -> Method:
        return METHODS[self.method]

    def parameter_shape(self, declaration: Declaration) -> tuple[int, ...]:
        return self.varshape

    def check_value(self, declaration: Declaration, number: Any, label: str, *, bare: bool) -> None:
        super().check_value(declaration, number, label, bare=bare)
        if isinstance(declaration, Parameter) and not self.is_noise and is_concrete(number):
            check_side(self, declaration, np.asarray(number), label)

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
        self,
        s: Values,
        p: Values,
        inputs: Values,
        white: list[tuple[str, Any, Any, bool]],
        normals: Values,
        h: Any,
        quarter: Any,
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
        quarter
            That of the step, 0 to 3: which stages of the method see the noise.
        """
        if not s:  # white noise is a process without Variables
            return {}

        rests = {n: s[d.rest] for n, d in self.keeping_rests().items()}
        s = {n: s[n] for n in self.declarations(Variable)}
        kicks = {n: jnp.sqrt(h) * kick for n, kick in self._kicks(s, p, inputs, white, normals).items()}
        kicked = bool(kicks) and self.integrator.order > 1  # stages then see noise, which knows no bounds

        def field(values: Values) -> Values:
            return self.bare_drift(self.bounded(values) if kicked else values, p, inputs)

        return self._moved(s, rests, self.integrator.change(field, s, h, kicks, quarter))

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

    def period_of(self, name: str) -> float | None:
        """After how much a Variable or Output that is a phase, or made of one, starts anew; as `turn_of` says."""
        if isinstance(self.declared[name], Variable):
            return self.declared[name].period
        periods = {n: d.period for n, d in self.declarations(Variable).items() if d.period is not None}

        def read(phases: Values, level: float) -> Any:
            s = {n: jnp.full((1,), phases.get(n, 0.3 * level)) for n in self.declarations(Variable)}
            return self.bare_read(name, s, {n: jnp.full((), level) for n in self.declarations(Parameter)})

        return turn_of(read, periods)

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
        raise TypeError(f"{label}={describe(noise)} is not a noise process; give OUProcess() or another.")
    if noise.unsized is not None:
        noise.__init__(**noise.unsized | dict(in_size=owner.varshape))
    if noise.varshape != owner.varshape:
        raise ValueError(f"{label} has in_size={noise.varshape}, the model {owner.varshape}; give them the same size.")
    if noise.is_white and not declaration.additive:
        own = [d.noise_argument for d in owner.declarations(Variable).values()]
        raise ValueError(
            f"{label} is white noise, but {declaration.name} enters a nonlinearity, where white noise has no limit "
            f"as dt goes to 0; add it to a derivative with {' or '.join(own)}= of {type(owner).__name__}, or attach an "
            "OUProcess here."
        )
    noise.resolve_units(declaration.unit, label)


def _depends(f: Callable) -> bool:
    jaxpr = jax.make_jaxpr(f)(jnp.zeros((1,))).jaxpr
    reached = set(jaxpr.invars)
    for equation in jaxpr.eqns:
        if any(not isinstance(v, Literal) and v in reached for v in equation.invars):
            reached.update(equation.outvars)
    return any(not isinstance(v, Literal) and v in reached for v in jaxpr.outvars)

"""A state space: declarations plus one pure ``drift``. Neural masses and noise processes are all of this kind."""

import inspect
from collections.abc import Callable
from typing import Any

import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.display import Card
from brainmass.names import meant
from brainmass.state_space.declarations import Declaration, Delayed, Input, Law, Output, Parameter, Variable
from brainmass.state_space.description import bank_card
from brainmass.state_space.equations import Equations, Values, attach_noise
from brainmass.state_space.self_delays import read_ring, ring_length
from brainmass.time_steps import resolve_dt
from brainmass.units import describe, float_dtype, is_concrete, mantissa, numbers, with_unit


class StateSpace(Equations):
    """Base of every model: a bank of ``in_size`` identical systems, one per region.

    A subclass declares `Parameter`, `Variable`, `Input` and `Output` in its body and defines
    ``drift(s, p, inp) -> dict`` (time derivatives, with units) and, for a random process, ``diffusion(s, p) -> dict``
    (in unit/√ms). Constructor, checks, docs and tests follow from these.

    Parameters
    ----------
    in_size : int or tuple of int
        Number (or grid) of regions.
    method : str
        "heun" (default), "euler", "exp_euler", "rk4", "symplectic". A coupled network is first order in dt with each.
    """

    past_dt: float | None = None

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

    def card(self) -> Card:
        return bank_card(self)

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Draw initial values from ``brainstate.random`` into new States of shape ``(batch_size?, *in_size)``."""
        vars(self).pop("clock", None)
        shape = ((batch_size,) if batch_size else ()) + self.varshape
        for name, declaration in self.declarations(Variable).items():
            bare = self.draw_initial(name, shape, self.bare_parameters(), brainstate.random)
            vars(self)[name] = brainstate.HiddenState(with_unit(bare, self.unit_of(declaration)))
        for declaration in self.keeping_rests().values():
            blank = jnp.zeros(shape, float_dtype())
            vars(self)[declaration.rest] = brainstate.HiddenState(with_unit(blank, self.unit_of(declaration)))
        dt = None if brainstate.environ.get("dt", default=None) is None else resolve_dt(None)
        for name, d in self.declarations(Delayed).items():
            vars(self).pop(name, None)
            if dt is not None:
                unit, lead = self.unit_of(d), len(shape) - len(self.varshape)
                now, length = mantissa(vars(self)[d.of].value, unit, name), self.ring_length(name, self.bare(d.by), dt)
                past = jnp.broadcast_to(jnp.expand_dims(now, lead), (*shape[:lead], length, *self.varshape))
                vars(self)[name] = brainstate.HiddenState(with_unit(past, unit))
        vars(self)["past_dt"] = dt

    def ring_length(self, name: str, delay: Any, dt: float) -> int:
        """How many earlier values a `Delayed` keeps, for concrete delays in ms.

        Raises
        ------
        ValueError
            A negative delay, or a traced one.
        """
        if not is_concrete(delay):
            raise ValueError(f"{type(self).__name__}: {self.declared[name].by} is traced; give concrete delays here.")
        if np.min(delay) < 0:
            argument = f"{type(self).__name__}: {self.declared[name].by}"
            raise ValueError(f"{argument}={describe(np.min(delay))} ms is a delay; it must be zero or more.")
        return ring_length(float(np.max(delay)), dt)

    def draw_initial(self, name: str, shape: tuple[int, ...], p: Values, rng: Any) -> Any:
        """Bare initial values of one variable, random ones from ``rng``."""
        value, unit = self.initial[name], self.unit_of(self.declared[name])
        if isinstance(value, Law):
            value = value.draw(self.namespace(p), self.mix(rng.normal(size=shape)[..., None])[..., 0])
        elif callable(value):
            value = call_initializer(value, shape, rng)
        label = f"{type(self).__name__}: {self.declared[name].argument}"
        number = jnp.asarray(numbers(value, unit, label), float_dtype())
        if callable(self.initial[name]) and number.shape not in ((), shape):
            raise ValueError(f"{label} returned the shape {number.shape}; it must be {shape}.")
        return jnp.broadcast_to(number, shape)

    def update(self, *inputs: Any, **named: Any) -> Any:
        """Advance the States by brainstate's global ``dt`` and return the primary variable or output.

        Inputs come in the declared order or by name, bare in their declared units or as Quantities. Who steps by hand
        keeps the time: a run that goes on from here counts its own from 0.
        """
        given = self.bare_inputs(inputs, named)
        return self.advance(given, list(self.attached().items()))

    def bare_inputs(self, inputs: tuple, named: Values) -> Values:
        """Inputs in declared order or by name, bare in their declared units."""
        names = list(self.declarations(Input))
        if len(inputs) > len(names):
            raise TypeError(f"{type(self).__name__}.update takes at most {len(names)} inputs: {', '.join(names)}.")
        unknown = [n for n in named if n not in names]
        if unknown:
            kind, near = type(self).__name__, meant(unknown[0], names)
            raise TypeError(f"{kind}.update has no input {unknown[0]!r}{near}; it takes {', '.join(names)}.")
        given = {**dict(zip(names, inputs, strict=False)), **named}
        return {n: self._bare_input(n, v) for n, v in given.items() if v is not None}

    def _bare_input(self, name: str, value: Any) -> Any:
        """Finite numbers that fit the States."""
        label = f"{type(self).__name__}: {name}"
        bare = numbers(value, self.declared[name].unit, label)
        state = next((vars(self).get(n) for n in self.declarations(Variable)), None)
        shape = self.varshape if state is None else np.shape(u.get_mantissa(state.value))
        try:
            fits = np.broadcast_shapes(np.shape(bare), shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"{label} has the shape {np.shape(bare)}; it must be one number or broadcast to {shape}.")
        return bare

    def advance(self, given: Values, noises: list[tuple[str, Any]]) -> Any:
        """Advance the States one step under bare inputs and the noise of each (Input name, process)."""
        s, p, h = self.bare_states(), self.bare_parameters(), resolve_dt(None)
        vars(self).pop("clock", None)  # who steps by hand keeps the time
        white, past = [], self._delayed_values(p, h)
        for name, noise in noises:
            factor = noise.factor(self.declared[name])
            given[name] = given.get(name, 0.0) + factor * noise.level(noise.bare_states(), noise.bare_parameters())
            if noise.is_white:
                normal = brainstate.random.normal(size=next(iter(s.values())).shape)
                amplitude = factor * noise.bare_parameters()["sigma"]
                white.append((name, amplitude, noise.mix(normal[..., None])[..., 0], noise.is_proportional))
            else:
                noise.update()
        drawn = {n: brainstate.random.normal(size=s[n].shape) for n in self.diffusing()}
        normals = {n: self.mix(normal[..., None])[..., 0] for n, normal in drawn.items()}
        s |= self.bare_rests()
        quarter = brainstate.random.randint(0, 4) if white or drawn else 0
        for name, value in self.step(s, p, given | past, white, normals, h, quarter).items():
            vars(self)[name].value = with_unit(value, self.unit_of_state(name))
        for name, d in self.declarations(Delayed).items():
            state, now = vars(self)[name], vars(self)[d.of].value
            axis = now.ndim - len(self.varshape)
            older = u.math.split(state.value, [1], axis=axis)[1]
            state.value = u.math.concatenate([older, u.math.expand_dims(now, axis)], axis=axis)
        return self._read(self.primary, given)

    def _delayed_values(self, p: Values, dt: float) -> Values:
        """The delayed values of the present States, bare."""
        found = {}
        for name, d in self.declarations(Delayed).items():
            if name not in vars(self):
                raise ValueError(
                    f"{type(self).__name__}.update needs the past of {d.of}: "
                    "set brainstate's global dt and call init_all_states()."
                )
            check_dt(dt, self.past_dt)
            past = mantissa(vars(self)[name].value, self.unit_of(d), name)
            ring = jnp.moveaxis(past, past.ndim - len(self.varshape) - 1, 0)
            if is_concrete(p[d.by]) and self.ring_length(name, p[d.by], dt) > len(ring):
                raise ValueError(f"{type(self).__name__}: {d.by} has grown beyond its past; call init_all_states().")
            delay = jnp.broadcast_to(p[d.by], ring.shape[1:])
            found[name] = read_ring(ring, delay, dt, np.uint32(len(ring) - 1))
        return found

    def read(self, name: str, **inputs: Any) -> Any:
        """A Variable or Output of the current States, with its unit.

        Raises
        ------
        ValueError
            It depends on the inputs, and none are given.
        """
        kind = type(self).__name__
        if name in self.declarations(Output) and self.declared[name].takes_inputs and not inputs:
            names = list(self.declarations(Input))
            raise ValueError(
                f"{kind}: {name} depends on the inputs {', '.join(names)}; record it by its name, or give those that "
                f"are not zero, as {name}({names[0]}=0)."
            )
        return self._read(name, self.bare_inputs((), inputs))

    def _read(self, name: str, given: Values) -> Any:
        bare = self.bare_read(name, self.bare_states(), self.bare_parameters(), given)
        return with_unit(bare, self.unit_of(self.declared[name]))

    def bare_states(self) -> Values:
        """The bare values of the Variables."""
        pairs = self.declarations(Variable).items()
        return {n: jnp.asarray(mantissa(d.__get__(self).value, self.unit_of(d), n), float_dtype()) for n, d in pairs}

    def bare_rests(self) -> Values:
        """What rounding has left of the Variables that keep it, by the names of the rests; 0 where a State is new."""

        def rest(name: str, d: Variable) -> Any:
            like, kept = np.shape(u.get_mantissa(d.__get__(self).value)), vars(self).get(d.rest)
            bare = jnp.zeros(like) if kept is None else mantissa(kept.value, self.unit_of(d), d.rest)
            return jnp.asarray(bare if np.shape(bare) == like else jnp.zeros(like), float_dtype())

        return {d.rest: rest(n, d) for n, d in self.keeping_rests().items()}

    def bare_pasts(self) -> Values:
        """The earlier values that are kept, (batch?, depth, *in_size), the newest last, by name of the `Delayed`."""
        kept = {n: vars(self)[n].value for n in self.declarations(Delayed) if n in vars(self)}
        return {n: jnp.asarray(mantissa(v, self.unit_of(self.declared[n]), n), float_dtype()) for n, v in kept.items()}

    def unit_of_state(self, name: str) -> Any:
        """The unit of a Variable, a rest or a past by its name."""
        rests = {d.rest: d for d in self.keeping_rests().values()}
        return self.unit_of(rests.get(name) or self.declared[name])

    def derivative(self, state: tuple, t: Any, *inputs: Any) -> tuple:
        """Time derivatives of the variables in declared order, with units."""
        variables, drives = list(self.declarations(Variable)), list(self.declarations(Input))
        if len(state) != len(variables) or len(inputs) > len(drives):
            raise TypeError(
                f"{type(self).__name__}.derivative takes ({', '.join(variables)}), t, and then {', '.join(drives)}."
            )
        s = dict(zip(variables, state, strict=True))
        given = dict(zip(self.declarations(Input), inputs, strict=False))
        bare = {n: mantissa(v, self.unit_of(self.declared[n]), n) for n, v in s.items()}
        drive = {n: mantissa(v, self.declared[n].unit, n) for n, v in given.items() if v is not None}
        slopes = self.bare_drift(bare, self.bare_parameters(), drive)
        return tuple(with_unit(slopes[n], self.unit_of(self.declared[n]) / u.ms) for n in s)


def check_dt(dt: float, kept: float | None) -> None:
    """Refuse to go on at another time step than that of the delay history.

    Raises
    ------
    ValueError
        They differ.
    """
    if kept is not None and dt != kept:
        raise ValueError(f"dt={dt:g} ms, but the States come from dt={kept:g} ms; go on with that.")


def call_initializer(initializer: Callable, shape: tuple[int, ...], rng: Any) -> Any:
    """``initializer(shape)``, given the random state where it takes one (as those of braintools do)."""
    try:
        accepted = inspect.signature(initializer).parameters.values()
    except (TypeError, ValueError):
        accepted = ()
    takes_rng = any(q.kind is q.VAR_KEYWORD or q.name == "rng" for q in accepted)
    return initializer(shape, rng=rng) if takes_rng else initializer(shape)


__all__ = ["StateSpace", "Values", "attach_noise", "call_initializer", "check_dt"]

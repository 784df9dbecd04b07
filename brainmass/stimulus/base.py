"""What every stimulus is and how stimuli combine."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self, dataclass_transform

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import GetAttrKey, Partial

from brainmass.dimensions import TIMES, arranged
from brainmass.names import Names, agreed, names_along, with_named_arguments
from brainmass.spec import WithArguments, in_units
from brainmass.stimulus.arguments import Amplitude, Instant, Kind, Samples, checked
from brainmass.stimulus.exact_time import Steps
from brainmass.time_steps import check_end, resolve_dt
from brainmass.units import (
    UNITLESS,
    describe,
    float_dtype,
    is_concrete,
    mantissa,
    numbers,
    unit_name,
    unit_of,
    with_unit,
)


@dataclass_transform(frozen_default=True, eq_default=False)
class Stimulus(WithArguments, ABC):
    """A value, or one per region, at every moment.

    The value at step i acts from t = i dt to t + dt. A stimulus is on at the steps with onset ≤ t < offset, and is
    zero at all others. Times count from the start of the simulation and are bare in ms, frequencies in Hz; amplitudes
    carry their unit, or are in that of the Input. ``weights``, one number per region, makes (time, region) of (time,).

    Stimuli add (``a + b``, ``sum([a, b])``), scale (``2 * a``, ``a * (0.2 * u.nA)``), follow each other (`then`) and
    move (`delayed`). Each is a JAX pytree of its settings.

    Raises
    ------
    ValueError, TypeError
        By every kind: a setting that is not a finite number, or of another dimension or shape.
    """

    region_names: ClassVar[Names | None] = None
    """Those of a table of weights or values; each stimulus has its own."""

    __array_ufunc__ = None  # NumPy numbers leave a product to the stimulus

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(frozen=True, eq=False, repr=False)(cls)
        cls.__init__ = with_named_arguments(cls.__init__)
        jax.tree_util.register_pytree_with_keys(cls, _flatten, lambda *parts: _unflatten(cls, *parts))

    def __post_init__(self) -> None:
        named = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            kind: Any = getattr(field.type, "__metadata__", None)
            label = f"{type(self).__name__}: {field.name}"
            value: Any = getattr(self, field.name)
            if kind and kind[0].axes[-1] == len(TIMES):
                value = arranged(value, TIMES, label)
            if kind and (value is not None or field.default is not None):
                self._set(field.name, checked(value, kind[0], label))
                if np.ndim(getattr(self, field.name)) == kind[0].axes[-1] > 0:
                    named[label] = names_along(value, -1)
        self._set("region_names", agreed(named))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @abstractmethod
    def course(self, dt: float) -> Callable[[Steps], Any]:
        """The values as a function of `Steps` of ``dt`` ms, itself a pytree."""

    @property
    @abstractmethod
    def unit(self) -> u.Unit:
        """Of its values; 1 where the amplitudes were bare."""

    @property
    @abstractmethod
    def regions(self) -> int | None:
        """How many regions it tells apart; None where all get the same."""

    def sampler(self, dt: Any) -> Callable[[Any], Any]:
        """The values as a function of absolute steps, a pytree: one program serves all settings of a kind.

        Times and frequencies are prepared here, on the host, in double precision; those that are traced have the
        precision of their dtype. Steps beyond those that a run counts are refused.

        Parameters
        ----------
        dt
            The time step, bare in ms.
        """
        step = resolve_dt(dt)
        return Partial(_at_steps, self.course(step), step)

    def sample(self, steps: Any, dt: Any) -> Any:
        """Bare values (time,) or (time, region) in `unit`, at absolute ``steps`` (time,); see `sampler`."""
        whole = numbers(steps, UNITLESS, "steps")
        if is_concrete(whole):
            check_end(int(np.max(np.abs(whole), initial=0)), resolve_dt(dt), "steps")
            if (whole % 1 != 0).any():
                raise ValueError(f"steps={describe(steps)} must be integers.")
        return self.sampler(dt)(np.asarray(whole).astype(np.int64) if is_concrete(whole) else whole)

    def __call__(self, t: Any) -> np.ndarray:
        """Bare values in `unit` at times ``t``, bare in ms, to look at: a NumPy array of its shape, [region] last."""
        times = numbers(t, u.ms, "t")
        times = times.astype(jnp.result_type(times, float)) if isinstance(times, jax.Array) else times
        check_end(int(np.max(times, initial=0)), 1.0, "t")
        return np.asarray(_evaluated(self.course(1.0), Steps.of(times, 1.0)))

    def to(self, unit: u.Unit) -> Self:
        """The same in another unit; bare amplitudes are taken to be in it. ``ValueError`` for another dimension."""
        if not isinstance(unit, u.Unit):
            raise TypeError(f"unit={describe(unit)} must be a unit, as u.mV.")
        return self._changed((Amplitude, Samples), lambda a: with_unit(mantissa(a, unit, "stimulus"), unit))

    def delayed(self, by: Any) -> Self:
        """The same, later by ``by``, bare in ms."""
        shift = checked(by, Kind(u.ms), "by")
        return self._changed((Instant,), lambda time: time + shift)

    def then(self, other: "Stimulus", at: Any) -> "Switch":
        """This one until ``at``, bare in ms, and from there on ``other``, whose time zero is then."""
        at = checked(at, Kind(u.ms), "at")
        return Switch(self, _agreed((other,), "other")[0].delayed(at), at)

    def __add__(self, other: Any) -> "Sum":
        return Sum((*_terms(self), *_terms(other))) if isinstance(other, Stimulus) else NotImplemented

    def __radd__(self, other: Any) -> "Stimulus":
        return self if isinstance(other, int) and other == 0 else NotImplemented  # where sum() starts

    def __mul__(self, factor: Any) -> Self:
        factor = checked(factor, Kind(None), "factor")
        return self._changed((Amplitude, Samples), lambda a: a * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Self:
        return -1 * self

    def __sub__(self, other: Any) -> "Sum":
        return self + -other if isinstance(other, Stimulus) else NotImplemented

    def _changed(self, kinds: tuple, change: Callable) -> Self:
        def new(value: Any, kind: Any) -> Any:
            if isinstance(value, Stimulus):
                return value._changed(kinds, change)
            if isinstance(value, tuple):
                return tuple(new(v, kind) for v in value)
            return change(value) if kind in kinds and value is not None else value

        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        changed = type(self)(**{f.name: new(getattr(self, f.name), f.type) for f in fields})
        changed._set("region_names", self.region_names)
        return changed

    def traceable_arguments(self) -> dict[str, tuple[Any, u.Unit]]:
        """The bare values and units of arguments that enter a program as data: all but integers and what is not set."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        given = {f.name: getattr(self, f.name) for f in fields if hasattr(f.type, "__metadata__")}
        kinds = {f.name: f.type.__metadata__[0] for f in fields if f.name in given}  # type: ignore[union-attr]
        units = {name: kinds[name].unit or unit_of(value) for name, value in given.items()}
        return {n: (mantissa(v, units[n], n), units[n]) for n, v in given.items() if v is not None}

    def parts(self) -> dict[str, "Stimulus"]:
        """The stimuli of which it is made, by path."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return {f.name: part for f in fields if isinstance(part := getattr(self, f.name), Stimulus)}

    def with_arguments(self, given: dict[str, Any]) -> Self:
        """The same with other arguments and parts, which may be traced."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        made = type(self)(**{f.name: given.get(f.name, getattr(self, f.name)) for f in fields})
        made._set("region_names", self.region_names)
        return made

    def as_arguments(self) -> dict[str, Any]:
        kinds = {f.name: getattr(f.type, "__metadata__", (Kind(None),))[0] for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return in_units(self, {name: kind.unit for name, kind in kinds.items()})


def _split(cls: type) -> tuple[list[str], list[str]]:
    """The names of the settings, and of what a program is compiled for: integers."""
    fields = dataclasses.fields(cls)
    return [f.name for f in fields if f.type is not int], [f.name for f in fields if f.type is int]


def _flatten(stimulus: Stimulus) -> tuple[list, tuple]:
    settings, static = _split(type(stimulus))
    static = [*static, "region_names"]
    return [(GetAttrKey(n), getattr(stimulus, n)) for n in settings], tuple(getattr(stimulus, n) for n in static)


def _unflatten(cls: type[Stimulus], static: tuple, settings: Any) -> Stimulus:
    made, names = object.__new__(cls), _split(cls)
    for name, value in zip([*names[0], *names[1], "region_names"], [*settings, *static], strict=True):
        made._set(name, value)
    return made


def _at_steps(course: Callable, dt: Any, steps: Any) -> Any:
    if is_concrete(steps) and np.size(steps):
        check_end(int(np.max(steps)), dt, "steps")
    return _evaluated(course, Steps(jnp.asarray(steps).astype(jnp.int32), jnp.zeros((), float_dtype())))


@jax.jit
def _evaluated(course: Callable, clock: Steps) -> Any:
    return course(clock)


class Sum(Stimulus):
    """The sum of stimuli, in the unit of the first."""

    terms: tuple[Stimulus, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.terms, tuple | list) or not self.terms:
            raise TypeError(f"Sum: terms={describe(self.terms)} must be a tuple of stimuli.")
        self._set("terms", _agreed(tuple(self.terms), "Sum: terms"))
        self._set("region_names", _names(self.terms))

    def course(self, dt: float) -> Callable[[Steps], Any]:
        return Partial(_summed, tuple(term.course(dt) for term in self.terms))

    def parts(self) -> dict[str, Stimulus]:
        return {f"terms.{i}": term for i, term in enumerate(self.terms)}

    def with_arguments(self, given: dict[str, Any]) -> Self:
        return type(self)(tuple(given.get(name, term) for name, term in self.parts().items()))

    @property
    def unit(self) -> u.Unit:
        return self.terms[0].unit

    @property
    def regions(self) -> int | None:
        return _regions(self.terms)

    def __repr__(self) -> str:
        return " + ".join(map(repr, self.terms))


class Switch(Stimulus):
    """One stimulus until ``at``, and another from there on, each in absolute time; see `Stimulus.then`."""

    before: Stimulus
    after: Stimulus
    at: Instant

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, stimulus in zip(
            ("before", "after"), _agreed((self.before, self.after), "Switch: before and after"), strict=True
        ):
            self._set(name, stimulus)
        self._set("region_names", _names((self.before, self.after)))

    def course(self, dt: float) -> Callable[[Steps], Any]:
        return Partial(_switched, self.before.course(dt), self.after.course(dt), Steps.of(self.at, dt))

    @property
    def unit(self) -> u.Unit:
        return self.before.unit

    @property
    def regions(self) -> int | None:
        return _regions((self.before, self.after))


def _terms(stimulus: Stimulus) -> tuple[Stimulus, ...]:
    return stimulus.terms if isinstance(stimulus, Sum) else (stimulus,)


def _regions(stimuli: tuple[Stimulus, ...]) -> int | None:
    return next((s.regions for s in stimuli if s.regions is not None), None)


def _names(stimuli: tuple[Stimulus, ...]) -> Names | None:
    return agreed({f"the {type(s).__name__} number {i}": s.region_names for i, s in enumerate(stimuli)})


def _agreed(stimuli: tuple[Any, ...], name: str) -> tuple[Stimulus, ...]:
    """The same in one unit, if they fit together."""
    for other in stimuli:
        if not isinstance(other, Stimulus):
            raise TypeError(
                f"{name}: {describe(other)} is not a Stimulus; combine stimuli with stimuli, for example Step(1)."
            )
    first, n = stimuli[0], _regions(stimuli)
    for other in stimuli:
        if other.unit.dim != first.unit.dim:
            came, first_unit = unit_name(other.unit), unit_name(first.unit)
            raise ValueError(f"one stimulus is in {first_unit}, another in {came}; give all amplitudes the same unit.")
        if other.regions not in (None, n):
            raise ValueError(f"one stimulus has {n} regions, another {other.regions}; give weights of one length.")
    return tuple(s if s.unit == first.unit else s.to(first.unit) for s in stimuli)


def _aligned(courses: tuple[Callable, ...], clock: Steps) -> list[Any]:
    """Their values, with an axis of regions where any has one."""
    values = [course(clock) for course in courses]
    most = max(map(jnp.ndim, values))
    return [v if jnp.ndim(v) == most else v[..., None] for v in values]


def _summed(courses: tuple[Callable, ...], clock: Steps) -> Any:
    return sum(_aligned(courses, clock))


def _switched(before: Callable, after: Callable, at: Steps, clock: Steps) -> Any:
    first, second = _aligned((before, after), clock)
    on = clock.since(at).whole >= 0
    return jnp.where(on if first.ndim == on.ndim else on[..., None], second, first)

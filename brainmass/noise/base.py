"""What every noise has: a level that is added to an Input, the unit of that Input, and correlations of regions."""

from typing import Any, ClassVar, cast

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.display import Card
from brainmass.names import bind_arguments, square_names
from brainmass.state_space import Declaration, Input, Parameter, StateSpace, Symbol, Variable, argument, noise_card
from brainmass.units import UNITLESS, describe, is_concrete, numbers, unit_name, unit_of

OWN = Symbol("unit of sigma")
LEVEL = Symbol("unit of the input")


class Noise(StateSpace):
    """A process whose ``level`` is added to the Input it is attached to.

    It has the unit of its ``sigma``; a bare ``sigma`` takes that of the Input.

    Parameters
    ----------
    in_size : int or tuple of int, optional
        Number (or grid) of regions; that of what it is attached to by default.
    correlation : array (N, N), optional
        Correlation of the random numbers of the regions; independent by default.
    """

    options = (argument("correlation", None),)
    series: Any = None
    """Values given by the user, (time, [*in_size]), in the own unit."""

    default_method = "exp_euler"  # exact for a process that is linear in itself, at any step
    is_noise: ClassVar[bool] = True
    is_white: ClassVar[bool] = False
    is_proportional: ClassVar[bool] = False
    """White, and in proportion to the variable that it drives."""
    per_level: ClassVar[u.Unit] = UNITLESS
    """The unit of sigma over that of the level."""
    amplitude: ClassVar[str] = "sigma"
    """The argument that has the unit of the Input."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        known = type(self).__signature__
        bound = bind_arguments(type(self).__name__, known, args, kwargs)
        given = {name: value for name, value in bound.items() if value is not known.parameters[name].default}
        waits = "in_size" not in given
        vars(self).update(unsized=given if waits else None, initial={}, _in_size=None, _complete=waits)
        if not waits:
            super().__init__(**given)

    def set_parameter(self, declaration: Parameter, value: Any) -> None:
        if self.unsized is not None:
            kind, name = type(self).__name__, declaration.name
            raise AttributeError(f"{kind}.{name} can be set when it is attached; give it as {kind}({name}=...) before.")
        super().set_parameter(declaration, value)

    def _open(self, given: dict[str, Any]) -> None:
        label = f"{type(self).__name__}: correlation"
        self._keep_names("correlation", square_names(given["correlation"], label), label)
        self._correlation = _checked_correlation(given["correlation"], self.varshape, type(self).__name__)
        if "mean" in given and given["mean"] is None:
            given["mean"] = 0.0
        sigma = _value(given["sigma"])
        self.symbols = {}
        if isinstance(sigma, u.Quantity):
            self._take(unit_of(sigma))

    def _take(self, own: Any) -> None:
        self.symbols.update({OWN.meaning: own, LEVEL.meaning: cast("u.Unit", own / self.per_level)})

    def is_default(self, declaration: Declaration, value: Any) -> bool:
        if declaration.name == "mean":  # none is 0
            bare = u.get_mantissa(value)
            return is_concrete(bare) and np.ndim(bare) == 0 and not np.any(bare)
        settled = isinstance(declaration.unit, Symbol) and self.symbols  # the unit of a bare default is then another's
        return not settled and super().is_default(declaration, value)

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        open_unit = isinstance(declaration.unit, Symbol) and not self.symbols
        if open_unit and isinstance(value, u.Quantity):
            return value  # checked when the noise is attached to an Input, which decides
        return super()._checked(declaration, value)

    def check_value(self, declaration: Declaration, number: Any, label: str, *, bare: bool) -> None:
        if declaration.unit == u.ms and is_concrete(number) and np.min(number, initial=np.inf) <= 0:
            raise ValueError(f"{label}={describe(number)} must be above 0 ms.")
        super().check_value(declaration, number, label, bare=bare)

    def resolve_units(self, unit: u.Unit, label: str) -> None:
        """Take the unit of the Input, or check that the own one fits it.

        Raises
        ------
        ValueError
            The own unit has another dimension.
        """
        fitting = cast("u.Unit", unit * self.per_level)
        if not self.symbols:
            self._take(fitting)
            for name, declaration in self.declarations(Parameter).items():
                self.set_parameter(declaration, vars(self)[name].value())
            for name, declaration in self.declarations(Variable).items():
                self.initial[name] = self._checked_initial(declaration, self.initial[name])
        own = self.symbols[OWN.meaning]
        if own.dim != fitting.dim:
            raise ValueError(
                f"{label} has {self.amplitude} in {unit_name(own)}, but its input is in {unit_name(unit)}; "
                f"give {self.amplitude} in {unit_name(fitting)} or as a bare number."
            )

    @property
    def correlation(self) -> Any:
        """The correlation of the regions, (N, N), or None; for another one, make another noise."""
        return self._correlation

    def as_arguments(self) -> dict[str, Any]:
        return super().as_arguments() if self.unsized is None else self.unsized

    def card(self) -> Card:
        if self.unsized is not None:
            return Card(f"{type(self).__name__}, to be attached to a model, whose size it takes")
        return noise_card(self)

    def check_step(self, dt: float, values: dict[str, Any]) -> None:
        """Refuse a time step, in ms, at which the law would be another with these bare parameter values."""

    def mix(self, normals: Any) -> Any:
        """Standard normals (..., N, simulation) with the correlation of the regions."""
        if self.correlation is None:
            return normals
        values, vectors = np.linalg.eigh(self.correlation)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return jnp.einsum("ij,...js->...is", jnp.asarray(root, normals.dtype), normals)

    def factor(self, declaration: Input) -> float:
        """From the own unit to that of the Input."""
        return _ratio(self.symbols[LEVEL.meaning], declaration.unit)

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        """The current contribution to the Input, bare in the own unit."""
        return s["x"]


def _ratio(unit: u.Unit, other: u.Unit) -> float:
    return 1.0 if unit == other else float(u.Quantity(1.0, unit).to(other).mantissa)


def _value(given: Any) -> Any:
    return given.value() if hasattr(given, "value") and callable(given.value) else given


def on_host(given: Any, unit: u.Unit, label: str) -> np.ndarray:
    """Bare numbers in ``unit`` that are known when the noise is made.

    Raises
    ------
    TypeError, ValueError
        Not real finite numbers, another dimension, or traced.
    """
    bare = numbers(given, unit, label)
    if not is_concrete(bare):
        raise ValueError(f"{label} is traced; make the noise outside of what is compiled or differentiated.")
    return np.asarray(bare)


def _checked_correlation(given: Any, varshape: tuple[int, ...], owner: str) -> Any:
    if given is None:
        return None
    matrix = on_host(given, UNITLESS, f"{owner}: correlation")
    if len(varshape) != 1:
        raise ValueError(f"{owner}: correlation needs a bank of one dimension, not in_size={varshape}.")
    n = varshape[0]
    if matrix.shape != (n, n):
        raise ValueError(f"{owner}: correlation has the shape {matrix.shape}; it must be {(n, n)}, for in_size={n}.")
    alike = np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
    if not alike or np.linalg.eigvalsh(matrix).min() < -1e-8 * n:
        raise ValueError(
            f"{owner}: correlation must be symmetric, with ones on the diagonal and no negative eigenvalue; "
            "scale the regions with sigma."
        )
    return matrix

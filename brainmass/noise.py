"""Noise processes: state spaces with a diffusion, attached to an Input of a model or to a Network."""

from typing import Any, ClassVar, cast

import brainunit as u

from brainmass.declarations import Declaration, Input, Law, Parameter, Symbol, Variable
from brainmass.statespace import StateSpace
from brainmass.units import UNITLESS, unit_name, unit_of

OWN = Symbol("unit of sigma")
LEVEL = Symbol("unit of the input")


class Noise(StateSpace):
    """A process whose ``level`` is added to the Input it is attached to.

    It has the unit of its ``sigma``; where ``sigma`` and ``mean`` are bare numbers, the unit of that Input.
    """

    is_noise: ClassVar[bool] = True
    is_white: ClassVar[bool] = False
    per_level: ClassVar[u.Unit] = UNITLESS
    """The unit of sigma over that of the level."""

    def _open(self, given: dict[str, Any]) -> None:
        given["mean"] = 0.0 if given["mean"] is None else given["mean"]
        sigma = _value(given["sigma"])
        self.symbols = {}
        if isinstance(sigma, u.Quantity):
            self._take(unit_of(sigma))

    def _take(self, own: Any) -> None:
        self.symbols.update({OWN.meaning: own, LEVEL.meaning: cast("u.Unit", own / self.per_level)})

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        open_unit = isinstance(declaration.unit, Symbol) and not self.symbols
        if open_unit and isinstance(value, u.Quantity):
            return value  # checked when the noise is attached to an Input, which decides
        return super()._checked(declaration, value)

    def settle(self, unit: u.Unit, label: str) -> None:
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
                f"{label} has sigma in {unit_name(own)}, but its input is in {unit_name(unit)}; "
                f"give sigma in {unit_name(fitting)} or as a bare number."
            )

    def factor(self, declaration: Input) -> float:
        """From the own unit to that of the Input."""
        return _ratio(self.symbols[LEVEL.meaning], declaration.unit)

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        """The current contribution to the Input, bare in the own unit."""
        return s["x"]


class OUProcess(Noise):
    r"""Ornstein–Uhlenbeck process, dx = (mean − x)/τ dt + σ/√τ dW, stationary s.d. σ/√2.

    The default method advances it exactly at any dt; it starts from its stationary law unless ``init`` is given.
    """

    mean = Parameter(None, OWN, "mean")
    sigma = Parameter(1.0 * u.nA, OWN, "amplitude; the stationary s.d. is σ/√2", bounds=(0, 1))
    tau = Parameter(10.0 * u.ms, u.ms, "correlation time", bounds=(1, 100))
    x = Variable(Law(lambda p, xi: p.mean + p.sigma / 2**0.5 * xi), OWN, "value", init="init")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=(p.mean - s.x) / p.tau)

    @staticmethod
    def diffusion(s: Any, p: Any) -> dict[str, Any]:
        return dict(x=p.sigma / p.tau**0.5)


class WhiteNoise(Noise):
    """White noise on an additive Input: a diffusion of the variable that the Input drives.

    ``sigma`` is in (input unit)·√ms, that is unit/√ms of the variable; a bare number means that.
    """

    is_white: ClassVar[bool] = True
    per_level: ClassVar[u.Unit] = cast("u.Unit", u.ms**0.5)

    mean = Parameter(None, LEVEL, "constant drive")
    sigma = Parameter(1.0, OWN, "amplitude", bounds=(0, 1))

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        return p["mean"]


GaussianNoise = WhiteNoise


def _ratio(unit: u.Unit, other: u.Unit) -> float:
    return 1.0 if unit == other else float(u.Quantity(1.0, unit).to(other).mantissa)


def _value(given: Any) -> Any:
    return given.value() if hasattr(given, "value") and callable(given.value) else given


__all__ = ["LEVEL", "OWN", "GaussianNoise", "Noise", "OUProcess", "WhiteNoise"]

"""Noises with a memory, which may be attached to any Input."""

from typing import Any, ClassVar, cast

import brainunit as u
import numpy as np

from brainmass.noise.base import LEVEL, OWN, Noise
from brainmass.state_space import Declaration, Law, Parameter, Variable
from brainmass.units import UNITLESS, describe, is_concrete


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


class BrownianNoise(Noise):
    r"""Brownian motion, dx = σ dW: the level is mean + x, whose s.d. grows as σ√t.

    ``sigma`` is in (input unit)/√ms.
    """

    per_level: ClassVar[u.Unit] = cast("u.Unit", u.ms**-0.5)

    mean = Parameter(None, LEVEL, "level at t = 0")
    sigma = Parameter(1.0, OWN, "amplitude", bounds=(0, 1))
    x = Variable(0.0, LEVEL, "displacement", init="init")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=0.0 * s.x / u.ms)

    @staticmethod
    def diffusion(s: Any, p: Any) -> dict[str, Any]:
        return dict(x=p.sigma)

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        return p["mean"] + s["x"]


MODES = ("x0", "x1", "x2", "x3", "x4", "x5")


def times(p: Any) -> list[Any]:
    """The time constants of the modes, evenly spaced in their logarithm."""
    return [p.fastest * (p.slowest / p.fastest) ** (m / (len(MODES) - 1)) for m in range(len(MODES))]


class _Modes(Noise):
    """Independent Ornstein–Uhlenbeck modes of variance 1; drawn from their stationary law at the beginning."""

    mean = Parameter(None, LEVEL, "mean")
    sigma = Parameter(1.0, OWN, "stationary s.d.", bounds=(0, 1))
    fastest = Parameter(1.0 * u.ms, u.ms, "time constant above whose frequency the power falls off", bounds=(0.5, 10))
    slowest = Parameter(1000.0 * u.ms, u.ms, "time constant below whose frequency the power is flat", bounds=(50, 1e4))
    x0 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 0, the fastest")
    x1 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 1")
    x2 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 2")
    x3 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 3")
    x4 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 4")
    x5 = Variable(Law(lambda p, xi: xi), UNITLESS, "mode 5")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return {name: -getattr(s, name) / tau for name, tau in zip(MODES, times(p), strict=True)}

    @staticmethod
    def diffusion(s: Any, p: Any) -> dict[str, Any]:
        return {name: (2.0 / tau) ** 0.5 for name, tau in zip(MODES, times(p), strict=True)}


class ColoredNoise(_Modes):
    r"""Noise with a power ∝ 1/f^β, 0 ≤ β ≤ 2, between the frequencies 1/(2π slowest) and 1/(2π fastest).

    The exponent is −β within 0.1 for 0.5 ≤ β ≤ 1.5; towards the ends of the range it is −0.3 at β = 0, −1.8 at 2.
    A superposition of six Ornstein–Uhlenbeck processes with variances ∝ τ^{β − 1}, exact in law at any dt (Kaulakys et
    al. 2005, doi:10.1103/PhysRevE.71.051105, on 1/f noise as such a sum). The stationary s.d. is σ.
    """

    beta = Parameter(1.0, doc="exponent of the power spectrum", bounds=(0, 2))

    def check_value(self, declaration: Declaration, number: Any, label: str, *, bare: bool) -> None:
        super().check_value(declaration, number, label, bare=bare)
        if declaration.name == "beta" and is_concrete(number) and (np.min(number) < 0 or np.max(number) > 2):
            raise ValueError(f"{label}={describe(number)} must lie in 0 to 2; use BlueNoise or VioletNoise below.")

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        ratio = p["slowest"] / p["fastest"]
        variances = [ratio ** ((p["beta"] - 1.0) * m / (len(MODES) - 1)) for m in range(len(MODES))]
        total = sum(v**0.5 * s[name] for v, name in zip(variances, MODES, strict=True))
        return p["mean"] + p["sigma"] * total / sum(variances) ** 0.5


class PinkNoise(_Modes):
    """Noise with a power ∝ 1/f between the frequencies 1/(2π slowest) and 1/(2π fastest); the stationary s.d. is σ."""

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        return p["mean"] + p["sigma"] * sum(s[name] for name in MODES) / len(MODES) ** 0.5


def _check_resolved(owner: str, fastest: Any, dt: float) -> None:
    """A low-pass that a step skips is none: at dt = fastest/5 the s.d. is 5 % too large, and then grows."""
    if is_concrete(fastest) and dt > 0.2 * float(np.min(fastest)) * (1 + 1e-9):
        raise ValueError(
            f"{owner}: fastest={describe(np.min(fastest))} ms needs dt of a fifth of it or less, not "
            f"{dt:g} ms; give a larger fastest."
        )


class BlueNoise(_Modes):
    """Noise with a power ∝ f up to 1/(2π fastest): pink noise less its own low-pass.

    The stationary s.d. is σ, to first order in dt/``fastest``; it is reached from a larger one in a few times that.
    """

    z = Variable(0.0, UNITLESS, "low-pass of the sum of the modes")

    def check_step(self, dt: float, values: dict[str, Any]) -> None:
        _check_resolved(type(self).__name__, values["fastest"], dt)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        total = sum(getattr(s, name) for name in MODES)
        return _Modes.drift(s, p, inp) | dict(z=(total - s.z) / p.fastest)

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        ratio = p["slowest"] / p["fastest"]
        variance = sum(1.0 / (1.0 + ratio ** (m / (len(MODES) - 1))) for m in range(len(MODES)))
        return p["mean"] + p["sigma"] * (sum(s[name] for name in MODES) - s["z"]) / variance**0.5


class VioletNoise(Noise):
    """Noise with a power ∝ f² up to 1/(2π fastest): a flat noise less its low-pass.

    The stationary s.d. is σ, to first order in dt/``fastest``.
    """

    mean = Parameter(None, LEVEL, "mean")
    sigma = Parameter(1.0, OWN, "stationary s.d.", bounds=(0, 1))
    fastest = Parameter(1.0 * u.ms, u.ms, "time constant above whose frequency the power falls off", bounds=(0.5, 10))
    x = Variable(Law(lambda p, xi: xi), UNITLESS, "flat noise less its low-pass")
    z = Variable(Law(lambda p, xi: xi), UNITLESS, "the low-pass")

    def check_step(self, dt: float, values: dict[str, Any]) -> None:
        _check_resolved(type(self).__name__, values["fastest"], dt)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=-(2.0 * s.x + s.z) / p.fastest, z=s.x / p.fastest)

    @staticmethod
    def diffusion(s: Any, p: Any) -> dict[str, Any]:
        return dict(x=2.0 / p.fastest**0.5)

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        return p["mean"] + p["sigma"] * s["x"]

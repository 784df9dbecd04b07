"""Noises without a memory, which only an additive Input can take: diffusions of the variables that it drives."""

from typing import Any, ClassVar, cast

import brainunit as u

from brainmass.noise.base import LEVEL, OWN, Noise
from brainmass.state_space import Input, Parameter


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


class MultiplicativeNoise(Noise):
    """White noise in proportion to the variable x that the Input drives: dx = drift dt + σ x dW, in the sense of Itô.

    ``sigma`` is in 1/√ms.
    """

    is_white: ClassVar[bool] = True
    is_proportional: ClassVar[bool] = True

    sigma = Parameter(0.1, cast("u.Unit", u.ms**-0.5), "amplitude", bounds=(0, 1))

    def resolve_units(self, unit: u.Unit, label: str) -> None:
        """Any Input will do."""

    def factor(self, declaration: Input) -> float:
        return 1.0

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        return 0.0

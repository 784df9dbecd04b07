"""One file per model; a model is listed by its import here."""

from typing import NamedTuple

from brainmass.declarations import Variable
from brainmass.models.hopf import HopfStep
from brainmass.models.jansen_rit import JansenRitStep
from brainmass.models.wilson_cowan import WilsonCowanStep
from brainmass.statespace import StateSpace


class ModelInfo(NamedTuple):
    """One line of the model table."""

    name: str
    n_state_vars: int
    use_case: str


def catalogue() -> dict[str, type[StateSpace]]:
    """Every model by name: what contract tests, benchmarks, docs and the gallery run over."""
    return {name: value for name, value in globals().items() if name.endswith("Step")}


def list_models() -> list[ModelInfo]:
    """Name, number of state variables and meaning of every model."""
    found = catalogue().items()
    return [
        ModelInfo(name, len(m.declarations(Variable)), (m.__doc__ or "").strip().split("\n")[0]) for name, m in found
    ]


__all__ = ["ModelInfo", "catalogue", "list_models"]
__all__ += catalogue()  # pyright: ignore[reportUnsupportedDunderAll]

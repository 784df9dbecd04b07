"""One file per model; `catalogue` lists them all."""

from typing import NamedTuple

from brainmass.declarations import Variable
from brainmass.models.hopf import HopfStep
from brainmass.models.jansen_rit import JansenRitStep
from brainmass.models.wilson_cowan import WilsonCowanStep
from brainmass.statespace import StateSpace

__all__ = ["HopfStep", "JansenRitStep", "WilsonCowanStep", "catalogue", "list_models"]


def catalogue() -> dict[str, type[StateSpace]]:
    """Every model by name: what contract tests, benchmarks, docs and the gallery run over."""
    return {name: globals()[name] for name in __all__ if name.endswith("Step")}


class ModelInfo(NamedTuple):
    """One line of the model table."""

    name: str
    n_state_vars: int
    use_case: str


def list_models() -> list[ModelInfo]:
    """Name, number of state variables and meaning of every model."""
    found = catalogue().items()
    return [ModelInfo(name, len(m.declarations(Variable)), (m.__doc__ or "").strip().split("\n")[0]) for name, m in found]

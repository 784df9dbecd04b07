"""How regions act on each other: ``pre`` of each source, a weighted sum, ``post`` at each target."""

from brainmass.network.coupling.base import Coupling
from brainmass.network.coupling.functions import (
    additive_coupling,
    diffusive_coupling,
    hyperbolic_tangent_coupling,
    sigmoidal_coupling,
    sigmoidal_jansen_rit_coupling,
)
from brainmass.network.coupling.laplacian import LaplacianConnParam, laplacian_connectivity
from brainmass.network.coupling.rules import (
    COUPLINGS,
    AdditiveCoupling,
    DiffusiveCoupling,
    HyperbolicTangentCoupling,
    KuramotoCoupling,
    LaplacianCoupling,
    PreSigmoidalCoupling,
    SigmoidalCoupling,
    SigmoidalJansenRitCoupling,
    name_of,
    resolve_coupling,
)

__all__ = [
    "COUPLINGS",
    "AdditiveCoupling",
    "Coupling",
    "DiffusiveCoupling",
    "HyperbolicTangentCoupling",
    "KuramotoCoupling",
    "LaplacianConnParam",
    "LaplacianCoupling",
    "PreSigmoidalCoupling",
    "SigmoidalCoupling",
    "SigmoidalJansenRitCoupling",
    "additive_coupling",
    "diffusive_coupling",
    "hyperbolic_tangent_coupling",
    "laplacian_connectivity",
    "name_of",
    "resolve_coupling",
    "sigmoidal_coupling",
    "sigmoidal_jansen_rit_coupling",
]

"""One file per model; a model is listed by its import here."""

from html import escape
from typing import Any, NamedTuple

from brainmass.models.aln import ALNStep
from brainmass.models.coombes_byrne import CoombesByrneStep
from brainmass.models.coombes_byrne_4d import CoombesByrne4DStep
from brainmass.models.costa_thalamus import CostaThalamusStep
from brainmass.models.dumont_gutkin import DumontGutkinStep
from brainmass.models.epileptor import Epileptor2DStep, EpileptorRestingStateStep, EpileptorStep
from brainmass.models.epileptor_codim3 import EpileptorCodim3SlowModStep, EpileptorCodim3Step
from brainmass.models.fitzhugh_nagumo import FitzHughNagumoStep
from brainmass.models.gast_schmidt_knosche_sd import GastSchmidtKnoscheSDStep
from brainmass.models.gast_schmidt_knosche_sf import GastSchmidtKnoscheSFStep
from brainmass.models.generic_2d_oscillator import Generic2dOscillatorStep
from brainmass.models.hopf import HopfStep
from brainmass.models.hopfield import HopfieldStep
from brainmass.models.hopfield_adaptive import HopfieldAdaptiveStep
from brainmass.models.horn import HORNStep
from brainmass.models.jansen_rit import JansenRitStep
from brainmass.models.k_ion_exchange import KIonExStep
from brainmass.models.kuramoto import KuramotoStep
from brainmass.models.larter_breakspear import LarterBreakspearStep
from brainmass.models.liley_steyn_ross import LileyStep, LileySteynRossStep
from brainmass.models.linear import LinearStep
from brainmass.models.lorenz import LorenzStep
from brainmass.models.montbrio_pazo_roxin import MontbrioPazoRoxinStep
from brainmass.models.reduced_wong_wang import ReducedWongWangStep
from brainmass.models.stefanescu_jirsa import ReducedSetFitzHughNagumoStep, ReducedSetHindmarshRoseStep
from brainmass.models.stuart_landau import StuartLandauStep
from brainmass.models.threshold_linear import ThresholdLinearStep
from brainmass.models.van_der_pol import VanDerPolStep
from brainmass.models.wendling import WendlingStep
from brainmass.models.wilson_cowan import WilsonCowanStep
from brainmass.models.wilson_cowan_adaptive import WilsonCowanAdaptiveStep
from brainmass.models.wilson_cowan_delayed import WilsonCowanDelayedStep
from brainmass.models.wilson_cowan_divisive import WilsonCowanDivisiveStep
from brainmass.models.wilson_cowan_divisive_input import WilsonCowanDivisiveInputStep
from brainmass.models.wilson_cowan_linear import WilsonCowanLinearStep
from brainmass.models.wilson_cowan_no_saturation import WilsonCowanNoSaturationStep
from brainmass.models.wilson_cowan_simplified import WilsonCowanSimplifiedStep
from brainmass.models.wilson_cowan_symmetric import WilsonCowanSymmetricStep
from brainmass.models.wilson_cowan_three_population import WilsonCowanThreePopulationStep
from brainmass.models.wong_wang import WongWangStep
from brainmass.models.wong_wang_exc_inh import WongWangExcInhStep
from brainmass.models.zerlaut import ZerlautFirstOrderStep, ZerlautSecondOrderStep
from brainmass.models.zetterberg_jansen import ZetterbergJansenStep
from brainmass.names import with_named_arguments
from brainmass.state_space import StateSpace, Variable


class ModelInfo(NamedTuple):
    """One line of the model table."""

    name: str
    n_state_vars: int
    use_case: str


def catalogue() -> dict[str, type[StateSpace]]:
    """Every model by name: what contract tests, benchmarks, docs and the gallery run over."""
    return {name: value for name, value in globals().items() if name.endswith("Step")}


class ModelTable(list[ModelInfo]):
    """The models, one a line where it is shown."""

    def to_table(self) -> str:
        """Name, number of state variables and meaning of every model, aligned."""
        width = max((len(info.name) for info in self), default=0)
        return "\n".join(f"{info.name:<{width}}  {info.n_state_vars:>2}  {info.use_case}" for info in self)

    def _repr_html_(self) -> str:
        """The same table in a notebook."""
        rows = (f"<tr><td>{escape(n)}</td><td>{k}</td><td>{escape(text)}</td></tr>" for n, k, text in self)
        heads = "<tr><th>model</th><th>variables</th><th>meaning</th></tr>"
        return f"<table><thead>{heads}</thead><tbody>{''.join(rows)}</tbody></table>"

    __repr__ = to_table

    def __getitem__(self, at: Any) -> Any:
        return ModelTable(super().__getitem__(at)) if isinstance(at, slice) else super().__getitem__(at)


@with_named_arguments
def list_models() -> ModelTable:
    """Name, number of state variables and meaning of every model."""
    found = catalogue().items()
    return ModelTable(
        ModelInfo(name, len(m.declarations(Variable)), (m.__doc__ or "").strip().split("\n")[0]) for name, m in found
    )


__all__ = ["ModelInfo", "catalogue", "list_models"]
__all__ += catalogue()  # pyright: ignore[reportUnsupportedDunderAll]

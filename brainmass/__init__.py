"""Whole-brain neural-mass simulation on JAX."""

import jax

_x64 = jax.config.read("jax_enable_x64")  # brainstate 0.5 switches the flag off when it is imported

from brainmass import datasets, metrics, models, objectives, stimulus, viz
from brainmass.connectomes import Connectome
from brainmass.formats import load_connectome, save_connectome
from brainmass.layers import HORNSeqLayer, HORNSeqNetwork
from brainmass.metrics import functional_connectivity
from brainmass.models import *  # noqa: F403
from brainmass.models import list_models
from brainmass.monitors import (
    EEG,
    MEG,
    SEEG,
    Afferent,
    Balloon,
    Bold,
    DoubleExponentialHRFKernel,
    FirstOrderVolterraHRFKernel,
    GammaHRFKernel,
    GlobalAverage,
    HRFKernel,
    MixtureOfGammasHRFKernel,
    Monitor,
    Sample,
    StreamingFC,
    StreamingFCD,
    StreamingPSD,
    TemporalAverage,
)
from brainmass.network import Network
from brainmass.network.coupling import (
    AdditiveCoupling,
    Coupling,
    DiffusiveCoupling,
    HyperbolicTangentCoupling,
    KuramotoCoupling,
    LaplacianConnParam,
    LaplacianCoupling,
    PreSigmoidalCoupling,
    SigmoidalCoupling,
    SigmoidalJansenRitCoupling,
    additive_coupling,
    diffusive_coupling,
    hyperbolic_tangent_coupling,
    laplacian_connectivity,
    sigmoidal_coupling,
    sigmoidal_jansen_rit_coupling,
)
from brainmass.noise import (
    BlueNoise,
    BrownianNoise,
    ColoredNoise,
    GaussianNoise,
    MultiplicativeNoise,
    Noise,
    NoiseSeries,
    OUProcess,
    PinkNoise,
    VioletNoise,
    WhiteNoise,
)
from brainmass.results import Result
from brainmass.simulation import Estimate, Place, Simulator, estimate, resume
from brainmass.simulation.checkpoints import load_result
from brainmass.spec import SpecError, diff, from_spec, read_spec, to_spec, write_spec
from brainmass.state_space import Delayed, Input, Law, Output, Parameter, StateSpace, Table, Uniform, Variable

jax.config.update("jax_enable_x64", _x64)

__version__ = "0.1.0.dev0"

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "Connectome",
    "load_connectome",
    "save_connectome",
    "datasets",
    "models",
    "list_models",
    *models.catalogue(),
    "Parameter",
    "Variable",
    "Input",
    "Delayed",
    "Table",
    "Uniform",
    "Output",
    "Law",
    "StateSpace",
    "Noise",
    "OUProcess",
    "WhiteNoise",
    "GaussianNoise",
    "MultiplicativeNoise",
    "BrownianNoise",
    "ColoredNoise",
    "PinkNoise",
    "BlueNoise",
    "VioletNoise",
    "NoiseSeries",
    "Coupling",
    "DiffusiveCoupling",
    "AdditiveCoupling",
    "LaplacianCoupling",
    "SigmoidalCoupling",
    "HyperbolicTangentCoupling",
    "SigmoidalJansenRitCoupling",
    "KuramotoCoupling",
    "PreSigmoidalCoupling",
    "diffusive_coupling",
    "additive_coupling",
    "sigmoidal_coupling",
    "hyperbolic_tangent_coupling",
    "sigmoidal_jansen_rit_coupling",
    "laplacian_connectivity",
    "LaplacianConnParam",
    "Network",
    "stimulus",
    "Simulator",
    "to_spec",
    "from_spec",
    "write_spec",
    "read_spec",
    "diff",
    "SpecError",
    "estimate",
    "Estimate",
    "Place",
    "resume",
    "Result",
    "load_result",
    "Monitor",
    "Sample",
    "TemporalAverage",
    "GlobalAverage",
    "Bold",
    "Balloon",
    "HRFKernel",
    "FirstOrderVolterraHRFKernel",
    "GammaHRFKernel",
    "DoubleExponentialHRFKernel",
    "MixtureOfGammasHRFKernel",
    "EEG",
    "MEG",
    "SEEG",
    "Afferent",
    "StreamingFC",
    "StreamingFCD",
    "StreamingPSD",
    "HORNSeqLayer",
    "HORNSeqNetwork",
    "metrics",
    "objectives",
    "functional_connectivity",
    "viz",
]

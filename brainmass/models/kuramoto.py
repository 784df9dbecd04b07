from typing import Any

import jax.numpy as jnp
from braintools.init import Uniform

from brainmass.declarations import Input, Output, Parameter, Variable
from brainmass.statespace import StateSpace
from brainmass.units import per_ms


class KuramotoStep(StateSpace):
    r"""Phase oscillator (Kuramoto 1975, doi:10.1007/BFb0013365).

    .. math:: \dot\theta = \omega + \theta_\mathrm{inp}

    Coupling is k Σ_j w_ij sin(θ_j − θ_i − α) by default; with delays, θ_j is taken as it was. The phase is not wrapped.
    """

    primary = "theta"
    coupling = "kuramoto"

    omega = Parameter(1.0, per_ms, "angular frequency", bounds=(0.01, 2))
    theta = Variable(Uniform(0.0, 6.283185307179586), doc="phase", span=(-12.566370614359172, 12.566370614359172))
    theta_inp = Input(per_ms, "drive on the phase", additive=True)
    wave = Output(lambda s, p: jnp.sin(s.theta), doc="sine of the phase, a signal to correlate")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(theta=p.omega + inp.theta_inp)

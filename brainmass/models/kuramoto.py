import math
from typing import Any

import jax.numpy as jnp

from brainmass.state_space import Input, Output, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms


class KuramotoStep(StateSpace):
    r"""Phase oscillator (Kuramoto 1975, doi:10.1007/BFb0013365).

    .. math:: \dot\theta = \omega + \theta_\mathrm{inp}

    Coupling is k Σ_j w_ij sin(θ_j − θ_i − α) by default; with delays, θ_j is taken as it was. The phase is kept
    between −π and π; `Result.unwrapped` gives its course without jumps.
    """

    primary = "theta"
    coupling = "kuramoto"

    omega = Parameter(1.0, per_ms, "angular frequency", bounds=(0.01, 2))
    theta = Variable(Uniform(0.0, 2 * math.pi), doc="phase", span=(-math.pi, math.pi), period=2 * math.pi)
    theta_inp = Input(per_ms, "drive on the phase", additive=True)
    wave = Output(lambda s, p: jnp.sin(s.theta), doc="sine of the phase, a signal to correlate")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(theta=p.omega + inp.theta_inp)

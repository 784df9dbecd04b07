from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms


class FitzHughNagumoStep(StateSpace):
    r"""Excitable or oscillating node with a cubic nullcline (Kostova et al. 2004, doi:10.1142/S0218127404009685).

    .. math:: \dot V = -\alpha V^3 + \beta V^2 + \gamma V - w + V_\mathrm{inp}, \quad
              \dot w = (V - \delta - \varepsilon w) / \tau + w_\mathrm{inp}

    After FitzHugh 1961, doi:10.1016/S0006-3495(61)86902-6. Time is in ms. Coupling adds to the derivative of V.
    """

    alpha = Parameter(3.0, per_ms, "cubic coefficient", bounds=(1, 5))
    beta = Parameter(4.0, per_ms, "quadratic coefficient", bounds=(2, 6))
    gamma = Parameter(-1.5, per_ms, "linear coefficient", bounds=(-3, 0))
    delta = Parameter(0.0, doc="offset of the recovery", bounds=(-1, 1))
    epsilon = Parameter(0.5, doc="decay of the recovery", bounds=(0, 1))
    tau = Parameter(20.0 * u.ms, u.ms, "time constant of the recovery", bounds=(5, 50))
    V = Variable(Uniform(0.0, 0.05), doc="membrane potential", span=(-0.5, 1.5))
    w = Variable(Uniform(0.0, 0.05), doc="recovery", span=(-0.5, 1.5))
    V_inp = Input(per_ms, "drive on the potential", additive=True)
    w_inp = Input(per_ms, "drive on the recovery", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(
            V=-p.alpha * s.V**3 + p.beta * s.V**2 + p.gamma * s.V - s.w / u.ms + inp.V_inp,
            w=(s.V - p.delta - p.epsilon * s.w) / p.tau + inp.w_inp,
        )

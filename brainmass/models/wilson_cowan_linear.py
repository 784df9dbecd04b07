from typing import Any

import brainunit as u
import jax.numpy as jnp

from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanLinearStep(StateSpace):
    r"""Wilson–Cowan with a rectified-linear response (Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5).

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\, [w_{EE} r_E - w_{IE} r_I + I_E]_+ \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\, [w_{EI} r_E - w_{II} r_I + I_I]_+

    ``wXY`` is the weight from X to Y. Coupling enters ``rE_inp``, inside the rectification.
    """

    tau_E = Parameter(1.0 * u.ms, u.ms, "time constant of E", bounds=(0.5, 20))
    tau_I = Parameter(1.0 * u.ms, u.ms, "time constant of I", bounds=(0.5, 20))
    wEE = Parameter(0.8, doc="weight from E to E", bounds=(0, 3))
    wIE = Parameter(0.3, doc="weight from I to E", bounds=(0, 3))
    wEI = Parameter(1.0, doc="weight from E to I", bounds=(0, 3))
    wII = Parameter(0.85, doc="weight from I to I", bounds=(0, 3))
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the rectification", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the rectification", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = jnp.maximum(p.wEE * s.rE - p.wIE * s.rI + inp.rE_inp, 0.0)
        I = jnp.maximum(p.wEI * s.rE - p.wII * s.rI + inp.rI_inp, 0.0)
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I)

from typing import Any

import brainunit as u
import jax.numpy as jnp

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


def divisor(sigma: Any, inhibition: Any) -> Any:
    """σ and the inhibition, a tenth of σ at least."""
    return jnp.maximum(sigma + inhibition, 0.1 * sigma)


class WilsonCowanDivisiveStep(StateSpace):
    r"""Wilson–Cowan whose inhibition divides the response (Carandini & Heeger 2012, doi:10.1038/nrn3136).

    .. math:: \tau_E \dot r_E &= -r_E + \frac{1 - r\,r_E}{\sigma_E + w_{IE} r_I} F(w_{EE} r_E + I_E;\, a_E, \theta_E) \\
              \tau_I \dot r_I &= -r_I + \frac{1 - r\,r_I}{\sigma_I + w_{II} r_I} F(w_{EI} r_E + I_I;\, a_I, \theta_I)

    F is the shifted sigmoid of `WilsonCowanStep`. A divisor is a tenth of its σ at least: noise may take an activity
    below 0, and at −σ/w would be a pole.

    ``wXY`` is the weight from X to Y. Coupling enters ``rE_inp``, inside the sigmoid.
    """

    tau_E = Parameter(1.0 * u.ms, u.ms, "time constant of E", bounds=(0.5, 20))
    a_E = Parameter(1.2, doc="slope of E", bounds=(0.5, 3))
    theta_E = Parameter(2.8, doc="threshold of E", bounds=(0, 6))
    tau_I = Parameter(1.0 * u.ms, u.ms, "time constant of I", bounds=(0.5, 20))
    a_I = Parameter(1.0, doc="slope of I", bounds=(0.5, 3))
    theta_I = Parameter(4.0, doc="threshold of I", bounds=(0, 6))
    wEE = Parameter(6.0, doc="weight from E to E", bounds=(0, 15))
    wIE = Parameter(2.0, doc="weight from I to E", bounds=(0, 15))
    wEI = Parameter(6.5, doc="weight from E to I", bounds=(0, 15))
    wII = Parameter(5.5, doc="weight from I to I", bounds=(0, 15))
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    sigma_E = Parameter(1.0, doc="semi-saturation of E", bounds=(0.1, 5))
    sigma_I = Parameter(1.0, doc="semi-saturation of I", bounds=(0.1, 5))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        of_E, of_I = divisor(p.sigma_E, p.wIE * s.rI), divisor(p.sigma_I, p.wII * s.rI)
        E = response(p.wEE * s.rE + inp.rE_inp, p.a_E, p.theta_E) / of_E
        I = response(p.wEI * s.rE + inp.rI_inp, p.a_I, p.theta_I) / of_I
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I)

from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanSimplifiedStep(StateSpace):
    r"""Wilson–Cowan with two weights (Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5).

    One excitatory and one inhibitory weight serve both populations.

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\, F(w_{exc} r_E - w_{inh} r_I + I_E;\, a_E, \theta_E) \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\, F(w_{exc} r_E - w_{inh} r_I + I_I;\, a_I, \theta_I)

    Coupling enters ``rE_inp``, inside the sigmoid.
    """

    tau_E = Parameter(1.0 * u.ms, u.ms, "time constant of E", bounds=(0.5, 20))
    a_E = Parameter(1.2, doc="slope of E", bounds=(0.5, 3))
    theta_E = Parameter(2.8, doc="threshold of E", bounds=(0, 6))
    tau_I = Parameter(1.0 * u.ms, u.ms, "time constant of I", bounds=(0.5, 20))
    a_I = Parameter(1.0, doc="slope of I", bounds=(0.5, 3))
    theta_I = Parameter(4.0, doc="threshold of I", bounds=(0, 6))
    w_exc = Parameter(8.0, doc="weight from E to both", bounds=(0, 30))
    w_inh = Parameter(12.0, doc="weight from I to both", bounds=(0, 30))
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        shared = p.w_exc * s.rE - p.w_inh * s.rI
        E = response(shared + inp.rE_inp, p.a_E, p.theta_E)
        I = response(shared + inp.rI_inp, p.a_I, p.theta_I)
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I)

from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.models.wilson_cowan_divisive import divisor
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanDivisiveInputStep(StateSpace):
    r"""Wilson–Cowan whose inhibition divides the input (Reynolds & Heeger 2009, doi:10.1016/j.neuron.2009.01.002).

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\,
                  F(w_{EE} r_E / (\sigma_E + w_{IE} r_I) + I_E;\, a_E, \theta_E) \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\,
                  F(w_{EI} r_E / (\sigma_I + w_{II} r_I) + I_I;\, a_I, \theta_I)

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
        E = response(p.wEE * s.rE / of_E + inp.rE_inp, p.a_E, p.theta_E)
        I = response(p.wEI * s.rE / of_I + inp.rI_inp, p.a_I, p.theta_I)
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I)

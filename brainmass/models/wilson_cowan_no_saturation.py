from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanNoSaturationStep(StateSpace):
    r"""Wilson–Cowan without refractoriness (Destexhe & Sejnowski 2009, doi:10.1007/s00422-009-0328-3).

    .. math:: \tau_E \dot r_E &= -r_E + F(w_{EE} r_E - w_{IE} r_I + I_E;\, a_E, \theta_E) \\
              \tau_I \dot r_I &= -r_I + F(w_{EI} r_E - w_{II} r_I + I_I;\, a_I, \theta_I)

    F is the shifted sigmoid of `WilsonCowanStep`.

    ``wXY`` is the weight from X to Y. Coupling enters ``rE_inp``, inside the sigmoid.
    """

    dt = 0.05  # with time constants of 1 ms, amplitudes near an edge are off by more than 1 % at 0.1 ms

    tau_E = Parameter(1.0 * u.ms, u.ms, "time constant of E", bounds=(0.5, 20))
    a_E = Parameter(1.2, doc="slope of E", bounds=(0.5, 3))
    theta_E = Parameter(2.8, doc="threshold of E", bounds=(0, 6))
    tau_I = Parameter(1.0 * u.ms, u.ms, "time constant of I", bounds=(0.5, 20))
    a_I = Parameter(1.0, doc="slope of I", bounds=(0.5, 3))
    theta_I = Parameter(4.0, doc="threshold of I", bounds=(0, 6))
    wEE = Parameter(12.0, doc="weight from E to E", bounds=(0, 30))
    wIE = Parameter(4.0, doc="weight from I to E", bounds=(0, 30))
    wEI = Parameter(13.0, doc="weight from E to I", bounds=(0, 30))
    wII = Parameter(11.0, doc="weight from I to I", bounds=(0, 30))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = response(p.wEE * s.rE - p.wIE * s.rI + inp.rE_inp, p.a_E, p.theta_E)
        I = response(p.wEI * s.rE - p.wII * s.rI + inp.rI_inp, p.a_I, p.theta_I)
        return dict(rE=(-s.rE + E) / p.tau_E, rI=(-s.rI + I) / p.tau_I)

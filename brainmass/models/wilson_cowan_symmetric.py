from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanSymmetricStep(StateSpace):
    r"""Wilson–Cowan with two alike populations (Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5).

    One time constant and one sigmoid serve both.

    .. math:: \tau \dot r_E &= -r_E + (1 - r\,r_E)\, F(w_{EE} r_E - w_{IE} r_I + I_E;\, a, \theta) \\
              \tau \dot r_I &= -r_I + (1 - r\,r_I)\, F(w_{EI} r_E - w_{II} r_I + I_I;\, a, \theta)

    ``wXY`` is the weight from X to Y. Coupling enters ``rE_inp``, inside the sigmoid.
    """

    dt = 0.05  # with time constants of 1 ms, amplitudes near an edge are off by more than 1 % at 0.1 ms

    tau = Parameter(1.0 * u.ms, u.ms, "time constant", bounds=(0.5, 20))
    a = Parameter(1.1, doc="slope", bounds=(0.5, 3))
    theta = Parameter(3.4, doc="threshold", bounds=(0, 6))
    wEE = Parameter(12.0, doc="weight from E to E", bounds=(0, 30))
    wIE = Parameter(4.0, doc="weight from I to E", bounds=(0, 30))
    wEI = Parameter(13.0, doc="weight from E to I", bounds=(0, 30))
    wII = Parameter(11.0, doc="weight from I to I", bounds=(0, 30))
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = response(p.wEE * s.rE - p.wIE * s.rI + inp.rE_inp, p.a, p.theta)
        I = response(p.wEI * s.rE - p.wII * s.rI + inp.rI_inp, p.a, p.theta)
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau)

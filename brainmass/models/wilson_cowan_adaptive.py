from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanAdaptiveStep(StateSpace):
    r"""Wilson–Cowan with adaptation that subtracts from the drive (Benda & Herz 2003, doi:10.1162/089976603322385063).

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\, F(w_{EE} r_E - w_{IE} r_I - a_E + I_E), \quad
              \tau_{aE} \dot a_E = -a_E + b_E r_E \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\, F(w_{EI} r_E - w_{II} r_I - a_I + I_I), \quad
              \tau_{aI} \dot a_I = -a_I + b_I r_I

    F is the shifted sigmoid of `WilsonCowanStep`, with slopes ``a_E`` and ``a_I``.

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
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    tau_aE = Parameter(100.0 * u.ms, u.ms, "time constant of the adaptation of E", bounds=(20, 500))
    tau_aI = Parameter(80.0 * u.ms, u.ms, "time constant of the adaptation of I", bounds=(20, 500))
    b_E = Parameter(0.1, doc="strength of the adaptation of E", bounds=(0, 10))
    b_I = Parameter(0.08, doc="strength of the adaptation of I", bounds=(0, 10))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    aE = Variable(0.0, doc="adaptation of E", init="aE_init", span=(0, 1))
    aI = Variable(0.0, doc="adaptation of I", init="aI_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = response(p.wEE * s.rE - p.wIE * s.rI - s.aE + inp.rE_inp, p.a_E, p.theta_E)
        I = response(p.wEI * s.rE - p.wII * s.rI - s.aI + inp.rI_inp, p.a_I, p.theta_I)
        return dict(
            rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E,
            rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I,
            aE=(-s.aE + p.b_E * s.rE) / p.tau_aE,
            aI=(-s.aI + p.b_I * s.rI) / p.tau_aI,
        )

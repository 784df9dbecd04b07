from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Input, Parameter, StateSpace, Variable


class WilsonCowanThreePopulationStep(StateSpace):
    r"""Wilson–Cowan with a third, modulating population M (populations after Pfeffer et al. 2013, doi:10.1038/nn.3446).

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\, F(w_{EE} r_E - w_{IE} r_I + w_{ME} r_M + I_E) \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\, F(w_{EI} r_E - w_{II} r_I + w_{MI} r_M + I_I) \\
              \tau_M \dot r_M &= -r_M + (1 - r\,r_M)\, F(w_{EM} r_E - w_{IM} r_I + w_{MM} r_M + I_M)

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
    tau_M = Parameter(2.0 * u.ms, u.ms, "time constant of M", bounds=(0.5, 20))
    a_M = Parameter(1.0, doc="slope of M", bounds=(0.5, 3))
    theta_M = Parameter(3.5, doc="threshold of M", bounds=(0, 6))
    wEE = Parameter(12.0, doc="weight from E to E", bounds=(0, 30))
    wIE = Parameter(4.0, doc="weight from I to E", bounds=(0, 30))
    wEI = Parameter(13.0, doc="weight from E to I", bounds=(0, 30))
    wII = Parameter(11.0, doc="weight from I to I", bounds=(0, 30))
    wME = Parameter(8.0, doc="weight from M to E", bounds=(0, 30))
    wMI = Parameter(6.0, doc="weight from M to I", bounds=(0, 30))
    wEM = Parameter(4.0, doc="weight from E to M", bounds=(0, 30))
    wIM = Parameter(2.0, doc="weight from I to M", bounds=(0, 30))
    wMM = Parameter(2.0, doc="weight from M to M", bounds=(0, 30))
    r = Parameter(1.0, doc="refractory factor", bounds=(0, 2))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rM = Variable(0.0, doc="activity of M", init="rM_init", span=(0, 1))
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")
    rM_inp = Input(doc="drive of M, inside the sigmoid", noise="noise_M")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = response(p.wEE * s.rE - p.wIE * s.rI + p.wME * s.rM + inp.rE_inp, p.a_E, p.theta_E)
        I = response(p.wEI * s.rE - p.wII * s.rI + p.wMI * s.rM + inp.rI_inp, p.a_I, p.theta_I)
        M = response(p.wEM * s.rE - p.wIM * s.rI + p.wMM * s.rM + inp.rM_inp, p.a_M, p.theta_M)
        return dict(
            rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E,
            rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I,
            rM=(-s.rM + (1.0 - p.r * s.rM) * M) / p.tau_M,
        )

from typing import Any

import brainunit as u

from brainmass.models.wilson_cowan import response
from brainmass.state_space import Delayed, Input, Parameter, StateSpace, Variable


class WilsonCowanDelayedStep(StateSpace):
    r"""Wilson–Cowan with delays inside the region (Robinson et al. 2002, doi:10.1103/PhysRevE.65.041924).

    .. math:: \tau_E \dot r_E &= -r_E + (1 - r\,r_E)\,
                  F(w_{EE} r_E(t - d_{EE}) - w_{IE} r_I(t - d_{IE}) + I_E;\, a_E, \theta_E) \\
              \tau_I \dot r_I &= -r_I + (1 - r\,r_I)\,
                  F(w_{EI} r_E(t - d_{EI}) - w_{II} r_I(t - d_{II}) + I_I;\, a_I, \theta_I)

    F is the shifted sigmoid of `WilsonCowanStep`; weight and delay ``XY`` lead from X to Y. Coupling enters ``rE_inp``,
    inside the sigmoid.
    """

    dt = 0.025  # delays are held over a step, which at 0.1 ms slows the rhythm by 2 %

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
    delay_EE = Parameter(2.0 * u.ms, u.ms, "delay from E to E", bounds=(0, 10))
    delay_IE = Parameter(2.0 * u.ms, u.ms, "delay from I to E", bounds=(0, 10))
    delay_EI = Parameter(1.5 * u.ms, u.ms, "delay from E to I", bounds=(0, 10))
    delay_II = Parameter(1.5 * u.ms, u.ms, "delay from I to I", bounds=(0, 10))
    rE = Variable(0.0, doc="activity of E", init="rE_init", span=(0, 1))
    rI = Variable(0.0, doc="activity of I", init="rI_init", span=(0, 1))
    rE_to_E = Delayed("rE", "delay_EE", "activity of E as it reaches E")
    rI_to_E = Delayed("rI", "delay_IE", "activity of I as it reaches E")
    rE_to_I = Delayed("rE", "delay_EI", "activity of E as it reaches I")
    rI_to_I = Delayed("rI", "delay_II", "activity of I as it reaches I")
    rE_inp = Input(doc="drive of E, inside the sigmoid", noise="noise_E")
    rI_inp = Input(doc="drive of I, inside the sigmoid", noise="noise_I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        E = response(p.wEE * s.rE_to_E - p.wIE * s.rI_to_E + inp.rE_inp, p.a_E, p.theta_E)
        I = response(p.wEI * s.rE_to_I - p.wII * s.rI_to_I + inp.rI_inp, p.a_I, p.theta_I)
        return dict(rE=(-s.rE + (1.0 - p.r * s.rE) * E) / p.tau_E, rI=(-s.rI + (1.0 - p.r * s.rI) * I) / p.tau_I)

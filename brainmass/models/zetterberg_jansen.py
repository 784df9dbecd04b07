from typing import Any

import brainunit as u

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms

mV_per_ms = u.mV / u.ms


class ZetterbergJansenStep(StateSpace):
    r"""Column of two excitatory and one inhibitory population (Zetterberg et al. 1978, doi:10.1007/BF00337367).

    .. math:: \ddot v_1 &= h_e (\gamma_1 S(v_6) + \gamma_{1T} (U + S(v_\mathrm{inp}))) - 2 k_e \dot v_1 - k_e^2 v_1 \\
              \ddot v_2 &= h_e (\gamma_2 S(v_1) + \gamma_{2T} (P + S(v_\mathrm{inp}))) - 2 k_e \dot v_2 - k_e^2 v_2 \\
              \ddot v_3 &= h_i\, \gamma_4 S(v_7) - 2 k_i \dot v_3 - k_i^2 v_3 \\
              \ddot v_4 &= h_e (\gamma_3 S(v_6) + \gamma_{3T} (Q + S(v_\mathrm{inp}))) - 2 k_e \dot v_4 - k_e^2 v_4 \\
              \ddot v_5 &= h_i\, \gamma_5 S(v_7) - 2 k_i \dot v_5 - k_i^2 v_5

    with :math:`h_a = H_a k_a`, :math:`v_6 = v_2 - v_3` (pyramidal cells), :math:`v_7 = v_4 - v_5` (inhibitory ones),
    :math:`S(v) = 2 e_0 / (1 + e^{\rho_1 (\rho_2 - v)})`; the parameters of Jansen & Rit 1995, doi:10.1007/BF00199471.
    Coupling enters ``v6_inp`` as a potential, inside the sigmoid.
    """

    coupling = "additive"

    He = Parameter(3.25 * u.mV, u.mV, "excitatory gain", bounds=(2.6, 9.75))
    Hi = Parameter(22.0 * u.mV, u.mV, "inhibitory gain", bounds=(17.6, 110))
    ke = Parameter(0.1 / u.ms, per_ms, "excitatory rate constant", bounds=(0.05, 0.15))
    ki = Parameter(0.05 / u.ms, per_ms, "inhibitory rate constant", bounds=(0.025, 0.075))
    e0 = Parameter(0.0025 / u.ms, per_ms, "half of the maximal firing rate", bounds=(0.00125, 0.00375))
    rho_2 = Parameter(6.0 * u.mV, u.mV, "potential of half the maximal rate", bounds=(3.12, 10))
    rho_1 = Parameter(0.56 / u.mV, u.mV**-1, "slope of the sigmoid", bounds=(0.28, 0.84))
    gamma_1 = Parameter(135.0, doc="synapses, pyramidal to excitatory cells", bounds=(65, 1350))
    gamma_2 = Parameter(108.0, doc="synapses, excitatory to pyramidal cells", bounds=(0, 200))
    gamma_3 = Parameter(33.75, doc="synapses, pyramidal to inhibitory cells", bounds=(0, 200))
    gamma_4 = Parameter(33.75, doc="synapses, inhibitory to pyramidal cells", bounds=(0, 200))
    gamma_5 = Parameter(15.0, doc="synapses, inhibitory to inhibitory cells", bounds=(0, 100))
    gamma_1T = Parameter(1.0, doc="synapses of the input to excitatory cells", bounds=(0, 1000))
    gamma_2T = Parameter(1.0, doc="synapses of the input to pyramidal cells", bounds=(0, 1000))
    gamma_3T = Parameter(1.0, doc="synapses of the input to inhibitory cells", bounds=(0, 1000))
    P = Parameter(0.12 / u.ms, per_ms, "firing rate of the input to pyramidal cells", bounds=(0, 0.35))
    U = Parameter(0.12 / u.ms, per_ms, "firing rate of the input to excitatory cells", bounds=(0, 0.35))
    Q = Parameter(0.12 / u.ms, per_ms, "firing rate of the input to inhibitory cells", bounds=(0, 0.35))
    v1 = Variable(0.0 * u.mV, u.mV, "potential on the excitatory cells", span=(0, 30))
    y1 = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of v1", span=(-1, 1))
    v2 = Variable(0.0 * u.mV, u.mV, "excitatory potential on the pyramidal cells", span=(0, 30))
    y2 = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of v2", span=(-1, 1))
    v3 = Variable(0.0 * u.mV, u.mV, "inhibitory potential on the pyramidal cells", span=(0, 30))
    y3 = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of v3", span=(-1, 1))
    v4 = Variable(0.0 * u.mV, u.mV, "excitatory potential on the inhibitory cells", span=(0, 30))
    y4 = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of v4", span=(-1, 1))
    v5 = Variable(0.0 * u.mV, u.mV, "inhibitory potential on the inhibitory cells", span=(0, 30))
    y5 = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of v5", span=(-1, 1))
    v6_inp = Input(u.mV, "potential of other regions, inside the sigmoid of their firing rate")
    v6 = Output(lambda s, p: s.v2 - s.v3, u.mV, "potential of the pyramidal cells, the source of EEG")
    v7 = Output(lambda s, p: s.v4 - s.v5, u.mV, "potential of the inhibitory cells")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def S(v: Any) -> Any:
            return 2.0 * p.e0 * logistic(p.rho_1 * (v - p.rho_2))

        pyramidal, inhibitory, distant = S(s.v2 - s.v3), S(s.v4 - s.v5), S(inp.v6_inp)
        he, hi = p.He * p.ke, p.Hi * p.ki
        return dict(
            v1=s.y1,
            y1=he * (p.gamma_1 * pyramidal + p.gamma_1T * (p.U + distant)) - 2.0 * p.ke * s.y1 - p.ke**2 * s.v1,
            v2=s.y2,
            y2=he * (p.gamma_2 * S(s.v1) + p.gamma_2T * (p.P + distant)) - 2.0 * p.ke * s.y2 - p.ke**2 * s.v2,
            v3=s.y3,
            y3=hi * p.gamma_4 * inhibitory - 2.0 * p.ki * s.y3 - p.ki**2 * s.v3,
            v4=s.y4,
            y4=he * (p.gamma_3 * pyramidal + p.gamma_3T * (p.Q + distant)) - 2.0 * p.ke * s.y4 - p.ke**2 * s.v4,
            v5=s.y5,
            y5=hi * p.gamma_5 * inhibitory - 2.0 * p.ki * s.y5 - p.ki**2 * s.v5,
        )

from typing import Any

import brainunit as u

from brainmass.models.reduced_wong_wang import firing_rate
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable


def rates(s: Any, p: Any, inp: Any) -> tuple[Any, Any]:
    """The firing rates of E and I."""
    received = p.G * p.J_N * inp.S_e_inp
    x_e = p.w_p * p.J_N * s.S_e - p.J_i * s.S_i + p.W_e * p.I_o + received + p.I_ext
    x_i = p.J_N * s.S_e - s.S_i * u.nA + p.W_i * p.I_o + p.lamda * received
    return firing_rate(p.a_e * x_e - p.b_e, p.d_e), firing_rate(p.a_i * x_i - p.b_i, p.d_i)


class WongWangExcInhStep(StateSpace):
    r"""Excitatory NMDA and inhibitory GABA gating (Deco et al. 2014, doi:10.1523/JNEUROSCI.5068-13.2014).

    .. math:: \dot S_E &= -S_E / \tau_E + (1 - S_E)\, \gamma_E H_E(x_E) + \eta_E, \quad
              \dot S_I = -S_I / \tau_I + \gamma_I H_I(x_I) + \eta_I \\
              x_E &= w_p J_N S_E - J_i S_I + W_E I_o + G J_N c + I_\mathrm{ext}, \quad
              x_I = J_N S_E - S_I + W_I I_o + \lambda G J_N c \\
              H(x) &= \frac{a x - b}{1 - e^{-d (a x - b)}}

    Coupling enters as c, the gating of other regions, inside H; ``noise_e`` and ``noise_i`` add to the derivatives.
    The local inhibition J_i may differ by region, and so may a and b: a gain of a region (Deco et al. 2018,
    doi:10.1016/j.cub.2018.07.083) multiplies all four. λ = 1 lets the coupling inhibit, too.
    """

    primary = "S_e"
    dt = 0.5  # its fastest time constant is 10 ms
    coupling = "additive"

    a_e = Parameter(310.0 * u.Hz / u.nA, u.Hz / u.nA, "slope of the excitatory f-I curve", bounds=(0, 400))
    b_e = Parameter(125.0 * u.Hz, u.Hz, "offset of the excitatory f-I curve", bounds=(0, 200))
    d_e = Parameter(0.16 * u.second, u.second, "curvature of the excitatory f-I curve", bounds=(0.05, 0.2))
    gamma_e = Parameter(0.641 / 1000, (u.ms * u.Hz) ** -1, "kinetic factor of NMDA", bounds=(0, 0.001))
    tau_e = Parameter(100.0 * u.ms, u.ms, "decay time of NMDA", bounds=(50, 150))
    w_p = Parameter(1.4, doc="local excitatory recurrence", bounds=(0, 2))
    W_e = Parameter(1.0, doc="share of the external input that reaches E", bounds=(0, 2))
    a_i = Parameter(615.0 * u.Hz / u.nA, u.Hz / u.nA, "slope of the inhibitory f-I curve", bounds=(0, 800))
    b_i = Parameter(177.0 * u.Hz, u.Hz, "offset of the inhibitory f-I curve", bounds=(0, 300))
    d_i = Parameter(0.087 * u.second, u.second, "curvature of the inhibitory f-I curve", bounds=(0.05, 0.2))
    gamma_i = Parameter(1.0 / 1000, (u.ms * u.Hz) ** -1, "kinetic factor of GABA", bounds=(0, 0.002))
    tau_i = Parameter(10.0 * u.ms, u.ms, "decay time of GABA", bounds=(5, 100))
    W_i = Parameter(0.7, doc="share of the external input that reaches I", bounds=(0, 1))
    J_N = Parameter(0.15 * u.nA, u.nA, "NMDA synaptic strength", bounds=(0.001, 0.5))
    J_i = Parameter(1.0 * u.nA, u.nA, "local inhibition of E", bounds=(0.001, 2))
    I_o = Parameter(0.382 * u.nA, u.nA, "effective external input", bounds=(0, 1))
    I_ext = Parameter(0.0 * u.nA, u.nA, "stimulus", bounds=(0, 1))
    G = Parameter(2.0, doc="global coupling", bounds=(0, 10))
    lamda = Parameter(0.0, doc="share of the coupling that reaches I", bounds=(0, 1))
    S_e = Variable(0.001, doc="open share of the NMDA channels", bounds=(0, 1), noise="noise_e")
    S_i = Variable(0.001, doc="open share of the GABA channels", bounds=(0, 1), noise="noise_i")
    S_e_inp = Input(doc="gating of other regions, inside the f-I curves")

    H_e = Output(lambda s, p, inp: rates(s, p, inp)[0], u.Hz, "firing rate of E")
    H_i = Output(lambda s, p, inp: rates(s, p, inp)[1], u.Hz, "firing rate of I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        H_e, H_i = rates(s, p, inp)
        return dict(
            S_e=-s.S_e / p.tau_e + (1.0 - s.S_e) * p.gamma_e * H_e,
            S_i=-s.S_i / p.tau_i + p.gamma_i * H_i,
        )

from typing import Any

import brainunit as u

from brainmass.models.reduced_wong_wang import firing_rate
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable


def rates(s: Any, p: Any, inp: Any) -> tuple[Any, Any]:
    """The firing rates of both populations."""
    stimulus = p.J_A_ext * p.mu_0
    x1 = p.J_N11 * s.S1 - p.J_N12 * s.S2 + stimulus * (1.0 + inp.coherence) + p.I_0 + inp.S1_inp
    x2 = p.J_N22 * s.S2 - p.J_N21 * s.S1 + stimulus * (1.0 - inp.coherence) + p.I_0 + inp.S2_inp
    return firing_rate(p.a * (x1 - p.theta), p.d), firing_rate(p.a * (x2 - p.theta), p.d)


class WongWangStep(StateSpace):
    r"""Two populations that compete for a decision (Wong & Wang 2006, doi:10.1523/JNEUROSCI.3733-05.2006).

    .. math:: \dot S_i &= -S_i / \tau_S + (1 - S_i)\, \gamma H(x_i), \qquad
                          H(x) = \frac{a (x - \theta)}{1 - e^{-d a (x - \theta)}} \\
              x_1 &= J_{11} S_1 - J_{12} S_2 + J_A \mu_0 (1 + c) + I_0 + I_{S_1}, \quad
              x_2 = J_{22} S_2 - J_{21} S_1 + J_A \mu_0 (1 - c) + I_0 + I_{S_2}

    The paper's b is a θ. Coupling and noise enter as currents inside H; the noise of the paper is an
    `OUProcess` with τ = 2 ms and σ = 0.02 nA. The stimulus is on all the time; ``mu_0=0`` takes it away. In the paper
    it comes after a while, and the first rate r1, r2 above 15 Hz decides.
    """

    primary = "S1"

    tau_S = Parameter(100.0 * u.ms, u.ms, "decay time of NMDA", bounds=(50, 150))
    gamma = Parameter(0.641, doc="kinetic factor", bounds=(0, 1))
    a = Parameter(270.0 * u.Hz / u.nA, u.Hz / u.nA, "slope of the f-I curve", bounds=(200, 350))
    theta = Parameter(0.4 * u.nA, u.nA, "threshold of the f-I curve", bounds=(0.3, 0.5))
    d = Parameter(0.154 * u.second, u.second, "curvature of the f-I curve", bounds=(0.05, 0.3))
    J_N11 = Parameter(0.2609 * u.nA, u.nA, "synaptic strength of 1 onto itself", bounds=(0, 0.5))
    J_N22 = Parameter(0.2609 * u.nA, u.nA, "synaptic strength of 2 onto itself", bounds=(0, 0.5))
    J_N12 = Parameter(0.0497 * u.nA, u.nA, "inhibition of 1 by 2", bounds=(0, 0.1))
    J_N21 = Parameter(0.0497 * u.nA, u.nA, "inhibition of 2 by 1", bounds=(0, 0.1))
    J_A_ext = Parameter(5.2e-4 * u.nA / u.Hz, u.nA / u.Hz, "synaptic strength of the stimulus", bounds=(0, 1e-3))
    mu_0 = Parameter(30.0 * u.Hz, u.Hz, "rate of the stimulus at zero coherence", bounds=(0, 60))
    I_0 = Parameter(0.3255 * u.nA, u.nA, "effective external input", bounds=(0.3, 0.35))
    S1 = Variable(0.0, doc="open share of the NMDA channels of 1", bounds=(0, 1))
    S2 = Variable(0.0, doc="open share of the NMDA channels of 2", bounds=(0, 1))
    coherence = Input(doc="motion coherence, between -1 and 1")
    S1_inp = Input(u.nA, "current into 1, inside the f-I curve", noise="noise_s1")
    S2_inp = Input(u.nA, "current into 2, inside the f-I curve", noise="noise_s2")
    r1 = Output(lambda s, p, inp: rates(s, p, inp)[0], u.Hz, "firing rate of 1")
    r2 = Output(lambda s, p, inp: rates(s, p, inp)[1], u.Hz, "firing rate of 2")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        r1, r2 = rates(s, p, inp)
        return dict(
            S1=-s.S1 / p.tau_S + (1.0 - s.S1) * p.gamma * r1,
            S2=-s.S2 / p.tau_S + (1.0 - s.S2) * p.gamma * r2,
        )

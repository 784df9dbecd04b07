from typing import Any

import brainunit as u

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable

mV_per_s = u.mV / u.second


class WendlingStep(StateSpace):
    r"""The Jansen–Rit column with fast somatic inhibition (Wendling et al. 2002, doi:10.1046/j.1460-9568.2002.01985.x).

    .. math:: \ddot M &= A a\, S(E - I - F) - 2 a \dot M - a^2 M \\
              \ddot E &= A a\, (p + E_\mathrm{inp} + C_2 S(C_1 M)) - 2 a \dot E - a^2 E \\
              \ddot I &= B b\, C_4 S(C_3 M) - 2 b \dot I - b^2 I \\
              \ddot F &= G g\, C_7 S(C_5 M - C_6 L) - 2 g \dot F - g^2 F \\
              \ddot L &= B b\, S(C_3 M) - 2 b \dot L - b^2 L, \qquad S(v) = 2 e_0 / (1 + e^{r (v_0 - v)})

    with :math:`C_k = c_k C`. A, B and G decide between background, spikes, alpha-like and fast activity.
    Coupling enters ``E_inp`` as a firing rate.
    """

    target = "E_inp"

    A = Parameter(3.25 * u.mV, u.mV, "excitatory gain", bounds=(0, 10))
    B = Parameter(22.0 * u.mV, u.mV, "gain of slow dendritic inhibition", bounds=(0, 60))
    G = Parameter(10.0 * u.mV, u.mV, "gain of fast somatic inhibition", bounds=(0, 40))
    a = Parameter(100.0 * u.Hz, u.Hz, "excitatory rate constant", bounds=(50, 200))
    b = Parameter(50.0 * u.Hz, u.Hz, "rate constant of slow inhibition", bounds=(25, 100))
    g = Parameter(500.0 * u.Hz, u.Hz, "rate constant of fast inhibition", bounds=(250, 1000))
    C = Parameter(135.0, doc="mean number of synapses", bounds=(60, 300))
    c1 = Parameter(1.0, doc="pyramidal to excitatory synapses, of C", bounds=(0.5, 1.5))
    c2 = Parameter(0.8, doc="excitatory to pyramidal synapses, of C", bounds=(0.4, 1.2))
    c3 = Parameter(0.25, doc="pyramidal to slow inhibitory synapses, of C", bounds=(0.125, 0.375))
    c4 = Parameter(0.25, doc="slow inhibitory to pyramidal synapses, of C", bounds=(0.125, 0.375))
    c5 = Parameter(0.3, doc="pyramidal to fast inhibitory synapses, of C", bounds=(0.15, 0.45))
    c6 = Parameter(0.1, doc="slow to fast inhibitory synapses, of C", bounds=(0.05, 0.15))
    c7 = Parameter(0.8, doc="fast inhibitory to pyramidal synapses, of C", bounds=(0.4, 1.2))
    e0 = Parameter(2.5 * u.Hz, u.Hz, "half of the maximal firing rate", bounds=(0.5, 5))
    v0 = Parameter(6.0 * u.mV, u.mV, "potential of half the maximal rate", bounds=(3, 9))
    r = Parameter(0.56 / u.mV, u.mV**-1, "slope of the sigmoid", bounds=(0.28, 0.84))
    p = Parameter(90.0 * u.Hz, u.Hz, "mean input", bounds=(0, 320))
    M = Variable(0.0 * u.mV, u.mV, "potential of the pyramidal output", span=(0, 0.2))
    E = Variable(0.0 * u.mV, u.mV, "excitatory potential on the pyramidal cells", span=(0, 30))
    I = Variable(0.0 * u.mV, u.mV, "slow inhibitory potential on the pyramidal cells", span=(0, 30))
    F = Variable(0.0 * u.mV, u.mV, "fast inhibitory potential on the pyramidal cells", span=(0, 10))
    L = Variable(0.0 * u.mV, u.mV, "slow inhibitory potential on the fast interneurons", span=(0, 1))
    Mv = Variable(0.0 * mV_per_s, mV_per_s, "derivative of M", span=(-5, 5))
    Ev = Variable(0.0 * mV_per_s, mV_per_s, "derivative of E", span=(-500, 500))
    Iv = Variable(0.0 * mV_per_s, mV_per_s, "derivative of I", span=(-500, 500))
    Fv = Variable(0.0 * mV_per_s, mV_per_s, "derivative of F", span=(-500, 500))
    Lv = Variable(0.0 * mV_per_s, mV_per_s, "derivative of L", span=(-20, 20))
    E_inp = Input(u.Hz, "firing rate from other regions", additive=True)
    eeg = Output(lambda s, p: s.E - s.I - s.F, u.mV, "net potential of the pyramidal cells, the source of EEG")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def S(v: Any) -> Any:
            return 2.0 * p.e0 * logistic(p.r * (v - p.v0))

        def slope(gain: Any, rate: Any, drive: Any, speed: Any, value: Any) -> Any:
            return gain * rate * drive - 2.0 * rate * speed - rate**2 * value

        excitation = p.p + inp.E_inp + p.c2 * p.C * S(p.c1 * p.C * s.M)
        inhibition = S(p.c3 * p.C * s.M)
        return dict(
            M=s.Mv,
            E=s.Ev,
            I=s.Iv,
            F=s.Fv,
            L=s.Lv,
            Mv=slope(p.A, p.a, S(s.E - s.I - s.F), s.Mv, s.M),
            Ev=slope(p.A, p.a, excitation, s.Ev, s.E),
            Iv=slope(p.B, p.b, p.c4 * p.C * inhibition, s.Iv, s.I),
            Fv=slope(p.G, p.g, p.c7 * p.C * S(p.C * (p.c5 * s.M - p.c6 * s.L)), s.Fv, s.F),
            Lv=slope(p.B, p.b, inhibition, s.Lv, s.L),
        )

from typing import Any

import brainunit as u

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable


class JansenRitStep(StateSpace):
    r"""Pyramidal cells with excitatory and inhibitory interneurons (Jansen & Rit 1995, doi:10.1007/BF00199471).

    .. math:: \ddot M &= A_e b_e\, S(E - I + M_\mathrm{inp}) - 2 b_e \dot M - b_e^2 M \\
              \ddot E &= A_e b_e\, (E_\mathrm{inp} + C a_2 S(C a_1 M)) - 2 b_e \dot E - b_e^2 E \\
              \ddot I &= A_i b_i\, C a_4 S(C a_3 M + I_\mathrm{inp}) - 2 b_i \dot I - b_i^2 I, \qquad
              S(v) = s_\mathrm{max} / (1 + e^{r (v_0 - v)})

    Coupling enters ``E_inp`` as a firing rate. It is silent without; alpha needs a constant ``E_inp`` of about 220 Hz
    (between 113.6 and 315.7 Hz), or noise between 120 and 320 Hz.
    Bifurcations: Grimbert & Faugeras 2006, doi:10.1162/neco.2006.18.12.3052.
    """

    target = "E_inp"

    Ae = Parameter(3.25 * u.mV, u.mV, "excitatory gain", bounds=(2.6, 9.75))
    Ai = Parameter(22.0 * u.mV, u.mV, "inhibitory gain", bounds=(17.6, 110))
    be = Parameter(100.0 * u.Hz, u.Hz, "excitatory rate constant", bounds=(50, 200))
    bi = Parameter(50.0 * u.Hz, u.Hz, "inhibitory rate constant", bounds=(25, 100))
    C = Parameter(135.0, doc="mean number of synapses", bounds=(60, 300))
    a1 = Parameter(1.0, doc="pyramidal to excitatory synapses, of C", bounds=(0.5, 1.5))
    a2 = Parameter(0.8, doc="excitatory to pyramidal synapses, of C", bounds=(0.4, 1.2))
    a3 = Parameter(0.25, doc="pyramidal to inhibitory synapses, of C", bounds=(0.125, 0.375))
    a4 = Parameter(0.25, doc="inhibitory to pyramidal synapses, of C", bounds=(0.125, 0.375))
    s_max = Parameter(5.0 * u.Hz, u.Hz, "maximal firing rate", bounds=(1, 10))
    v0 = Parameter(6.0 * u.mV, u.mV, "potential of half the maximal rate", bounds=(3, 9))
    r = Parameter(0.56, u.mV**-1, "slope of the sigmoid", bounds=(0.28, 0.84))
    M = Variable(0.0 * u.mV, u.mV, "potential of the pyramidal output", init="M_init", span=(0, 0.2))
    E = Variable(0.0 * u.mV, u.mV, "excitatory potential on the pyramidal cells", init="E_init", span=(0, 30))
    I = Variable(0.0 * u.mV, u.mV, "inhibitory potential on the pyramidal cells", init="I_init", span=(0, 30))
    Mv = Variable(0.0 * u.mV / u.second, u.mV / u.second, "derivative of M", init="Mv_init", span=(-5, 5))
    Ev = Variable(0.0 * u.mV / u.second, u.mV / u.second, "derivative of E", init="Ev_init", span=(-500, 500))
    Iv = Variable(0.0 * u.mV / u.second, u.mV / u.second, "derivative of I", init="Iv_init", span=(-500, 500))
    M_inp = Input(u.mV, "potential added inside the pyramidal sigmoid", noise="noise_M")
    E_inp = Input(u.Hz, "firing rate from other regions", additive=True, noise="noise_E")
    I_inp = Input(u.mV, "potential added inside the inhibitory sigmoid", noise="noise_I")
    eeg = Output(lambda s, p: s.E - s.I, u.mV, "net potential of the pyramidal cells, the source of EEG")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def S(v: Any) -> Any:
            return p.s_max * logistic(p.r * (v - p.v0))

        return dict(
            M=s.Mv,
            E=s.Ev,
            I=s.Iv,
            Mv=p.Ae * p.be * S(s.E - s.I + inp.M_inp) - 2.0 * p.be * s.Mv - p.be**2 * s.M,
            Ev=p.Ae * p.be * (inp.E_inp + p.C * p.a2 * S(p.C * p.a1 * s.M)) - 2.0 * p.be * s.Ev - p.be**2 * s.E,
            Iv=p.Ai * p.bi * p.C * p.a4 * S(p.C * p.a3 * s.M + inp.I_inp) - 2.0 * p.bi * s.Iv - p.bi**2 * s.I,
        )

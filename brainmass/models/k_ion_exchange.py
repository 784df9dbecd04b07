import math
from types import SimpleNamespace
from typing import Any

import brainunit as u

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms

mV_per_ms, curvature = u.mV / u.ms, (u.mV * u.ms) ** -1
mS, uF, uA = u.mS / u.cm**2, u.uF / u.cm**2, u.uA / u.cm**2
exchange = u.mM * u.um**3 / uA / u.ms


def log_ratio(outside: Any, inside: Any) -> Any:
    """Of two concentrations; one that a step has taken below zero is none at all."""
    least = 1e-6 * u.mM
    return u.math.log(u.math.maximum(outside, least) / u.math.maximum(inside, least))


def currents(s: Any, p: Any) -> SimpleNamespace:
    """The membrane currents and the potassium outside the cells, which the bath refills."""
    beta, V = p.omega_i / p.omega_o, s.V / u.mV
    K_o, K_i = p.K_o0 - beta * s.DKi + s.Kg, p.K_i0 + s.DKi
    Na_o, Na_i = p.Na_o0 + beta * s.DKi, p.Na_i0 - s.DKi
    open_Na = logistic((V + 24.0) / 12.0) * (1.1 - logistic(8.0 * (s.n - 0.4)))
    pump = logistic((Na_i / u.mM - 21.0) / 2.0) * logistic(K_o / u.mM - 5.5)
    return SimpleNamespace(
        Na=(p.g_Nal + p.g_Na * open_Na) * (s.V - p.V_T * log_ratio(Na_o, Na_i)),
        K=(p.g_Kl + p.g_K * s.n) * (s.V - p.V_T * log_ratio(K_o, K_i)),
        Cl=p.g_Cl * (s.V + p.V_T * log_ratio(p.Cl_o0, p.Cl_i0)),
        pump=p.rho * pump,
        K_o=K_o,
    )


class KIonExStep(StateSpace):
    r"""Hodgkin–Huxley cells in a potassium bath (Rabuffo et al. 2026, doi:10.7554/eLife.104249).

    .. math:: \dot x &= \Delta + 2 R (V - c) x - J r x, \qquad r = R_- x / \pi \\
              \dot V &= -(I_{Na} + I_K + I_{Cl} + I_{pump}) / C_m - R x^2 + \eta
              + (J r + r_\mathrm{inp}) (E - V) + V_\mathrm{inp} \\
              \dot n &= (n_\infty(V) - n) / \tau_n, \qquad
              \dot{\Delta K_i} = -\gamma (I_K - 2 I_{pump}) / \omega_i, \qquad
              \dot K_g = \epsilon (K_{bath} - K_o)

    with (R, c) = (R₋, c₋) up to V* and (R₊, c₊) beyond, the parabolas that stand for the currents in the equation of x,
    :math:`K_o = K_{o0} - \beta \Delta K_i + K_g`, :math:`\beta = \omega_i / \omega_o`, and the currents of
    Depannemaecker et al. 2022. With potassium in the bath, spikes and depolarisation block follow rest.
    The preprint: Bandyopadhyay et al. 2021, doi:10.1101/2021.10.29.466427. The paper fits c₋ = -44.24, R₋ = 0.337,
    c₊ = -20.4 and R₊ = -0.381 to the neuron; the defaults here are the round ones of TVB.
    Coupling enters ``r_inp`` as a firing rate.
    """

    primary = "r"
    coupling = "additive"
    dt = 0.01

    E = Parameter(0.0 * u.mV, u.mV, "reversal potential of the synapses", bounds=(-80, 0))
    K_bath = Parameter(5.5 * u.mM, u.mM, "potassium of the bath", bounds=(3, 40))
    J = Parameter(0.1, doc="mean synaptic weight", bounds=(0.001, 40))
    eta = Parameter(0.0 * mV_per_ms, mV_per_ms, "centre of the distribution of currents", bounds=(-10, 10))
    Delta = Parameter(1.0 * mV_per_ms, mV_per_ms, "half width of the distribution of currents", bounds=(0, 10))
    c_minus = Parameter(-40.0 * u.mV, u.mV, "vertex of the left parabola", bounds=(-100, -10))
    R_minus = Parameter(0.5 * curvature, curvature, "curvature of the left parabola", bounds=(0.0001, 5))
    c_plus = Parameter(-20.0 * u.mV, u.mV, "vertex of the right parabola", bounds=(-80, 0))
    R_plus = Parameter(-0.5 * curvature, curvature, "curvature of the right parabola", bounds=(-5, -0.0001))
    Vstar = Parameter(-31.0 * u.mV, u.mV, "where the parabolas meet", bounds=(-55, -15))
    Cm = Parameter(1.0 * uF, uF, "membrane capacitance", bounds=(0.5, 1.5))
    tau_n = Parameter(4.0 * u.ms, u.ms, "time constant of the potassium gate", bounds=(2, 6))
    gamma = Parameter(0.04 * exchange, exchange, "amount of potassium that a current carries", bounds=(0.02, 0.06))
    epsilon = Parameter(0.001 / u.ms, per_ms, "rate of diffusion from the bath", bounds=(0.0005, 0.0015))
    g_Cl = Parameter(7.5 * mS, mS, "conductance of chloride", bounds=(5, 10))
    g_Na = Parameter(40.0 * mS, mS, "conductance of sodium", bounds=(20, 60))
    g_K = Parameter(22.0 * mS, mS, "conductance of potassium", bounds=(11, 33))
    g_Nal = Parameter(0.02 * mS, mS, "leak of sodium", bounds=(0.01, 0.03))
    g_Kl = Parameter(0.12 * mS, mS, "leak of potassium", bounds=(0.06, 0.18))
    rho = Parameter(250.0 * uA, uA, "maximal current of the pump", bounds=(125, 375))
    V_T = Parameter(26.64 * u.mV, u.mV, "thermal voltage", bounds=(25, 28))
    omega_i = Parameter(2160.0 * u.um**3, u.um**3, "volume inside the cells", bounds=(2000, 2300))
    omega_o = Parameter(720.0 * u.um**3, u.um**3, "volume outside the cells", bounds=(700, 800))
    K_i0 = Parameter(130.0 * u.mM, u.mM, "potassium inside, at the start", bounds=(120, 140))
    K_o0 = Parameter(4.8 * u.mM, u.mM, "potassium outside, at the start", bounds=(4, 6))
    Na_i0 = Parameter(16.0 * u.mM, u.mM, "sodium inside, at the start", bounds=(10, 22))
    Na_o0 = Parameter(138.0 * u.mM, u.mM, "sodium outside, at the start", bounds=(130, 150))
    Cl_i0 = Parameter(5.0 * u.mM, u.mM, "chloride inside", bounds=(3, 8))
    Cl_o0 = Parameter(112.0 * u.mM, u.mM, "chloride outside", bounds=(100, 130))
    x = Variable(0.03 * u.mV, u.mV, "half width of the distribution of potentials", span=(0, 2), bounds=(0, math.inf))
    V = Variable(-75.0 * u.mV, u.mV, "mean potential", span=(-80, 30))
    n = Variable(0.05, doc="open potassium channels", bounds=(0, 1))
    DKi = Variable(0.0 * u.mM, u.mM, "change of potassium inside", span=(-1.5, 1), slow=True)
    Kg = Variable(0.0 * u.mM, u.mM, "potassium that came from the bath", span=(0, 6), slow=True)
    r_inp = Input(per_ms, "firing rate of other regions")
    V_inp = Input(mV_per_ms, "drive of V", additive=True)
    r = Output(lambda s, p: p.R_minus * s.x / math.pi, per_ms, "firing rate")
    K_out = Output(lambda s, p: currents(s, p).K_o, u.mM, "potassium outside")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        left, I = p.Vstar >= s.V, currents(s, p)
        R, c = u.math.where(left, p.R_minus, p.R_plus), u.math.where(left, p.c_minus, p.c_plus)
        r = p.R_minus * s.x / math.pi
        received = p.eta + (p.J * r + inp.r_inp) * (p.E - s.V) + inp.V_inp
        return dict(
            x=p.Delta + 2.0 * R * (s.V - c) * s.x - p.J * r * s.x,
            V=-(I.Na + I.K + I.Cl + I.pump) / p.Cm - R * s.x**2 + received,
            n=(logistic((s.V / u.mV + 19.0) / 18.0) - s.n) / p.tau_n,
            DKi=-p.gamma * (I.K - 2.0 * I.pump) / p.omega_i,
            Kg=p.epsilon * (p.K_bath - I.K_o),
        )

from math import inf
from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class DumontGutkinStep(StateSpace):
    r"""Exact mean field of an excitatory–inhibitory circuit (Dumont & Gutkin 2019, doi:10.1371/journal.pcbi.1007019).

    .. math:: \tau_a \dot r_a &= \Delta_a / (\pi \tau_a) + 2 r_a V_a, \qquad a, b \in \{e, i\} \\
              \tau_a \dot V_a &= V_a^2 + \eta_a - (\pi \tau_a r_a)^2 + \tau_a (s_{ae} - s_{ai}) + V_{a,\mathrm{inp}} \\
              \tau_s \dot s_{ab} &= -s_{ab} + J_{ab} r_b + [b = e]\, \gamma_a s_\mathrm{inp}, \quad
              \gamma_e = 1,\ \gamma_i = \Gamma

    ``J_ab`` is the weight from b to a. Coupling enters ``s_inp`` as a rate and drives both excitatory synapses.
    """

    target = "s_inp"
    coupling = "additive"

    tau_e = Parameter(10.0 * u.ms, u.ms, "membrane time constant of e", bounds=(5, 20))
    tau_i = Parameter(10.0 * u.ms, u.ms, "membrane time constant of i", bounds=(5, 20))
    tau_s = Parameter(1.0 * u.ms, u.ms, "synaptic time constant", bounds=(0.5, 15))
    eta_e = Parameter(-5.0, doc="median excitability of e", bounds=(-20, 20))
    eta_i = Parameter(-5.0, doc="median excitability of i", bounds=(-20, 20))
    Delta_e = Parameter(1.0, doc="half-width of the excitabilities of e", bounds=(0.1, 5))
    Delta_i = Parameter(1.0, doc="half-width of the excitabilities of i", bounds=(0.1, 5))
    J_ee = Parameter(0.0, doc="weight from e to e", bounds=(0, 25))
    J_ei = Parameter(10.0, doc="weight from i to e", bounds=(0, 25))
    J_ie = Parameter(0.0, doc="weight from e to i", bounds=(0, 25))
    J_ii = Parameter(15.0, doc="weight from i to i", bounds=(0, 25))
    Gamma = Parameter(5.0, doc="share of s_inp that reaches i, relative to e", bounds=(0, 10))
    r_e = Variable(0.02 / u.ms, per_ms, "firing rate of e", span=(0, 0.2), bounds=(0, inf))
    V_e = Variable(-2.0, doc="mean potential of e", span=(-3, 2))
    s_ee = Variable(0.0 / u.ms, per_ms, "synaptic drive from e to e", span=(0, 1))
    s_ei = Variable(0.0 / u.ms, per_ms, "synaptic drive from i to e", span=(0, 1))
    r_i = Variable(0.02 / u.ms, per_ms, "firing rate of i", span=(0, 0.2), bounds=(0, inf))
    V_i = Variable(-2.0, doc="mean potential of i", span=(-3, 2))
    s_ie = Variable(0.0 / u.ms, per_ms, "synaptic drive from e to i", span=(0, 1))
    s_ii = Variable(0.0 / u.ms, per_ms, "synaptic drive from i to i", span=(0, 1))
    s_inp = Input(per_ms, "firing rate from other regions, on the excitatory synapses", additive=True)
    V_e_inp = Input(doc="current on e", additive=True)
    V_i_inp = Input(doc="current on i", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def potential(V: Any, eta: Any, tau: Any, r: Any, net: Any, current: Any) -> Any:
            return (V**2 + eta - (u.math.pi * tau * r) ** 2 + tau * net + current) / tau

        return dict(
            r_e=(p.Delta_e / (u.math.pi * p.tau_e) + 2.0 * s.r_e * s.V_e) / p.tau_e,
            V_e=potential(s.V_e, p.eta_e, p.tau_e, s.r_e, s.s_ee - s.s_ei, inp.V_e_inp),
            s_ee=(-s.s_ee + p.J_ee * s.r_e + inp.s_inp) / p.tau_s,
            s_ei=(-s.s_ei + p.J_ei * s.r_i) / p.tau_s,
            r_i=(p.Delta_i / (u.math.pi * p.tau_i) + 2.0 * s.r_i * s.V_i) / p.tau_i,
            V_i=potential(s.V_i, p.eta_i, p.tau_i, s.r_i, s.s_ie - s.s_ii, inp.V_i_inp),
            s_ie=(-s.s_ie + p.J_ie * s.r_e + p.Gamma * inp.s_inp) / p.tau_s,
            s_ii=(-s.s_ii + p.J_ii * s.r_i) / p.tau_s,
        )

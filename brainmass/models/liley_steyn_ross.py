import math
from typing import Any

import brainunit as u

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms

mV_per_ms = u.mV / u.ms


def rate(h: Any, highest: Any, theta: Any, g: Any) -> Any:
    """The firing rate of a population at the soma potential h."""
    return highest * logistic(g * (h - theta))


def effect(h: Any, rest: Any, reversal: Any) -> Any:
    """How strongly a synapse acts at h: 1 at rest, 0 at its reversal potential; negative where it inhibits."""
    return (reversal - h) / u.math.abs(reversal - rest)


class LileySteynRossStep(StateSpace):
    r"""Cortex under anaesthetics, with fast synapses (Steyn-Ross et al. 1999, doi:10.1103/PhysRevE.60.7299).

    .. math:: \tau_k \dot h_k &= h_k^{rest} - h_k + \psi_{ek} I_{ek} + \psi_{ik} I_{ik}, \qquad
              \psi_{jk} = (h_j^{rev} - h_k) / |h_j^{rev} - h_k^{rest}|, \qquad j, k \in \{e, i\} \\
              I_{ek} &= \frac{e G_e}{\gamma_e}
              (N^\alpha_{ek} (S_e + \phi_\mathrm{inp}) + N^\beta_{ek} S_e + p_{ek}), \qquad
              I_{ik} = \lambda \frac{e G_i}{\gamma_i} (N^\beta_{ik} S_i + p_{ik}) \\
              S_k &= S_k^{max} / (1 + e^{-g_k (h_k - \theta_k)})

    This is `LileyStep` where the synapses are much faster than the somas. Index pairs are from, to: ``p_ie`` excites or
    inhibits e by spikes of i. λ, the duration of inhibition, grows with the anaesthetic.
    Coupling enters ``phi_inp``, the rate of distant excitatory cells, beside the own one; ``h_inp`` is inside every S.
    """

    primary = "S_e"
    target = "phi_inp"
    coupling = "additive"
    dt = 0.01  # with their synapses open the cells follow at 14/ms

    tau_e = Parameter(40.0 * u.ms, u.ms, "membrane time constant of excitatory cells", bounds=(5, 50))
    tau_i = Parameter(40.0 * u.ms, u.ms, "membrane time constant of inhibitory cells", bounds=(5, 50))
    h_e_rest = Parameter(-70.0 * u.mV, u.mV, "resting potential of excitatory cells", bounds=(-80, -60))
    h_i_rest = Parameter(-70.0 * u.mV, u.mV, "resting potential of inhibitory cells", bounds=(-80, -60))
    h_e_rev = Parameter(45.0 * u.mV, u.mV, "reversal potential of excitation", bounds=(0, 50))
    h_i_rev = Parameter(-90.0 * u.mV, u.mV, "reversal potential of inhibition", bounds=(-95, -85))
    p_ee = Parameter(1.1 / u.ms, per_ms, "subcortical excitatory spikes on excitatory cells", bounds=(1, 1.8))
    p_ie = Parameter(1.6 / u.ms, per_ms, "subcortical inhibitory spikes on excitatory cells", bounds=(1, 1.8))
    p_ei = Parameter(1.6 / u.ms, per_ms, "subcortical excitatory spikes on inhibitory cells", bounds=(1, 1.8))
    p_ii = Parameter(1.1 / u.ms, per_ms, "subcortical inhibitory spikes on inhibitory cells", bounds=(1, 1.8))
    gamma_e = Parameter(0.3 / u.ms, per_ms, "rate of excitatory synapses", bounds=(0.1, 0.4))
    gamma_i = Parameter(0.065 / u.ms, per_ms, "rate of inhibitory synapses", bounds=(0.005, 0.1))
    G_e = Parameter(0.18 * u.mV, u.mV, "peak of an excitatory potential", bounds=(0.1, 0.5))
    G_i = Parameter(0.37 * u.mV, u.mV, "peak of an inhibitory potential", bounds=(0.1, 0.5))
    N_a_ee = Parameter(4000.0, doc="distant excitatory synapses on an excitatory cell", bounds=(3000, 5000))
    N_a_ei = Parameter(2000.0, doc="distant excitatory synapses on an inhibitory cell", bounds=(1000, 3000))
    N_b_ee = Parameter(3034.0, doc="local excitatory synapses on an excitatory cell", bounds=(3000, 3050))
    N_b_ei = Parameter(3034.0, doc="local excitatory synapses on an inhibitory cell", bounds=(3000, 3050))
    N_b_ie = Parameter(536.0, doc="local inhibitory synapses on an excitatory cell", bounds=(500, 550))
    N_b_ii = Parameter(536.0, doc="local inhibitory synapses on an inhibitory cell", bounds=(500, 550))
    S_e_max = Parameter(1.0 / u.ms, per_ms, "maximal rate of excitatory cells", bounds=(0.1, 1))
    S_i_max = Parameter(1.0 / u.ms, per_ms, "maximal rate of inhibitory cells", bounds=(0.1, 1))
    theta_e = Parameter(-60.0 * u.mV, u.mV, "excitatory potential of half the maximal rate", bounds=(-90, -40))
    theta_i = Parameter(-60.0 * u.mV, u.mV, "inhibitory potential of half the maximal rate", bounds=(-90, -40))
    g_e = Parameter(0.28 / u.mV, u.mV**-1, "slope of the excitatory sigmoid", bounds=(0.05, 2))
    g_i = Parameter(0.14 / u.mV, u.mV**-1, "slope of the inhibitory sigmoid", bounds=(0.05, 2))
    lamda = Parameter(1.0, doc="duration of inhibitory potentials, relative to no anaesthetic", bounds=(0, 2))
    h_e = Variable(-52.0 * u.mV, u.mV, "potential of excitatory cells, the source of EEG", span=(-90, -40))
    h_i = Variable(-60.0 * u.mV, u.mV, "potential of inhibitory cells", span=(-90, -40))
    phi_inp = Input(per_ms, "rate of excitatory cells of other regions")
    h_inp = Input(u.mV, "potential of other regions, inside every sigmoid")
    p_ee_inp = Input(per_ms, "spikes beside p_ee")
    p_ie_inp = Input(per_ms, "spikes beside p_ie")
    p_ei_inp = Input(per_ms, "spikes beside p_ei")
    p_ii_inp = Input(per_ms, "spikes beside p_ii")
    S_e = Output(lambda s, p: rate(s.h_e, p.S_e_max, p.theta_e, p.g_e), per_ms, "rate of excitatory cells, h_inp aside")
    S_i = Output(lambda s, p: rate(s.h_i, p.S_i_max, p.theta_i, p.g_i), per_ms, "rate of inhibitory cells, h_inp aside")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        S_e = rate(s.h_e + inp.h_inp, p.S_e_max, p.theta_e, p.g_e)
        S_i = rate(s.h_i + inp.h_inp, p.S_i_max, p.theta_i, p.g_i)
        excitation, inhibition = math.e * p.G_e / p.gamma_e, p.lamda * math.e * p.G_i / p.gamma_i
        I_ee = excitation * (p.N_a_ee * (S_e + inp.phi_inp) + p.N_b_ee * S_e + p.p_ee + inp.p_ee_inp)
        I_ei = excitation * (p.N_a_ei * (S_e + inp.phi_inp) + p.N_b_ei * S_e + p.p_ei + inp.p_ei_inp)
        I_ie = inhibition * (p.N_b_ie * S_i + p.p_ie + inp.p_ie_inp)
        I_ii = inhibition * (p.N_b_ii * S_i + p.p_ii + inp.p_ii_inp)
        on_e = effect(s.h_e, p.h_e_rest, p.h_e_rev) * I_ee + effect(s.h_e, p.h_e_rest, p.h_i_rev) * I_ie
        on_i = effect(s.h_i, p.h_i_rest, p.h_e_rev) * I_ei + effect(s.h_i, p.h_i_rest, p.h_i_rev) * I_ii
        return dict(h_e=(p.h_e_rest - s.h_e + on_e) / p.tau_e, h_i=(p.h_i_rest - s.h_i + on_i) / p.tau_i)


class LileyStep(StateSpace):
    r"""Cortex with synapses and axons of their own dynamics (Liley et al. 2002, doi:10.1088/0954-898X/13/1/303).

    .. math:: \tau_k \dot h_k &= h_k^{rest} - h_k + \psi_{ek} I_{ek} + \psi_{ik} I_{ik}, \qquad
              \psi_{jk} = (h_j^{rev} - h_k) / |h_j^{rev} - h_k^{rest}|, \qquad j, k \in \{e, i\} \\
              (d/dt + \gamma_e)^2 I_{ek} &= e G_e \gamma_e (N^\beta_{ek} S_e + \phi_{ek} + p_{ek}) \\
              (d/dt + \gamma_i / \lambda)^2 I_{ik} &= e G_i (\gamma_i / \lambda) (N^\beta_{ik} S_i + p_{ik}) \\
              (d/dt + v A_{ek})^2 \phi_{ek} &= (v A_{ek})^2 N^\alpha_{ek} (S_e + \phi_\mathrm{inp}), \qquad
              S_k = S_k^{max} / (1 + e^{-g_k (h_k - \theta_k)})

    The axonal fields φ of one region, without the Laplacian: what spreads over the cortex is the network's.
    Parameters and λ are those of Steyn-Ross et al. 1999, doi:10.1103/PhysRevE.60.7299. Index pairs are from, to.
    Coupling enters ``phi_inp``, the rate of distant excitatory cells, beside the own one.
    """

    primary = "S_e"
    target = "phi_inp"
    coupling = "additive"
    dt = 0.05  # with their synapses open the cells follow at 8/ms

    tau_e = Parameter(40.0 * u.ms, u.ms, "membrane time constant of excitatory cells", bounds=(5, 150))
    tau_i = Parameter(40.0 * u.ms, u.ms, "membrane time constant of inhibitory cells", bounds=(5, 150))
    h_e_rest = Parameter(-70.0 * u.mV, u.mV, "resting potential of excitatory cells", bounds=(-80, -60))
    h_i_rest = Parameter(-70.0 * u.mV, u.mV, "resting potential of inhibitory cells", bounds=(-80, -60))
    h_e_rev = Parameter(45.0 * u.mV, u.mV, "reversal potential of excitation", bounds=(0, 50))
    h_i_rev = Parameter(-90.0 * u.mV, u.mV, "reversal potential of inhibition", bounds=(-95, -85))
    p_ee = Parameter(1.1 / u.ms, per_ms, "subcortical excitatory spikes on excitatory cells", bounds=(0, 10))
    p_ie = Parameter(1.6 / u.ms, per_ms, "subcortical inhibitory spikes on excitatory cells", bounds=(0, 10))
    p_ei = Parameter(1.6 / u.ms, per_ms, "subcortical excitatory spikes on inhibitory cells", bounds=(0, 10))
    p_ii = Parameter(1.1 / u.ms, per_ms, "subcortical inhibitory spikes on inhibitory cells", bounds=(0, 10))
    gamma_e = Parameter(0.3 / u.ms, per_ms, "rate of excitatory synapses", bounds=(0.1, 1))
    gamma_i = Parameter(0.065 / u.ms, per_ms, "rate of inhibitory synapses", bounds=(0.01, 0.5))
    G_e = Parameter(0.18 * u.mV, u.mV, "peak of an excitatory potential", bounds=(0.1, 2))
    G_i = Parameter(0.37 * u.mV, u.mV, "peak of an inhibitory potential", bounds=(0.1, 2))
    N_a_ee = Parameter(4000.0, doc="distant excitatory synapses on an excitatory cell", bounds=(2000, 5000))
    N_a_ei = Parameter(2000.0, doc="distant excitatory synapses on an inhibitory cell", bounds=(1000, 3000))
    N_b_ee = Parameter(3034.0, doc="local excitatory synapses on an excitatory cell", bounds=(2000, 5000))
    N_b_ei = Parameter(3034.0, doc="local excitatory synapses on an inhibitory cell", bounds=(2000, 5000))
    N_b_ie = Parameter(536.0, doc="local inhibitory synapses on an excitatory cell", bounds=(100, 1000))
    N_b_ii = Parameter(536.0, doc="local inhibitory synapses on an inhibitory cell", bounds=(100, 1000))
    S_e_max = Parameter(1.0 / u.ms, per_ms, "maximal rate of excitatory cells", bounds=(0.1, 1))
    S_i_max = Parameter(1.0 / u.ms, per_ms, "maximal rate of inhibitory cells", bounds=(0.1, 1))
    theta_e = Parameter(-60.0 * u.mV, u.mV, "excitatory potential of half the maximal rate", bounds=(-65, -40))
    theta_i = Parameter(-60.0 * u.mV, u.mV, "inhibitory potential of half the maximal rate", bounds=(-65, -40))
    g_e = Parameter(0.28 / u.mV, u.mV**-1, "slope of the excitatory sigmoid", bounds=(0.1, 0.5))
    g_i = Parameter(0.14 / u.mV, u.mV**-1, "slope of the inhibitory sigmoid", bounds=(0.1, 0.5))
    lamda = Parameter(1.0, doc="duration of inhibitory potentials, relative to no anaesthetic", bounds=(0.2, 2))
    v = Parameter(7.0 * u.mm / u.ms, u.mm / u.ms, "conduction speed of distant excitation", bounds=(1, 10))
    A_ee = Parameter(0.04 / u.mm, u.mm**-1, "inverse reach of axons to excitatory cells", bounds=(0.01, 0.1))
    A_ei = Parameter(0.065 / u.mm, u.mm**-1, "inverse reach of axons to inhibitory cells", bounds=(0.01, 0.1))
    h_e = Variable(-52.0 * u.mV, u.mV, "potential of excitatory cells, the source of EEG", span=(-90, -40))
    h_i = Variable(-60.0 * u.mV, u.mV, "potential of inhibitory cells", span=(-90, -40))
    I_ee = Variable(0.0 * u.mV, u.mV, "excitation of excitatory cells", span=(0, 12000))
    I_ei = Variable(0.0 * u.mV, u.mV, "excitation of inhibitory cells", span=(0, 12000))
    I_ie = Variable(0.0 * u.mV, u.mV, "inhibition of excitatory cells", span=(0, 12000))
    I_ii = Variable(0.0 * u.mV, u.mV, "inhibition of inhibitory cells", span=(0, 12000))
    J_ee = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of I_ee", span=(-500, 500))
    J_ei = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of I_ei", span=(-500, 500))
    J_ie = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of I_ie", span=(-500, 500))
    J_ii = Variable(0.0 * mV_per_ms, mV_per_ms, "slope of I_ii", span=(-500, 500))
    phi_ee = Variable(0.0 * per_ms, per_ms, "distant spikes on excitatory cells", span=(0, 5000))
    phi_ei = Variable(0.0 * per_ms, per_ms, "distant spikes on inhibitory cells", span=(0, 3000))
    chi_ee = Variable(0.0 * per_ms**2, per_ms**2, "slope of phi_ee", span=(-500, 500))
    chi_ei = Variable(0.0 * per_ms**2, per_ms**2, "slope of phi_ei", span=(-500, 500))
    phi_inp = Input(per_ms, "rate of excitatory cells of other regions", additive=True)
    p_ee_inp = Input(per_ms, "spikes beside p_ee", additive=True)
    p_ie_inp = Input(per_ms, "spikes beside p_ie", additive=True)
    p_ei_inp = Input(per_ms, "spikes beside p_ei", additive=True)
    p_ii_inp = Input(per_ms, "spikes beside p_ii", additive=True)
    S_e = Output(lambda s, p: rate(s.h_e, p.S_e_max, p.theta_e, p.g_e), per_ms, "rate of excitatory cells")
    S_i = Output(lambda s, p: rate(s.h_i, p.S_i_max, p.theta_i, p.g_i), per_ms, "rate of inhibitory cells")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def filtered(speed: Any, drive: Any, value: Any, slope: Any) -> Any:
            return speed * drive - 2.0 * speed * slope - speed**2 * value

        S_e, S_i = rate(s.h_e, p.S_e_max, p.theta_e, p.g_e), rate(s.h_i, p.S_i_max, p.theta_i, p.g_i)
        ee = math.e * p.G_e * (p.N_b_ee * S_e + s.phi_ee + p.p_ee + inp.p_ee_inp)
        ei = math.e * p.G_e * (p.N_b_ei * S_e + s.phi_ei + p.p_ei + inp.p_ei_inp)
        ie = math.e * p.G_i * (p.N_b_ie * S_i + p.p_ie + inp.p_ie_inp)
        ii = math.e * p.G_i * (p.N_b_ii * S_i + p.p_ii + inp.p_ii_inp)
        on_e = effect(s.h_e, p.h_e_rest, p.h_e_rev) * s.I_ee + effect(s.h_e, p.h_e_rest, p.h_i_rev) * s.I_ie
        on_i = effect(s.h_i, p.h_i_rest, p.h_e_rev) * s.I_ei + effect(s.h_i, p.h_i_rest, p.h_i_rev) * s.I_ii
        inhibitory, distant, to_e, to_i = p.gamma_i / p.lamda, S_e + inp.phi_inp, p.v * p.A_ee, p.v * p.A_ei
        return dict(
            h_e=(p.h_e_rest - s.h_e + on_e) / p.tau_e,
            h_i=(p.h_i_rest - s.h_i + on_i) / p.tau_i,
            I_ee=s.J_ee,
            I_ei=s.J_ei,
            I_ie=s.J_ie,
            I_ii=s.J_ii,
            J_ee=filtered(p.gamma_e, ee, s.I_ee, s.J_ee),
            J_ei=filtered(p.gamma_e, ei, s.I_ei, s.J_ei),
            J_ie=filtered(inhibitory, ie, s.I_ie, s.J_ie),
            J_ii=filtered(inhibitory, ii, s.I_ii, s.J_ii),
            phi_ee=s.chi_ee,
            phi_ei=s.chi_ei,
            chi_ee=filtered(to_e, to_e * p.N_a_ee * distant, s.phi_ee, s.chi_ee),
            chi_ei=filtered(to_i, to_i * p.N_a_ei * distant, s.phi_ei, s.chi_ei),
        )

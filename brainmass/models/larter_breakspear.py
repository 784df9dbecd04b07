from typing import Any

import jax.numpy as jnp

from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms


def step(x: Any, midpoint: Any, width: Any) -> Any:
    """A smooth step from 0 to 1."""
    return 0.5 * (1.0 + jnp.tanh((x - midpoint) / width))


class LarterBreakspearStep(StateSpace):
    r"""Conductance-based column (Breakspear, Terry & Friston 2003, doi:10.1088/0954-898X_14_4_305).

    .. math:: \dot V &= -(g_{Ca} + (1 - C) r_{NMDA} a_{ee} Q_V + C r_{NMDA} a_{ee} c) m_{Ca} (V - V_{Ca})
                        - g_K W (V - V_K) - g_L (V - V_L) \\
                     &\quad - (g_{Na} m_{Na} + (1 - C) a_{ee} Q_V + C a_{ee} c) (V - V_{Na})
                        - a_{ie} Z Q_Z + a_{ne} I \\
              \dot W &= \varphi (m_K - W) / \tau_K, \qquad \dot Z = b (a_{ni} I + a_{ei} V Q_V)

    All three times ``t_scale``; the channels open as :math:`m_x = \tfrac12 (1 + \tanh((V - T_x) / \delta_x))`, and the
    rates are :math:`Q_V = Q_V^{max} \tfrac12 (1 + \tanh((V - V_T) / \delta_V))`, :math:`Q_Z` likewise with Z.
    Coupling enters as c, a rate like Q_V: ``coupled_var="QV"`` is that of the paper.
    """

    primary = "V"
    target = "V_inp"

    gCa = Parameter(1.1, doc="conductance of calcium", bounds=(0.9, 1.5))
    gK = Parameter(2.0, doc="conductance of potassium", bounds=(1.95, 2.05))
    gL = Parameter(0.5, doc="conductance of the leak", bounds=(0.45, 0.55))
    gNa = Parameter(6.7, doc="conductance of sodium", bounds=(0, 10))
    TCa = Parameter(-0.01, doc="threshold of calcium", bounds=(-0.02, 0.01))
    TK = Parameter(0.0, doc="threshold of potassium", bounds=(-0.05, 0.05))
    TNa = Parameter(0.3, doc="threshold of sodium", bounds=(0.25, 0.35))
    d_Ca = Parameter(0.15, doc="spread of the calcium thresholds", bounds=(0.1, 0.2))
    d_K = Parameter(0.3, doc="spread of the potassium thresholds", bounds=(0.1, 0.4))
    d_Na = Parameter(0.15, doc="spread of the sodium thresholds", bounds=(0.1, 0.2))
    VCa = Parameter(1.0, doc="reversal potential of calcium", bounds=(0.9, 1.1))
    VK = Parameter(-0.7, doc="reversal potential of potassium", bounds=(-0.8, -0.6))
    VL = Parameter(-0.5, doc="reversal potential of the leak", bounds=(-0.7, -0.4))
    VNa = Parameter(0.53, doc="reversal potential of sodium", bounds=(0.51, 0.55))
    phi = Parameter(0.7, doc="temperature factor of potassium", bounds=(0.3, 0.9))
    tau_K = Parameter(1.0, doc="time constant of potassium, in units of 1/t_scale", bounds=(0.5, 10))
    aee = Parameter(0.4, doc="synaptic strength, excitatory to excitatory", bounds=(0, 0.6))
    aei = Parameter(2.0, doc="synaptic strength, excitatory to inhibitory", bounds=(0.1, 2))
    aie = Parameter(2.0, doc="synaptic strength, inhibitory to excitatory", bounds=(0.5, 2))
    ane = Parameter(1.0, doc="synaptic strength, subcortical to excitatory", bounds=(0.4, 1))
    ani = Parameter(0.4, doc="synaptic strength, subcortical to inhibitory", bounds=(0.3, 0.5))
    b = Parameter(0.1, doc="rate of the inhibitory potential", bounds=(0.0001, 1))
    C = Parameter(0.1, doc="share of the excitation that comes from other regions", bounds=(0, 1))
    Iext = Parameter(0.3, doc="subcortical input", bounds=(0.165, 0.3))
    rNMDA = Parameter(0.25, doc="ratio of NMDA to AMPA receptors", bounds=(0.2, 0.3))
    VT = Parameter(0.0, doc="threshold of the excitatory cells", bounds=(0, 0.7))
    d_V = Parameter(0.65, doc="spread of the excitatory thresholds", bounds=(0.49, 0.7))
    ZT = Parameter(0.0, doc="threshold of the inhibitory cells", bounds=(0, 0.1))
    d_Z = Parameter(0.7, doc="spread of the inhibitory thresholds", bounds=(0.001, 0.75))
    QV_max = Parameter(1.0, doc="maximal excitatory rate", bounds=(0.1, 1))
    QZ_max = Parameter(1.0, doc="maximal inhibitory rate", bounds=(0.1, 1))
    t_scale = Parameter(1.0, per_ms, "units of time of the paper per ms", bounds=(0.1, 1))
    V = Variable(0.0, doc="excitatory potential", span=(-1.5, 1.5))
    W = Variable(0.0, doc="open potassium channels", bounds=(0, 1))
    Z = Variable(0.0, doc="inhibitory potential", span=(-1.5, 1.5))
    V_inp = Input(doc="excitatory rate of other regions")
    QV = Output(lambda s, p: p.QV_max * step(s.V, p.VT, p.d_V), doc="excitatory rate")
    QZ = Output(lambda s, p: p.QZ_max * step(s.Z, p.ZT, p.d_Z), doc="inhibitory rate")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        QV, QZ = p.QV_max * step(s.V, p.VT, p.d_V), p.QZ_max * step(s.Z, p.ZT, p.d_Z)
        m_Ca, m_Na, m_K = step(s.V, p.TCa, p.d_Ca), step(s.V, p.TNa, p.d_Na), step(s.V, p.TK, p.d_K)
        received = p.aee * ((1.0 - p.C) * QV + p.C * inp.V_inp)
        calcium = (p.gCa + p.rNMDA * received) * m_Ca * (s.V - p.VCa)
        sodium = (p.gNa * m_Na + received) * (s.V - p.VNa)
        other = p.gK * s.W * (s.V - p.VK) + p.gL * (s.V - p.VL)
        return dict(
            V=p.t_scale * (-calcium - sodium - other - p.aie * s.Z * QZ + p.ane * p.Iext),
            W=p.t_scale * p.phi * (m_K - s.W) / p.tau_K,
            Z=p.t_scale * p.b * (p.ani * p.Iext + p.aei * s.V * QV),
        )

import math
from typing import Any

import brainunit as u
import jax.numpy as jnp
from jax.nn import softplus

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms

WARM = 3.7371928  # 3**1.2: the channels were measured 12 degrees below body temperature
mS, uF, uA = u.mS / u.cm**2, u.uF / u.cm**2, u.uA / u.cm**2


def rate(V: Any, p: Any) -> Any:
    """The firing rate of a population at the mean potential V."""
    return p.Q_max * logistic(math.pi / math.sqrt(3.0) * (V - p.theta) / p.sigma)


def gate(V: Any, half: float, width: float) -> Any:
    """The open share at V, half of it at ``half``; it falls with V where ``width`` is negative (both in mV)."""
    return logistic((V / u.mV - half) / width)


def peak(x: Any, y: Any) -> Any:
    """1 / (e^x + e^y), finite where one of them is not."""
    return jnp.exp(-jnp.logaddexp(x, y))


def time_constants(V_t: Any, V_r: Any) -> tuple[Any, Any, Any]:
    """Of the inactivation of I_T in relay and reticular cells, and of the opening of I_h."""
    t, r = V_t / u.mV, V_r / u.mV
    late = (t + 86.0) / 3.2
    h_t = (30.8 + 211.4 * logistic(-late) + jnp.exp((t + 115.2) / 5.0 - softplus(late))) / WARM
    h_r = (85.0 + peak((r + 48.0) / 4.0, -(r + 407.0) / 50.0)) / WARM
    m_h = 20.0 + 1000.0 * peak((t + 71.5) / 14.2, -(t + 89.0) / 11.6)
    return h_t * u.ms, h_r * u.ms, m_h * u.ms


class CostaThalamusStep(StateSpace):
    r"""Thalamus with sleep spindles (Schellenberger Costa et al. 2016, doi:10.1371/journal.pcbi.1005022).

    .. math:: \tau \dot V_t &= -I_L^t - I_{AMPA}^t - I_{GABA}^t - \tau (I_{LK}^t + I_T^t + I_h) / C_m \\
              \tau \dot V_r &= -I_L^r - I_{AMPA}^r - I_{GABA}^r - \tau (I_{LK}^r + I_T^r) / C_m \\
              \ddot s_{et} &= \gamma_e^2 (s_{et,\mathrm{inp}} - s_{et}) - 2 \gamma_e \dot s_{et}, \qquad
              \ddot s_{er} = \gamma_e^2 (N_{rt} Q_t + s_{er,\mathrm{inp}} - s_{er}) - 2 \gamma_e \dot s_{er} \\
              \ddot s_{gk} &= \gamma_r^2 (N_{kr} Q_r - s_{gk}) - 2 \gamma_r \dot s_{gk}, \qquad
              Q_k = Q_{max} / (1 + e^{-\pi (V_k - \theta) / (\sqrt 3 \sigma)}) \\
              \dot{Ca} &= \alpha_{Ca} I_T^t - (Ca - Ca_0) / \tau_{Ca}, \qquad
              I_T = g_T m_\infty^2 h (V - E_{Ca}), \qquad I_h = g_h (m_{h1} + g_{inc} m_{h2}) (V_t - E_h) \\
              \dot m_{h1} &= (m_\infty (1 - m_{h2}) - m_{h1}) / \tau_m - k_3 P m_{h1} + k_4 m_{h2}, \qquad
              \dot m_{h2} = k_3 P m_{h1} - k_4 m_{h2}

    with :math:`P = k_1 Ca^{n_P} / (k_1 Ca^{n_P} + k_2)`; the h relax to their steady states; t are
    relay and r reticular cells, ``N_rt`` is from t to r. Coupling enters ``s_et_inp``, spikes from the cortex on t;
    ``s_er_inp`` is the same for r.
    """

    primary = "Q_t"
    target = "s_et_inp"
    coupling = "additive"

    tau = Parameter(20.0 * u.ms, u.ms, "time constant of the membranes", bounds=(10, 30))
    Q_max = Parameter(0.4 / u.ms, per_ms, "maximal firing rate", bounds=(0.1, 0.8))
    theta = Parameter(-58.5 * u.mV, u.mV, "potential of half the maximal rate", bounds=(-65, -50))
    sigma = Parameter(6.0 * u.mV, u.mV, "spread of the thresholds", bounds=(3, 10))
    C_m = Parameter(1.0 * uF, uF, "membrane capacitance", bounds=(0.5, 2))
    gamma_e = Parameter(0.07 / u.ms, per_ms, "rate of excitatory synapses", bounds=(0.03, 0.15))
    gamma_r = Parameter(0.1 / u.ms, per_ms, "rate of reticular, inhibitory synapses", bounds=(0.05, 0.2))
    g_L = Parameter(1.0, doc="weight of the leak", bounds=(0.5, 2))
    g_GABA = Parameter(1.0 * u.ms, u.ms, "weight of inhibition", bounds=(0.5, 2))
    g_AMPA = Parameter(1.0 * u.ms, u.ms, "weight of excitation", bounds=(0.5, 2))
    g_LK = Parameter(0.018 * mS, mS, "conductance of the potassium leak", bounds=(0, 0.1))
    g_T_t = Parameter(3.0 * mS, mS, "conductance of calcium in relay cells", bounds=(1, 5))
    g_T_r = Parameter(2.3 * mS, mS, "conductance of calcium in reticular cells", bounds=(1, 5))
    g_h = Parameter(0.062 * mS, mS, "conductance of the current that hyperpolarisation opens", bounds=(0, 0.1))
    g_inc = Parameter(2.0, doc="conductance of calcium-bound h-channels, relative to the others", bounds=(1, 4))
    E_AMPA = Parameter(0.0 * u.mV, u.mV, "reversal potential of excitation", bounds=(-10, 10))
    E_GABA = Parameter(-70.0 * u.mV, u.mV, "reversal potential of inhibition", bounds=(-85, -60))
    E_L = Parameter(-70.0 * u.mV, u.mV, "reversal potential of the leak", bounds=(-80, -60))
    E_K = Parameter(-100.0 * u.mV, u.mV, "reversal potential of potassium", bounds=(-110, -90))
    E_Ca = Parameter(120.0 * u.mV, u.mV, "reversal potential of calcium", bounds=(100, 140))
    E_h = Parameter(-40.0 * u.mV, u.mV, "reversal potential of I_h", bounds=(-50, -30))
    alpha_Ca = Parameter(-51.8e-6 * u.mM / uA / u.ms, u.mM / uA / u.ms, "influx of calcium", bounds=(-1e-4, -2e-5))
    tau_Ca = Parameter(10.0 * u.ms, u.ms, "decay time of calcium", bounds=(5, 20))
    Ca_0 = Parameter(2.4e-4 * u.mM, u.mM, "calcium at rest", bounds=(1e-4, 5e-4))
    k1 = Parameter(2.5e7 / u.ms, per_ms, "binding of calcium, at 1 mM", bounds=(1e7, 5e7))
    k2 = Parameter(4e-4 / u.ms, per_ms, "unbinding of calcium", bounds=(2e-4, 8e-4))
    k3 = Parameter(0.1 / u.ms, per_ms, "locking of open h-channels", bounds=(0.05, 0.2))
    k4 = Parameter(0.001 / u.ms, per_ms, "unlocking of h-channels", bounds=(0.0005, 0.002))
    n_P = Parameter(4.0, doc="calcium ions that bind together", bounds=(2, 6))
    N_tr = Parameter(5.0, doc="synapses of reticular on relay cells", bounds=(1, 10))
    N_rt = Parameter(3.0, doc="synapses of relay on reticular cells", bounds=(1, 10))
    N_rr = Parameter(25.0, doc="synapses of reticular on reticular cells", bounds=(10, 50))
    V_t = Variable(-68.0 * u.mV, u.mV, "potential of the relay cells", span=(-80, -45))
    V_r = Variable(-68.0 * u.mV, u.mV, "potential of the reticular cells", span=(-80, -45))
    Ca = Variable(2.4e-4 * u.mM, u.mM, "calcium in the relay cells", span=(1e-4, 1e-3), bounds=(0, math.inf))
    h_T_t = Variable(0.02, doc="relay calcium channels that are not inactivated", span=(0, 0.3), bounds=(0, 1))
    h_T_r = Variable(0.1, doc="reticular calcium channels that are not inactivated", span=(0, 0.6), bounds=(0, 1))
    m_h1 = Variable(0.1, doc="open h-channels without calcium", span=(0, 0.5), bounds=(0, 1))
    m_h2 = Variable(0.1, doc="open h-channels locked by calcium", span=(0, 0.5), bounds=(0, 1), slow=True)
    s_et = Variable(0.0 * per_ms, per_ms, "filtered excitation of the relay cells", span=(0, 0.2))
    s_gt = Variable(0.0 * per_ms, per_ms, "filtered inhibition of the relay cells", span=(0, 0.5))
    s_er = Variable(0.0 * per_ms, per_ms, "filtered excitation of the reticular cells", span=(0, 0.3))
    s_gr = Variable(0.0 * per_ms, per_ms, "filtered inhibition of the reticular cells", span=(0, 1))
    x_et = Variable(0.0 * per_ms**2, per_ms**2, "slope of s_et", span=(-0.02, 0.02))
    x_gt = Variable(0.0 * per_ms**2, per_ms**2, "slope of s_gt", span=(-0.02, 0.02))
    x_er = Variable(0.0 * per_ms**2, per_ms**2, "slope of s_er", span=(-0.02, 0.02))
    x_gr = Variable(0.0 * per_ms**2, per_ms**2, "slope of s_gr", span=(-0.02, 0.02))
    s_et_inp = Input(per_ms, "spikes from the cortex on relay cells", additive=True)
    s_er_inp = Input(per_ms, "spikes from the cortex on reticular cells", additive=True)
    V_t_inp = Input(u.mV, "current on the relay cells, over the conductance of the leak", additive=True)
    V_r_inp = Input(u.mV, "current on the reticular cells, over the conductance of the leak", additive=True)
    Q_t = Output(lambda s, p: rate(s.V_t, p), per_ms, "firing rate of the relay cells")
    Q_r = Output(lambda s, p: rate(s.V_r, p), per_ms, "firing rate of the reticular cells")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        def passive(V: Any, s_e: Any, s_g: Any) -> Any:
            return p.g_L * (V - p.E_L) + p.g_AMPA * s_e * (V - p.E_AMPA) + p.g_GABA * s_g * (V - p.E_GABA)

        def synapse(gamma: Any, spikes: Any, filtered: Any, slope: Any) -> Any:
            return gamma**2 * (spikes - filtered) - 2.0 * gamma * slope

        Q_t, Q_r = rate(s.V_t, p), rate(s.V_r, p)
        I_T_t = p.g_T_t * gate(s.V_t, -59.0, 6.2) ** 2 * s.h_T_t * (s.V_t - p.E_Ca)
        I_T_r = p.g_T_r * gate(s.V_r, -52.0, 7.4) ** 2 * s.h_T_r * (s.V_r - p.E_Ca)
        I_h = p.g_h * (s.m_h1 + p.g_inc * s.m_h2) * (s.V_t - p.E_h)
        active_t = p.g_LK * (s.V_t - p.E_K) + I_T_t + I_h
        active_r = p.g_LK * (s.V_r - p.E_K) + I_T_r
        tau_h_t, tau_h_r, tau_m = time_constants(s.V_t, s.V_r)
        binding = p.k1 * u.math.maximum(s.Ca / u.mM, 0.0) ** p.n_P
        locking = p.k3 * binding / (binding + p.k2) * s.m_h1 - p.k4 * s.m_h2
        return dict(
            V_t=(inp.V_t_inp - passive(s.V_t, s.s_et, s.s_gt)) / p.tau - active_t / p.C_m,
            V_r=(inp.V_r_inp - passive(s.V_r, s.s_er, s.s_gr)) / p.tau - active_r / p.C_m,
            Ca=p.alpha_Ca * I_T_t - (s.Ca - p.Ca_0) / p.tau_Ca,
            h_T_t=(gate(s.V_t, -81.0, -4.0) - s.h_T_t) / tau_h_t,
            h_T_r=(gate(s.V_r, -80.0, -5.0) - s.h_T_r) / tau_h_r,
            m_h1=(gate(s.V_t, -75.0, -5.5) * (1.0 - s.m_h2) - s.m_h1) / tau_m - locking,
            m_h2=locking,
            s_et=s.x_et,
            s_gt=s.x_gt,
            s_er=s.x_er,
            s_gr=s.x_gr,
            x_et=synapse(p.gamma_e, inp.s_et_inp, s.s_et, s.x_et),
            x_gt=synapse(p.gamma_r, p.N_tr * Q_r, s.s_gt, s.x_gt),
            x_er=synapse(p.gamma_e, p.N_rt * Q_t + inp.s_er_inp, s.s_er, s.x_er),
            x_gr=synapse(p.gamma_r, p.N_rr * Q_r, s.s_gr, s.x_gr),
        )

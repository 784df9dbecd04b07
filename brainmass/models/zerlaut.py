import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
from jax.scipy.special import erfc

from brainmass.declarations import Input, Parameter, Variable
from brainmass.statespace import StateSpace
from brainmass.units import per_ms

# The effective threshold of regular- and fast-spiking cells in mV, fitted by di Volo et al. (2019): coefficients of
# 1, V, s, T, V², s², T², V s, V T, s T, where V, s, T are the moments below.
THRESHOLD_E = (-49.83106, 5.063550882777035, -23.470121807314552, 2.2951513725067503, -0.4105302652029825)
THRESHOLD_E += (10.547051343547399, -36.59252821136933, 7.437487505797858, 1.265064721846073, -40.72161294490446)
THRESHOLD_I = (-51.49122024209484, 4.003689190271077, -8.352013668528155, 0.2414237992765705, -0.5070645080016026)
THRESHOLD_I += (1.4345394104282397, -14.686689498949967, 4.502706285435741, 2.8472190352532454, -15.357804594594548)


def transfer(E: Any, I: Any, drive: Any, W: Any, E_L: Any, threshold: tuple[float, ...], p: Any) -> Any:
    """The rate of an AdEx cell under shot noise (Zerlaut et al. 2018), of rates and external rate in 1/ms."""
    least = 1e-6 * per_ms  # keeps the fluctuations positive
    cells = p.p_connect * p.N_tot
    E, I, external = (u.math.maximum(rate, 0.0 * per_ms) for rate in (E, I, p.nu_ext + drive))
    fe = (E + least) * (1.0 - p.g) * cells + external * p.K_ext
    fi = (I + least) * p.g * cells
    Ge, Gi = p.Q_e * p.tau_e * fe, p.Q_i * p.tau_i * fi
    G = p.g_L + Ge + Gi
    mean = (Ge * p.E_e + Gi * p.E_i + p.g_L * E_L - W) / G
    tau_m = p.C_m / G
    jump_e, jump_i = p.Q_e * p.tau_e * (p.E_e - mean) / G, p.Q_i * p.tau_i * (p.E_i - mean) / G
    power_e, power_i = fe * jump_e**2, fi * jump_i**2
    filtered = power_e / (tau_m + p.tau_e) + power_i / (tau_m + p.tau_i)
    spread: Any = u.math.sqrt(filtered / 2.0)
    correlation = (power_e + power_i) / filtered
    V, s = ((mean / u.mV) + 60.0) / 10.0, ((spread / u.mV) - 4.0) / 6.0
    T = correlation * p.g_L / p.C_m - 0.5
    terms = (1.0, V, s, T, V**2, s**2, T**2, V * s, V * T, s * T)
    above = sum(c * term for c, term in zip(threshold, terms, strict=True)) - mean / u.mV
    return erfc(above / (math.sqrt(2.0) * spread / u.mV)) / (2.0 * correlation), mean


def curvature(F: Callable[[Any, Any], Any], E: Any, I: Any) -> SimpleNamespace:
    """F(E, I) and its first and second derivatives, elementwise over regions, with their units."""
    e, i = E / per_ms, I / per_ms
    ones, zeros = jnp.ones_like(e), jnp.zeros_like(e)
    first = jnp.stack([ones, ones, zeros]), jnp.stack([zeros, zeros, ones])
    second = jnp.stack([ones, zeros, zeros]), jnp.stack([zeros, ones, ones])

    def along(by: Any, then: Any) -> Any:
        """F, its slope along ``by`` and the slope of that along ``then``."""

        def slope(e: Any, i: Any) -> Any:
            return jax.jvp(lambda e, i: F(e * per_ms, i * per_ms) / per_ms, (e, i), by)

        (value, by_one), (_, by_both) = jax.jvp(slope, (e, i), then)
        return value, by_one, by_both

    F0, by_one, by_both = jax.vmap(along)(first, second)  # along EE, EI, II at once: a quarter of the time to compile
    return SimpleNamespace(
        F=F0[0] * per_ms,
        E=by_one[0],
        I=by_one[2],
        EE=by_both[0] / per_ms,
        EI=by_both[1] / per_ms,
        II=by_both[2] / per_ms,
    )


class ZerlautFirstOrderStep(StateSpace):
    r"""Conductance-based AdEx cells with adaptation, rates only (Zerlaut et al. 2018, doi:10.1007/s10827-017-0668-2).

    .. math:: T \dot E &= F_e(E, I, W; \nu_e) - E, \qquad T \dot I = F_i(E, I; \nu_i) - I \\
              \dot W &= -W / \tau_w + b E + a (\mu_V - E_L) / \tau_w

    F are the semi-analytic transfer functions; the adaptation is that of di Volo et al. 2019, doi:10.1162/neco_a_01173.
    Coupling enters ``E_inp``, an external firing rate on both populations (on I times S_i).
    """

    target = "E_inp"
    coupling = "additive"

    T = Parameter(20.0 * u.ms, u.ms, "time scale of the Markovian rates", bounds=(5, 50))
    g_L = Parameter(10.0 * u.nS, u.nS, "leak conductance", bounds=(5, 20))
    E_L_e = Parameter(-65.0 * u.mV, u.mV, "leak reversal of excitatory cells", bounds=(-90, -60))
    E_L_i = Parameter(-65.0 * u.mV, u.mV, "leak reversal of inhibitory cells", bounds=(-90, -60))
    C_m = Parameter(200.0 * u.pF, u.pF, "membrane capacitance", bounds=(100, 500))
    b_e = Parameter(60.0 * u.pA, u.pA, "adaptation increment of a spike", bounds=(0, 150))
    a_e = Parameter(4.0 * u.nS, u.nS, "subthreshold adaptation", bounds=(0, 20))
    tau_w_e = Parameter(500.0 * u.ms, u.ms, "time constant of the adaptation", bounds=(100, 1000))
    E_e = Parameter(0.0 * u.mV, u.mV, "excitatory reversal potential", bounds=(-20, 20))
    E_i = Parameter(-80.0 * u.mV, u.mV, "inhibitory reversal potential", bounds=(-100, -60))
    Q_e = Parameter(1.5 * u.nS, u.nS, "excitatory conductance of a spike", bounds=(0.5, 5))
    Q_i = Parameter(5.0 * u.nS, u.nS, "inhibitory conductance of a spike", bounds=(1, 10))
    tau_e = Parameter(5.0 * u.ms, u.ms, "excitatory synaptic time constant", bounds=(1, 10))
    tau_i = Parameter(5.0 * u.ms, u.ms, "inhibitory synaptic time constant", bounds=(1, 10))
    N_tot = Parameter(10000.0, doc="number of cells", bounds=(1000, 20000))
    p_connect = Parameter(0.05, doc="probability of a connection", bounds=(0.01, 0.2))
    g = Parameter(0.2, doc="share of inhibitory cells", bounds=(0.1, 0.4))
    K_ext = Parameter(400.0, doc="external excitatory synapses of a cell", bounds=(0, 1000))
    nu_ext = Parameter(0.0025 / u.ms, per_ms, "constant external rate on both populations", bounds=(0, 0.02))
    S_i = Parameter(1.0, doc="share of E_inp that reaches I, relative to E", bounds=(0, 2))
    E = Variable(0.005 / u.ms, per_ms, "rate of excitatory cells", span=(0.001, 0.1), bounds=(0.0, 1.0))
    I = Variable(0.01 / u.ms, per_ms, "rate of inhibitory cells", span=(0.001, 0.1), bounds=(0.0, 1.0))
    W = Variable(20.0 * u.pA, u.pA, "adaptation current of excitatory cells", span=(0, 200))
    E_inp = Input(per_ms, "external rate on both populations")
    e_inp = Input(per_ms, "external rate on excitatory cells")
    i_inp = Input(per_ms, "external rate on inhibitory cells")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        Fe, mean = transfer(s.E, s.I, inp.E_inp + inp.e_inp, s.W, p.E_L_e, THRESHOLD_E, p)
        Fi, _ = transfer(s.E, s.I, p.S_i * inp.E_inp + inp.i_inp, 0.0 * s.W, p.E_L_i, THRESHOLD_I, p)
        W = p.b_e * s.E + (p.a_e * (mean - p.E_L_e) - s.W) / p.tau_w_e
        return dict(E=(Fe - s.E) / p.T, I=(Fi - s.I) / p.T, W=W)


class ZerlautSecondOrderStep(StateSpace):
    r"""Conductance-based AdEx cells, rates and their covariance (Zerlaut et al. 2018, doi:10.1007/s10827-017-0668-2).

    .. math:: T \dot \nu_a &= F_a - \nu_a + \tfrac12 \textstyle\sum_{bc} C_{bc}\, \partial_b \partial_c F_a,
              \qquad a, b, c \in \{E, I\} \\
              T \dot C_{ab} &= [a = b] F_a (1 / T - F_a) / N_a + (F_a - \nu_a)(F_b - \nu_b)
              + \textstyle\sum_c (C_{bc}\, \partial_c F_a + C_{ac}\, \partial_c F_b) - 2 C_{ab}

    (El Boustani & Destexhe 2009, doi:10.1162/neco.2009.02-08-710); the adaptation is that of `ZerlautFirstOrderStep`.
    The expansion holds near an equilibrium, where it starts: a drive that jumps by half of nu_ext makes it diverge, one
    that rises to twice nu_ext within 50 ms does not.
    Coupling enters ``E_inp``, an external firing rate on both populations (on I times S_i).
    """

    target = "E_inp"
    coupling = "additive"

    T = Parameter(20.0 * u.ms, u.ms, "time scale of the Markovian rates", bounds=(5, 50))
    g_L = Parameter(10.0 * u.nS, u.nS, "leak conductance", bounds=(5, 20))
    E_L_e = Parameter(-65.0 * u.mV, u.mV, "leak reversal of excitatory cells", bounds=(-90, -60))
    E_L_i = Parameter(-65.0 * u.mV, u.mV, "leak reversal of inhibitory cells", bounds=(-90, -60))
    C_m = Parameter(200.0 * u.pF, u.pF, "membrane capacitance", bounds=(100, 500))
    b_e = Parameter(60.0 * u.pA, u.pA, "adaptation increment of a spike", bounds=(0, 150))
    a_e = Parameter(4.0 * u.nS, u.nS, "subthreshold adaptation", bounds=(0, 20))
    tau_w_e = Parameter(500.0 * u.ms, u.ms, "time constant of the adaptation", bounds=(100, 1000))
    E_e = Parameter(0.0 * u.mV, u.mV, "excitatory reversal potential", bounds=(-20, 20))
    E_i = Parameter(-80.0 * u.mV, u.mV, "inhibitory reversal potential", bounds=(-100, -60))
    Q_e = Parameter(1.5 * u.nS, u.nS, "excitatory conductance of a spike", bounds=(0.5, 5))
    Q_i = Parameter(5.0 * u.nS, u.nS, "inhibitory conductance of a spike", bounds=(1, 10))
    tau_e = Parameter(5.0 * u.ms, u.ms, "excitatory synaptic time constant", bounds=(1, 10))
    tau_i = Parameter(5.0 * u.ms, u.ms, "inhibitory synaptic time constant", bounds=(1, 10))
    N_tot = Parameter(10000.0, doc="number of cells", bounds=(1000, 20000))
    p_connect = Parameter(0.05, doc="probability of a connection", bounds=(0.01, 0.2))
    g = Parameter(0.2, doc="share of inhibitory cells", bounds=(0.1, 0.4))
    K_ext = Parameter(400.0, doc="external excitatory synapses of a cell", bounds=(0, 1000))
    nu_ext = Parameter(0.0025 / u.ms, per_ms, "constant external rate on both populations", bounds=(0, 0.02))
    S_i = Parameter(1.0, doc="share of E_inp that reaches I, relative to E", bounds=(0, 2))
    E = Variable(0.0015 / u.ms, per_ms, "rate of excitatory cells", span=(0.001, 0.1), bounds=(0.0, 1.0))
    I = Variable(0.009 / u.ms, per_ms, "rate of inhibitory cells", span=(0.001, 0.1), bounds=(0.0, 1.0))
    C_ee = Variable(0.0 / u.ms**2, per_ms**2, "variance of E", span=(0, 5e-4))
    C_ei = Variable(0.0 / u.ms**2, per_ms**2, "covariance of E and I", span=(-5e-4, 5e-4))
    C_ii = Variable(0.0 / u.ms**2, per_ms**2, "variance of I", span=(0, 5e-4))
    W = Variable(75.0 * u.pA, u.pA, "adaptation current of excitatory cells", span=(0, 200))
    E_inp = Input(per_ms, "external rate on both populations")
    e_inp = Input(per_ms, "external rate on excitatory cells")
    i_inp = Input(per_ms, "external rate on inhibitory cells")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        drive_e, drive_i = inp.E_inp + inp.e_inp, p.S_i * inp.E_inp + inp.i_inp
        _, mean = transfer(s.E, s.I, drive_e, s.W, p.E_L_e, THRESHOLD_E, p)
        e = curvature(lambda E, I: transfer(E, I, drive_e, s.W, p.E_L_e, THRESHOLD_E, p)[0], s.E, s.I)
        i = curvature(lambda E, I: transfer(E, I, drive_i, 0.0 * s.W, p.E_L_i, THRESHOLD_I, p)[0], s.E, s.I)
        off_e, off_i = e.F - s.E, i.F - s.I
        finite_e = e.F * (1.0 / p.T - e.F) / ((1.0 - p.g) * p.N_tot)
        finite_i = i.F * (1.0 / p.T - i.F) / (p.g * p.N_tot)
        ee = finite_e + off_e**2 + 2.0 * (s.C_ee * e.E + s.C_ei * e.I) - 2.0 * s.C_ee
        ei = off_e * off_i + s.C_ee * i.E + s.C_ei * (i.I + e.E) + s.C_ii * e.I - 2.0 * s.C_ei
        ii = finite_i + off_i**2 + 2.0 * (s.C_ei * i.E + s.C_ii * i.I) - 2.0 * s.C_ii
        W = p.b_e * s.E + (p.a_e * (mean - p.E_L_e) - s.W) / p.tau_w_e
        return dict(
            E=(off_e + 0.5 * (s.C_ee * e.EE + 2.0 * s.C_ei * e.EI + s.C_ii * e.II)) / p.T,
            I=(off_i + 0.5 * (s.C_ee * i.EE + 2.0 * s.C_ei * i.EI + s.C_ii * i.II)) / p.T,
            C_ee=ee / p.T,
            C_ei=ei / p.T,
            C_ii=ii / p.T,
            W=W,
        )

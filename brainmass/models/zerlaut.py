import math
from types import SimpleNamespace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erfc

from brainmass.numerics import Taylor, compiled_apart
from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import float_dtype, per_ms

# The effective threshold of regular- and fast-spiking cells in mV, fitted by di Volo et al. (2019): coefficients of
# 1, V, s, T, V², s², T², V s, V T, s T, where V, s, T are the moments below.
THRESHOLD_E = (-49.83106, 5.063550882777035, -23.470121807314552, 2.2951513725067503, -0.4105302652029825)
THRESHOLD_E += (10.547051343547399, -36.59252821136933, 7.437487505797858, 1.265064721846073, -40.72161294490446)
THRESHOLD_I = (-51.49122024209484, 4.003689190271077, -8.352013668528155, 0.2414237992765705, -0.5070645080016026)
THRESHOLD_I += (1.4345394104282397, -14.686689498949967, 4.502706285435741, 2.8472190352532454, -15.357804594594548)


def both(of_e: Any, of_i: Any, like: Any) -> Any:
    """What the two kinds of cells have, along a new first axis."""
    shape = np.broadcast_shapes(np.shape(of_e), np.shape(of_i), np.shape(like))
    return u.math.stack([u.math.broadcast_to(of_e, shape), u.math.broadcast_to(of_i, shape)])


def rates(s: Any, covariance: Any = None) -> tuple[Taylor, Taylor]:
    """Those of both kinds of cells, 0 where a step has taken them below, and by which answers are expanded."""
    none = 0.0 * per_ms
    silent_e, silent_i = none > s.E, none > s.I
    E, I = u.math.where(silent_e, none, s.E), u.math.where(silent_i, none, s.I)
    if covariance is None:
        return Taylor(E), Taylor(I)
    by_E, by_I = (1.0 - silent.astype(float_dtype()) for silent in (silent_e, silent_i))
    return Taylor(E, (by_E, None), None, covariance), Taylor(I, (None, by_I), None, covariance)


def transfer(E: Taylor, I: Taylor, s: Any, inp: Any, p: Any) -> tuple[Taylor, Any]:
    """The rates of both kinds of AdEx cells under shot noise (Zerlaut et al. 2018), and their mean potentials."""
    drive = both(inp.E_inp + inp.e_inp, p.S_i * inp.E_inp + inp.i_inp, s.E)
    rest = both(p.g_L * p.E_L_e - s.W, p.g_L * p.E_L_i + 0.0 * s.W, s.E)
    mean, power, filtered = potentials(E, I, drive, rest, vars(p))
    distance, correlation = distances(mean, power, filtered, p.g_L / p.C_m)
    return complementary_error(distance) / (correlation * 2.0), mean.value


@compiled_apart
def potentials(E: Taylor, I: Taylor, drive: Any, rest: Any, values: dict[str, Any]) -> tuple[Taylor, Taylor, Taylor]:
    """Mean of the potentials of both kinds of cells, power of their fluctuations, and twice their variance."""
    p = SimpleNamespace(**values)
    least = 1e-6 * per_ms  # keeps the fluctuations positive
    cells, charge_e, charge_i = p.p_connect * p.N_tot, p.Q_e * p.tau_e, p.Q_i * p.tau_i
    fe = (E + least) * ((1.0 - p.g) * cells) + u.math.maximum(p.nu_ext + drive, 0.0 * per_ms) * p.K_ext
    fi = (I + least) * (p.g * cells)
    Ge, Gi = fe * charge_e, fi * charge_i
    resistance = (Ge + Gi + p.g_L).reciprocal()
    mean = (Ge * p.E_e + Gi * p.E_i + rest) * resistance
    tau_m = resistance * p.C_m
    power_e = fe * ((mean - p.E_e) * resistance * charge_e).squared()
    power_i = fi * ((mean - p.E_i) * resistance * charge_i).squared()
    filtered = power_e / (tau_m + p.tau_e) + power_i / (tau_m + p.tau_i)
    return mean, power_e + power_i, floored(filtered, 1e-4 * u.mV**2)  # 0.01 mV: below, a cell is silent or not


@compiled_apart
def distances(mean: Taylor, power: Taylor, filtered: Taylor, leak: Any) -> tuple[Taylor, Taylor]:
    """How many of their √2 s.d. the potentials are below the thresholds, and the time in which they fluctuate."""
    spread = root(filtered * 0.5)
    correlation = power / filtered
    distance = threshold(mean / u.mV, spread / u.mV, correlation * leak) - mean / u.mV
    return distance / (spread * (math.sqrt(2.0) / u.mV)), correlation


def threshold(mean: Taylor, spread: Taylor, correlation: Taylor) -> Taylor:
    """The effective threshold of both kinds of cells, in mV."""
    V, s, T = (mean + 60.0) / 10.0, (spread - 4.0) / 6.0, correlation - 0.5
    c = np.array([THRESHOLD_E, THRESHOLD_I], float_dtype()).T.reshape(10, 2, *(1,) * (np.ndim(mean.value) - 1))
    by_V = V * c[4] + s * c[7] + T * c[8] + c[1]
    by_s = s * c[5] + T * c[9] + c[2]
    return V * by_V + s * by_s + T * (T * c[6] + c[3]) + c[0]


def floored(x: Taylor, least: Any) -> Taylor:
    low = x.value < least
    return x.through(u.math.where(low, least, x.value), u.math.where(low, 0.0, 1.0), None)


def root(x: Taylor) -> Taylor:
    value: Any = u.math.sqrt(x.value)
    slope = 0.5 / value
    return x.through(value, slope, -0.25 * slope / x.value)


def complementary_error(x: Taylor) -> Taylor:
    slope = -2.0 / math.sqrt(math.pi) * jnp.exp(-(x.value**2))
    return x.through(erfc(x.value), slope, -x.value * slope)


def anew_on_the_way_back(drift: Any, *given: SimpleNamespace) -> dict[str, Any]:
    """The drift, whose parts a gradient computes again: to keep hundreds of them a step takes long to compile."""
    again = jax.checkpoint(lambda *parts: drift(*(SimpleNamespace(**part) for part in parts)))
    return again(*map(vars, given))


def expanded(s: Any, p: Any, inp: Any) -> dict[str, Any]:
    """The drift to second order in the fluctuations of the rates."""
    F, mean = transfer(*rates(s, (s.C_ee, s.C_ei, s.C_ii)), s, inp, p)
    Fe, Fi = F.value
    (e_E, i_E), (e_I, i_I) = F.first  # of e and i, by E and I
    off_e, off_i = Fe - s.E, Fi - s.I
    finite_e = Fe * (1.0 / p.T - Fe) / ((1.0 - p.g) * p.N_tot)
    finite_i = Fi * (1.0 / p.T - Fi) / (p.g * p.N_tot)
    ee = finite_e + off_e**2 + 2.0 * (s.C_ee * e_E + s.C_ei * e_I) - 2.0 * s.C_ee
    ei = off_e * off_i + s.C_ee * i_E + s.C_ei * (i_I + e_E) + s.C_ii * e_I - 2.0 * s.C_ei
    ii = finite_i + off_i**2 + 2.0 * (s.C_ei * i_E + s.C_ii * i_I) - 2.0 * s.C_ii
    W = p.b_e * s.E + (p.a_e * (mean[0] - p.E_L_e) - s.W) / p.tau_w_e
    return dict(
        E=(off_e + F.second[0]) / p.T,
        I=(off_i + F.second[1]) / p.T,
        C_ee=ee / p.T,
        C_ei=ei / p.T,
        C_ii=ii / p.T,
        W=W,
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
        F, mean = transfer(*rates(s), s, inp, p)
        W = p.b_e * s.E + (p.a_e * (mean[0] - p.E_L_e) - s.W) / p.tau_w_e
        return dict(E=(F.value[0] - s.E) / p.T, I=(F.value[1] - s.I) / p.T, W=W)


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
        return anew_on_the_way_back(expanded, s, p, inp)

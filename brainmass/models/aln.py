from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import brainunit as u
import numpy as np

from brainmass.state_space import Delayed, Input, Parameter, StateSpace, Table, Variable
from brainmass.units import per_ms

mV_per_ms, mV_per_root_ms = u.mV / u.ms, u.mV / u.ms**0.5
GRID = [(-1.0, 7.0, mV_per_ms), (0.5, 5.0, mV_per_root_ms)]


@cache
def tables() -> dict[str, np.ndarray]:
    """The neuron's answers, computed by datasets/aln/make.py."""
    with np.load(Path(__file__).with_name("aln.npz")) as found:
        return {name: found[name] for name in found.files}


def spikes(rate: Any) -> Any:
    return u.math.where(rate < 0.0 * per_ms, 0.0 * per_ms, rate)


def deviation(variance: Any) -> Any:
    """Its root, of what the tables tell apart: they begin above 0."""
    return u.math.sqrt(u.math.maximum(variance, (GRID[1][0] * mV_per_root_ms) ** 2))


def synapses(s: Any, p: Any, inp: Any) -> tuple[dict[str, Any], Any, Any]:
    """Slopes of mean and variance of the four kinds of synapses, and the standard deviations of the two inputs."""
    distant = {"e": p.Ke_gl * spikes(inp.rE_inp), "i": 0.0 * per_ms}
    own, slopes, spread = {"e": p.Ke * spikes(s.late_rE), "i": p.Ki * spikes(s.late_rI)}, {}, {}
    for to, external, tau_m in (("e", p.sigmae_ext, p.C / p.gL), ("i", p.sigmai_ext, p.C / p.gL)):
        spread[to] = external**2
        for by, tau in (("e", p.tau_se), ("i", p.tau_si)):
            J, mean, variance = getattr(p, f"J{to}{by}_max"), getattr(s, f"s{to}{by}m"), getattr(s, f"s{to}{by}v")
            per_spike = getattr(p, f"c{to}{by}") * tau / abs(J)
            per_far = p.c_gl * tau / abs(J) if to == "e" else 0.0 * u.ms
            z1 = per_spike * own[by] + per_far * distant[by]
            z2 = per_spike**2 * own[by] + per_far**2 * distant[by]
            slopes[f"s{to}{by}m"] = ((1.0 - mean) * z1 - mean) / tau
            slopes[f"s{to}{by}v"] = ((1.0 - mean) ** 2 * z2 + (z2 - 2.0 * tau * (z1 + 1.0)) * variance) / tau**2
            spread[to] = spread[to] + 2.0 * J**2 * variance * tau * tau_m / ((1.0 + z1) * tau_m + tau)
    return slopes, deviation(spread["e"]), deviation(spread["i"])


class ALNStep(StateSpace):
    r"""AdEx neurons as a linear-nonlinear cascade (Augustin et al. 2017, doi:10.1371/journal.pcbi.1005545).

    .. math:: \dot \mu_a &= (J_{ae} s_{ae} + J_{ai} s_{ai} + \mu_a^\mathrm{ext} - \mu_a) / \tau(\mu_a, \sigma_a), \qquad
              r_a = r(\mu_a, \sigma_a) \\
              \tau_s \dot s_{ab} &= (1 - s_{ab}) z_{ab} - s_{ab}, \qquad z_{ab} \propto r_b(t - d_b) \\
              \tau_A \dot I_A &= a (\bar V - E_A) - I_A + \tau_A b\, r_E

    with :math:`\mu_E - I_A / C` in the tables of the excitatory cells, the variances of s and the parameters of Cakan &
    Obermayer 2020, doi:10.1371/journal.pcbi.1007822. The rates follow the tables with the lag tau_r (none there), which
    slows oscillations by 1 %. ``cab``, ``Jab_max``, ``sab``: to a from b. Coupling enters ``rE_inp`` as a rate; weights
    are shares of the Ke_gl synapses, so variances sum w r, not the w² r of weights that scale amplitudes.
    The defaults lie in the down state, with rates of up to 7 Hz that swing 14 times a second. At (mue_ext, mui_ext) =
    (1.3, 0.5) E and I oscillate with 22 Hz, at (2.05, 1.7) a down and an up state are stable; with a = 15 nS and
    b = 40 pA, 17 Hz at (3.4, 1.2) and 2.8 Hz at (4, 1.8).
    """

    primary = "rE"
    coupling = "additive"
    dt = 0.01  # delays are held over a step: at 0.1 ms the rhythm is 0.5 % slow, at 0.025 ms variances are 3 % large

    rate = Table(lambda: tables()["rate"], GRID, per_ms, "rate of a cell, by mean and deviation of its input")
    potential = Table(lambda: tables()["potential"], GRID, u.mV, "mean potential of a cell")
    constant = Table(lambda: tables()["tau"], GRID, u.ms, "time constant of its rate response")
    de = Parameter(4.0 * u.ms, u.ms, "delay of excitatory spikes", bounds=(0, 10))
    di = Parameter(2.0 * u.ms, u.ms, "delay of inhibitory spikes", bounds=(0, 10))
    tau_se = Parameter(2.0 * u.ms, u.ms, "excitatory synaptic time constant", bounds=(1, 10))
    tau_si = Parameter(5.0 * u.ms, u.ms, "inhibitory synaptic time constant", bounds=(1, 10))
    cee = Parameter(0.3 * mV_per_ms, mV_per_ms, "amplitude of a spike from E to E", bounds=(0.1, 1))
    cie = Parameter(0.3 * mV_per_ms, mV_per_ms, "amplitude of a spike from E to I", bounds=(0.1, 1))
    cei = Parameter(0.5 * mV_per_ms, mV_per_ms, "amplitude of a spike from I to E", bounds=(0.1, 1))
    cii = Parameter(0.5 * mV_per_ms, mV_per_ms, "amplitude of a spike from I to I", bounds=(0.1, 1))
    Jee_max = Parameter(2.43 * mV_per_ms, mV_per_ms, "largest current from E to E", bounds=(0.5, 5))
    Jie_max = Parameter(2.6 * mV_per_ms, mV_per_ms, "largest current from E to I", bounds=(0.5, 5))
    Jei_max = Parameter(-3.3 * mV_per_ms, mV_per_ms, "largest current from I to E", bounds=(-5, -0.5))
    Jii_max = Parameter(-1.64 * mV_per_ms, mV_per_ms, "largest current from I to I", bounds=(-5, -0.5))
    Ke = Parameter(800.0, doc="excitatory synapses of a cell", bounds=(100, 2000))
    Ki = Parameter(200.0, doc="inhibitory synapses of a cell", bounds=(50, 500))
    Ke_gl = Parameter(250.0, doc="synapses of a cell from other regions", bounds=(0, 1000))
    c_gl = Parameter(0.3 * mV_per_ms, mV_per_ms, "amplitude of a spike from another region", bounds=(0.1, 1))
    mue_ext = Parameter(0.4 * mV_per_ms, mV_per_ms, "mean external input of E", bounds=(0, 5))
    mui_ext = Parameter(0.3 * mV_per_ms, mV_per_ms, "mean external input of I", bounds=(0, 5))
    sigmae_ext = Parameter(1.5 * mV_per_root_ms, mV_per_root_ms, "deviation of the input of E", bounds=(0.5, 4))
    sigmai_ext = Parameter(1.5 * mV_per_root_ms, mV_per_root_ms, "deviation of the input of I", bounds=(0.5, 4))
    a = Parameter(0.0 * u.nS, u.nS, "subthreshold adaptation", bounds=(0, 40))
    b = Parameter(0.0 * u.pA, u.pA, "adaptation increment of a spike", bounds=(0, 60))
    EA = Parameter(-80.0 * u.mV, u.mV, "reversal potential of the adaptation", bounds=(-100, -60))
    tauA = Parameter(200.0 * u.ms, u.ms, "time constant of the adaptation", bounds=(50, 1000))
    C = Parameter(200.0 * u.pF, u.pF, "membrane capacitance", bounds=(100, 400))
    gL = Parameter(10.0 * u.nS, u.nS, "leak conductance", bounds=(5, 20))
    tau_r = Parameter(0.1 * u.ms, u.ms, "lag of the rates behind the tables", bounds=(0.05, 1))
    mufe = Variable(0.5 * mV_per_ms, mV_per_ms, "mean input of E", span=(-0.5, 3))
    mufi = Variable(0.5 * mV_per_ms, mV_per_ms, "mean input of I", span=(-0.5, 3))
    IA = Variable(0.0 * u.pA, u.pA, "adaptation current", span=(0, 100))
    seem = Variable(0.1, doc="mean of the synapses from E to E", bounds=(0, 1))
    seim = Variable(0.1, doc="mean of the synapses from I to E", bounds=(0, 1))
    siem = Variable(0.1, doc="mean of the synapses from E to I", bounds=(0, 1))
    siim = Variable(0.1, doc="mean of the synapses from I to I", bounds=(0, 1))
    seev = Variable(0.001, doc="variance of the synapses from E to E", span=(0, 0.04), bounds=(0, inf))
    seiv = Variable(0.001, doc="variance of the synapses from I to E", span=(0, 0.04), bounds=(0, inf))
    siev = Variable(0.001, doc="variance of the synapses from E to I", span=(0, 0.04), bounds=(0, inf))
    siiv = Variable(0.001, doc="variance of the synapses from I to I", span=(0, 0.04), bounds=(0, inf))
    rE = Variable(0.01 / u.ms, per_ms, "rate of E", span=(0, 0.1), bounds=(0, inf))
    rI = Variable(0.01 / u.ms, per_ms, "rate of I", span=(0, 0.1), bounds=(0, inf))
    late_rE = Delayed("rE", "de", "rate of E when its spikes left")
    late_rI = Delayed("rI", "di", "rate of I when its spikes left")
    rE_inp = Input(per_ms, "firing rate of other regions")
    mue_inp = Input(mV_per_ms, "external mean input of E")
    mui_inp = Input(mV_per_ms, "external mean input of I")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        slopes, sigma_e, sigma_i = synapses(s, p, inp)
        effective = s.mufe - s.IA / p.C
        mue = p.Jee_max * s.seem + p.Jei_max * s.seim + p.mue_ext + inp.mue_inp
        mui = p.Jie_max * s.siem + p.Jii_max * s.siim + p.mui_ext + inp.mui_inp
        return slopes | dict(
            mufe=(mue - s.mufe) / p.constant(effective, sigma_e),
            mufi=(mui - s.mufi) / p.constant(s.mufi, sigma_i),
            IA=(p.a * (p.potential(effective, sigma_e) - p.EA) - s.IA) / p.tauA + p.b * s.rE,
            rE=(p.rate(effective, sigma_e) - s.rE) / p.tau_r,
            rI=(p.rate(s.mufi, sigma_i) - s.rI) / p.tau_r,
        )

from statistics import NormalDist
from typing import Any

import brainunit as u
import numpy as np

from brainmass.state_space import Input, Output, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms

_POINTS = 1500


def normal_quantiles(probability: np.ndarray) -> np.ndarray:
    """The points below which a standard normal variable lies with the given probabilities."""
    return np.array([NormalDist().inv_cdf(float(q)) for q in probability])


def mode_integrals() -> dict[str, np.ndarray]:
    """Integrals over three orthonormal modes of a standard normal excitability z.

    Mode i is constant on the i-th third of the neurons and zero elsewhere; z is cut off at the extreme quantiles of
    1500 neurons. Keys: ``v`` = ∫v, ``v3`` = ∫v³, ``v4`` = ∫v⁴, ``zv`` = ∫z v, ``gv`` = ∫g v with g the density.
    For a normal variable with the deviation σ they scale with σ to the powers 1/2, -1/2, -1, 3/2, -1/2.
    """
    z = normal_quantiles(np.arange(1, _POINTS + 1) / (_POINTS + 1))
    weight = np.gradient(z) * np.r_[0.5, np.ones(_POINTS - 2), 0.5]  # trapezoidal rule
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    members = np.arange(_POINTS) // (_POINTS // 3) == np.arange(3)[:, None]
    v = members / np.sqrt(members @ weight)[:, None]
    return dict(v=v @ weight, v3=v**3 @ weight, v4=v**4 @ weight, zv=v @ (z * weight), gv=v @ (density * weight))


MODES = mode_integrals()
"""Of a standard normal excitability."""


def modes(s: Any, *names: str) -> tuple[list[Any], ...]:
    """The three modes of each variable."""
    return tuple([getattr(s, f"{name}{i}") for i in (1, 2, 3)] for name in names)


def mean_field(amplitudes: list) -> Any:
    """Population mean of a variable with the given mode amplitudes, times √σ."""
    return sum(float(g) * amplitude for g, amplitude in zip(MODES["gv"], amplitudes, strict=True))


class ReducedSetFitzHughNagumoStep(StateSpace):
    r"""Three modes of dispersed FitzHugh–Nagumo neurons (Stefanescu & Jirsa 2008, doi:10.1371/journal.pcbi.1000219).

    .. math:: \dot\xi_i &= c (\xi_i - e_i \xi_i^3 / 3 - \eta_i) + K_{11} (\textstyle\sum_k A_{ik} \xi_k - \xi_i)
                - K_{12} (\sum_k A_{ik} \alpha_k - \xi_i) + c (I_i + I_\mathrm{inp}) + \xi_\mathrm{inp} \\
              \dot\eta_i &= (\xi_i - b \eta_i + m_i) / c \\
              \dot\alpha_i &= c (\alpha_i - e_i \alpha_i^3 / 3 - \beta_i)
                + K_{21} (\textstyle\sum_k A_{ik} \xi_k - \alpha_i) + c (I_i + I_\mathrm{inp}) + \alpha_\mathrm{inp} \\
              \dot\beta_i &= (\alpha_i - b \beta_i + m_i) / c

    With z the normally distributed excitability, g its density and v_i the modes of `mode_integrals`:
    :math:`A_{ik} = \int v_i \int g v_k`, :math:`e_i = \int v_i^4`, :math:`I_i = \int z v_i`,
    :math:`m_i = a \int v_i`. Time is in ms. Coupling enters ``I_inp``.
    """

    primary = "xi"
    target = "I_inp"
    dt = 0.01  # at 0.05 ms its responses to noise are up to 19 % off, at 0.1 ms its cycles 1 % too small

    c = Parameter(3.0, doc="separation of the time scales", bounds=(1, 5))
    a = Parameter(0.45, doc="offset of the recovery", bounds=(-1, 1))
    b = Parameter(0.9, doc="decay of the recovery", bounds=(-1, 1))
    K11 = Parameter(0.5, doc="coupling within E", bounds=(0, 1))
    K12 = Parameter(0.15, doc="coupling from I to E", bounds=(0, 1))
    K21 = Parameter(0.15, doc="coupling from E to I", bounds=(0, 1))
    sigma = Parameter(0.35, doc="standard deviation of the excitability", bounds=(0.05, 2))
    mu = Parameter(0.0, doc="mean of the excitability", bounds=(-1, 1))
    xi1 = Variable(Uniform(0.0, 0.1), doc="fast variable of E, mode 1", span=(-4, 4))
    xi2 = Variable(Uniform(0.0, 0.1), doc="fast variable of E, mode 2", span=(-4, 4))
    xi3 = Variable(Uniform(0.0, 0.1), doc="fast variable of E, mode 3", span=(-4, 4))
    eta1 = Variable(0.0, doc="recovery of E, mode 1", span=(-3, 3))
    eta2 = Variable(0.0, doc="recovery of E, mode 2", span=(-3, 3))
    eta3 = Variable(0.0, doc="recovery of E, mode 3", span=(-3, 3))
    alpha1 = Variable(Uniform(0.0, 0.1), doc="fast variable of I, mode 1", span=(-4, 4))
    alpha2 = Variable(Uniform(0.0, 0.1), doc="fast variable of I, mode 2", span=(-4, 4))
    alpha3 = Variable(Uniform(0.0, 0.1), doc="fast variable of I, mode 3", span=(-4, 4))
    beta1 = Variable(0.0, doc="recovery of I, mode 1", span=(-3, 3))
    beta2 = Variable(0.0, doc="recovery of I, mode 2", span=(-3, 3))
    beta3 = Variable(0.0, doc="recovery of I, mode 3", span=(-3, 3))
    I_inp = Input(doc="current from other regions into every mode of both populations", additive=True)
    xi_inp = Input(per_ms, "drive on every excitatory mode", additive=True)
    alpha_inp = Input(per_ms, "drive on every inhibitory mode", additive=True)
    xi = Output(lambda s, p: s.xi1 + s.xi2 + s.xi3, doc="sum of the excitatory modes")
    alpha = Output(lambda s, p: s.alpha1 + s.alpha2 + s.alpha3, doc="sum of the inhibitory modes")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        xi, eta, alpha, beta = modes(s, "xi", "eta", "alpha", "beta")
        X, Y = mean_field(xi), mean_field(alpha)
        found: dict[str, Any] = {}
        for i in range(3):
            v, v4, zv = (float(MODES[name][i]) for name in ("v", "v4", "zv"))
            e, I, m = v4 / p.sigma, p.sigma**0.5 * (p.mu * v + p.sigma * zv), p.a * p.sigma**0.5 * v
            E = p.c * (xi[i] - e * xi[i] ** 3 / 3.0 - eta[i] + I + inp.I_inp)
            J = p.c * (alpha[i] - e * alpha[i] ** 3 / 3.0 - beta[i] + I + inp.I_inp)
            received = p.K11 * (v * X - xi[i]) - p.K12 * (v * Y - xi[i])
            found[f"xi{i + 1}"] = (E + received) / u.ms + inp.xi_inp
            found[f"eta{i + 1}"] = (xi[i] - p.b * eta[i] + m) / p.c / u.ms
            found[f"alpha{i + 1}"] = (J + p.K21 * (v * X - alpha[i])) / u.ms + inp.alpha_inp
            found[f"beta{i + 1}"] = (alpha[i] - p.b * beta[i] + m) / p.c / u.ms
        return found


class ReducedSetHindmarshRoseStep(StateSpace):
    r"""Three modes of dispersed Hindmarsh–Rose neurons (Stefanescu & Jirsa 2008, doi:10.1371/journal.pcbi.1000219).

    .. math:: \dot\xi_i &= \eta_i - a_i \xi_i^3 + b_i \xi_i^2 - \tau_i
                + K_{11} (\textstyle\sum_k A_{ik} \xi_k - \xi_i)
                - K_{12} (\sum_k A_{ik} \alpha_k - \xi_i) + I_i + I_\mathrm{inp} + \xi_\mathrm{inp} \\
              \dot\eta_i &= c_i - d_i \xi_i^2 - \eta_i, \qquad \dot\tau_i = r s \xi_i - r \tau_i - m_i \\
              \dot\alpha_i &= \beta_i - a_i \alpha_i^3 + b_i \alpha_i^2 - \gamma_i
                + K_{21} (\textstyle\sum_k A_{ik} \xi_k - \alpha_i) + I_i + I_\mathrm{inp} + \alpha_\mathrm{inp} \\
              \dot\beta_i &= c_i - d_i \alpha_i^2 - \beta_i, \qquad
              \dot\gamma_i = r s \alpha_i - r \gamma_i - m_i

    With z the normally distributed input current, g its density and v_i the modes of `mode_integrals`:
    :math:`A_{ik} = \int v_i \int g v_k`, :math:`a_i = a \int v_i^4`, :math:`b_i = b \int v_i^3`,
    :math:`c_i = c \int v_i`, :math:`d_i = d \int v_i^3`, :math:`I_i = \int z v_i`,
    :math:`m_i = r s x_0 \int v_i`. Time is in ms. Coupling enters ``I_inp``.
    """

    primary = "xi"
    target = "I_inp"
    dt = 0.025  # at 0.05 ms its responses to noise are 5 % off, at 0.1 ms several times

    a = Parameter(1.0, doc="cubic coefficient of the potential", bounds=(0, 1))
    b = Parameter(3.0, doc="quadratic coefficient of the potential", bounds=(0, 3))
    c = Parameter(1.0, doc="constant of the fast recovery", bounds=(0, 1))
    d = Parameter(5.0, doc="quadratic coefficient of the fast recovery", bounds=(2.5, 7.5))
    r = Parameter(0.006, doc="rate of the slow current", bounds=(0, 0.1))
    s = Parameter(4.0, doc="strength of the slow current", bounds=(0, 8))
    x0 = Parameter(-1.6, doc="potential at which the slow current rests", bounds=(-2.4, -0.8))
    K11 = Parameter(0.5, doc="coupling within E", bounds=(0, 1))
    K12 = Parameter(0.1, doc="coupling from I to E", bounds=(0, 1))
    K21 = Parameter(0.15, doc="coupling from E to I", bounds=(0, 1))
    sigma = Parameter(0.3, doc="standard deviation of the input current", bounds=(0.05, 1))
    mu = Parameter(3.3, doc="mean of the input current", bounds=(1.1, 3.3))
    xi1 = Variable(Uniform(-1.0, 0.0), doc="potential of E, mode 1", span=(-4, 4))
    xi2 = Variable(Uniform(-1.0, 0.0), doc="potential of E, mode 2", span=(-4, 4))
    xi3 = Variable(Uniform(-1.0, 0.0), doc="potential of E, mode 3", span=(-4, 4))
    eta1 = Variable(0.0, doc="fast recovery of E, mode 1", span=(-25, 20))
    eta2 = Variable(0.0, doc="fast recovery of E, mode 2", span=(-25, 20))
    eta3 = Variable(0.0, doc="fast recovery of E, mode 3", span=(-25, 20))
    tau1 = Variable(3.0, doc="slow current of E, mode 1", span=(2, 10))
    tau2 = Variable(3.0, doc="slow current of E, mode 2", span=(2, 10))
    tau3 = Variable(3.0, doc="slow current of E, mode 3", span=(2, 10))
    alpha1 = Variable(Uniform(-1.0, 0.0), doc="potential of I, mode 1", span=(-4, 4))
    alpha2 = Variable(Uniform(-1.0, 0.0), doc="potential of I, mode 2", span=(-4, 4))
    alpha3 = Variable(Uniform(-1.0, 0.0), doc="potential of I, mode 3", span=(-4, 4))
    beta1 = Variable(0.0, doc="fast recovery of I, mode 1", span=(-20, 20))
    beta2 = Variable(0.0, doc="fast recovery of I, mode 2", span=(-20, 20))
    beta3 = Variable(0.0, doc="fast recovery of I, mode 3", span=(-20, 20))
    gamma1 = Variable(3.0, doc="slow current of I, mode 1", span=(2, 10))
    gamma2 = Variable(3.0, doc="slow current of I, mode 2", span=(2, 10))
    gamma3 = Variable(3.0, doc="slow current of I, mode 3", span=(2, 10))
    I_inp = Input(doc="current from other regions into every mode of both populations", additive=True)
    xi_inp = Input(per_ms, "drive on every excitatory mode", additive=True)
    alpha_inp = Input(per_ms, "drive on every inhibitory mode", additive=True)
    xi = Output(lambda s, p: s.xi1 + s.xi2 + s.xi3, doc="sum of the excitatory modes")
    alpha = Output(lambda s, p: s.alpha1 + s.alpha2 + s.alpha3, doc="sum of the inhibitory modes")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        xi, eta, tau, alpha, beta, gamma = modes(s, "xi", "eta", "tau", "alpha", "beta", "gamma")
        X, Y = mean_field(xi), mean_field(alpha)
        root = p.sigma**0.5
        found: dict[str, Any] = {}
        for i in range(3):
            v, v3, v4, zv = (float(MODES[name][i]) for name in ("v", "v3", "v4", "zv"))
            a, b, d = p.a * v4 / p.sigma, p.b * v3 / root, p.d * v3 / root
            c, m, I = p.c * v * root, p.r * p.s * p.x0 * v * root, root * (p.mu * v + p.sigma * zv)
            E = eta[i] - a * xi[i] ** 3 + b * xi[i] ** 2 - tau[i] + I + inp.I_inp
            J = beta[i] - a * alpha[i] ** 3 + b * alpha[i] ** 2 - gamma[i] + I + inp.I_inp
            received = p.K11 * (v * X - xi[i]) - p.K12 * (v * Y - xi[i])
            found[f"xi{i + 1}"] = (E + received) / u.ms + inp.xi_inp
            found[f"eta{i + 1}"] = (c - d * xi[i] ** 2 - eta[i]) / u.ms
            found[f"tau{i + 1}"] = (p.r * (p.s * xi[i] - tau[i]) - m) / u.ms
            found[f"alpha{i + 1}"] = (J + p.K21 * (v * X - alpha[i])) / u.ms + inp.alpha_inp
            found[f"beta{i + 1}"] = (c - d * alpha[i] ** 2 - beta[i]) / u.ms
            found[f"gamma{i + 1}"] = (p.r * (p.s * alpha[i] - gamma[i]) - m) / u.ms
        return found

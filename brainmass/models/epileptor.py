from typing import Any

import jax.numpy as jnp

from brainmass.numerics import logistic
from brainmass.state_space import Input, Output, Parameter, StateSpace, Variable
from brainmass.units import per_ms


def drawn_to(x1: Any, z: Any, x0: Any, modification: Any) -> Any:
    """Where the permittivity is drawn to: the sigmoid of Proix et al. (2014), or the line of Jirsa et al. (2014)."""
    line = 4.0 * (x1 - x0) - jnp.where(z < 0.0, 0.1 * z**7, 0.0)
    return modification * (x0 + 3.0 * logistic((x1 + 0.5) / 0.1)) + (1.0 - modification) * line


def six(s: Any, p: Any, inp: Any, modification: Any) -> dict[str, Any]:
    """The six equations of Jirsa et al. (2014)."""
    spike = jnp.where(s.x1 < 0.0, p.b * s.x1 - p.a * s.x1**2, p.slope - s.x2 + 0.6 * (s.z - 4.0) ** 2)
    wave = jnp.where(s.x2 < -0.25, 0.0, p.aa * (s.x2 + 0.25))
    slow = drawn_to(s.x1, s.z, p.x0, modification) - s.z + p.Ks * inp.c1
    x1 = s.y1 - s.z + p.Iext + p.Kvf * inp.c1 + spike * s.x1
    x2 = -s.y2 + s.x2 - s.x2**3 + p.Iext2 + p.bb * s.g - 0.3 * (s.z - 3.5) + p.Kf * inp.c2
    return dict(
        x1=p.tt * x1 * per_ms + inp.x1_inp,
        y1=p.tt * (p.c - p.d * s.x1**2 - s.y1) * per_ms,
        z=p.tt * p.r * slow * per_ms,
        x2=p.tt * x2 * per_ms + inp.x2_inp,
        y2=p.tt * (-s.y2 + wave) / p.tau * per_ms,
        g=-0.01 * p.tt * (s.g - 0.1 * s.x1) * per_ms,
    )


class EpileptorStep(StateSpace):
    r"""Seizures with onset, discharges, spike waves and offset (Jirsa et al. 2014, doi:10.1093/brain/awu133).

    .. math:: \dot x_1 &= t_t (y_1 - z + I_1 + K_{vf} c_1 + f_1 x_1) + x_{1,\mathrm{inp}}, \quad
              \dot y_1 = t_t (c - d x_1^2 - y_1) \\
              \dot z &= t_t r (4 (x_1 - x_0) - z - 0.1 z^7 [z < 0] + K_s c_1) \\
              \dot x_2 &= t_t (-y_2 + x_2 - x_2^3 + I_2 + b_b g - 0.3 (z - 3.5) + K_f c_2) + x_{2,\mathrm{inp}} \\
              \dot y_2 &= t_t (-y_2 + a_a (x_2 + 0.25) [x_2 \ge -0.25]) / \tau, \quad
              \dot g = -0.01\, t_t (g - 0.1 x_1)

    per ms, with :math:`f_1 = b x_1 - a x_1^2` for :math:`x_1 < 0`, else slope :math:`- x_2 + 0.6 (z - 4)^2`.
    Coupling enters ``x1_inp`` as it is; with ``target="c1"`` it is scaled by Kvf (fast) and Ks (permittivity), with
    ``target="c2"`` by Kf. A network sends x1 by default, as Proix et al. 2014, doi:10.1523/JNEUROSCI.1570-14.2014 do.
    """

    coupled = "x1"
    target = "x1_inp"
    dt = 0.05
    default_method = "rk4"  # at rest x1 decays at 14/ms: with heun its response to noise is 3 % too large

    a = Parameter(1.0, doc="cubic term of x1", bounds=(0.5, 1.5))
    b = Parameter(3.0, doc="quadratic term of x1", bounds=(2, 4))
    c = Parameter(1.0, doc="offset of y1", bounds=(0, 2))
    d = Parameter(5.0, doc="quadratic term of y1", bounds=(4, 6))
    r = Parameter(0.00035, doc="rate of the permittivity", bounds=(0, 0.001))
    x0 = Parameter(-1.6, doc="epileptogenicity; seizures above about -2.06", bounds=(-3, -1))
    Iext = Parameter(3.1, doc="current on x1", bounds=(1.5, 5))
    slope = Parameter(0.0, doc="linear term of x1 above zero", bounds=(-16, 6))
    Iext2 = Parameter(0.45, doc="current on x2", bounds=(0, 1))
    tau = Parameter(10.0, doc="time scale of y2", bounds=(5, 20))
    aa = Parameter(6.0, doc="slope of the drive of y2", bounds=(3, 9))
    bb = Parameter(2.0, doc="weight of g on x2", bounds=(0, 4))
    Kvf = Parameter(0.0, doc="coupling to x1, of c1", bounds=(0, 4))
    Kf = Parameter(0.0, doc="coupling to x2, of c2", bounds=(0, 4))
    Ks = Parameter(0.0, doc="coupling to the permittivity, of c1", bounds=(-4, 4))
    tt = Parameter(1.0, doc="time scale of the whole system", bounds=(0.001, 10))
    modification = Parameter(0.0, doc="1: z is drawn to a sigmoid of x1, 0: to a line", bounds=(0, 1))
    x1 = Variable(-1.5, doc="fast discharges", span=(-2, 1))
    y1 = Variable(-10.0, doc="recovery of x1", span=(-20, 2))
    z = Variable(3.5, doc="permittivity, the slow variable", span=(2, 5), slow=True)
    x2 = Variable(-1.0, doc="spike-and-wave events", span=(-2, 0))
    y2 = Variable(0.0, doc="recovery of x2", span=(0, 2))
    g = Variable(0.0, doc="low-pass filtered x1", span=(-1, 1))
    x1_inp = Input(per_ms, "drive of x1", additive=True)
    x2_inp = Input(per_ms, "drive of x2", additive=True)
    c1 = Input(doc="coupling that Kvf and Ks scale", additive=True)
    c2 = Input(doc="coupling that Kf scales", additive=True)
    lfp = Output(lambda s, p: s.x2 - s.x1, doc="local field potential")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return six(s, p, inp, p.modification)


class Epileptor2DStep(StateSpace):
    r"""The Epileptor reduced to onset and offset (Proix et al. 2014, doi:10.1523/JNEUROSCI.1570-14.2014).

    .. math:: \dot x_1 &= t_t (c - z + I_1 + K_{vf} c_1 + f_1 x_1) + x_{1,\mathrm{inp}} \\
              \dot z &= t_t r (4 (x_1 - x_0) - z - 0.1 z^7 [z < 0] + K_s c_1)

    per ms, with :math:`f_1 = (b - d) x_1 - a x_1^2` for :math:`x_1 < 0`, else slope :math:`- d x_1 + 0.6 (z - 4)^2`.
    Coupling enters ``x1_inp`` as it is; with ``target="c1"`` it is scaled by Kvf (fast) and Ks (permittivity).
    """

    target = "x1_inp"
    dt = 0.05

    a = Parameter(1.0, doc="cubic term of x1", bounds=(0.5, 1.5))
    b = Parameter(3.0, doc="quadratic term of x1", bounds=(2, 4))
    c = Parameter(1.0, doc="offset of the slaved recovery", bounds=(0, 2))
    d = Parameter(5.0, doc="quadratic term of the slaved recovery", bounds=(4, 6))
    r = Parameter(0.00035, doc="rate of the permittivity", bounds=(0, 0.001))
    x0 = Parameter(-1.6, doc="epileptogenicity; seizures above about -2.06", bounds=(-3, -1))
    Iext = Parameter(3.1, doc="current on x1", bounds=(1.5, 5))
    slope = Parameter(0.0, doc="linear term of x1 above zero", bounds=(-16, 6))
    Kvf = Parameter(0.0, doc="coupling to x1, of c1", bounds=(0, 4))
    Ks = Parameter(0.0, doc="coupling to the permittivity, of c1", bounds=(-4, 4))
    tt = Parameter(1.0, doc="time scale of the whole system", bounds=(0.001, 10))
    modification = Parameter(0.0, doc="1: z is drawn to a sigmoid of x1, 0: to a line", bounds=(0, 1))
    x1 = Variable(-1.5, doc="fast discharges", span=(-2, 1))
    z = Variable(3.5, doc="permittivity, the slow variable", span=(2, 5), slow=True)
    x1_inp = Input(per_ms, "drive of x1", additive=True)
    c1 = Input(doc="coupling that Kvf and Ks scale", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        low, high = (p.b - p.d) * s.x1 - p.a * s.x1**2, p.slope - p.d * s.x1 + 0.6 * (s.z - 4.0) ** 2
        x1 = p.c - s.z + p.Iext + p.Kvf * inp.c1 + jnp.where(s.x1 < 0.0, low, high) * s.x1
        slow = drawn_to(s.x1, s.z, p.x0, p.modification) - s.z + p.Ks * inp.c1
        return dict(x1=p.tt * x1 * per_ms + inp.x1_inp, z=p.tt * p.r * slow * per_ms)


class EpileptorRestingStateStep(StateSpace):
    r"""The Epileptor beside a resting-state oscillator (Courtiol et al. 2020, doi:10.1523/JNEUROSCI.0905-19.2020).

    .. math:: \dot x_{rs} &= d_{rs} \tau_{rs} (-f_{rs} x_{rs}^3 + e_{rs} x_{rs}^2 + \alpha_{rs} y_{rs}
              + \gamma_{rs} (I_{rs} + K_{rs} x_{rs,\mathrm{inp}})) \\
              \dot y_{rs} &= d_{rs} (a_{rs} + b_{rs} x_{rs} - \beta_{rs} y_{rs}) / \tau_{rs}

    per ms; the other equations are those of `EpileptorStep`, with the linear drive of z. The two systems of a region do
    not see each other; a signal is a mixture of ``lfp`` and ``x_rs``.
    Coupling enters ``x1_inp``, ``c1``, ``c2`` as in `EpileptorStep` and ``x_rs_inp``.
    """

    coupled = "x1"
    target = "x1_inp"
    dt = 0.05
    default_method = "rk4"  # at rest x1 decays at 14/ms: with heun its response to noise is 3 % too large

    a = Parameter(1.0, doc="cubic term of x1", bounds=(0.5, 1.5))
    b = Parameter(3.0, doc="quadratic term of x1", bounds=(2, 4))
    c = Parameter(1.0, doc="offset of y1", bounds=(0, 2))
    d = Parameter(5.0, doc="quadratic term of y1", bounds=(4, 6))
    r = Parameter(0.00035, doc="rate of the permittivity", bounds=(0, 0.001))
    x0 = Parameter(-1.6, doc="epileptogenicity; seizures above about -2.06", bounds=(-3, -1))
    Iext = Parameter(3.1, doc="current on x1", bounds=(1.5, 5))
    slope = Parameter(0.0, doc="linear term of x1 above zero", bounds=(-16, 6))
    Iext2 = Parameter(0.45, doc="current on x2", bounds=(0, 1))
    tau = Parameter(10.0, doc="time scale of y2", bounds=(5, 20))
    aa = Parameter(6.0, doc="slope of the drive of y2", bounds=(3, 9))
    bb = Parameter(2.0, doc="weight of g on x2", bounds=(0, 4))
    Kvf = Parameter(0.0, doc="coupling to x1, of c1", bounds=(0, 4))
    Kf = Parameter(0.0, doc="coupling to x2, of c2", bounds=(0, 4))
    Ks = Parameter(0.0, doc="coupling to the permittivity, of c1", bounds=(-4, 4))
    tt = Parameter(1.0, doc="time scale of the whole system", bounds=(0.001, 10))
    tau_rs = Parameter(1.0, doc="time-scale separation of the oscillator", bounds=(1, 5))
    I_rs = Parameter(0.0, doc="current on the oscillator", bounds=(-5, 5))
    a_rs = Parameter(-2.0, doc="offset of the nullcline of y_rs", bounds=(-5, 5))
    b_rs = Parameter(-10.0, doc="slope of the nullcline of y_rs", bounds=(-20, 15))
    d_rs = Parameter(0.02, doc="time scale of the oscillator", bounds=(0.0001, 1))
    e_rs = Parameter(3.0, doc="quadratic term of x_rs", bounds=(-5, 5))
    f_rs = Parameter(1.0, doc="cubic term of x_rs", bounds=(-5, 5))
    alpha_rs = Parameter(1.0, doc="weight of y_rs on x_rs", bounds=(-5, 5))
    beta_rs = Parameter(1.0, doc="decay of y_rs", bounds=(-5, 5))
    gamma_rs = Parameter(1.0, doc="gain of currents on x_rs", bounds=(-1, 1))
    K_rs = Parameter(1.0, doc="coupling to x_rs", bounds=(0, 10))
    x1 = Variable(-1.5, doc="fast discharges", span=(-2, 1))
    y1 = Variable(-10.0, doc="recovery of x1", span=(-20, 2))
    z = Variable(3.5, doc="permittivity, the slow variable", span=(2, 5), slow=True)
    x2 = Variable(-1.0, doc="spike-and-wave events", span=(-2, 0))
    y2 = Variable(0.0, doc="recovery of x2", span=(0, 2))
    g = Variable(0.0, doc="low-pass filtered x1", span=(-1, 1))
    x_rs = Variable(0.0, doc="fast variable of the oscillator", span=(-2, 4))
    y_rs = Variable(0.0, doc="recovery of the oscillator", span=(-6, 6))
    x1_inp = Input(per_ms, "drive of x1", additive=True)
    x2_inp = Input(per_ms, "drive of x2", additive=True)
    c1 = Input(doc="coupling that Kvf and Ks scale", additive=True)
    c2 = Input(doc="coupling that Kf scales", additive=True)
    x_rs_inp = Input(doc="drive of the oscillator", additive=True)
    lfp = Output(lambda s, p: s.x2 - s.x1, doc="local field potential")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        current = p.gamma_rs * (p.I_rs + p.K_rs * inp.x_rs_inp)
        x = p.d_rs * p.tau_rs * (-p.f_rs * s.x_rs**3 + p.e_rs * s.x_rs**2 + p.alpha_rs * s.y_rs + current)
        y = p.d_rs * (p.a_rs + p.b_rs * s.x_rs - p.beta_rs * s.y_rs) / p.tau_rs
        return six(s, p, inp, 0.0) | dict(x_rs=x * per_ms, y_rs=y * per_ms)

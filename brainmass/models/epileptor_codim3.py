from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from brainmass.numerics import length
from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms

Point = tuple[Any, Any, Any]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def arc(start: Point, stop: Point, R: Any, angle: Any) -> Point:
    """The point at ``angle`` on the great circle from start to stop, on the sphere of radius R."""
    # (a × b) × a = b |a|² − a (a·b): the part of b that is normal to a
    normal = [b * dot(start, start) - a * dot(start, stop) for a, b in zip(start, stop, strict=True)]
    first, second = R / jnp.sqrt(dot(start, start)), R / jnp.sqrt(dot(normal, normal))
    x, y, z = (first * a * jnp.cos(angle) + second * n * jnp.sin(angle) for a, n in zip(start, normal, strict=True))
    return x, y, z


def folds(mu2: Any, mu1: Any) -> tuple[Any, Any, Any]:
    """The discriminant of x³ − mu2 x − mu1, and whether it has three real roots or has lost the upper two."""
    inside = mu1**2 / 4.0 - mu2**3 / 27.0
    return inside, inside < 0.0, (inside >= 0.0) & (mu1 < 0.0) & (mu2 > 0.0)


@jax.custom_jvp
def upper_root(mu2: Any, mu1: Any) -> Any:
    """The largest real root of x³ − mu2 x − mu1, the resting state; beyond its fold the real part of the lost pair."""
    inside, three, lost = folds(mu2, mu1)
    radius = jnp.sqrt(jnp.where(three, mu2, 1.0) / 3.0)
    angle = jnp.arccos(jnp.clip(mu1 / (2.0 * radius**3), -1.0, 1.0)) / 3.0
    root = jnp.sqrt(jnp.maximum(inside, 0.0))
    only = jnp.cbrt(mu1 / 2.0 + root) + jnp.cbrt(mu1 / 2.0 - root)
    return jnp.where(three, 2.0 * radius * jnp.cos(angle), jnp.where(lost, -only / 2.0, only))


@upper_root.defjvp
def upper_root_slope(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[Any, Any]:
    """By the equation of the root, as its formula has none at a fold; 0 where there is none, where two roots meet."""
    (mu2, mu1), (dmu2, dmu1) = primals, tangents
    found, (_, _, lost) = upper_root(mu2, mu1), folds(mu2, mu1)
    real = jnp.where(lost, -2.0 * found, found)
    steep = 3.0 * real**2 - mu2
    slope = jnp.where(steep == 0.0, 0.0, (real * dmu2 + dmu1) / jnp.where(steep == 0.0, 1.0, steep))
    return found, jnp.where(lost, -0.5 * slope, slope)


def burst(s: Any, mu: Point, p: Any, c1: Any) -> tuple[Any, Any, Any]:
    """Slopes of x, y and z, per ms, at unfolding parameters (mu2, −mu1, nu)."""
    mu2, minus_mu1, nu = mu
    y = s.x**3 - mu2 * s.x + minus_mu1 - s.y * (nu + p.b * s.x + s.x**2)
    distance = length(s.x - upper_root(mu2, -minus_mu1), s.y)
    return -s.y, y, -p.c * (distance - p.dstar + 0.1 * p.modification * (s.z - 0.5) ** 7 + p.Ks * c1)


class EpileptorCodim3Step(StateSpace):
    r"""Bursting in the unfolding of a codimension-3 point (Saggio et al. 2017, doi:10.1186/s13408-017-0050-8).

    .. math:: \dot x &= -y + x_\mathrm{inp}, \quad
              \dot y = x^3 - \mu_2 x - \mu_1 - y (\nu + b x + x^2) \\
              \dot z &= -c (\sqrt{(x - x_s)^2 + y^2} - d^* + 0.1 (z - 0.5)^7 + K_s c_1)

    per ms. :math:`(\mu_2, -\mu_1, \nu)` lies on a great circle of radius R, at the angle z from start towards stop;
    :math:`x_s` is the upper equilibrium. The seventh power, not of the paper, keeps z in bounds (``modification``).
    Coupling enters ``x_inp`` as it is; with ``target="c1"`` it is scaled by Ks.
    """

    target = "x_inp"

    mu1_start = Parameter(-0.02285, doc="mu1 at z = 0", bounds=(-0.3, 0.3))
    mu2_start = Parameter(0.3448, doc="mu2 at z = 0", bounds=(0, 0.4))
    nu_start = Parameter(0.2014, doc="nu at z = 0", bounds=(-0.4, 0.4))
    mu1_stop = Parameter(-0.07465, doc="mu1 where the path leads", bounds=(-0.3, 0.3))
    mu2_stop = Parameter(0.3351, doc="mu2 where the path leads", bounds=(0, 0.4))
    nu_stop = Parameter(0.2053, doc="nu where the path leads", bounds=(-0.4, 0.4))
    b = Parameter(1.0, doc="linear term of the damping", bounds=(0.5, 1.5))
    R = Parameter(0.4, doc="distance to the codimension-3 point", bounds=(0.1, 2.5))
    c = Parameter(0.001, doc="rate of the slow variable", bounds=(0, 0.01))
    dstar = Parameter(0.3, doc="distance to rest that separates silence from activity", bounds=(-0.1, 0.5))
    Ks = Parameter(0.0, doc="coupling to the slow variable, of c1", bounds=(-4, 4))
    modification = Parameter(1.0, doc="1: z is kept in bounds by a seventh power, 0: as in the paper", bounds=(0, 1))
    x = Variable(0.5, doc="fast variable", span=(-1, 1))
    y = Variable(0.0, doc="slope of x, negative", span=(-0.5, 0.5))
    z = Variable(0.1, doc="slow angle along the path", span=(0, 0.3), slow=True)
    x_inp = Input(per_ms, "drive of x", additive=True)
    c1 = Input(doc="coupling that Ks scales", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        start, stop = (p.mu2_start, -p.mu1_start, p.nu_start), (p.mu2_stop, -p.mu1_stop, p.nu_stop)
        x, y, z = burst(s, arc(start, stop, p.R, s.z), p, inp.c1)
        return dict(x=x * per_ms + inp.x_inp, y=y * per_ms, z=z * per_ms)


class EpileptorCodim3SlowModStep(StateSpace):
    r"""Bursting whose class drifts ultra-slowly (Saggio et al. 2017, doi:10.1186/s13408-017-0050-8).

    The equations of `EpileptorCodim3Step`, with

    .. math:: \dot u_A = c_A, \quad \dot u_B = c_B

    per ms: start and stop of the path move on great circles of radius R, from (A in, B in) towards (A end, B end), at
    the angles :math:`u_A` and :math:`u_B`. Coupling enters ``x_inp`` as it is; with ``target="c1"`` Ks scales it.
    """

    target = "x_inp"

    mu1_Ain = Parameter(0.05494, doc="mu1 of the first start", bounds=(-0.4, 0.4))
    mu2_Ain = Parameter(0.2731, doc="mu2 of the first start", bounds=(-0.4, 0.4))
    nu_Ain = Parameter(0.287, doc="nu of the first start", bounds=(-0.4, 0.4))
    mu1_Bin = Parameter(-0.0461, doc="mu1 of the first stop", bounds=(-0.4, 0.4))
    mu2_Bin = Parameter(0.243, doc="mu2 of the first stop", bounds=(-0.4, 0.4))
    nu_Bin = Parameter(0.3144, doc="nu of the first stop", bounds=(-0.4, 0.4))
    mu1_Aend = Parameter(0.06485, doc="mu1 of the last start", bounds=(-0.4, 0.4))
    mu2_Aend = Parameter(0.07337, doc="mu2 of the last start", bounds=(-0.4, 0.4))
    nu_Aend = Parameter(-0.3878, doc="nu of the last start", bounds=(-0.4, 0.4))
    mu1_Bend = Parameter(0.03676, doc="mu1 of the last stop", bounds=(-0.4, 0.4))
    mu2_Bend = Parameter(-0.02792, doc="mu2 of the last stop", bounds=(-0.4, 0.4))
    nu_Bend = Parameter(-0.3973, doc="nu of the last stop", bounds=(-0.4, 0.4))
    b = Parameter(1.0, doc="linear term of the damping", bounds=(0.5, 1.5))
    R = Parameter(0.4, doc="distance to the codimension-3 point", bounds=(0.1, 2.5))
    c = Parameter(0.002, doc="rate of the slow variable", bounds=(0, 0.01))
    cA = Parameter(0.0001, per_ms, "rate of the start", bounds=(0, 0.001))
    cB = Parameter(0.00012, per_ms, "rate of the stop", bounds=(0, 0.001))
    dstar = Parameter(0.3, doc="distance to rest that separates silence from activity", bounds=(-0.1, 0.5))
    Ks = Parameter(0.0, doc="coupling to the slow variable, of c1", bounds=(-4, 4))
    modification = Parameter(1.0, doc="1: z is kept in bounds by a seventh power, 0: as in the paper", bounds=(0, 1))
    x = Variable(0.5, doc="fast variable", span=(-1, 1))
    y = Variable(0.0, doc="slope of x, negative", span=(-0.5, 0.5))
    z = Variable(0.1, doc="slow angle along the path", span=(0, 0.3), slow=True)
    uA = Variable(0.0, doc="angle of the start on its way", span=(0, 1), slow=True)
    uB = Variable(0.0, doc="angle of the stop on its way", span=(0, 1), slow=True)
    x_inp = Input(per_ms, "drive of x", additive=True)
    c1 = Input(doc="coupling that Ks scales", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        start = arc((p.mu2_Ain, -p.mu1_Ain, p.nu_Ain), (p.mu2_Aend, -p.mu1_Aend, p.nu_Aend), p.R, s.uA)
        stop = arc((p.mu2_Bin, -p.mu1_Bin, p.nu_Bin), (p.mu2_Bend, -p.mu1_Bend, p.nu_Bend), p.R, s.uB)
        x, y, z = burst(s, arc(start, stop, p.R, s.z), p, inp.c1)
        still = jnp.zeros_like(s.x) * per_ms
        return dict(x=x * per_ms + inp.x_inp, y=y * per_ms, z=z * per_ms, uA=p.cA + still, uB=p.cB + still)

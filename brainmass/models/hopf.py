from typing import Any

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms


class HopfStep(StateSpace):
    r"""Supercritical Hopf normal form of a brain region (Deco et al. 2017, doi:10.1038/s41598-017-03073-5).

    .. math:: \dot x = (a - \beta r) x - \omega y + x_\mathrm{inp}, \quad
              \dot y = (a - \beta r) y + \omega x + y_\mathrm{inp}, \quad r = x^2 + y^2

    For the slow rhythm of BOLD (0.05 Hz) give w = 3.14e-4/ms, a and beta a thousand times smaller (a from -1e-4 to
    1e-5, beta = 1e-3), white noise on both, and steps of 100 ms.
    """

    a = Parameter(0.25, per_ms, "bifurcation parameter; limit cycle above zero", bounds=(-1, 1))
    w = Parameter(0.2, per_ms, "angular frequency", bounds=(0, 2))
    beta = Parameter(1.0, per_ms, "amplitude saturation", bounds=(0.1, 5))
    x = Variable(Uniform(0.0, 0.05), doc="real part", span=(-2, 2))
    y = Variable(Uniform(0.0, 0.05), doc="imaginary part", span=(-2, 2))
    x_inp = Input(per_ms, "drive on the real part", additive=True)
    y_inp = Input(per_ms, "drive on the imaginary part", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        growth = p.a - p.beta * (s.x**2 + s.y**2)
        return dict(x=growth * s.x - p.w * s.y + inp.x_inp, y=growth * s.y + p.w * s.x + inp.y_inp)

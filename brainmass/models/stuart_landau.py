from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms


class StuartLandauStep(StateSpace):
    r"""Normal form of a supercritical Hopf bifurcation (Stuart 1960, doi:10.1017/S002211206000116X).

    .. math:: \dot x = (a - r) x - \omega y + x_\mathrm{inp}, \quad
              \dot y = (a - r) y + \omega x + y_\mathrm{inp}, \quad r = x^2 + y^2

    The limit cycle has the radius √a and the frequency ω. Coupling adds to the derivative of x. `HopfStep` can scale
    the cubic term, too.
    """

    a = Parameter(0.25, per_ms, "bifurcation parameter; limit cycle above zero", bounds=(-1, 1))
    w = Parameter(0.2, per_ms, "angular frequency", bounds=(0, 2))
    x = Variable(Uniform(0.0, 0.05), doc="real part", span=(-2, 2))
    y = Variable(Uniform(0.0, 0.05), doc="imaginary part", span=(-2, 2))
    x_inp = Input(per_ms, "drive on the real part", additive=True)
    y_inp = Input(per_ms, "drive on the imaginary part", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        growth = p.a - (s.x**2 + s.y**2) / u.ms
        return dict(x=growth * s.x - p.w * s.y + inp.x_inp, y=growth * s.y + p.w * s.x + inp.y_inp)

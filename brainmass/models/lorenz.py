from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class LorenzStep(StateSpace):
    r"""Chaotic convection (Lorenz 1963, doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2).

    .. math:: \dot x = \sigma (y - x) + x_\mathrm{inp}, \quad \dot y = x (\rho - z) - y, \quad \dot z = x y - \beta z

    Time is in ms. Coupling adds to the derivative of x.
    """

    dt = 0.01

    sigma = Parameter(10.0, per_ms, "Prandtl number", bounds=(1, 20))
    rho = Parameter(28.0, doc="Rayleigh number, of its critical value; chaos above 24.74", bounds=(0, 40))
    beta = Parameter(8.0 / 3.0, per_ms, "aspect ratio of the rolls", bounds=(0.5, 4))
    x = Variable(1.0, doc="intensity of convection", span=(-20, 20))
    y = Variable(1.0, doc="temperature difference of the currents", span=(-25, 25))
    z = Variable(1.0, doc="distortion of the vertical profile", span=(0, 50))
    x_inp = Input(per_ms, "drive on x", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(
            x=p.sigma * (s.y - s.x) + inp.x_inp,
            y=(s.x * (p.rho - s.z) - s.y) / u.ms,
            z=s.x * s.y / u.ms - p.beta * s.z,
        )

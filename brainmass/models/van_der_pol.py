from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable
from brainmass.units import per_ms


class VanDerPolStep(StateSpace):
    r"""Relaxation oscillator in Liénard's form (van der Pol 1926, doi:10.1080/14786442608564127).

    .. math:: \dot x = \mu (x - x^3 / 3 - y) + x_\mathrm{inp}, \quad \dot y = x / \mu + y_\mathrm{inp}

    Time is in ms. Coupling adds to the derivative of x.
    """

    mu = Parameter(1.0, doc="nonlinearity; harmonic near zero, relaxation oscillations when large", bounds=(0.1, 5))
    x = Variable(Uniform(0.0, 0.05), doc="fast variable", span=(-2.5, 2.5))
    y = Variable(Uniform(0.0, 0.05), doc="slow variable", span=(-2, 2))
    x_inp = Input(per_ms, "drive on x", additive=True)
    y_inp = Input(per_ms, "drive on y", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=p.mu * (s.x - s.x**3 / 3.0 - s.y) / u.ms + inp.x_inp, y=s.x / p.mu / u.ms + inp.y_inp)

from math import inf
from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class CoombesByrne4DStep(StateSpace):
    r"""Next-generation neural mass with second-order synapses (Coombes & Byrne 2019, doi:10.1007/978-3-319-71048-8_1).

    .. math:: \dot r &= \Delta / \pi + 2 v r - g r + r_\mathrm{inp}, \quad
              \dot v = v^2 - (\pi r)^2 + \eta + (v_\mathrm{syn} - v) g + v_\mathrm{inp} \\
              \dot g &= \alpha q, \quad \dot q = \alpha (k \pi r - g - 2 q)

    per ms, so that :math:`(1 + \alpha^{-1} d/dt)^2 g = k \pi r`. Coupling enters ``v_inp`` as a current.
    """

    target = "v_inp"
    coupling = "additive"
    dt = 0.01

    Delta = Parameter(0.5, doc="half-width of the excitabilities", bounds=(0.1, 5))
    eta = Parameter(20.0, doc="median excitability", bounds=(-10, 30))
    k = Parameter(1.0, doc="synaptic conductance per rate", bounds=(0, 5))
    v_syn = Parameter(-10.0, doc="reversal potential of the synapses", bounds=(-20, 10))
    alpha = Parameter(0.95, per_ms, "rate constant of the synapses", bounds=(0.1, 10))
    r = Variable(0.5, doc="firing rate", span=(0, 6), bounds=(0, inf))
    v = Variable(0.0, doc="mean potential", span=(-10, 10))
    g = Variable(1.5, doc="synaptic conductance", span=(0, 4))
    q = Variable(0.0, doc="slope of g, per alpha", span=(-1, 1))
    r_inp = Input(per_ms, "drive of the rate", additive=True)
    v_inp = Input(per_ms, "current", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        r = p.Delta / u.math.pi + 2.0 * s.v * s.r - s.g * s.r
        v = s.v**2 - (u.math.pi * s.r) ** 2 + p.eta + (p.v_syn - s.v) * s.g
        q = p.alpha * (p.k * u.math.pi * s.r - s.g - 2.0 * s.q)
        return dict(r=r * per_ms + inp.r_inp, v=v * per_ms + inp.v_inp, g=p.alpha * s.q, q=q)

from math import inf
from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class CoombesByrneStep(StateSpace):
    r"""Next-generation neural mass with instantaneous synapses (Coombes & Byrne 2019, doi:10.1007/978-3-319-71048-8_1).

    .. math:: \dot r &= \Delta / \pi + 2 v r - g r + r_\mathrm{inp}, \qquad g = k \pi r \\
              \dot v &= v^2 - (\pi r)^2 + \eta + (v_\mathrm{syn} - v) g + v_\mathrm{inp}

    per ms. Coupling enters ``v_inp`` as a current.
    """

    target = "v_inp"
    dt = 0.01

    Delta = Parameter(1.0, doc="half-width of the excitabilities", bounds=(0.1, 5))
    eta = Parameter(2.0, doc="median excitability", bounds=(-10, 20))
    k = Parameter(1.0, doc="synaptic conductance per rate", bounds=(0, 5))
    v_syn = Parameter(-4.0, doc="reversal potential of the synapses", bounds=(-20, 10))
    r = Variable(0.1, doc="firing rate", span=(0, 2), bounds=(0, inf))
    v = Variable(0.0, doc="mean potential", span=(-2, 2))
    r_inp = Input(per_ms, "drive of the rate", additive=True)
    v_inp = Input(per_ms, "current", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        g = p.k * u.math.pi * s.r
        r = p.Delta / u.math.pi + 2.0 * s.v * s.r - g * s.r
        v = s.v**2 - (u.math.pi * s.r) ** 2 + p.eta + (p.v_syn - s.v) * g
        return dict(r=r * per_ms + inp.r_inp, v=v * per_ms + inp.v_inp)

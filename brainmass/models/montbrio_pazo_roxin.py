from math import inf
from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable


class MontbrioPazoRoxinStep(StateSpace):
    r"""Exact mean field of quadratic integrate-and-fire neurons (Montbrió et al. 2015, doi:10.1103/PhysRevX.5.021028).

    .. math:: \tau \dot r &= (\Delta + \Gamma r) / \pi + 2 r v + r_\mathrm{inp} \\
              \tau \dot v &= v^2 + \eta + J r - (\pi r)^2 + v_\mathrm{inp}

    The rate r is in units of :math:`1/\tau`. Coupling enters ``v_inp`` as a current, beside :math:`J r`.
    """

    target = "v_inp"
    dt = 0.01

    tau = Parameter(1.0 * u.ms, u.ms, "membrane time constant", bounds=(0.5, 20))
    eta = Parameter(-5.0, doc="median excitability", bounds=(-10, 10))
    delta = Parameter(1.0, doc="half-width of the excitabilities", bounds=(0.1, 5))
    J = Parameter(15.0, doc="mean synaptic weight", bounds=(-25, 25))
    Gamma = Parameter(0.0, doc="half-width of the synaptic weights", bounds=(0, 10))
    r = Variable(Uniform(0.0, 0.05), doc="firing rate, per tau", span=(0, 2), bounds=(0, inf))
    v = Variable(Uniform(0.0, 0.05), doc="mean potential", span=(-2, 2))
    r_inp = Input(doc="drive of the rate", additive=True)
    v_inp = Input(doc="current", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(
            r=((p.delta + p.Gamma * s.r) / u.math.pi + 2.0 * s.r * s.v + inp.r_inp) / p.tau,
            v=(s.v**2 + p.eta + p.J * s.r - (u.math.pi * s.r) ** 2 + inp.v_inp) / p.tau,
        )

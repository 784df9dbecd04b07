from math import inf
from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Variable


class GastSchmidtKnoscheSDStep(StateSpace):
    r"""Exact mean field with synaptic depression (Gast, Schmidt & Knösche 2020, doi:10.1162/neco_a_01300).

    .. math:: \tau \dot r &= \Delta / \pi + 2 r v, \quad
              \tau \dot v = v^2 + \eta + J r (1 - A) - (\pi r)^2 + v_\mathrm{inp} \\
              \tau_A \dot A &= B, \quad \tau_A \dot B = \alpha r - 2 B - A

    The rate r is in units of :math:`1/\tau`. Coupling enters ``v_inp`` as a current.
    """

    target = "v_inp"
    coupling = "additive"
    dt = 0.01

    tau = Parameter(1.0 * u.ms, u.ms, "membrane time constant", bounds=(0.5, 15))
    tau_A = Parameter(10.0 * u.ms, u.ms, "time constant of the depression", bounds=(5, 50))
    alpha = Parameter(0.5, doc="strength of the depression", bounds=(0, 1))
    eta = Parameter(-6.0, doc="median excitability", bounds=(-10, 10))
    Delta = Parameter(2.0, doc="half-width of the excitabilities", bounds=(0.1, 5))
    J = Parameter(21.2132, doc="synaptic weight", bounds=(-25, 25))
    r = Variable(0.1, doc="firing rate, per tau", span=(0, 4), bounds=(0, inf))
    v = Variable(-1.0, doc="mean potential", span=(-3, 2))
    A = Variable(0.0, doc="share of depressed synapses", span=(0, 0.5))
    B = Variable(0.0, doc="slope of A, per tau_A", span=(-0.3, 0.3))
    r_inp = Input(doc="drive of the rate", additive=True)
    v_inp = Input(doc="current", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(
            r=(p.Delta / u.math.pi + 2.0 * s.r * s.v + inp.r_inp) / p.tau,
            v=(s.v**2 + p.eta + p.J * s.r * (1.0 - s.A) - (u.math.pi * s.r) ** 2 + inp.v_inp) / p.tau,
            A=s.B / p.tau_A,
            B=(p.alpha * s.r - 2.0 * s.B - s.A) / p.tau_A,
        )

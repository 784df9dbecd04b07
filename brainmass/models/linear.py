from typing import Any

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class LinearStep(StateSpace):
    r"""Linear relaxation, the node of a linear stochastic network (Galán 2008, doi:10.1371/journal.pone.0002148).

    .. math:: \dot x = \gamma x + x_\mathrm{inp}

    Coupling adds to the derivative of x. The default method is exact for this equation.
    """

    default_method = "exp_euler"

    gamma = Parameter(-10.0, per_ms, "growth rate; negative is a decay", bounds=(-20, 0))
    x = Variable(0.01, doc="activity", span=(-1, 1))
    x_inp = Input(per_ms, "drive on x", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=p.gamma * s.x + inp.x_inp)

from typing import Any

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class Generic2dOscillatorStep(StateSpace):
    r"""Oscillator with a cubic and a quadratic nullcline (Sanz-Leon et al. 2015, doi:10.1016/j.neuroimage.2015.01.002).

    .. math:: \dot V &= d \tau (-f V^3 + e V^2 + g V + \alpha W + \gamma I + \gamma V_\mathrm{inp}) + \eta_V \\
              \dot W &= (d / \tau) (a + b V + c V^2 - \beta W) + \eta_W

    Coupling enters ``V_inp``, scaled by d τ γ; ``noise_V`` and ``noise_W`` add to the derivatives themselves.
    Excitable with the defaults, bistable with a = 1, b = 0, c = -5, like Morris–Lecar with a = 0.5, b = 0.6, c = -4.
    """

    a = Parameter(-2.0, doc="constant of the slow nullcline", bounds=(-5, 5))
    b = Parameter(-10.0, doc="linear coefficient of the slow nullcline", bounds=(-20, 15))
    c = Parameter(0.0, doc="quadratic coefficient of the slow nullcline", bounds=(-10, 10))
    d = Parameter(0.02, per_ms, "rate of both equations", bounds=(0.0001, 1))
    e = Parameter(3.0, doc="quadratic coefficient of the fast nullcline", bounds=(-5, 5))
    f = Parameter(1.0, doc="cubic coefficient of the fast nullcline", bounds=(-5, 5))
    g = Parameter(0.0, doc="linear coefficient of the fast nullcline", bounds=(-5, 5))
    alpha = Parameter(1.0, doc="effect of W on V", bounds=(-5, 5))
    beta = Parameter(1.0, doc="decay of W", bounds=(-5, 5))
    gamma = Parameter(1.0, doc="effect of the current and of the coupling on V", bounds=(-1, 1))
    I = Parameter(0.0, doc="constant current", bounds=(-5, 5))
    tau = Parameter(1.0, doc="ratio of the time scales", bounds=(1, 5))
    V = Variable(0.0, doc="fast variable", span=(-2, 4))
    W = Variable(0.0, doc="slow variable", span=(-6, 6))
    V_inp = Input(doc="current from other regions", additive=True, noise="noise_V_inp")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        fast = -p.f * s.V**3 + p.e * s.V**2 + p.g * s.V + p.alpha * s.W + p.gamma * (p.I + inp.V_inp)
        slow = p.a + p.b * s.V + p.c * s.V**2 - p.beta * s.W
        return dict(V=p.d * p.tau * fast, W=p.d / p.tau * slow)

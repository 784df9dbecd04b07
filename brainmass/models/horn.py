from typing import Any

import jax.numpy as jnp

from brainmass.state_space import Input, Parameter, StateSpace, Variable
from brainmass.units import per_ms


class HORNStep(StateSpace):
    r"""Damped driven oscillator of a recurrent network (Effenberger et al. 2025, doi:10.1073/pnas.2412830122).

    .. math:: \dot y = \alpha \tanh(x_\mathrm{inp} + v x) - 2 \gamma y - \omega^2 x, \quad \dot x = y

    per ms; the default method advances y first and x with the new y, as the paper does. Coupling enters ``x_inp``,
    inside the tanh.
    """

    default_method = "symplectic"
    primary = "x"

    alpha = Parameter(0.04, doc="excitability", bounds=(0, 1))
    omega = Parameter(0.2243994752564138, per_ms, "natural angular frequency", bounds=(0, 1))
    gamma = Parameter(0.01, per_ms, "damping", bounds=(0, 0.5))
    v = Parameter(0.0, doc="feedback of the amplitude", bounds=(-5, 5))
    y = Variable(0.0, per_ms, "velocity", init="y_init", span=(-1, 1))
    x = Variable(0.0, doc="amplitude", init="x_init", span=(-2, 2))
    x_inp = Input(doc="drive, inside the tanh")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        push = p.alpha * jnp.tanh(inp.x_inp + p.v * s.x) * per_ms**2
        return dict(y=push - 2.0 * p.gamma * s.y - p.omega**2 * s.x, x=s.y)

from typing import Any

import brainunit as u
import jax.numpy as jnp

from brainmass.state_space import Input, Output, Parameter, StateSpace, Uniform, Variable


def response(x: Any, theta: Any, G: Any, P: Any) -> Any:
    """The graded response of a region to its own potential, between 0 and 1."""
    return 0.5 * (1.0 + jnp.tanh(G * (P * x - theta)))


class HopfieldAdaptiveStep(StateSpace):
    r"""Graded-response Hopfield node with an adapting threshold (Golos et al. 2015, doi:10.1371/journal.pcbi.1004644).

    .. math:: \tau_x \dot x = -x + x_\mathrm{inp}, \quad
              \tau_T \dot\theta = -\theta + A + \theta_\mathrm{inp}, \quad A = \tfrac12 (1 + \tanh(G (P x - \theta)))

    The activity A is what other regions receive, by additive coupling.
    """

    primary = "activity"
    target = "x_inp"
    coupling = "additive"
    dt = 0.025  # the threshold follows the steep response at 6/ms

    taux = Parameter(1.0 * u.ms, u.ms, "time constant of the potential", bounds=(0.01, 100))
    tauT = Parameter(5.0 * u.ms, u.ms, "time constant of the threshold", bounds=(0.01, 100))
    G = Parameter(60.0, doc="slope of the response", bounds=(0, 100))
    P = Parameter(1.0, doc="gain of the potential", bounds=(0, 2))
    x = Variable(Uniform(0.0, 1.0), doc="potential", span=(-1, 2))
    theta = Variable(0.5, doc="threshold", span=(0, 1))
    x_inp = Input(doc="summed activity of other regions", additive=True)
    theta_inp = Input(doc="drive on the threshold", additive=True)
    activity = Output(lambda s, p: response(s.x, s.theta, p.G, p.P), doc="response of the region to its potential")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        activity = response(s.x, s.theta, p.G, p.P)
        return dict(x=(-s.x + inp.x_inp) / p.taux, theta=(-s.theta + activity + inp.theta_inp) / p.tauT)

from math import inf
from typing import Any

import brainunit as u
import jax.numpy as jnp

from brainmass.state_space import Input, Parameter, StateSpace, Variable


class ThresholdLinearStep(StateSpace):
    r"""Excitatory and inhibitory rates of an area (Chaudhuri et al. 2015, doi:10.1016/j.neuron.2015.09.008).

    .. math:: \tau_E \dot E &= -E + \beta_E [w_{EE} E - w_{IE} I + E_\mathrm{inp}]_+ \\
              \tau_I \dot I &= -I + \beta_I [w_{EI} E - w_{II} I + I_\mathrm{inp}]_+

    ``wXY`` is the weight from X to Y. Rates are in Hz, currents in pA. The local weights are zero unless given, so that
    a network can supply them; the paper has wEE = 24.3, wIE = 19.7, wEI = 12.2, wII = 12.5 pA/Hz. Coupling enters
    ``E_inp``, inside the rectification.
    """

    tau_E = Parameter(20.0 * u.ms, u.ms, "time constant of E", bounds=(5, 50))
    tau_I = Parameter(10.0 * u.ms, u.ms, "time constant of I", bounds=(5, 50))
    beta_E = Parameter(0.066, doc="slope of the f-I curve of E, in Hz/pA", bounds=(0.01, 0.2))
    beta_I = Parameter(0.351, doc="slope of the f-I curve of I, in Hz/pA", bounds=(0.05, 0.7))
    wEE = Parameter(0.0, doc="weight from E to E, in pA/Hz", bounds=(0, 40))
    wIE = Parameter(0.0, doc="weight from I to E, in pA/Hz", bounds=(0, 40))
    wEI = Parameter(0.0, doc="weight from E to I, in pA/Hz", bounds=(0, 40))
    wII = Parameter(0.0, doc="weight from I to I, in pA/Hz", bounds=(0, 40))
    E = Variable(0.0, doc="excitatory rate, in Hz", span=(0, 50), bounds=(0, inf))
    I = Variable(0.0, doc="inhibitory rate, in Hz", span=(0, 50), bounds=(0, inf))
    E_inp = Input(doc="current into E, in pA")
    I_inp = Input(doc="current into I, in pA")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        to_E = jnp.maximum(p.wEE * s.E - p.wIE * s.I + inp.E_inp, 0.0)
        to_I = jnp.maximum(p.wEI * s.E - p.wII * s.I + inp.I_inp, 0.0)
        return dict(E=(-s.E + p.beta_E * to_E) / p.tau_E, I=(-s.I + p.beta_I * to_I) / p.tau_I)

from typing import Any

import brainunit as u
import jax.numpy as jnp

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable


def firing_rate(drive: Any, d: Any) -> Any:
    """``drive / (1 − e^{−d·drive})``, the f-I curve of Abbott & Chance (2005), smooth through drive = 0."""
    z = d * drive
    near = jnp.abs(z) < 0.2
    far, small = jnp.where(near, 1.0, z), jnp.where(near, z, 0.0)
    q = small**2
    series = 1.0 + small / 2.0 + q / 12.0 * (1.0 - q / 60.0 * (1.0 - q / 42.0 * (1.0 - q / 40.0)))
    size = jnp.abs(far)
    decay = jnp.exp(-size)  # of the size, as e^-z overflows
    quotient = size / (1.0 - decay) * jnp.where(far < 0.0, decay, 1.0)
    return jnp.where(near, series, quotient) / d


class ReducedWongWangStep(StateSpace):
    r"""One excitatory population with NMDA gating S (Deco et al. 2013, doi:10.1523/JNEUROSCI.1091-13.2013).

    .. math:: \dot S = -S / \tau_s + (1 - S)\, \gamma H(x), \quad x = w J_N S + I_o + J_N S_\mathrm{inp}, \quad
              H(x) = \frac{a x - b}{1 - e^{-d (a x - b)}}

    After Wong & Wang 2006, doi:10.1523/JNEUROSCI.3733-05.2006. Coupling enters ``S_inp``, inside H.
    """

    coupling = "additive"

    a = Parameter(0.27 / u.nA / u.ms, (u.nA * u.ms) ** -1, "slope of the f-I curve", bounds=(0, 0.27))
    b = Parameter(0.108 / u.ms, u.ms**-1, "offset of the f-I curve", bounds=(0, 1))
    d = Parameter(154.0 * u.ms, u.ms, "curvature of the f-I curve", bounds=(10, 200))
    gamma = Parameter(0.641, doc="kinetic factor", bounds=(0, 1))
    tau_s = Parameter(100.0 * u.ms, u.ms, "decay time of NMDA", bounds=(50, 150))
    w = Parameter(0.6, doc="local recurrence", bounds=(0, 1))
    J_N = Parameter(0.2609 * u.nA, u.nA, "excitatory synaptic strength", bounds=(0.2609, 0.5))
    I_o = Parameter(0.33 * u.nA, u.nA, "effective external input", bounds=(0, 1))
    S = Variable(Uniform(0.0, 0.1), doc="open share of the NMDA channels", bounds=(0, 1))
    S_inp = Input(doc="gating of other regions, inside the f-I curve")

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        x = p.w * p.J_N * s.S + p.I_o + p.J_N * inp.S_inp
        return dict(S=-s.S / p.tau_s + (1.0 - s.S) * p.gamma * firing_rate(p.a * x - p.b, p.d))

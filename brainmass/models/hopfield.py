from typing import Any

import brainunit as u

from brainmass.state_space import Input, Parameter, StateSpace, Uniform, Variable


class HopfieldStep(StateSpace):
    r"""Graded-response Hopfield node with a fixed threshold (Golos et al. 2015, doi:10.1371/journal.pcbi.1004644).

    .. math:: \tau_x \dot x = -x + x_\mathrm{inp}

    The threshold and the slope of the response belong to the coupling, pre-sigmoidal by default.
    """

    coupling = "pre_sigmoidal"

    taux = Parameter(1.0 * u.ms, u.ms, "time constant of the potential", bounds=(0.01, 100))
    x = Variable(Uniform(0.0, 1.0), doc="potential", span=(-1, 2))
    x_inp = Input(doc="summed response of other regions", additive=True)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        return dict(x=(-s.x + inp.x_inp) / p.taux)

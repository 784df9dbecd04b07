"""The BOLD signal of any observable, computed while the run goes on."""

from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.monitors.balloon import PARAMETERS, Balloon
from brainmass.monitors.stream import Carry, Monitor, Rows, Signal, folded, steps_of
from brainmass.statespace import Variable
from brainmass.units import UNITLESS, describe, float_dtype

STEP = 1.0  # ms


class Bold(Monitor):
    """The BOLD signal at whole multiples of ``tr`` counted from t = 0, as a relative change from rest.

    The activity is averaged over steps of 1 ms (or the longest part of ``tr`` below that), which the haemodynamics
    advance by. They start at rest and run through the transient.

    Parameters
    ----------
    what
        The activity: a name ("rE"), a dotted path, or a callable of the model; its number is taken in its own unit.
    tr
        Repetition time, bare in ms.
    model : str
        "balloon" or "friston2003": Friston, Harrison & Penny 2003 (1.5 T). "heinzle2016": 3 T, TE = 30 ms.
    **parameters
        Other values of the parameters of `Balloon`, one number or one per region.

    Raises
    ------
    ValueError, TypeError
        An unknown model or parameter, another unit or shape, or a ``tr`` that is no whole number of steps.
    """

    def __init__(self, what: Any, tr: Any = 720.0 * u.ms, model: str = "balloon", **parameters: Any):
        known = {"balloon": {}} | PARAMETERS
        if model not in known:
            raise ValueError(f"Bold: model={describe(model)} is unknown; use one of {', '.join(known)}.")
        self.what, self.tr, self.model, self.parameters = what, tr, model, {**known[model], **parameters}
        sizes = {np.size(u.get_mantissa(v)) for v in self.parameters.values()}
        Balloon(max(sizes, default=1), **self.parameters)

    def key(self) -> Any:
        return self.model, repr(self.tr)

    def balloon(self, given: Signal) -> Balloon:
        return Balloon(given.shape, **self.parameters)

    def gives(self, given: Signal) -> Signal:
        self.balloon(given)
        return Signal(given.shape, UNITLESS, given.dt, steps_of(self.tr, given, "Bold: tr"))

    def values(self, given: Signal) -> dict[str, Any]:
        return self.balloon(given).bare_parameters()

    def begin(self, given: Signal, simulations: int) -> Carry:
        blank = jnp.zeros((*given.shape, simulations), float_dtype())
        return blank, dict.fromkeys(Balloon.declarations(Variable), blank)

    def push(self, carry: Carry, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Carry, Rows]:
        balloon, every = Balloon(given.shape), self._step(given)
        p = {n: jnp.broadcast_to(v, given.shape)[..., None] for n, v in values.items()}
        total, states = carry
        fine, count = given._replace(every=every), every // given.every
        total, rows = folded(rows, given, every, total, jnp.add, lambda total: total / count, jnp.zeros_like)

        def advance(s: dict, z: Any) -> dict:
            return balloon.step(s, p, {"z": z}, [], {}, every * given.dt)

        def read(s: dict) -> Any:
            return balloon.bare_read("bold", s, p)

        states, rows = folded(rows, fine, self.gives(given).every, states, advance, read)
        return (total, states), rows

    def _step(self, given: Signal) -> int:
        """The steps of one of the haemodynamics."""
        samples = self.gives(given).every // given.every
        most = max(1, int(STEP / (given.dt * given.every) + 1e-9))
        return given.every * max(n for n in range(1, most + 1) if samples % n == 0)

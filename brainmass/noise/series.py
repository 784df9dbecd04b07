"""A noise that was made elsewhere."""

from typing import Any

import brainunit as u
import numpy as np

from brainmass.dimensions import TIMES, arranged
from brainmass.names import region_names
from brainmass.noise.base import OWN, Noise, on_host
from brainmass.state_space import Parameter, argument
from brainmass.time_steps import resolve_dt
from brainmass.units import describe, unit_of, with_unit

SHORTEST = 1e-12  # ms between two values


class NoiseSeries(Noise):
    """A given series, the same in every simulation; each value is held until the next.

    Parameters
    ----------
    values : array (time, [region])
        From t = 0 on. A bare array has the unit of the Input. A run that goes beyond its end is refused.
    dt : optional
        Time from one value to the next, bare in ms; a step of the run by default.

    Raises
    ------
    ValueError
        Another shape, a value that is not finite, or a dt that is not positive.
    """

    options = (argument("values"), argument("dt", None))
    amplitude = "values"

    scale = Parameter(1.0, doc="factor on the values", bounds=(0, 10))

    def _open(self, given: dict[str, Any]) -> None:
        label = "NoiseSeries: values"
        values = arranged(given["values"], TIMES, label)
        self._keep_names("values", region_names(values, label), label)
        self._correlation, self.symbols = None, {}
        if isinstance(values, u.Quantity):
            self._take(unit_of(values))
        self.series = on_host(values, self.symbols.get(OWN.meaning, u.UNITLESS), label)
        if self.series.ndim == 0 or self.series.shape[1:] not in ((), self.varshape):
            want = ", ".join(["time", *map(str, self.varshape)])
            raise ValueError(
                f"NoiseSeries: values has the shape {self.series.shape}; for in_size={describe(self.in_size)} it must "
                f"be (time,) or ({want})."
            )
        self.dt_series = None if given["dt"] is None else resolve_dt(given["dt"])
        if self.dt_series is not None and self.dt_series < SHORTEST:
            raise ValueError(f"NoiseSeries: dt={describe(given['dt'])} must be a time of {SHORTEST:g} ms or more.")

    def option_values(self) -> dict[str, Any]:
        values = with_unit(self.series, self.symbols.get(OWN.meaning, u.UNITLESS))
        return dict(values=values, dt=None if self.dt_series is None else self.dt_series * u.ms)

    def series_of_steps(self, start: int, steps: int, dt: float) -> Any:
        """The values of ``steps`` steps of ``dt`` ms from the absolute step ``start``, (time, *in_size or 1, 1).

        Raises
        ------
        ValueError
            The series ends before.
        """
        every = dt if self.dt_series is None else self.dt_series
        at = np.floor((start + np.arange(steps)) * (dt / every) + 1e-6).astype(int)
        if at[-1] >= len(self.series):
            raise ValueError(
                f"NoiseSeries: {len(self.series)} values last {describe(len(self.series) * every)} ms, "
                f"but the run ends at {describe((start + steps) * dt)} ms; give more values, or a larger dt."
            )
        found = self.series[at]
        return found[..., None] if found.ndim > 1 else found[:, None, None]

    @staticmethod
    def level(s: dict[str, Any], p: dict[str, Any]) -> Any:
        if "values" not in s:
            raise TypeError("NoiseSeries plays in a Simulator; step by hand with the value as an input of update.")
        return p["scale"] * s["values"]

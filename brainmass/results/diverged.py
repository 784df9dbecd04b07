"""Where and when a simulation stopped being finite, as a result says it."""

from typing import Any, NamedTuple

import brainunit as u


class Diverged(NamedTuple):
    """Where a simulation stopped being finite; the region is None where the value has other axes than regions.

    The ``time`` is that of the step; with ``no_later`` it is the first at which it was looked at and found.
    """

    simulation: int
    time: Any
    variable: str
    region: int | None
    no_later: bool = False

    @property
    def when(self) -> str:
        """The time, for messages."""
        return f"{'no later than' if self.no_later else 'at'} t = {float(self.time.to(u.ms).mantissa):.10g} ms"


def earliest(diverged: list[Diverged]) -> Diverged:
    """The one with the earliest time, of equal ones that of which it is exact."""
    return min(diverged, key=lambda one: (float(one.time.to(u.ms).mantissa), one.no_later))

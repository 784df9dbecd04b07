"""The derivative of one variable by itself, ``d<variable>``."""

from collections.abc import Callable
from typing import Any

import brainunit as u

from brainmass.state_space.declarations import Input, Variable
from brainmass.units import mantissa, with_unit


def own_slope(variable: str) -> Callable:
    def slope(self: Any, own: Any, *rest: Any) -> Any:
        others = [n for n in self.declarations(Variable) if n != variable]
        inputs = sorted(self.declarations(Input), key=lambda n: n != f"{variable}_inp")
        given = {variable: own, **dict(zip([*others, *inputs], rest, strict=False))}
        missing = [n for n in others if n not in given]
        if missing or len(rest) > len(others) + len(inputs):
            raise TypeError(f"{type(self).__name__}.d{variable} takes {', '.join([variable, *others, *inputs])}.")
        bare = {n: mantissa(v, self.unit_of(self.declared[n]), n) for n, v in given.items() if v is not None}
        s = {n: bare.pop(n) for n in self.declarations(Variable)}
        unit = self.unit_of(self.declared[variable]) / u.ms
        return with_unit(self.bare_drift(s, self.bare_parameters(), bare)[variable], unit)

    slope.__name__ = f"d{variable}"
    slope.__doc__ = f"d{variable}/dt, with its unit, of {variable}, the other variables in declared order, and inputs."
    return slope

"""Which values of parameters can be meant, by the bounds that usual ones have and by the equations."""

import re
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.state_space.declarations import Declaration, Parameter, Symbol, Variable
from brainmass.units import describe, is_concrete, mantissa, unit_name

_FAR = 100.0  # times beyond its bounds a bare number is taken for one in another unit


def check_plausible(number: Any, declaration: Declaration, unit: Any, label: str) -> None:
    """Refuse bare numbers far beyond the declared bounds of a parameter with a unit: another unit was meant.

    Only a time may be too short; rates, weights and currents may be as small as one likes.

    Raises
    ------
    ValueError
        Says which unit was taken, and how to write it.
    """
    bounds = getattr(declaration, "bounds", None)
    if bounds is None or not isinstance(declaration, Parameter) or isinstance(declaration.unit, Symbol):
        return
    if unit.is_unitless or not is_concrete(number):
        return
    least, most = min(map(abs, bounds)) if min(bounds) > 0 else 0.0, max(map(abs, bounds))
    size = np.abs(np.asarray(number))
    far = size[(size > _FAR * most) | ((size < least / _FAR) & (size > 0) & (unit.dim == u.ms.dim))]
    if far.size:
        written, one = unit_name(unit), far.flat[0]
        raise ValueError(
            f"{label}={describe(number)} comes bare, which means {written}, and {one:g} {written} is far from the "
            f"usual {bounds[0]:g} to {bounds[1]:g}; write the unit that you mean, as {one:g} * {_in_code(unit)}."
        )


def _in_code(unit: Any) -> str:
    """The unit as it is written in Python: ``u.second``, ``(u.mm / u.ms)``."""
    written = re.sub(r"[A-Za-z]+", lambda found: f"u.{'second' if found[0] == 's' else found[0]}", str(unit))
    return f"({written.replace('^', '**')})" if " " in written else written


def check_side(equations: Any, declaration: Parameter, number: np.ndarray, label: str) -> None:
    """Refuse zero where the equations break at it, and what lies beyond: usual values never get there.

    Elsewhere, refuse what has the other sign only where the equations break at it, and times.
    """
    bounds = declaration.bounds
    if bounds is None or min(bounds) <= 0 <= max(bounds):
        return
    sign, usual = np.sign(bounds[0]), f"usual are {bounds[0]:g} to {bounds[1]:g}"
    beyond = number[np.sign(number) == -sign]
    odd = number[number == 0] if not beyond.size else beyond
    if not odd.size:
        return
    if (broken := _broken_at(equations, declaration, 0.0)) is not None:
        side = "above" if sign > 0 else "below"
        raise ValueError(
            f"{label}={odd.flat[0]:g} must be {side} 0, where the derivative of {broken} has no value; {usual}."
        )
    if beyond.size and equations.unit_of(declaration).dim == u.ms.dim:
        raise ValueError(f"{label}={odd.flat[0]:g} is a time, which must be zero or more; {usual}.")
    if beyond.size and (broken := _broken_at(equations, declaration, odd.flat[0])) is not None:
        raise ValueError(f"{label}={odd.flat[0]:g} leaves the derivative of {broken} without a value; {usual}.")


def _broken_at(equations: Any, declaration: Parameter, number: float) -> str | None:
    """The first Variable whose derivative has no value at one of a parameter, with the defaults of the others, or 1."""
    numbers = {n: 1.0 if d.default is None else d.default for n, d in equations.declarations(Parameter).items()}
    with jax.ensure_compile_time_eval():
        p = {n: jnp.asarray(mantissa(v, equations.unit_of(equations.declared[n]), n)) for n, v in numbers.items()}
        s = {n: jnp.full((1,), 0.5) for n in equations.declarations(Variable)}
        slopes = equations.bare_drift(s, p | {declaration.name: jnp.asarray(number)}, {})
    return next((n for n, slope in slopes.items() if not np.isfinite(slope).all()), None)

"""Phases within their period, and what rounding leaves of them."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def wrapped(value: Any, rest: Any, period: float | None) -> tuple[Any, Any]:
    """A phase between −period/2 and period/2, and the rest that goes with it; both as they are without a period."""
    if period is None:
        return value, rest
    turns = jnp.floor(value / period + 0.5)
    coarse = _short(period)  # of so few digits that whole turns of it are exact (Cody & Waite 1980)
    fine = _short(period - coarse)
    moved, left = (value - turns * coarse) - turns * fine, rest - turns * (period - coarse - fine)
    summed = moved + left
    return summed, left - (summed - moved)


def _short(number: float) -> float:
    """A number in 11 bits."""
    digits, exponent = math.frexp(number)
    return math.ldexp(round(digits * 2**11), exponent - 11)


def turn_of(read: Callable[[dict[Any, float], float], Any], periods: dict[Any, float]) -> float | None:
    """By how much something jumps where a phase starts anew: None where it does not, NaN where jumps differ in size.

    ``read(phases, level)`` gives it at these phases, by the keys of their ``periods``, and at a level of all else.
    """
    jumps = []
    with jax.ensure_compile_time_eval():
        for key, period in periods.items():
            for level in (1.0, 2.0):
                low, high, within = (np.asarray(read({key: x * period}, level), float) for x in (-0.5, 0.5, 0.13))
                with np.errstate(invalid="ignore", over="ignore"):
                    jump, reach = np.abs(high - low), np.maximum(np.abs(high - within), np.abs(low - within))
                    jumps += jump[jump > 1e-3 * reach + 1e-5 * np.abs(high)].tolist()  # more than rounding
    if not jumps:
        return None
    exact = next((period for period in periods.values() if math.isclose(period, jumps[0], rel_tol=1e-6)), jumps[0])
    return exact if np.allclose(jumps, exact, rtol=1e-3) else math.nan

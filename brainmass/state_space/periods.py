"""Phases within their period, and what rounding leaves of them."""

import math
from typing import Any

import jax.numpy as jnp


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

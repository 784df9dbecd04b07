"""Elementary functions whose values and derivatives are finite everywhere, and long ones that are compiled apart."""

from collections.abc import Callable
from functools import wraps
from math import inf
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.xla_metadata import set_xla_metadata

from brainmass.units import UNITLESS, mantissa


@jax.custom_jvp
def _logistic(x: Any) -> Any:
    return lax.logistic(x)


@_logistic.defjvp
def _logistic_slope(primals: tuple, tangents: tuple) -> tuple:
    # by the chain rule e^-x / (1 + e^-x)² is inf / inf below -88 in float32, and y (1 - y) is 0 above 17
    (x,), (dx,) = primals, tangents
    y = _logistic(x)
    return y, dx * (y * _logistic(-x))


def logistic(x: Any) -> Any:
    """1 / (1 + e^(−x)) of a number without a unit; its derivatives are right in both tails, too."""
    number = mantissa(x, UNITLESS, "logistic of x")
    return _logistic(jnp.asarray(number, jnp.result_type(number, float)))


def clamp(x: Any, low: float, high: float) -> Any:
    """``x`` within its bounds, with the slope 1 at them, where that of ``jnp.clip`` is a half."""
    x = jnp.where(x < low, low, x) if low > -inf else x
    return jnp.where(x > high, high, x) if high < inf else x


def compiled_apart(f: Callable) -> Callable:
    """A pure function whose operations the compiler fuses with none around it.

    For a CPU, XLA (JAX 0.12) computes an operation again in all that reads it, and takes barriers out before it does:
    the program of a long chain of products becomes six times as large and takes three times as long.
    """
    compiled = jax.jit(f)

    @wraps(f)
    def called(*arguments: Any) -> Any:
        if jax.default_backend() != "cpu":
            return f(*arguments)
        with set_xla_metadata(inlineable="false"):
            return compiled(*arguments)

    return called

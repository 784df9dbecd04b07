"""Functions of two numbers that vary together, to second order: nested ``jax.jvp`` makes programs twice as large."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax


def plus(a: Any, b: Any) -> Any:
    """a + b, where None is zero."""
    return b if a is None else a if b is None else a + b


def times(a: Any, b: Any) -> Any:
    """a b, where None is zero."""
    return None if a is None or b is None else a * b


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Taylor:
    """A function of x and y: its value, its slopes along them, and ½ Σ C_ab ∂_a ∂_b of it; None is zero.

    ``covariance`` is C, as (C_xx, C_xy, C_yy); the last part is what the fluctuations add to the mean. A Taylor comes
    first in sums and products with plain numbers and Quantities.
    """

    value: Any
    first: tuple[Any, Any] = (None, None)
    second: Any = None
    covariance: tuple[Any, Any, Any] | None = None

    def __add__(self, other: Any) -> "Taylor":
        if not isinstance(other, Taylor):
            return Taylor(self.value + other, self.first, self.second, self.covariance)
        first = plus(self.first[0], other.first[0]), plus(self.first[1], other.first[1])
        return Taylor(self.value + other.value, first, plus(self.second, other.second), self.covariance)

    def __sub__(self, other: Any) -> "Taylor":
        return self + (other * -1.0 if isinstance(other, Taylor) else -other)

    def __mul__(self, other: Any) -> "Taylor":
        if not isinstance(other, Taylor):
            return self.linear(lambda part: part * other)
        a, b, (ax, ay), (bx, by) = self.value, other.value, self.first, other.first
        first = plus(times(ax, b), times(bx, a)), plus(times(ay, b), times(by, a))
        second = plus(plus(times(self.second, b), times(other.second, a)), other.varies_with(self))
        return Taylor(a * b, first, second, self.covariance)

    def __truediv__(self, other: Any) -> "Taylor":
        return self * other.reciprocal() if isinstance(other, Taylor) else self.linear(lambda part: part / other)

    def linear(self, by: Callable[[Any], Any]) -> "Taylor":
        """The same linear function of every part."""
        x, y, second = (None if part is None else by(part) for part in (*self.first, self.second))
        return Taylor(by(self.value), (x, y), second, self.covariance)

    def through(self, value: Any, slope: Any, half_bend: Any) -> "Taylor":
        """A function of this one, from its value, derivative and half its second derivative here."""
        first = times(slope, self.first[0]), times(slope, self.first[1])
        second = plus(times(slope, self.second), times(half_bend, self.varies_with(self)))
        return Taylor(value, first, second, self.covariance)

    def varies_with(self, other: "Taylor") -> Any:
        """The covariance of two functions, to first order."""
        (along_x, along_y), (x, y) = self.with_xy, other.first
        return plus(times(along_x, x), times(along_y, y))

    @cached_property
    def with_xy(self) -> tuple[Any, Any]:
        """The covariance with x and with y."""
        (x, y), (xx, xy, yy) = self.first, self.covariance or (None, None, None)
        return plus(times(x, xx), times(y, xy)), plus(times(x, xy), times(y, yy))

    def reciprocal(self) -> "Taylor":
        value = 1.0 / self.value
        square = value**2
        return self.through(value, -square, square * value)

    def squared(self) -> "Taylor":
        return self.through(self.value**2, 2.0 * self.value, 1.0)

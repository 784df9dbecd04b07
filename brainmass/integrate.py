"""Explicit one-step methods on dicts of variables: ``change(f, s, h)``, with f the time derivative.

A coupled network holds its coupling over the stages of a step, so it is first order in dt whatever the method;
the orders named here are those of the uncoupled node.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

Values = dict[str, Any]
Field = Callable[[Values], Values]


class Method(NamedTuple):
    """``change`` is what a step of the drift adds; ``spread`` scales the s.d. √h of an additive noise on a variable.

    With an order above 1, half of the noise comes before the drift, so that it spreads to the other variables, too, as
    it does in time; ``spread`` is then what is added behind it.
    """

    change: Callable[[Field, Values, Any], Values]
    spread: Callable[[Field, Values, str, Any], Any]
    order: int

    def step(self, f: Field, s: Values, h: Any) -> Values:
        """The variables after a step."""
        return _sum(s, self.change(f, s, h))


class Tableau(NamedTuple):
    """A Butcher tableau of an explicit method without its times (drifts here are autonomous within a step)."""

    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]


def _sum(s: Values, change: Values) -> Values:
    return {v: x + change[v] for v, x in s.items()}


def _weighted(h: Any, weights: tuple[float, ...], slopes: list[Values]) -> Values:
    terms = [(w, k) for w, k in zip(weights, slopes, strict=True) if w]
    return {v: h * sum(w * k[v] for w, k in terms) for v in slopes[0]}


def own_derivative(f: Field, s: Values, name: str) -> tuple[Any, Any]:
    """(f_v, ∂f_v/∂v) of one variable; the drift couples no two regions, so this is elementwise."""
    return jax.jvp(lambda x: f({**s, name: x})[name], (s[name],), (jnp.ones_like(s[name]),))


def phi(z: Any) -> Any:
    """(e^z − 1)/z, by its series near 0 where the quotient cancels."""
    terms = 14 if z.dtype == jnp.float64 else 7
    small = jnp.abs(z) < 0.5
    near = jnp.where(small, z, 0.0)
    series = jnp.ones_like(z)
    for n in range(terms + 1, 1, -1):
        series = 1.0 + near * series * (1.0 / n)
    far = jnp.where(small, 1.0, z)
    return jnp.where(small, series, (jnp.exp(far) - 1.0) / far)


def _exponential_spread(f: Field, s: Values, name: str, h: Any) -> Any:
    """Exact where the own derivative is constant."""
    return jnp.sqrt(phi(2.0 * h * own_derivative(f, s, name)[1]))


def _rest_of_spread(f: Field, s: Values, name: str, h: Any) -> Any:
    """The same in all, less what half of the noise has become in the drift."""
    z = h * own_derivative(f, s, name)[1]
    q = phi(z)
    half = 0.5 * z * q  # of e^z − 1, so φ(2z) = φ(z) (e^z + 1)/2
    return jnp.sqrt(q * (1.0 + half)) - half


def _no_spread(f: Field, s: Values, name: str, h: Any) -> Any:
    """Euler–Maruyama."""
    return 1.0


def explicit(tableau: Tableau, order: int) -> Method:
    """The Runge–Kutta method of a tableau."""

    def change(f: Field, s: Values, h: Any) -> Values:
        slopes = [f(s)]
        for row in tableau.a[1:]:
            slopes.append(f(_sum(s, _weighted(h, row, slopes))))
        return _weighted(h, tableau.b, slopes)

    return Method(change, _no_spread if order == 1 else _rest_of_spread, order)


def _exponential_change(f: Field, s: Values, h: Any) -> Values:
    def one(name: str) -> Any:
        slope, own = own_derivative(f, s, name)
        return h * phi(h * own) * slope

    return {name: one(name) for name in s}


def _symplectic_change(f: Field, s: Values, h: Any) -> Values:
    """Euler, one variable after another in the order in which the drift returns them, each seeing the new values."""
    advanced, found = dict(s), {}
    for name in f(s):
        found[name] = h * f(advanced)[name]
        advanced[name] = advanced[name] + found[name]
    return found


METHODS: dict[str, Method] = {
    "exp_euler": Method(_exponential_change, _exponential_spread, 1),
    "euler": explicit(Tableau(((),), (1.0,)), 1),
    "symplectic": Method(_symplectic_change, _no_spread, 1),
    "heun": explicit(Tableau(((), (1.0,)), (0.5, 0.5)), 2),
    "rk4": explicit(Tableau(((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)), 4),
}

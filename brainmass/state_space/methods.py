"""Explicit one-step methods on dicts of variables: ``change(f, s, h, kicks)``, with f the time derivative.

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
    """``change`` is what a step adds: of the drift, and of ``kicks``, additive noise of the s.d. √h by variable."""

    change: Callable[[Field, Values, Any, Values], Values]
    order: int

    def step(self, f: Field, s: Values, h: Any) -> Values:
        """The variables after a step without noise."""
        return _sum(s, self.change(f, s, h, {}))


class Tableau(NamedTuple):
    """A Butcher tableau of an explicit method without its times (drifts here are autonomous within a step)."""

    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]


def _sum(s: Values, change: Values, kicks: Values | None = None, share: float = 0.0) -> Values:
    return {v: x + change[v] + share * kicks[v] if kicks and v in kicks else x + change[v] for v, x in s.items()}


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


def explicit(tableau: Tableau, order: int) -> Method:
    """The Runge–Kutta method of a tableau.

    With an order above 1 a stage at the part c of a step sees 1/4 + c/2 of the noise, which thus spreads to the other
    variables as it does in time. A relaxation at the rate a then has its variance to (a h)⁴/64 with Heun's method,
    where one half in every stage would leave (a h)²/4; its drift adds no error of lower order.
    """

    def change(f: Field, s: Values, h: Any, kicks: Values) -> Values:
        slopes: list[Values] = []
        for row in tableau.a:
            share = 0.25 + 0.5 * sum(row) if order > 1 else 0.0
            moved = _weighted(h, row, slopes) if slopes else dict.fromkeys(s, 0.0)
            slopes.append(f(_sum(s, moved, kicks if share else None, share)))
        return _with(kicks, _weighted(h, tableau.b, slopes))

    return Method(change, order)


def _with(kicks: Values, change: Values) -> Values:
    return {v: x + kicks[v] if v in kicks else x for v, x in change.items()}


def _exponential_change(f: Field, s: Values, h: Any, kicks: Values) -> Values:
    """Exact, with its noise, where the own derivative is constant."""

    def one(name: str) -> Any:
        slope, own = own_derivative(f, s, name)
        moved = h * phi(h * own) * slope
        return moved + jnp.sqrt(phi(2.0 * h * own)) * kicks[name] if name in kicks else moved

    return {name: one(name) for name in s}


def _symplectic_change(f: Field, s: Values, h: Any, kicks: Values) -> Values:
    """Euler, one variable after another in the order in which the drift returns them, each seeing the new values."""
    advanced, found = dict(s), {}
    for name in f(s):
        found[name] = h * f(advanced)[name]
        advanced[name] = advanced[name] + found[name]
    return _with(kicks, found)


METHODS: dict[str, Method] = {
    "exp_euler": Method(_exponential_change, 1),
    "euler": explicit(Tableau(((),), (1.0,)), 1),
    "symplectic": Method(_symplectic_change, 1),
    "heun": explicit(Tableau(((), (1.0,)), (0.5, 0.5)), 2),
    "rk4": explicit(Tableau(((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)), 4),
}

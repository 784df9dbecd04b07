"""Explicit one-step methods on dicts of variables: ``change(f, s, h, kicks, quarter)``, with f the time derivative.

A coupled network holds its coupling over the stages of a step, so it is first order in dt whatever the method;
the orders named here are those of the uncoupled node.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Values = dict[str, Any]
Field = Callable[[Values], Values]


class Method(NamedTuple):
    """``change`` is what a step adds: of the drift, and of ``kicks``, additive noise of the s.d. √h by variable.

    Which stages see the noise depends on the ``quarter``, 0 to 3, of the step; see `explicit`.
    """

    change: Callable[[Field, Values, Any, Values, Any], Values]
    order: int

    def step(self, f: Field, s: Values, h: Any) -> Values:
        """The variables after a step without noise."""
        return _sum(s, self.change(f, s, h, {}, 0))


class Tableau(NamedTuple):
    """A Butcher tableau of an explicit method without its times (drifts here are autonomous within a step).

    ``noisy`` are the stages that see the noise of a step, for each quarter of the steps.
    """

    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    noisy: tuple[tuple[int, ...], ...] = ()


def quarters(steps: Any) -> Any:
    """Into which quarter, 0 to 3, absolute steps (uint32) fall; any few neighbours fall evenly (golden ratio)."""
    return (steps * np.uint32(2654435769)) >> np.uint32(30)


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


def explicit(tableau: Tableau, order: int) -> Method:
    """The Runge–Kutta method of a tableau.

    With an order above 1 some of the stages see the whole noise of the step, always such that Σ b = 1/2 over them:
    means and variances are then of weak order 2, those of nonlinear drifts too. Which ones changes by the quarter of
    the step, so that the variance of a relaxation at the rate a is right to (a h)⁴/16, where the same stages in every
    step, as in the stochastic Heun method, leave (a h)²/4.
    """

    def change(f: Field, s: Values, h: Any, kicks: Values, quarter: Any) -> Values:
        slopes: list[Values] = []
        sees = _seeing(tableau, quarter) if kicks else None
        for stage, row in enumerate(tableau.a):
            at = _sum(s, _weighted(h, row, slopes)) if slopes else dict(s)
            if sees is not None:
                at |= {v: at[v] + sees[stage].astype(kick.dtype) * kick for v, kick in kicks.items()}
            slopes.append(f(at))
        return _with(kicks, _weighted(h, tableau.b, slopes))

    return Method(change, order)


def _seeing(tableau: Tableau, quarter: Any) -> Any:
    """Whether each stage sees the noise, 0 or 1; None if none ever does."""
    if not tableau.noisy:
        return None
    stages = range(len(tableau.b))
    return jnp.asarray([[int(stage in noisy) for stage in stages] for noisy in tableau.noisy])[quarter]


def _with(kicks: Values, change: Values) -> Values:
    return {v: x + kicks[v] if v in kicks else x for v, x in change.items()}


def _exponential_change(f: Field, s: Values, h: Any, kicks: Values, quarter: Any) -> Values:
    """Exact, with its noise, where the own derivative is constant."""

    def one(name: str) -> Any:
        slope, own = own_derivative(f, s, name)
        moved = h * phi(h * own) * slope
        return moved + jnp.sqrt(phi(2.0 * h * own)) * kicks[name] if name in kicks else moved

    return {name: one(name) for name in s}


def _symplectic_change(f: Field, s: Values, h: Any, kicks: Values, quarter: Any) -> Values:
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
    "heun": explicit(Tableau(((), (1.0,)), (0.5, 0.5), ((0,), (1,), (1,), (1,))), 2),
    "rk4": explicit(
        Tableau(
            ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
            (1 / 6, 1 / 3, 1 / 3, 1 / 6),
            ((0, 1), (1, 3), (2, 3), (2, 3)),
        ),
        4,
    ),
}

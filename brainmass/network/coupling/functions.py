"""Couplings as functions of arrays."""

from collections.abc import Callable
from typing import Any

import brainunit as u
import numpy as np

from brainmass.network.coupling.base import Coupling, applied, magnitude
from brainmass.network.coupling.rules import (
    AdditiveCoupling,
    DiffusiveCoupling,
    HyperbolicTangentCoupling,
    SigmoidalCoupling,
    SigmoidalJansenRitCoupling,
)
from brainmass.numerics import as_weights
from brainmass.units import mantissa, numbers, unit_of, with_unit


def diffusive_coupling(delayed_x: Any, y: Any, conn: Any, k: Any = 1.0) -> Any:
    """k Σ_j w_ij (x_ij − y_i) for ``delayed_x`` (..., target, source), ``y`` (..., target); units multiply through."""
    x = _array(delayed_x, "delayed_x")
    y = with_unit(mantissa(_array(y, "y"), unit_of(x), "y"), unit_of(x))
    return _of_functions(DiffusiveCoupling, "delayed_x", x, y, _square(conn, x), dict(k=k))


def additive_coupling(delayed_x: Any, conn: Any, k: Any = 1.0, b: Any = 0.0) -> Any:
    """k Σ_j w_ij x_ij + b."""
    x, k = _array(delayed_x, "delayed_x"), _array(k, "k")
    unit = unit_of(k * (x * 1.0)) if np.ndim(k) == 0 else unit_of(u.Quantity(1.0, unit_of(k)) * (x * 1.0))
    b = with_unit(mantissa(_array(b, "b"), unit, "b"), unit)
    return _of_functions(AdditiveCoupling, "delayed_x", x, 0.0, conn, dict(k=k, b=b))


def sigmoidal_coupling(
    x: Any, conn: Any, k: Any = 1.0, a: Any = 1.0, b: Any = 0.0, slope: Any = 1.0, midpoint: Any = 0.0
) -> Any:
    """k σ(slope (a Σ_j w_ij x_ij + b − midpoint)), of the magnitude of the sum."""
    given = _array(x, "x")
    values = dict(a=a, b=b, slope=slope, midpoint=midpoint)
    bare = {n: _bare(v, unit_of(given) if n in ("b", "midpoint") else u.UNITLESS, n) for n, v in values.items()}
    return _of_functions(SigmoidalCoupling, "x", magnitude(given), 0.0, conn, dict(k=k, **bare))


def hyperbolic_tangent_coupling(x: Any, conn: Any, k: Any = 0.5, scale: Any = 2.0) -> Any:
    """k tanh(scale Σ_j w_ij x_ij), of the magnitude of the sum."""
    values = dict(k=k, scale=_bare(scale, u.UNITLESS, "scale"))
    return _of_functions(HyperbolicTangentCoupling, "x", magnitude(_array(x, "x")), 0.0, conn, values)


def sigmoidal_jansen_rit_coupling(
    x: Any, conn: Any, k: Any = 1.0, cmin: Any = 0.0, cmax: Any = 0.005, midpoint: Any = 6.0, r: Any = 0.56
) -> Any:
    """k Σ_j w_ij (cmin + (cmax − cmin)/(1 + e^{r (midpoint − x_ij)})), of the magnitude of x."""
    given = _array(x, "x")
    most = _array(cmax, "cmax")
    least = with_unit(_bare(cmin, unit_of(most), "cmin"), unit_of(most))
    bare = dict(r=_bare(r, u.UNITLESS, "r"), midpoint=_bare(midpoint, unit_of(given), "midpoint"))
    values = dict(k=k, cmin=least, cmax=most, **bare)
    return _of_functions(SigmoidalJansenRitCoupling, "x", magnitude(given), 0.0, conn, values)


def _of_functions(rule: type[Coupling], name: str, x: Any, y: Any, conn: Any, values: dict[str, Any]) -> Any:
    """As `applied`, of values that a user gave, in the units that they came in."""
    conn = numbers(as_weights(conn), u.UNITLESS, "conn")
    if np.ndim(conn) != 2 or not np.size(conn):
        raise ValueError(f"conn has the shape {np.shape(conn)}; it must be (target, source).")
    flat = bool(np.ndim(x)) and x.shape[-1] == conn.size
    if not flat and np.shape(x)[-2:] != conn.shape:
        raise ValueError(f"{name} has the shape {np.shape(x)}; its last axes must be {conn.shape}, those of conn.")
    targets = (*x.shape[: -1 if flat and x.shape[-2:] != conn.shape else -2], conn.shape[0])
    for n, value in dict(y=y, **values).items():
        check_broadcasts(np.shape(_array(value, n)), targets, n, ", by the targets of conn")
    return applied(rule, x, y, conn, {n: _array(value, n) for n, value in values.items()})


def check_broadcasts(shape: tuple[int, ...], targets: tuple[int, ...], name: str, of: str = "") -> None:
    try:
        fits = np.broadcast_shapes(shape, targets) == targets
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} has the shape {shape}; it must be one number or broadcast to {targets}{of}.")


def _array(given: Callable | Any, name: str) -> Any:
    """Numbers, or what a function gives, in the unit that they came in."""
    value = given() if callable(given) else given
    return with_unit(numbers(value, unit_of(value), name), unit_of(value))


def _bare(given: Any, unit: u.Unit, name: str) -> Any:
    return numbers(given() if callable(given) else given, unit, name)


def _square(conn: Any, x: Any) -> Any:
    """A flat matrix with as many columns as ``x`` has sources."""
    conn = numbers(as_weights(conn), u.UNITLESS, "conn")
    if np.ndim(conn) != 1:
        return conn
    n = x.shape[-1] if np.ndim(x) and x.shape[-1] ** 2 == conn.size else round(conn.size**0.5)
    if not n or conn.size % n:
        raise ValueError(f"conn has the shape {conn.shape}; it must be (target, source), or that flat.")
    return conn.reshape(n, -1)

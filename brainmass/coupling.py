"""How regions act on each other: ``pre`` of each source, a weighted sum, ``post`` at each target.

Delay belongs to the source: a coupling gets current or delayed values and cannot tell which.
"""

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Module, Param

from brainmass.cards import coupling_card
from brainmass.declarations import Declaration, Parameter, Symbol
from brainmass.declared import Declared, argument
from brainmass.edges import as_weights
from brainmass.functions import logistic
from brainmass.naming import bind_arguments, meant
from brainmass.shown import Card
from brainmass.units import (
    checked_switch,
    describe,
    mantissa,
    numbers,
    one_number,
    plain,
    unit_of,
    with_mask,
    with_unit,
)

SOURCE = Symbol("unit of the coupled variable")
TARGET = Symbol("unit of the target input")
GAIN = Symbol("unit of the target input per unit of the coupled variable")


class Coupling(Declared, Module):
    """``post(Σ_j w_ij pre(x_j, p), x_i, p)``, the current into region i.

    Give it to a `Network`, by itself or as a subclass with parameters of its own.

    A parameter is one number, one for each region, or, where only ``pre`` uses it, one for each edge,
    ``(target, source)``; each edge then passes what it reads through ``pre`` by itself, which costs more. ``pre`` must
    be finite for the values of edges without weight, too.

    Parameters
    ----------
    pre : callable, optional
        ``pre(x, p)`` of the (delayed) source; the source itself if not given. It may return a tuple, each part of
        which is summed by itself.
    post : callable, optional
        ``post(total, x, p)`` of the weighted sum (or the tuple of sums) and the target's own current value;
        ``p.k * total`` if not given.
        ``p`` holds the parameters and ``p.strength``, the sum of the weights onto each target.
    k : float
        Global coupling strength, in (unit of the target input)/(unit of the coupled variable).

    Raises
    ------
    ValueError
        A value of another shape or unit, or one for each edge that ``post`` uses.
    """

    x: Any
    y: Any
    conn: Any
    signals: ClassVar[tuple[str, ...]] = ("pre", "post")
    k = Parameter(1.0, GAIN, "global coupling strength", bounds=(0, 2))
    __signature__: ClassVar[inspect.Signature]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind_arguments(type(self).__name__, type(self).__signature__, args, kwargs)
        super().__init__()
        self.size: int | None = None
        for name in type(self).signals:
            if name != "conn" and given[name] is not None and not callable(given[name]):
                raise TypeError(
                    f"{type(self).__name__}: {name}={describe(given[name])} must be callable: a Prefetch or a function."
                )
            vars(self)[name] = given[name]
        if given.get("conn") is not None:
            vars(self)["conn"] = self._checked_conn(given)
        for name, declaration in self.declarations(Parameter).items():
            self.set_parameter(declaration, given[name])
        self._complete = True

    def _checked_conn(self, given: dict[str, Any]) -> Any:
        """The weights of a coupling that is wired by hand, as `update` takes them."""
        conn, label = given["conn"], f"{type(self).__name__}: conn"
        if given["x"] is None:
            raise TypeError(f"{label} came without x; give both, or neither to a coupling for a Network.")
        weights = numbers(as_weights(conn.value() if isinstance(conn, Param) else conn), u.UNITLESS, label)
        if np.ndim(weights) != 2 or not np.size(weights):
            raise ValueError(f"{label} has the shape {np.shape(weights)}; it must be (target, source).")
        return conn if isinstance(conn, Param) else weights

    def card(self) -> Card:
        return coupling_card(self)

    def settle(self, source: u.Unit, target: u.Unit, size: int) -> None:
        """Resolve the units of the parameters, and check the given values again in their light."""
        vars(self)["symbols"] = {SOURCE.meaning: source, TARGET.meaning: target, GAIN.meaning: target / source}
        vars(self)["size"] = size
        for name, declaration in self.declarations(Parameter).items():
            self.set_parameter(declaration, vars(self)[name].value())

    def _checked(self, declaration: Declaration, value: Any) -> Any:
        # before a network says what the units and the size are, there is nothing to check against
        if self.size is None:
            label = f"{type(self).__name__}: {declaration.name}"
            numbers(value, unit_of(value), label)
            self._note_names(declaration.name, value, label)
            return value
        shape, edges = np.shape(_number(value)), (self.size, self.size)
        if len(shape) == 2 and shape != edges:
            raise ValueError(
                f"{type(self).__name__}: {declaration.name} has the shape {shape}; it must be one number, "
                f"({self.size},) for regions, or {edges} for edges."
            )
        if shape != edges:
            return super()._checked(declaration, value)
        if self._at_target(declaration.name):
            raise ValueError(
                f"{type(self).__name__}: {declaration.name} belongs to the target, so it is one number or "
                f"{self.size} of them; only what sources pass through differs by edge: scale the weights instead."
            )
        bare = numbers(value, self.unit_of(declaration), f"{type(self).__name__}: {declaration.name}")
        return with_unit(bare, self.unit_of(declaration)) if isinstance(value, u.Quantity) else bare

    def as_arguments(self) -> dict[str, Any]:
        """As it was made; of one that a Network has wired without ``k``, which the Network has."""
        values, wired = self.as_given(), self.size is not None
        signals = {n: vars(self)[n] for n in type(self).signals if n != "conn"}
        if not wired and "conn" in vars(self):
            signals["conn"] = self.conn
        return signals | {n: value for n, value in values.items() if not (wired and n == "k")}

    def _at_target(self, name: str) -> bool:
        """Whether ``post`` uses a parameter."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 1.0), strength=1.0)
        sent = self.source(jnp.zeros(1), p)
        delattr(p, name)
        try:
            self.current(sent, jnp.zeros(1), p)
        except AttributeError:
            return True
        return False

    def parameter_shape(self, declaration: Declaration) -> tuple[int, ...]:
        return () if self.size is None else (self.size,)

    @property
    def per_edge(self) -> tuple[str, ...]:
        """The parameters with a value for each edge, (target, source)."""
        return tuple(n for n in self.declarations(Parameter) if np.ndim(_number(vars(self)[n].value())) == 2)

    def set_parameter(self, declaration: Parameter, value: Any) -> None:
        held, value = vars(self).get(declaration.name), with_mask(value)
        if self._complete and self.size is not None and held is not None:
            given = value.value() if isinstance(value, Param) else value
            if (np.ndim(_number(held.value())) == 2) != (np.ndim(_number(given)) == 2):
                raise ValueError(
                    f"{type(self).__name__}: {declaration.name} changes between values of regions and of edges, so the "
                    "history of what was sent would not fit; make a new Network."
                )
        super().set_parameter(declaration, value)

    @property
    def sends_several(self) -> bool:
        """Whether ``pre`` returns a tuple."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 1.0), strength=1.0)
        return isinstance(self.source(jnp.zeros(1), p), tuple)

    def is_periodic(self, period: float) -> bool:
        """Whether what is sent is the same after a turn of the source, and what is received after one of the target."""
        p = SimpleNamespace(**dict.fromkeys(self.declarations(Parameter), 0.7), strength=1.3)
        phases = jnp.linspace(-0.5, 0.5, 16) * period
        total = jax.tree.map(lambda x: x + 0.3 * jnp.ptp(x), self.source(phases[::-1], p))
        return all(
            _is_same_after(f, phases, period)
            for f in (lambda x: self.source(x, p), lambda x: self.current(total, x, p))
        )

    def source(self, x: Any, p: Any) -> Any:
        pre = vars(self).get("pre")
        return pre(x, p) if pre else type(self).pre(x, p)

    def current(self, total: Any, x: Any, p: Any) -> Any:
        post = vars(self).get("post")
        return post(total, x, p) if post else type(self).post(total, x, p)

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return x

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * total

    def update(self) -> Any:
        """The current from the signals ``x`` (delayed sources, ``(..., target, source)``), ``y`` and ``conn``."""
        if vars(self).get("conn") is None:
            raise ValueError(
                f"{type(self).__name__} has no conn: give x and conn, or pass it to a Network as coupling=."
            )
        conn = self.conn.value() if isinstance(self.conn, Param) else self.conn
        y = _signal(self.y) if vars(self).get("y") is not None else 0.0
        values = {n: vars(self)[n].value() for n in self.declarations(Parameter)}
        return _apply(type(self), _signal(self.x), y, conn, values)


def _is_same_after(f: Callable, x: Any, period: float) -> bool:
    """Whether ``f`` has the period, measured by what it varies within one."""
    pairs = zip(jax.tree.leaves(f(x)), jax.tree.leaves(f(x + period)), strict=True)
    return all(bool(jnp.abs(here - there).max() <= 1e-3 * jnp.ptp(here)) for here, there in pairs)


def _signature(cls: type[Coupling]) -> inspect.Signature:
    parameters = [argument(name, None) for name in cls.signals]
    return inspect.Signature(parameters + [argument(n, d.default) for n, d in cls.declarations(Parameter).items()])


Coupling.__signature__ = _signature(Coupling)


def _signal(given: Any) -> Any:
    if given is None or not callable(given):
        raise TypeError(f"the signal {given!r} must be callable: a brainstate Prefetch or a function that returns it.")
    return given()


def _apply(rule: type[Coupling], x: Any, y: Any, conn: Any, values: dict[str, Any]) -> Any:
    if np.ndim(conn) != 2:
        raise ValueError(f"conn has the shape {np.shape(conn)}; it must be (target, source).")
    x = x.reshape(*x.shape[:-1], *conn.shape) if x.shape[-1] == conn.size and x.shape[-2:] != conn.shape else x
    if x.shape[-2:] != conn.shape:
        raise ValueError(f"x has the shape {x.shape}; its last axes must be {conn.shape}, those of conn.")
    p = SimpleNamespace(**values, strength=conn.sum(-1))
    sent = rule.pre(x, p)
    total = tuple((conn * one).sum(-1) for one in sent) if isinstance(sent, tuple) else (conn * sent).sum(-1)
    return rule.post(total, y, p)


class DiffusiveCoupling(Coupling):
    """k Σ_j w_ij (x_j − x_i)."""

    signals = ("x", "y", "conn")

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * (total - p.strength * x)


class AdditiveCoupling(Coupling):
    """k Σ_j w_ij x_j + b."""

    signals = ("x", "conn")
    b = Parameter(0.0, TARGET, "constant current", bounds=(-1, 1))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * total + p.b


class LaplacianCoupling(Coupling):
    """k Σ_j L_ij x_j with L = W − D, D the in-strengths; a region's own term is undelayed."""

    signals = ("x", "y", "conn")

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * (total - p.strength * x)


class SigmoidalCoupling(Coupling):
    """k σ(slope (a Σ_j w_ij x_j + b − midpoint))."""

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    a = Parameter(1.0, doc="gain inside the sigmoid", bounds=(0, 2))
    b = Parameter(0.0, SOURCE, "shift inside the sigmoid", bounds=(-1, 1))
    slope = Parameter(1.0, doc="slope per unit of the coupled variable", bounds=(0, 5))
    midpoint = Parameter(0.0, SOURCE, "midpoint", bounds=(-1, 1))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        z = p.slope * _number(p.a * total + p.b - p.midpoint)
        return p.k * logistic(z)


class HyperbolicTangentCoupling(Coupling):
    """k tanh(scale Σ_j w_ij x_j)."""

    signals = ("x", "conn")
    k = Parameter(0.5, TARGET, "global coupling strength", bounds=(0, 2))
    scale = Parameter(2.0, doc="slope per unit of the coupled variable", bounds=(0, 5))

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        return p.k * jnp.tanh(p.scale * _number(total))


class SigmoidalJansenRitCoupling(Coupling):
    """k Σ_j w_ij (cmin + (cmax − cmin)/(1 + e^{r (midpoint − x_j)})) (Jansen & Rit 1995, doi:10.1007/BF00199471)."""

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    cmin = Parameter(0.0, doc="least output", bounds=(-1, 1))
    cmax = Parameter(0.005, doc="greatest output", bounds=(0, 1))
    midpoint = Parameter(6.0, SOURCE, "midpoint", bounds=(0, 10))
    r = Parameter(0.56, doc="slope per unit of the coupled variable", bounds=(0, 2))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return p.cmin + (p.cmax - p.cmin) * logistic(p.r * _number(_number(x) - p.midpoint))


class KuramotoCoupling(Coupling):
    """k Σ_j w_ij sin(θ_j − θ_i − α) (Kuramoto 1975, doi:10.1007/BFb0013365; α: Sakaguchi & Kuramoto 1986).

    Sources send sin θ and cos θ, so that a delayed edge costs no transcendental function.
    """

    signals = ("x", "y", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    alpha = Parameter(0.0, doc="phase lag", bounds=(-3, 3))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return jnp.sin(x), jnp.cos(x)

    @staticmethod
    def post(total: Any, x: Any, p: Any) -> Any:
        sine, cosine = total
        return p.k * (sine * jnp.cos(x + p.alpha) - cosine * jnp.sin(x + p.alpha))


class PreSigmoidalCoupling(Coupling):
    """k Σ_j w_ij H (Q + tanh(G (P x_j − θ))): each source passes through a sigmoid of its own.

    The static form of the pre-sigmoidal coupling of Sanz-Leon et al. 2013, doi:10.3389/fninf.2013.00010.
    """

    signals = ("x", "conn")
    k = Parameter(1.0, TARGET, "global coupling strength", bounds=(0, 2))
    H = Parameter(0.5, doc="scale", bounds=(-2, 2))
    Q = Parameter(1.0, doc="shift", bounds=(-2, 2))
    G = Parameter(60.0, doc="slope", bounds=(0, 100))
    P = Parameter(1.0, doc="gain of the source, per unit of the coupled variable", bounds=(0, 2))
    theta = Parameter(0.5, doc="threshold", bounds=(0, 1))

    @staticmethod
    def pre(x: Any, p: Any) -> Any:
        return p.H * (p.Q + jnp.tanh(p.G * (p.P * _number(x) - p.theta)))


def _number(value: Any) -> Any:
    return value.mantissa if isinstance(value, u.Quantity) else value


COUPLINGS: dict[str, type[Coupling]] = {
    "diffusive": DiffusiveCoupling,
    "additive": AdditiveCoupling,
    "laplacian": LaplacianCoupling,
    "sigmoidal": SigmoidalCoupling,
    "tanh": HyperbolicTangentCoupling,
    "sigmoidal_jansen_rit": SigmoidalJansenRitCoupling,
    "kuramoto": KuramotoCoupling,
    "pre_sigmoidal": PreSigmoidalCoupling,
    "difference": DiffusiveCoupling,  # names that users of other tools look for
    "scaling": AdditiveCoupling,
}


def name_of(coupling: Coupling) -> str | None:
    """The name that makes the same coupling in a Network, but for ``k``; None where no name does."""
    name = next((name for name, kind in COUPLINGS.items() if kind is type(coupling)), None)
    return None if any(value is not None for value in coupling.as_arguments().values()) else name


def resolve_coupling(coupling: Any) -> Coupling:
    """A coupling from its name or as an object that no network has yet.

    Raises
    ------
    ValueError
        An unknown name, or an object that is wired already.
    TypeError
        Neither a name nor a Coupling.
    """
    if isinstance(coupling, str):
        if coupling not in COUPLINGS:
            near = meant(coupling, COUPLINGS)
            raise ValueError(
                f"coupling={coupling!r} is unknown{near}; use one of {', '.join(COUPLINGS)} or a Coupling object."
            )
        return COUPLINGS[coupling]()
    if not isinstance(coupling, Coupling):
        raise TypeError(f"coupling={describe(coupling)} must be a Coupling object or one of {', '.join(COUPLINGS)}.")
    if vars(coupling).get("conn") is not None:
        raise ValueError(f"coupling={type(coupling).__name__} is wired already; make one for each network.")
    return coupling


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
    return _of_functions(SigmoidalCoupling, "x", _number(given), 0.0, conn, dict(k=k, **bare))


def hyperbolic_tangent_coupling(x: Any, conn: Any, k: Any = 0.5, scale: Any = 2.0) -> Any:
    """k tanh(scale Σ_j w_ij x_ij), of the magnitude of the sum."""
    values = dict(k=k, scale=_bare(scale, u.UNITLESS, "scale"))
    return _of_functions(HyperbolicTangentCoupling, "x", _number(_array(x, "x")), 0.0, conn, values)


def sigmoidal_jansen_rit_coupling(
    x: Any, conn: Any, k: Any = 1.0, cmin: Any = 0.0, cmax: Any = 0.005, midpoint: Any = 6.0, r: Any = 0.56
) -> Any:
    """k Σ_j w_ij (cmin + (cmax − cmin)/(1 + e^{r (midpoint − x_ij)})), of the magnitude of x."""
    given = _array(x, "x")
    most = _array(cmax, "cmax")
    least = with_unit(_bare(cmin, unit_of(most), "cmin"), unit_of(most))
    bare = dict(r=_bare(r, u.UNITLESS, "r"), midpoint=_bare(midpoint, unit_of(given), "midpoint"))
    values = dict(k=k, cmin=least, cmax=most, **bare)
    return _of_functions(SigmoidalJansenRitCoupling, "x", _number(given), 0.0, conn, values)


def _of_functions(rule: type[Coupling], name: str, x: Any, y: Any, conn: Any, values: dict[str, Any]) -> Any:
    """As `_apply`, of values that a user gave, in the units that they came in."""
    conn = numbers(as_weights(conn), u.UNITLESS, "conn")
    if np.ndim(conn) != 2 or not np.size(conn):
        raise ValueError(f"conn has the shape {np.shape(conn)}; it must be (target, source).")
    flat = bool(np.ndim(x)) and x.shape[-1] == conn.size
    if not flat and np.shape(x)[-2:] != conn.shape:
        raise ValueError(f"{name} has the shape {np.shape(x)}; its last axes must be {conn.shape}, those of conn.")
    targets = (*x.shape[: -1 if flat and x.shape[-2:] != conn.shape else -2], conn.shape[0])
    for n, value in dict(y=y, **values).items():
        _check_broadcasts(np.shape(_array(value, n)), targets, n, ", by the targets of conn")
    return _apply(rule, x, y, conn, {n: _array(value, n) for n, value in values.items()})


def _check_broadcasts(shape: tuple[int, ...], targets: tuple[int, ...], name: str, of: str = "") -> None:
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


def laplacian_connectivity(
    W: Any, *, normalize: str | None = None, eps: float = 1e-12, return_diag: bool = False
) -> Any:
    """W − D, D⁻¹W − I ("rw") or D^−½ W D^−½ − I ("sym"), with D the row sums of ``W``; (region, region).

    Raises
    ------
    ValueError
        ``normalize`` is none of None, "rw", "sym".
    """
    _check_normalization(normalize)
    W = numbers(as_weights(W), u.UNITLESS, "W")
    if np.ndim(W) != 2 or W.shape[0] != W.shape[1] or not W.size:
        raise ValueError(f"W has the shape {np.shape(W)}; it must be a square matrix (region, region).")
    if one_number(eps, u.UNITLESS, "eps") < 0:
        raise ValueError(f"eps={describe(eps)} must be zero or more.")
    strength, n = W.sum(-1), W.shape[-1]
    if normalize is None:
        laplacian = W - jnp.diag(strength)
    elif normalize == "rw":
        laplacian = W / (strength[:, None] + eps) - jnp.eye(n)
    else:
        root = 1.0 / jnp.sqrt(strength + eps)
        laplacian = root[:, None] * W * root[None, :] - jnp.eye(n)
    return (laplacian, strength) if checked_switch(return_diag, "return_diag") else laplacian


def _check_normalization(normalize: Any) -> None:
    if normalize is not None and not (isinstance(normalize, str) and normalize in ("rw", "sym")):
        raise ValueError(f"normalize={describe(normalize)} is unknown; use None, 'rw' or 'sym'.")


def _rebuilt(W: Any, mask: Any, normalize: str | None, eps: float, t: Any, reg: Any, fit: bool) -> Any:
    return LaplacianConnParam(np.asarray(W), mask=mask, normalize=normalize, eps=eps, t=t, reg=reg, fit=fit)


class LaplacianConnParam(Param):
    """A connectivity parameter whose value is the Laplacian of its (transformed, masked) weights.

    ``fit=True`` makes the weights trainable.
    """

    def __init__(self, W: Any, *, mask: Any = None, normalize: str | None = None, eps: float = 1e-12, **kwargs: Any):
        laplacian_connectivity(W, normalize=normalize, eps=eps)
        if mask is not None:
            mask = numbers(as_weights(mask), u.UNITLESS, "mask")
            _check_broadcasts(np.shape(mask), np.shape(plain(W)), "mask")
        super().__init__(plain(W), **kwargs)
        self.mask, self.normalize, self.eps = mask, normalize, eps

    def as_arguments(self) -> dict[str, Any]:
        return dict(W=super().value(), mask=self.mask, normalize=self.normalize, eps=self.eps, fit=self.fit)

    def __reduce__(self) -> tuple:
        stored = super().value()
        return _rebuilt, (stored, self.mask, self.normalize, self.eps, self.t, self.reg, self.fit)

    def value(self) -> Any:
        W = super().value()
        return laplacian_connectivity(W if self.mask is None else W * self.mask, normalize=self.normalize, eps=self.eps)


__all__ = [
    "COUPLINGS",
    "AdditiveCoupling",
    "Coupling",
    "DiffusiveCoupling",
    "HyperbolicTangentCoupling",
    "KuramotoCoupling",
    "LaplacianConnParam",
    "LaplacianCoupling",
    "PreSigmoidalCoupling",
    "SigmoidalCoupling",
    "SigmoidalJansenRitCoupling",
    "additive_coupling",
    "diffusive_coupling",
    "hyperbolic_tangent_coupling",
    "laplacian_connectivity",
    "resolve_coupling",
    "sigmoidal_coupling",
    "sigmoidal_jansen_rit_coupling",
]

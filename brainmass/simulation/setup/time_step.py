"""How fast a model moves, and a warning where the time step is too long for that."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.display import warn
from brainmass.network import Network, join
from brainmass.state_space import Law, Parameter, StateSpace, Values, Variable
from brainmass.units import float_dtype, is_concrete, mantissa

LONGER = 3.0  # times the recommended step; rounding is no reason to warn
RESOLVED = 0.2  # of the fastest time constant: a step that heun follows
PHASE = 3.0  # a phase may turn so much faster, relative to its period: its steps are exact but for what couples it, and
# few of many may be out of reach
AT_ANY_STEP = ("exp_euler", "symplectic")  # what a model takes that is exact, or defined by its steps
SAMPLES = 16  # of the values of a parameter that differs by region or simulation


def warn_of_long_steps(model: Any, values: Values, dt: float) -> None:
    """Warn of a ``dt`` that is several times what the model recommends, at the pace of these parameter ``values``.

    A step is recommended for the default parameters; slower ones bear a longer step in proportion.
    """
    node = model.node if isinstance(model, Network) else model
    own = node.method == node.default_method and node.method in AT_ANY_STEP
    if dt < LONGER * node.dt * (1.0 - 1e-6) or own or not recommends(type(node)):
        return
    root = "node" if isinstance(model, Network) else ""
    present = {n: values[join(root, n)] for n in node.declarations(Parameter)}
    with jax.ensure_compile_time_eval():
        usual, now = pace(node, defaults(node)), pace(node, defaults(node) | concrete(present))
    if usual == 0.0 or now * dt <= max(LONGER * usual * node.dt * (1.0 - 1e-6), RESOLVED):
        return
    fitting = float(f"{node.dt * usual / now:.2g}")
    warn(
        f"dt={dt:g} ms is {dt / fitting:.2g} times the step that {type(node).__name__} with these parameters is "
        f"recommended to take, so a run may leave its attractor or diverge; use dt={fitting:g} * u.ms.",
    )


def recommends(kind: type) -> bool:
    """Whether a time step was chosen for this model: it declares one, or is of the catalogue, where each is tested."""
    own = kind.__mro__[: kind.__mro__.index(StateSpace)]
    return any("dt" in vars(base) or base.__module__.startswith("brainmass.models.") for base in own)


def defaults(node: StateSpace) -> Values:
    """The bare default parameters."""
    declared = node.declarations(Parameter).items()
    return {n: np.asarray(mantissa(d.default, node.unit_of(d), n), float) for n, d in declared}


def concrete(values: Values) -> Values:
    """Values that are known now, thinned out where there are many."""
    found = {n: np.ravel(np.asarray(x, float)) for n, x in values.items() if is_concrete(x)}
    some = max((len(x) for x in found.values()), default=1)
    keep = np.unique(np.linspace(0, some - 1, SAMPLES).astype(int))
    return {n: x[keep % len(x)] for n, x in found.items()}


def pace(node: StateSpace, p: Values) -> float:
    """The largest rate, 1/ms, at which the model turns, and the linearised one grows, decays or turns.

    At its start and amid its spans.
    """
    variables, dtype = node.declarations(Variable), float_dtype()
    wide = max((np.size(x) for x in p.values()), default=1)
    bank = {n: jnp.broadcast_to(jnp.asarray(x, dtype), (2, wide)) for n, x in p.items()}
    places = {n: np.array([[beginning(node, d)], [middle(d)]]) for n, d in variables.items()}
    s = {n: jnp.broadcast_to(jnp.asarray(x, dtype), (2, wide)) for n, x in places.items()}
    columns = []
    for name in variables:
        along = {n: jnp.full_like(x, n == name) for n, x in s.items()}
        _, slopes = jax.jvp(lambda at: node.bare_drift(at, bank, {}), (s,), (along,))
        columns.append([np.broadcast_to(slopes[n], (2, wide)) for n in variables])
    jacobians = np.moveaxis(np.array(columns, float), (0, 1), (-1, -2))
    if not np.isfinite(jacobians).all():
        return np.inf
    slopes = node.bare_drift(s, bank, {})
    turning = [np.median(np.abs(slopes[n])) * PHASE / d.period for n, d in variables.items() if d.period is not None]
    return float(max(np.abs(np.linalg.eigvals(jacobians)).max(), *turning, 0.0))


def beginning(node: StateSpace, declaration: Variable) -> float:
    """The declared initial value of a variable, of random ones the middle."""
    if callable(declaration.value) or isinstance(declaration.value, Law) or np.ndim(declaration.value):
        return middle(declaration)
    return float(mantissa(declaration.value, node.unit_of(declaration), declaration.name))


def middle(declaration: Variable) -> float:
    """Of the span, or of the bounds, of a variable; 0 where there is none."""
    ends = declaration.span or declaration.bounds
    return float(np.mean(ends)) if ends and np.isfinite(ends).all() else 0.0

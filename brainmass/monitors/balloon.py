"""The Balloon–Windkessel model of blood flow."""

from typing import Any, NamedTuple, cast

import brainunit as u
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.monitors.haemodynamics import Grid, Haemodynamics
from brainmass.monitors.signals import Signal
from brainmass.names import Names
from brainmass.state_space import Declaration, Input, Output, Parameter, StateSpace, Values, Variable
from brainmass.units import describe, float_dtype, is_concrete

PER_S = cast("u.Unit", u.second**-1)
_SENSE = {"alpha": (0.01, 1.0), "rho": (1e-3, 0.999)}  # outside, the equations have no value, or none to tell from it


class Balloon(StateSpace):
    r"""Balloon–Windkessel haemodynamics (Friston, Harrison & Penny 2003, doi:10.1016/S1053-8119(03)00202-7).

    .. math:: \dot s &= \epsilon z - \kappa s - \gamma (f - 1), \qquad \dot f = s, \qquad
              \tau \dot v = f - v^{1/\alpha} \\
              \tau \dot q &= f\, \frac{1 - (1 - \rho)^{1/f}}{\rho} - v^{1/\alpha}\, \frac{q}{v} \\
              y &= V_0 \left[ k_1 (1 - q) + k_2 (1 - q / v) + k_3 (1 - v) \right]

    ``f``, ``v`` and ``q`` are kept as deviations from rest, 1, so that rest is exactly 0.
    """

    primary = "bold"
    dt = 1.0

    epsilon = Parameter(1.0 * PER_S**2, PER_S**2, "efficacy of the activity z, bare", bounds=(0.1, 2))
    kappa = Parameter(0.65 * PER_S, PER_S, "decay rate of the vasodilatory signal", bounds=(0.3, 1.2))
    gamma = Parameter(0.41 * PER_S**2, PER_S**2, "feedback of the flow on the signal", bounds=(0.2, 0.8))
    tau = Parameter(0.98 * u.second, u.second, "mean transit time", bounds=(0.5, 3))
    alpha = Parameter(0.32, doc="Grubb's exponent, the stiffness of the vessels", bounds=(0.2, 0.5))
    rho = Parameter(0.34, doc="oxygen extraction fraction at rest", bounds=(0.2, 0.6))
    V0 = Parameter(0.02, doc="blood volume fraction at rest", bounds=(0.01, 0.05))
    k1 = Parameter(2.38, doc="weight of deoxyhaemoglobin outside the vessels, 7 ρ", bounds=(1, 7))
    k2 = Parameter(2.0, doc="weight of its concentration within", bounds=(0.1, 3))
    k3 = Parameter(0.48, doc="weight of the volume, 2 ρ − 0.2", bounds=(0.1, 1))
    s = Variable(0.0 * PER_S, PER_S, "vasodilatory signal", span=(-0.5, 0.5))
    f = Variable(0.0, doc="blood flow − 1", span=(-0.5, 1.0), bounds=(-0.99, 1e6))
    v = Variable(0.0, doc="blood volume − 1", span=(-0.2, 0.3), bounds=(-0.99, 1e6))
    q = Variable(0.0, doc="deoxyhaemoglobin − 1", span=(-0.3, 0.2))
    z = Input(doc="neural activity", additive=True)
    bold = Output(
        lambda s, p: p.V0 * (p.k1 * -s.q + p.k2 * (s.v - s.q) / (1.0 + s.v) + p.k3 * -s.v), doc="relative BOLD signal"
    )

    def check_value(self, declaration: Declaration, number: Any, label: str, *, bare: bool) -> None:
        least, most = _SENSE.get(declaration.name, (-np.inf, np.inf))
        if is_concrete(number) and not ((number >= least) & (number <= most)).all():
            raise ValueError(f"{label}={describe(number)} must lie between {least:g} and {most:g}.")
        super().check_value(declaration, number, label, bare=bare)

    @staticmethod
    def drift(s: Any, p: Any, inp: Any) -> dict[str, Any]:
        rest = u.math.log1p(-p.rho)
        extracted = -(1.0 - p.rho) / p.rho * u.math.expm1(-rest * s.f / (1.0 + s.f))  # E(f)/ρ − 1
        carried = u.math.expm1(u.math.log1p(s.v) * (1.0 / p.alpha - 1.0))  # v^(1/α)/v − 1
        out = s.v + carried * (1.0 + s.v)  # v^(1/α) − 1
        q = s.f + extracted * (1.0 + s.f) - carried - s.q * (1.0 + carried)
        return dict(
            s=p.epsilon * inp.z - p.kappa * s.s - p.gamma * s.f,
            f=s.s,
            v=(s.f - out) / p.tau,
            q=q / p.tau,
        )


class Blood(NamedTuple):
    """``now`` is one array, the variables and their slopes a step before without the activity: as eight it costs twice.

    ``emptied`` is the lowest activity that came while the flow was held at its floor, `NEVER` as long as it was not.
    """

    now: Any
    emptied: Any


class Windkessel(Haemodynamics):
    """The Balloon model between activity and signal; ``parameters`` are numbers or one per region.

    It advances by Adams and Bashforth's method of second order, which computes one drift per step; the activity is held
    over a step and not extrapolated.
    """

    def __init__(self, parameters: dict[str, Any]):
        sizes = {np.size(u.get_mantissa(v)) for v in parameters.values()}
        self.regions = vars(Balloon(max(sizes, default=1), **parameters))["region_names"]  # refuses what does not fit
        self.parameters = parameters

    def named(self) -> dict[str, Names]:
        return self.regions

    def check(self, signal: Signal) -> None:
        Balloon(signal.shape, **self.parameters)

    def values(self, signal: Signal, grid: Grid) -> Values:
        bare = Balloon(signal.shape, **self.parameters).bare_parameters()
        return {n: jnp.broadcast_to(v, signal.shape)[..., None] for n, v in bare.items()}

    def begin(self, signal: Signal, simulations: int, grid: Grid) -> Blood:
        rest = jnp.zeros((2 * len(VARIABLES), *signal.shape, simulations), float_dtype())
        return Blood(rest, jnp.full_like(rest[0], NEVER))

    def advance(self, state: Blood, entered: Any, values: Values, grid: Grid) -> Blood:
        step = grid.step / grid.parts
        if grid.parts == 1:
            return self._step(state, entered, values, step)
        return lax.fori_loop(0, grid.parts, lambda _, now: self._step(now, entered, values, step), state)

    def _step(self, state: Blood, entered: Any, values: Values, step: float) -> Blood:
        balloon, blood = Balloon(entered.shape[:-1]), _named(state.now)
        slopes, before = _stacked(balloon.bare_drift(blood, values, {})), state.now[len(VARIABLES) :]
        change = _named(1.5 * slopes - 0.5 * before)
        driven = balloon.bare_drift(dict.fromkeys(blood, jnp.zeros_like(entered)), values, {"z": entered})
        change["s"] = change["s"] + driven["s"]  # the drift at rest
        after = balloon.bounded({n: x + step * change[n] for n, x in blood.items()})
        flow, activity = lax.stop_gradient((after["f"], entered))
        emptied = jnp.where(flow <= FLOOR, jnp.minimum(state.emptied, activity), state.emptied)
        return Blood(jnp.stack([*after.values(), *slopes]), emptied)

    def read(self, state: Blood, values: Values) -> Any:
        return Balloon(state.emptied.shape[:-1]).bare_read("bold", _named(state.now), values)

    def complaint(self, state: Blood, signal: Signal, labels: Any, simulations: Any = None) -> str | None:
        """Where the flow was held: this region, and that of the activity that is lowest for its parameters."""
        held = state.emptied < NEVER  # not where it is NaN, in a simulation that was lost
        if not held.any():
            return None
        bare = Balloon(signal.shape, **self.parameters).bare_parameters()
        least = np.broadcast_to(np.asarray(-bare["gamma"] / bare["epsilon"])[..., None], state.emptied.shape)
        at = np.unravel_index(np.argmin(np.where(held, state.emptied - least, np.inf)), held.shape)
        reached, more = state.emptied[at], int(held.any(-1).sum()) - 1
        region = ", ".join(map(str, at[:-1])) + ("" if labels is None or len(at) != 2 else f" ({labels[at[0]]})")
        number = at[-1] if simulations is None else simulations[at[-1]]
        simulation = f" of simulation {number}" if state.emptied.shape[-1] > 1 else ""
        others = f", and of {more} other{'s' * (more > 1)}," if more else ""
        does = f"falls to {reached:.3g}, and below {least[at]:.3g} there would be no blood flow left"
        if reached >= least[at]:
            does = "fell so far before that the blood flow would swing below zero"
        return (
            f"the activity of region {region}{simulation}{others} {does}; the flow was held at its floor, and the "
            "signal is wrong there: scale or center the activity, or watch another observable"
        )

    def acknowledged(self, state: Blood) -> Blood:
        return state._replace(emptied=np.full_like(state.emptied, NEVER))


NEVER = float(
    np.finfo(np.float32).max
)  # reached by no activity; inf would be an error where JAX is told to look for it
VARIABLES = tuple(Balloon.declarations(Variable))
FLOOR = Balloon.declared["f"].bounds[0] + 1e-6  # of the flow; in float32 the bound itself may lie on either side


def _named(state: Any) -> Values:
    return dict(zip(VARIABLES, state, strict=False))


def _stacked(slopes: Values) -> Any:
    """The slopes as one array; computed as such, for without the barrier XLA computes them anew for each use."""
    return lax.optimization_barrier(jnp.stack([slopes[n] for n in VARIABLES]))


# Friston et al. 2003 for 1.5 T; Heinzle et al. 2016 (doi:10.1016/j.neuroimage.2015.10.025) for 3 T and TE = 30 ms:
# k1 = 4.3 · 28.265 · 3 ρ TE, k2 = 0.47 · 110 ρ TE, k3 = 1 − 0.47.
PARAMETERS: dict[str, dict[str, float]] = {
    "friston2003": {},
    "heinzle2016": dict(k1=4.3 * 28.265 * 3 * 0.34 * 0.03, k2=0.47 * 110 * 0.34 * 0.03, k3=1 - 0.47),
}

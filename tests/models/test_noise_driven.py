"""Variances under white noise about a fixed point: those of one step, repeated for ever, are those of the equations."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg

import brainmass as bm
from brainmass.models import catalogue
from tests.models.regimes import REGIMES

pytestmark = pytest.mark.usefixtures("x64")

QUICK = {"JansenRitStep", "MontbrioPazoRoxinStep", "WilsonCowanStep", "HopfStep", "LinearStep"}
RESTING = {
    "ALNStep": dict(mue_ext=2.05, mui_ext=1.7),
    "CoombesByrne4DStep": dict(eta=26.0),
    "CostaThalamusStep": dict(g_h=0.1),
    "EpileptorCodim3Step": dict(dstar=0.1, c=0.01, x_inp=0.05),
    "EpileptorCodim3SlowModStep": dict(dstar=0.1, c=0.01, x_inp=0.05, cA=0.0, cB=0.0),
    "HopfStep": dict(a=-0.05),
    "LarterBreakspearStep": dict(d_V=0.49),
    "LorenzStep": dict(rho=20.0),
    "ReducedSetFitzHughNagumoStep": dict(a=0.9, mu=-1.0),
    "StuartLandauStep": dict(a=-0.05),
    "VanDerPolStep": dict(y_inp=1.5),
    "WilsonCowanDelayedStep": dict(rE_inp=0.0),
    "ZerlautSecondOrderStep": dict(nu_ext=0.001),
}
"""Parameters with a stable fixed point, where the first regime has none."""
CLOSE = 0.01


class Point:
    """A model, its drift and its step about a fixed point, as functions of vectors."""

    def __init__(self, kind):
        regime = REGIMES[kind.__name__][0]
        given = regime.fixed | {regime.along: float(regime.values[0])} | RESTING.get(kind.__name__, {})
        parameters, self.inputs = (
            kind.declarations(bm.Parameter),
            {n: jnp.full(1, v) for n, v in given.items() if n in kind.declarations(bm.Input)},
        )
        self.node = kind(1, **{n: v for n, v in given.items() if n in parameters})
        self.names, self.p = list(kind.declarations(bm.Variable)), self.node.bare_parameters()
        self.delayed = kind.declarations(bm.Delayed)

    def states(self, x):
        rests = {d.rest: jnp.zeros(1) for d in self.node.keeping_rests().values()}
        return {n: x[i : i + 1] for i, n in enumerate(self.names)} | rests

    def vector(self, s):
        return jnp.concatenate([jnp.broadcast_to(s[n], 1) for n in self.names])

    def late(self, past):
        """The delayed values by name, of one vector of states for each."""
        return {n: past[i, self.names.index(d.of)][None] for i, (n, d) in enumerate(self.delayed.items())}

    @functools.partial(jax.jit, static_argnums=0)
    def field(self, x, past, more=None):
        s = {n: v for n, v in self.states(x).items() if n in self.names}
        return self.vector(self.node.bare_drift(s, self.p, self.inputs | self.late(past) | (more or {})))

    @functools.partial(jax.jit, static_argnums=(0, 4))
    def step(self, x, past, noise, name, quarter=0):
        """One step under a normal deviate on an additive Input."""
        kicked = [(name, 1.0, noise, False)] if name else []
        held = self.inputs | self.late(past)
        return self.vector(self.node.step(self.states(x), self.p, held, kicked, {}, self.node.dt, quarter))

    def noise_of_a_step(self, x, name):
        """What a normal deviate adds in a step of each quarter, (variable, deviate)."""

        def kicked(noise, quarter):
            return self.step(x, self.held(x), noise, name, quarter)

        each = [jax.jacfwd(kicked)(jnp.zeros(1), quarter) for quarter in range(4)]
        return np.stack([np.asarray(G).reshape(len(x), -1) for G in each])

    def gain(self, x, name):
        """What an Input adds to the derivatives."""
        return jax.jacfwd(lambda drive: self.field(x, self.held(x), {name: drive}))(jnp.zeros(1))

    def held(self, x):
        """The past of a state that never changed."""
        return jnp.tile(x, (len(self.delayed), 1))

    @functools.partial(jax.jit, static_argnums=0)
    def slopes(self, x):
        """The derivatives of the field: of the present, and of each delayed value."""
        return jax.jacfwd(self.field, argnums=(0, 1))(x, self.held(x))

    @functools.partial(jax.jit, static_argnums=0)
    def settled(self, x):
        """The state after 100 000 steps from ``x``, that was held before."""
        lags = self.lags()

        def stepped(k, ring):
            past = jnp.stack([ring[(k - lag) % len(ring)] for lag in lags]) if lags else self.held(x)
            new = self.step(ring[k % len(ring)], past, jnp.zeros(1), None)
            return ring.at[(k + 1) % len(ring)].set(new)

        ring = jnp.tile(x, (max(lags, default=0) + 2, 1))
        return jax.lax.fori_loop(0, 100_000, stepped, ring)[100_000 % len(ring)]

    def lags(self):
        """The delays in steps."""
        return [round(float(self.p[d.by].item()) / self.node.dt) for d in self.delayed.values()]

    def rest(self):
        """A stable fixed point (of what does not drift for ever), near where a run from a random state ends."""
        low, high = np.transpose([d.span or d.bounds for d in type(self.node).declarations(bm.Variable).values()])
        self.width, rng = high - low, np.random.default_rng(0)
        for _ in range(20):
            x = end = self.settled(jnp.asarray(rng.uniform(low, high)))
            for _ in range(20):
                J = np.asarray(sum_of(self.slopes(x)))
                if not np.isfinite(J).all():
                    break
                x = x - np.linalg.lstsq(J, np.asarray(self.field(x, self.held(x))), rcond=None)[0]
            else:
                stays = ~drifting(J)
                still = np.abs(self.field(x, self.held(x)))[stays].max(initial=0) < 1e-9 * (1 + np.abs(x).max())
                far = (x < low - self.width) | (x > high + self.width)
                if self.delayed:
                    stable = (np.abs(x - end) < 1e-3 * self.width).all()
                else:
                    stable = np.linalg.eigvals(J[np.ix_(stays, stays)]).real.max(initial=-1) < -1e-5
                if still and not far.any() and stable:
                    return x
        raise AssertionError("no stable fixed point found: choose other parameters in RESTING")


def sum_of(slopes):
    """The Jacobian of a state whose past is the present."""
    present, past = slopes
    return present + past.sum(1)


def drifting(J):
    """The variables of which the derivative is a constant: phases, and what rises for ever."""
    return ~np.asarray(J).any(1)


def variances_with_past(A, late, B, lags, nyquist=None):
    """∫ |(e(ω) − A − Σ late_d e^(−iω lag_d))⁻¹ B|² dω/2π, with e(ω) = iω, or e^(iω) up to ``nyquist`` for steps."""
    x = np.linspace(0, np.arcsinh((nyquist or 1e5) / 1e-4), 100_001)
    w = 1e-4 * np.sinh(x)
    total = np.zeros(len(A))
    for part in np.array_split(np.arange(len(w)), 100):
        at = w[part][:, None, None]
        turned = np.exp(1j * at) if nyquist else 1j * at
        back = sum(D * np.exp(-1j * at * lag) for D, lag in zip(late, lags, strict=True))
        H = np.linalg.solve(turned * np.eye(len(A)) - A - back, np.broadcast_to(B, (len(part), *B.shape)))
        density = (np.abs(H) ** 2).sum(-1) * 1e-4 * np.cosh(x[part])[:, None]  # dω = 10⁻⁴ cosh x dx
        ends = np.where((part == 0) | (part == len(w) - 1), 0.5, 1.0)
        total += ends @ density * x[1] / np.pi
    return total


def noisy():
    for name, kind in catalogue().items():
        yield pytest.param(kind, id=name, marks=[] if name in QUICK else [pytest.mark.slow])


@pytest.mark.parametrize("kind", list(noisy()))
def test_variances_are_those_of_the_equations(kind):
    point = Point(kind)
    x, h, seen = point.rest(), kind.dt, 0
    scale = np.outer(1 / point.width, point.width)  # of a Jacobian, for variables in parts of their spans
    A, late = (np.asarray(v) for v in point.slopes(x))
    late, drifts = late.swapaxes(0, 1), drifting(sum_of(point.slopes(x)))
    delays = [h * lag for lag in point.lags()]
    one_step = jax.jacfwd(point.step, argnums=(0, 1))
    for name, d in kind.declarations(bm.Input).items():
        B = np.asarray(point.gain(x, name)).reshape(len(x), -1)
        if not d.additive or not B.any():
            continue
        M, later = (np.asarray(v) for v in one_step(x, point.held(x), jnp.zeros(1), name))
        later, kicks = later.swapaxes(0, 1), point.noise_of_a_step(x, name)
        G = np.concatenate(kicks / 2, axis=-1)  # G Gᵀ is the mean over the quarters
        # what drifts for ever has no variance that lasts, but gains some in every step
        np.testing.assert_allclose((G @ G.T)[drifts][:, drifts], h * (B @ B.T)[drifts][:, drifts], rtol=CLOSE)
        np.testing.assert_array_equal(M[drifts], np.eye(len(x))[drifts])
        seen += 1
        if B[drifts].any():
            continue
        block = np.ix_(~drifts, ~drifts)
        if delays:
            wanted = variances_with_past(A, late, B, delays)
            found = variances_with_past(M, later, G, point.lags(), np.pi)
        else:
            B, G = (v / point.width[:, None] for v in (B, G))
            wanted = np.diag(linalg.solve_continuous_lyapunov((A * scale)[block], -(B @ B.T)[block]))
            found = np.diag(linalg.solve_discrete_lyapunov((M * scale)[block], (G @ G.T)[block]))
        counts = wanted > 1e-9 * wanted.max()
        np.testing.assert_allclose(found[counts], wanted[counts], rtol=CLOSE, err_msg=name)
    assert seen


def test_the_integral_over_frequencies_is_the_solution_of_lyapunov():
    A, B = np.array([[-0.5, 2.0], [-2.0, -0.1]]), np.array([[0.0], [1.0]])
    M, G = np.eye(2) + 0.1 * A, 0.3 * B
    exact = np.diag(linalg.solve_continuous_lyapunov(A, -B @ B.T))
    stepped = np.diag(linalg.solve_discrete_lyapunov(M, G @ G.T))
    none = np.zeros((1, 2, 2))
    np.testing.assert_allclose(variances_with_past(A, none, B, [1.0]), exact, rtol=1e-4)
    np.testing.assert_allclose(variances_with_past(M, none, G, [3], np.pi), stepped, rtol=1e-4)
    # with a delay: dx = −b x(t − τ) dt + dW has the variance (1 + sin bτ)/(2b cos bτ) (Küchler & Mensch 1992)
    late, zero, one = np.full((1, 1, 1), -0.8), np.zeros((1, 1)), np.ones((1, 1))
    known = (1 + np.sin(0.8)) / (1.6 * np.cos(0.8))
    np.testing.assert_allclose(variances_with_past(zero, late, one, [1.0]), known, rtol=1e-4)

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
AT_RISK = {
    "CoombesByrne4DStep": dict(eta=26.0),
    "LorenzStep": dict(rho=20.0),
    "HopfStep": dict(a=-0.05),
    "StuartLandauStep": dict(a=-0.05),
}
"""Parameters with a stable fixed point, where the first regime has none."""
CLOSE = 0.01
RESTLESS = {  # no stable fixed point is found where they are looked at
    "ReducedSetFitzHughNagumoStep",
    "ReducedSetHindmarshRoseStep",
    "VanDerPolStep",
    "ZerlautFirstOrderStep",
    "ZerlautSecondOrderStep",
    "CostaThalamusStep",
    "KuramotoStep",
    "EpileptorCodim3Step",
    "EpileptorCodim3SlowModStep",
    "LarterBreakspearStep",
}
DELAYED = {"ALNStep", "WilsonCowanDelayedStep"}  # one step does not hold their past


class Point:
    """A model, its drift and its step about a fixed point, as functions of vectors."""

    def __init__(self, kind):
        regime = REGIMES[kind.__name__][0]
        given = regime.fixed | {regime.along: float(regime.values[0])} | AT_RISK.get(kind.__name__, {})
        parameters, self.inputs = (
            kind.declarations(bm.Parameter),
            {n: jnp.full(1, v) for n, v in given.items() if n in kind.declarations(bm.Input)},
        )
        self.node = kind(1, **{n: v for n, v in given.items() if n in parameters})
        self.names, self.p = list(kind.declarations(bm.Variable)), self.node.bare_parameters()
        self.jacobian = jax.jit(jax.jacfwd(self.field))

    def states(self, x):
        rests = {d.rest: jnp.zeros(1) for d in self.node.keeping_rests().values()}
        return {n: x[i : i + 1] for i, n in enumerate(self.names)} | rests

    def vector(self, s):
        return jnp.concatenate([jnp.broadcast_to(s[n], 1) for n in self.names])

    @functools.partial(jax.jit, static_argnums=0)
    def field(self, x, more=None):
        s = {n: v for n, v in self.states(x).items() if n in self.names}
        return self.vector(self.node.bare_drift(s, self.p, self.inputs | (more or {})))

    def step(self, x, noise, name):
        """One step under a normal deviate on an additive Input."""
        kicked = [(name, 1.0, noise, False)]
        return self.vector(self.node.step(self.states(x), self.p, self.inputs, kicked, {}, self.node.dt))

    def gain(self, x, name):
        """What an Input adds to the derivatives."""
        return jax.jacfwd(lambda drive: self.field(x, {name: drive}))(jnp.zeros(1))

    def rest(self):
        """A stable fixed point, by Newton's method from places where the variables live; None if none is found."""
        rng, homes = (
            np.random.default_rng(0),
            [d.span or d.bounds for d in type(self.node).declarations(bm.Variable).values()],
        )
        for _ in range(60):
            x = rng.uniform(*np.transpose(homes))
            for _ in range(50):
                if not np.isfinite(np.asarray(self.jacobian(x))).all():
                    break
                x = x - np.linalg.lstsq(np.asarray(self.jacobian(x)), np.asarray(self.field(x)), rcond=None)[0]
            inside = all(low - 1e-9 <= v <= high + 1e-9 for v, (low, high) in zip(x, homes, strict=True))
            rests = np.abs(self.field(x)).max() < 1e-9 * (1 + np.abs(x).max())
            if inside and rests and np.linalg.eigvals(self.jacobian(x)).real.max() < -1e-5:
                return x
        return None


def noisy():
    for name, kind in catalogue().items():
        yield pytest.param(kind, id=name, marks=[] if name in QUICK else [pytest.mark.slow])


@pytest.mark.parametrize("kind", list(noisy()))
def test_variances_are_those_of_the_equations(kind):
    if kind.__name__ in RESTLESS | DELAYED:
        pytest.skip("no stable fixed point there, or a past")
    point = Point(kind)
    x = point.rest()
    A, one_step = np.asarray(point.jacobian(x)), jax.jit(jax.jacfwd(point.step, argnums=(0, 1)), static_argnums=2)
    for name, d in kind.declarations(bm.Input).items():
        B = np.asarray(point.gain(x, name)).reshape(len(x), -1)
        if not d.additive or not B.any():
            continue
        M, G = (np.asarray(v).reshape(len(x), -1) for v in one_step(x, jnp.zeros(1), name))
        wanted = np.diag(linalg.solve_continuous_lyapunov(A, -B @ B.T))
        found = np.diag(linalg.solve_discrete_lyapunov(M, G @ G.T))
        counts = wanted > 1e-9 * wanted.max()
        np.testing.assert_allclose(found[counts], wanted[counts], rtol=CLOSE, err_msg=name)

"""Tables: functions known on a grid, inside a drift."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm

pytestmark = pytest.mark.usefixtures("x64")

CURRENT, SPREAD = np.linspace(0.0, 2.0, 5), np.linspace(-1.0, 1.0, 9)
RATES = 1.0 + 2.0 * CURRENT[:, None] - 3.0 * SPREAD + 0.5 * CURRENT[:, None] * SPREAD  # linear along each axis


class Population(bm.StateSpace):
    """A rate that follows its table."""

    rate = bm.Table(lambda: RATES, [(0.0, 2.0, u.nA), (-1.0, 1.0, u.mV)], u.Hz, "transfer function")
    gain = bm.Table([0.0, 1.0, 4.0], [(0.0, 2.0, u.UNITLESS)], doc="gain")
    mu = bm.Parameter(0.7 * u.nA, u.nA, "mean input")
    v = bm.Variable(0.2 * u.mV, u.mV, "spread")
    r = bm.Variable(0.0 * u.Hz, u.Hz, "rate")
    drive = bm.Output(lambda s, p: p.rate(p.mu, s.v), u.Hz, "stationary rate")

    @staticmethod
    def drift(s, p, inp):
        return dict(v=-s.v / (5.0 * u.ms), r=(p.rate(p.mu, s.v) - s.r) / (2.0 * u.ms))


def wanted(mu, v):
    mu, v = np.clip(mu, 0.0, 2.0), np.clip(v, -1.0, 1.0)
    return 1.0 + 2.0 * mu - 3.0 * v + 0.5 * mu * v


def test_between_the_points_and_at_the_edges():
    mu, v = np.random.default_rng(0).uniform(-2.0, 3.0, (2, 200))
    found = Population.declared["rate"](mu * u.nA, v * u.mV)
    np.testing.assert_allclose(found.to(u.Hz).mantissa, wanted(mu, v), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        Population.declared["rate"](mu * 1e3 * u.pA, v * u.mV).to(u.Hz).mantissa, wanted(mu, v), rtol=1e-12, atol=1e-14
    )
    np.testing.assert_allclose(Population.declared["gain"](np.array([-1.0, 0.5, 1.5, 2.0, 9.0])), [0, 0.5, 2.5, 4, 4])


def test_its_slope():
    gain = jax.vmap(jax.grad(Population.declared["gain"]))
    np.testing.assert_allclose(gain(np.array([-1.0, 0.5, 1.5, 9.0])), [0.0, 1.0, 3.0, 0.0])


def test_in_a_run():
    run = bm.Simulator(Population(3, mu=np.array([0.1, 0.7, 1.9]), method="euler"), dt=0.1).run(
        20.0, monitors=["v", "r", "drive"]
    )
    v = 0.2 * (1 - 0.1 / 5.0) ** np.arange(201)
    np.testing.assert_allclose(run["v"].to(u.mV).mantissa[:, 0], v[1:], rtol=1e-12)
    rate = np.zeros(3)
    for k in range(200):
        rate = rate + 0.1 / 2.0 * (wanted(np.array([0.1, 0.7, 1.9]), v[k]) - rate)
    np.testing.assert_allclose(run["r"].to(u.Hz).mantissa[-1], rate, rtol=1e-12)
    np.testing.assert_allclose(run["drive"].to(u.Hz).mantissa[-1], wanted(np.array([0.1, 0.7, 1.9]), v[-1]), rtol=1e-12)


def test_a_gradient_goes_through():
    f = bm.Simulator(Population(1), dt=0.1).function(5.0, monitors="r", vary=["mu"])

    def last(mu):
        return f({"mu": mu}, 0)["output"][-1, 0]

    np.testing.assert_allclose(jax.grad(last)(0.71), (last(0.711) - last(0.709)) / 2e-3, rtol=1e-9)


def test_mistakes():
    with pytest.raises(ValueError, match=r"argument=3\.0 mV has the unit mV"):
        Population.declared["rate"](3.0 * u.mV, 0.0 * u.mV)
    with pytest.raises(TypeError, match="Table rate takes 2 arguments, not 1"):
        Population.declared["rate"](3.0 * u.nA)
    axes = [(0, 1, u.nA), (0, 1, u.mV)]
    for values in (np.zeros(4), np.zeros((1, 4))):
        with pytest.raises(ValueError, match="each of the 2 axes"):
            bm.Table(values, axes)
        with pytest.raises(ValueError, match="each of the 2 axes"):
            bm.Table(lambda values=values: values, axes)(0.5, 0.5)
    with pytest.raises(ValueError, match=r"Table: values=nan at .* is not finite"):
        bm.Table(np.full((2, 2), np.nan), axes)
    with pytest.raises(ValueError, match=r"Table: values=.* has the unit mV"):
        bm.Table(np.zeros((2, 2)) * u.mV, axes, u.Hz)
    for axis in ((0.5, 0.5, u.nA), (0, 1), (0, 1, 2, u.nA)):
        with pytest.raises(ValueError, match=r"Table: axes has \(0.*two different ends"):
            bm.Table(np.zeros((2, 2)), [axis, axes[1]])


def test_values_and_ends_may_carry_units_and_a_loader_may_use_jax():
    rate = bm.Table(RATES * 1e-3 * u.kHz, [(0.0 * u.pA, 2000.0 * u.pA, u.nA), (-1.0, 1.0, u.mV)], u.Hz)
    np.testing.assert_allclose(rate(0.7 * u.nA, 0.2 * u.mV).to(u.Hz).mantissa, wanted(0.7, 0.2), rtol=1e-12)
    late = bm.Table(lambda: jnp.linspace(0.0, 1.0, 5), [(0.0, 1.0, u.UNITLESS)])
    np.testing.assert_allclose(jax.jit(late)(0.3), 0.3, rtol=1e-6)

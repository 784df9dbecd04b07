"""Every model and coupling far from where it lives and at its singular points: finite slopes, steps and gradients.

An Input is driven to ±1e4 in its declared unit, a Variable to ±1e4 widths of its span, within its bounds. A step is
asked for where its first slope moves no variable further than that; beyond, a polynomial may rightly overflow.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue
from brainmass.models.epileptor_codim3 import upper_root
from brainmass.models.reduced_wong_wang import firing_rate
from brainmass.network.coupling.rules import COUPLINGS
from brainmass.numerics.functions import clamp, logistic
from brainmass.simulation.setup.time_step import beginning

FAR = 1e4
QUICK = {"WilsonCowanStep", "WilsonCowanDivisiveStep", "JansenRitStep", "KIonExStep", "EpileptorCodim3Step"}
some = [pytest.param(m, id=name, marks=[] if name in QUICK else [pytest.mark.slow]) for name, m in catalogue().items()]
models = [pytest.param(m, id=name) for name, m in catalogue().items()]
METHODS = ("heun", "exp_euler")


@pytest.fixture(params=["float32", pytest.param("float64", marks=pytest.mark.slow)])
def precision(request):
    jax.config.update("jax_enable_x64", request.param == "float64")
    yield request.param
    jax.config.update("jax_enable_x64", False)


def width(d):
    low, high = d.span or d.bounds
    return high - low


def places(model):
    """Bare states and inputs, one region for each: a start, zeros, and from both one Variable or Input far off."""
    variables, inputs = model.declarations(bm.Variable), model.declarations(bm.Input)
    start, zeros = {n: beginning(model(1), d) for n, d in variables.items()}, dict.fromkeys(variables, 0.0)
    rows = [(start, {}), (zeros, {}), (start, dict.fromkeys(inputs, FAR)), (start, dict.fromkeys(inputs, -FAR))]
    for base in (start, zeros):
        for far in (-FAR, FAR):
            rows += [({**base, n: far * width(d)}, {}) for n, d in variables.items()]
            rows += [(base, {n: far}) for n in inputs]
    s = {n: jnp.array([row[n] for row, _ in rows], float) for n in variables}
    s = {n: clamp(x, *(variables[n].bounds or (-np.inf, np.inf))) for n, x in s.items()}
    return s, {n: jnp.array([row.get(n, 0.0) for _, row in rows], float) for n in inputs}


def check(f, at, regions):
    """Values and gradients with respect to states, parameters and inputs, each region's its own."""

    def total(at):
        found = f(*at)
        return sum(jnp.sum(x) for x in found.values()), found

    program = jax.jit(jax.grad(total, has_aux=True), compiler_options={"xla_backend_optimization_level": 0})
    gradients, found = program(at)
    for tree in (found, gradients):
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
            fine = np.isfinite(np.broadcast_to(leaf, len(regions))) | ~regions
            assert fine.all(), f"{jax.tree_util.keystr(path)} in region {np.flatnonzero(~fine)[0]} of {at[::2]}"
    return found


def given(model, method="heun"):
    """A bank with a region for each place, and what its drift takes."""
    s, inputs = places(model)
    bank = model(len(next(iter(s.values()))), method=method)
    p = {n: jnp.broadcast_to(x, bank.varshape) for n, x in bank.bare_parameters().items()}
    return bank, (s, p, inputs)


def stepped(bank, s, p, inputs):
    rests = {d.rest: jnp.zeros(bank.varshape) for d in bank.keeping_rests().values()}
    return bank.step(s | rests, p, inputs, [], {}, bank.dt, 0)


@pytest.mark.parametrize("model", models)
def test_slopes_and_their_gradients(model, precision):
    bank, at = given(model)
    check(bank.bare_drift, at, np.ones(bank.varshape, bool))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", some)
def test_steps_and_their_gradients(model, method, precision):
    bank, at = given(model, method)
    slopes = jax.jit(bank.bare_drift)(*at)
    moved = [np.abs(model.dt * np.asarray(slopes[n])) / width(d) for n, d in model.declarations(bm.Variable).items()]
    regions = np.max(np.broadcast_arrays(*moved), 0) <= FAR
    if method == "exp_euler":  # what grows by e^40 in a step
        ones = {n: jnp.ones_like(x) for n, x in at[0].items()}
        own = {
            n: jax.jvp(lambda x, n=n: bank.bare_drift({**at[0], n: x}, *at[1:])[n], (at[0][n],), (ones[n],))[1]
            for n in ones
        }
        regions &= np.max(np.broadcast_arrays(*own.values()), 0) * model.dt < 40.0
    assert regions.sum() > 2
    check(lambda s, p, x: stepped(bank, s, p, x), at, regions)


@pytest.mark.parametrize("name", COUPLINGS)
def test_couplings(name, precision):
    coupling = COUPLINGS[name]()
    p = {n: jnp.asarray(d.default, float) for n, d in coupling.declarations(bm.Parameter).items()}
    x = jnp.array([-FAR, -200.0, -1.0, 0.0, 1.0, 200.0, FAR])

    def received(x, p):
        q = bm.network.coupling.base.SimpleNamespace(**p, strength=1.0)
        return jnp.sum(coupling.current(coupling.source(x, q), x, q))

    for scale in (1.0, 200.0):
        steep = {n: scale * v if n in ("slope", "scale", "r", "G") else v for n, v in p.items()}
        assert np.isfinite(received(x, steep))
        for leaf in jax.tree.leaves(jax.grad(received, (0, 1))(x, steep)):
            assert np.isfinite(leaf).all()


def test_the_logistic_and_its_derivatives_are_right_in_both_tails(precision):
    x = jnp.array([-1e4, -100.0, -80.0, -20.0, -1.0, 0.0, 1.0, 20.0, 80.0, 100.0, 1e4])
    wide = np.asarray(x, np.float64)
    size = np.exp(-np.abs(wide))
    value = np.where(wide < 0, size, 1.0) / (1 + size)
    slope = size / (1 + size) ** 2
    bend = slope * (1 - size) / (1 + size) * -np.sign(wide)
    by_order = [logistic, jax.grad(logistic), jax.grad(jax.grad(logistic))]
    tiny = 1e-36 if precision == "float32" else 1e-300
    for f, wanted in zip(by_order, (value, slope, bend), strict=True):
        np.testing.assert_allclose(jax.vmap(f)(x), wanted, rtol=1e-5 if precision == "float32" else 1e-13, atol=tiny)


def test_the_firing_rate_and_its_slope_are_right_far_below_threshold(precision):
    z = jnp.array([-300.0, -60.0, -20.0, -0.3, 0.0, 0.3, 20.0, 300.0])
    wide = np.asarray(z, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(wide == 0, 1.0, wide / -np.expm1(-wide))
        slope = np.where(wide == 0, 0.5, (1 - np.exp(-wide) * (1 + wide)) / np.expm1(-wide) ** 2)
    tolerance = dict(rtol=2e-5 if precision == "float32" else 1e-10, atol=1e-37)
    np.testing.assert_allclose(firing_rate(z, 1.0), value, **tolerance)
    np.testing.assert_allclose(jax.vmap(jax.grad(firing_rate))(z, jnp.ones_like(z)), slope, **tolerance)


def test_saturated_inhibition_lets_a_rate_decay():
    """The drive of −80 takes the derivative of a bare logistic to inf / inf in float32."""
    for method in ("exp_euler", "heun"):
        node = bm.WilsonCowanStep(2, rE_init=0.2, method=method)
        found = bm.Simulator(node, dt=0.1).run(2.0, inputs={"rE_inp": np.full((20, 2), -80.0)})["output"]
        np.testing.assert_allclose(found[-1], 0.0, atol=0.01)


@pytest.mark.parametrize("model", [bm.EpileptorCodim3Step, bm.EpileptorCodim3SlowModStep])
def test_a_start_at_the_resting_state(model, precision):
    """The distance from rest is a root of 0, whose slope counts as 0."""
    node = model(1)
    p = node.bare_parameters()
    stop = (p["mu2_start"], p["mu1_start"]) if "mu2_start" in p else (p["mu2_Ain"], p["mu1_Ain"])
    rest = upper_root(*stop)
    s = {n: jnp.zeros(1) for n in model.declarations(bm.Variable)} | {"x": jnp.ones(1) * rest}

    def moved(s, p):
        return sum(jnp.sum(x) for x in stepped(node, s, p, {}).values())

    distances = node.bare_drift(s, p, {})
    assert np.isfinite(distances["z"]).all()
    for leaf in jax.tree.leaves(jax.grad(moved, (0, 1))(s, p)):
        assert np.isfinite(leaf).all()


def test_the_resting_state_has_the_slope_of_its_equation(x64):
    """On both sides of the folds and on them; where two roots meet there is none, and it counts as 0."""
    for mu2, mu1 in (
        (0.3, 0.01),
        (0.3, -0.01),
        (0.3, 0.2),
        (0.3, -0.2),
        (-0.1, 0.02),
        (-0.1, -0.02),
        (0.3, 2 * 0.1**1.5),
    ):
        x = float(upper_root(mu2, mu1))
        lost = mu1 < 0 and mu1**2 / 4 > mu2**3 / 27 and mu2 > 0
        real, share = (-2 * x, -0.5) if lost else (x, 1.0)
        np.testing.assert_allclose(real**3 - mu2 * real - mu1, 0.0, atol=1e-12)
        found = jax.grad(upper_root, (0, 1))(mu2, mu1)
        np.testing.assert_allclose(found, share * np.array([real, 1.0]) / (3 * real**2 - mu2), rtol=1e-9)
    assert np.isfinite(jax.grad(upper_root, (0, 1))(0.0, 0.0)).all()

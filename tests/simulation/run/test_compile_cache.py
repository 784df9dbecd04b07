"""What a simulator and a model keep from run to run: not too much, and nothing of a trace that has ended."""

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.numerics.callable_key import fingerprint
from brainmass.simulation.run.memory import BoundedCache


@pytest.fixture(scope="module")
def sim():
    net = bm.Network(bm.HopfStep(2), conn=[[0.0, 1.0], [1.0, 0.0]], delays=np.ones((2, 2)), k=0.1, coupled_var="x")
    return bm.Simulator(net, dt=0.1)


def test_programs_that_were_not_used_for_long_are_let_go():
    kept = BoundedCache(3)
    for key in "abca":
        kept.get(key, lambda key=key: key.upper())
    assert [kept.get(key, lambda: "new") for key in "da"] == ["new", "A"]
    assert ("b" in kept, len(kept)) == (False, 3)


@pytest.mark.parametrize("transform", [jax.jit, jax.grad], ids=["jit", "grad"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [("node", "a"), ("node", "x"), ("net", "k"), ("net", "conn"), ("net", "delays"), ("net", "labels")],
)
def test_what_is_traced_does_not_enter_a_model(sim, transform, owner, name):
    owner = sim.model if owner == "net" else sim.model.node
    before = sim.run(1.0, seed=0)["output"]
    shape = {"conn": np.ones((2, 2)), "delays": np.ones((2, 2)), "labels": np.ones(2)}

    def assign(a):
        setattr(owner, name, a * shape.get(name, 1.0))
        return a

    with pytest.raises(ValueError, match=rf"{name} would hold a traced array .*values="):
        transform(assign)(0.3)
    np.testing.assert_array_equal(sim.run(1.0, seed=0)["output"], before)


def test_a_model_made_inside_a_trace_takes_what_is_traced():
    def total(a):
        node = bm.HopfStep(2, a=a, init_x=0.5, init_y=0.1)
        node.a = 2 * a
        return bm.Simulator(node, dt=0.1).run(1.0, seed=0)["output"].sum()

    apart = bm.Simulator(bm.HopfStep(2, a=0.2, init_x=0.5, init_y=0.1), dt=0.1).run(1.0, seed=0)["output"].sum()
    assert float(jax.jit(total)(0.1)) == pytest.approx(float(apart), rel=1e-6)


def test_strict_switches_break_no_run(sim):
    asked = dict(seed=0, monitors={"x": "x", "mean": bm.GlobalAverage("x", 1.0), "own": lambda m: m.node.x.value})
    asked["inputs"] = lambda i, t: jnp.ones(2) * jnp.sin(t / u.ms)
    before = sim.run(5.0, **asked)
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        strict = bm.Simulator(sim.model, dt=0.1).run(5.0, **asked)
        function = sim.function(1.0, vary=["k"])
        assert np.isfinite(jax.grad(lambda k: function({"k": k}, 0)["output"].sum())(0.1))
    for name in asked["monitors"]:
        np.testing.assert_array_equal(strict[name], before[name])


PLACES = {
    "jit": lambda array: jax.jit(lambda x: x * array),
    "jit in jit": lambda array: lambda x: jax.jit(lambda y: jax.jit(lambda z: z * array)(y))(x),
    "scan": lambda array: lambda x: jax.lax.scan(lambda c, i: (c + array[i], None), x, jnp.arange(3))[0],
    "cond": lambda array: lambda x: jax.lax.cond(x > 0, lambda x: x * array, lambda x: x + array, x),
    "while": lambda array: lambda x: jax.lax.while_loop(lambda x: (x < array).all(), lambda x: x + array.sum(), x),
    "checkpoint": lambda array: jax.checkpoint(lambda x: x * array),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_constant_is_overlooked_however_deep_it_lies(place):
    def key(value):
        call = PLACES[place](jnp.full(3, value))
        return fingerprint(call, lambda: jax.make_jaxpr(call, return_shape=True)(0.5))

    assert key(1.0) == key(1.0)
    assert key(1.0) != key(5.0)


def test_a_run_and_a_function_have_programs_of_their_own(sim):
    """That of a function keeps what a gradient needs between groups of windows alone."""
    kept = []
    for before in (lambda own: None, lambda own: own.run(8.0, seed=0)):
        own = bm.Simulator(sim.model, dt=0.1)
        before(own)
        function = own.function(40.0, vary=["k"])
        kept.append(str(jax.make_jaxpr(jax.grad(lambda k, f=function: f({"k": k}, 0)["output"].sum()))(0.1)))
    assert ["remat" in program or "checkpoint" in program for program in kept] == [True, True]


@pytest.mark.parametrize("fit", [False, True])
def test_a_trainable_parameter_made_in_a_trace_does_not_enter_a_model(sim, fit):
    def assign(a):
        sim.model.node.a = brainstate.nn.Param(a, fit=fit)
        return a

    with pytest.raises(ValueError, match=r"a would hold a traced array .*values="):
        jax.jit(assign)(0.3)
    assert np.isfinite(sim.run(1.0, seed=0)["output"]).all()


def test_jax_may_look_for_infinite_numbers(sim):
    jax.config.update("jax_debug_infs", True)
    try:
        assert np.isfinite(sim.run(4.0, seed=0, monitors=bm.Bold("x", tr=2.0 * u.ms))["output"]).all()
    finally:
        jax.config.update("jax_debug_infs", False)

"""What a simulator and a model keep from run to run: not too much, and nothing of a trace that has ended."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.memory import Recent


@pytest.fixture(scope="module")
def sim():
    net = bm.Network(bm.HopfStep(2), conn=[[0.0, 1.0], [1.0, 0.0]], delays=np.ones((2, 2)), k=0.1, coupled_var="x")
    return bm.Simulator(net, dt=0.1)


def test_programs_that_were_not_used_for_long_are_let_go():
    kept = Recent(3)
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

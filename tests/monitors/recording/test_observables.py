"""Names, paths, callables, lists and dicts: each is recorded under its key, with its unit, and never stale."""

from types import SimpleNamespace

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from brainmass import (
    HopfStep,
    Input,
    JansenRitStep,
    Network,
    OUProcess,
    Output,
    Parameter,
    Simulator,
    StateSpace,
    Variable,
)
from brainmass.units import per_ms
from tests.compiles import compilations

N = 2
scale = 1.0  # a global that monitors use
settings = SimpleNamespace(scale=1.0)


class Ramp(StateSpace):
    """x climbs by ``rate`` at each step of 1 ms."""

    rate = Parameter(1.0, per_ms, "slope")
    x = Variable(0.0)
    level = Variable(0.0, u.mV, "level")
    x_inp = Input(per_ms, additive=True)
    signal = Output(lambda s, p: (s.x * p.rate).to_decimal(per_ms) * u.mV + s.level, u.mV, "a mixture")
    primary = "x"

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.rate + inp.x_inp, level=2.0 * u.mV / u.ms)


CLIMB = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])


@pytest.fixture(scope="module")
def ramp():
    return Simulator(Ramp(N, method="euler"), dt=1.0)


@pytest.fixture
def sim(ramp):
    yield ramp
    ramp.model.rate = 1.0


@pytest.fixture(scope="module")
def net():
    nodes = HopfStep(N, noise_x=OUProcess(N, sigma=0.1), method="euler")
    noise = OUProcess(N, sigma=0.1, method="euler")
    return Network(nodes, conn=np.ones((N, N)), coupled_var="x", delays=1.0 * u.ms, noise=noise)


@pytest.fixture(scope="module")
def recorded(net):
    """All ways to say the same things, in one run."""
    monitors = {
        "short": "x",
        "long": "node.x",
        "call": lambda m: m.node.x.value,
        "node noise": "node.noise_x.x",
        "node noise, called": lambda m: m.node.noise_x.x.value,
        "network noise": "noise.x",
        "both": lambda m: {"sum": m.node.x.value + m.node.y.value, "pair": (m.node.x.value, m.node.y.value)},
        "y": "y",
        "mean": lambda m: m.node.x.value.mean(),
    }
    return Simulator(net, dt=0.1).run(2.0, monitors=monitors)


def bare(value):
    return np.asarray(value.mantissa if isinstance(value, u.Quantity) else value)


def test_names_paths_and_callables_record_the_same(recorded):
    assert recorded["short"].shape == (20, N)
    np.testing.assert_array_equal(recorded["long"], recorded["short"])
    np.testing.assert_array_equal(recorded["call"], recorded["short"])
    np.testing.assert_array_equal(bare(recorded["node noise, called"]), bare(recorded["node noise"]))
    assert recorded["node noise"].unit == recorded["node noise, called"].unit == per_ms
    assert (bare(recorded["network noise"]) != bare(recorded["node noise"])).all()


def test_a_callable_returns_any_tree_of_arrays(recorded):
    np.testing.assert_allclose(recorded["both"]["sum"], recorded["short"] + recorded["y"], rtol=1e-6)
    np.testing.assert_array_equal(recorded["both"]["pair"][1], recorded["y"])
    np.testing.assert_allclose(recorded["mean"], recorded["short"].mean(1), rtol=1e-6)


def test_a_callable_leaves_the_model_as_it_was(net, recorded):
    np.testing.assert_array_equal(net.node.x.value, recorded["short"][-1])
    assert net.node.bare("a") == 0.25
    assert net.k.value() == 1.0


@pytest.mark.parametrize(
    ("monitors", "keys"),
    [
        (None, ["output"]),
        ("level", ["output"]),
        (lambda m: m.x.value, ["output"]),
        (["x", "level"], ["x", "level"]),
        (("level",), ["level"]),
        ({"a": "x", "b": lambda m: m.x.value}, ["a", "b"]),
    ],
    ids=["default", "name", "callable", "list", "tuple", "dict"],
)
def test_each_thing_has_its_key(sim, monitors, keys):
    ran = sim.run(3.0, monitors=monitors)
    assert sorted(ran) == sorted([*keys, "ts"])
    want = 2.0 * CLIMB if keys[-1] == "level" or monitors == "level" else CLIMB
    np.testing.assert_allclose(bare(ran[keys[-1]]), want)


def test_each_thing_has_its_unit(sim):
    monitors = {
        "x": "x",
        "level": "level",
        "signal": "signal",
        "rate": lambda m: m.x.value / (2.0 * u.ms),
        "volts": lambda m: m.level.value.to(u.volt),
        "output": lambda m: m.signal(),
    }
    ran = sim.run(3.0, monitors=monitors)
    assert isinstance(ran["x"], np.ndarray)
    units = {name: ran[name].unit for name in ("level", "signal", "rate", "volts", "output")}
    assert units == {"level": u.mV, "signal": u.mV, "rate": u.ms**-1, "volts": u.volt, "output": u.mV}
    np.testing.assert_allclose(ran["level"].mantissa, 2 * CLIMB)
    np.testing.assert_allclose(ran["volts"].mantissa, 2e-3 * CLIMB, rtol=1e-6)
    np.testing.assert_allclose(ran["rate"].mantissa, CLIMB / 2)
    np.testing.assert_allclose(ran["signal"].mantissa, 3 * CLIMB)
    np.testing.assert_array_equal(ran["output"].mantissa, ran["signal"].mantissa)


def test_the_output_of_a_model_is_recorded_by_default():
    sim = Simulator(JansenRitStep(N, E_init=np.array([1.0, 2.0]), I_init=0.5, method="euler"), dt=0.1)
    ran = sim.run(1.0, monitors=["eeg", "E", "I"])
    np.testing.assert_allclose(bare(ran["eeg"]), bare(ran["E"]) - bare(ran["I"]), rtol=1e-5)
    assert ran["eeg"].unit == u.mV
    np.testing.assert_allclose(bare(sim.run(1.0)["output"]), bare(ran["eeg"]), rtol=1e-6)
    np.testing.assert_allclose(bare(sim.model.eeg()), bare(ran["eeg"])[-1], rtol=1e-6)


# -- never stale ------------------------------------------------------------------------------------------------------


def test_a_callable_sees_the_parameters_of_its_run(sim):
    def product(m):
        return m.rate.value() * m.x.value

    np.testing.assert_allclose(sim.run(3.0, monitors=product)["output"], CLIMB)
    sim.model.rate = 2.0
    np.testing.assert_allclose(sim.run(3.0, monitors=product)["output"], 4 * CLIMB)
    np.testing.assert_allclose(sim.run(3.0, monitors=product, values={"rate": 3.0})["output"], 9 * CLIMB)
    batch = sim.run(3.0, monitors=product, values={"rate": np.array([[1.0], [3.0]])})["output"]
    np.testing.assert_allclose(batch, np.stack([CLIMB, 9 * CLIMB], 1))
    np.testing.assert_allclose(sim.run(3.0, monitors=product)["output"], 4 * CLIMB)


def test_a_callable_sees_the_parameters_of_a_network():
    wired = Network(Ramp(N, method="euler"), conn=np.ones((N, N)), coupled_var="x")
    sim = Simulator(wired, dt=0.1)
    seen = {"a": lambda m: m.node.rate.value(), "gain": lambda m: m.k.value(), "weights": lambda m: m.conn.value()}
    given = {"node.rate": 0.1, "k": np.array([[0.2], [0.3]]), "conn": np.arange(4.0).reshape(2, 2)}
    for values, a, k in ((given, 0.1, [0.2, 0.3]), ({"k": np.array([[0.4], [0.5]])}, 1.0, [0.4, 0.5])):
        ran = sim.run(0.1, monitors=seen, values=values)
        np.testing.assert_allclose(ran["a"], np.full((1, 2), a), rtol=1e-6)
        np.testing.assert_allclose(ran["gain"], [k], rtol=1e-6)
        weights = values.get("conn", np.ones((2, 2))) * (1 - np.eye(2))
        np.testing.assert_allclose(ran["weights"][0, 1], weights)
    wired.node.rate = 0.7
    np.testing.assert_allclose(sim.run(0.1, monitors=seen)["a"], [0.7], rtol=1e-6)


def by_global(factor):
    global scale
    scale = factor
    return lambda m: scale * m.x.value


def by_helper(factor):
    global scale
    scale = factor
    return lambda m: helper(m)


def helper(m):
    return scale * m.x.value


def by_closure(factor):
    return lambda m: factor * m.x.value


def by_array(factor):
    factors = np.array([factor])
    return lambda m: factors * m.x.value


def by_default(factor):
    return lambda m, factor=factor: factor * m.x.value


def by_attribute(factor):
    settings.scale = factor
    return lambda m: settings.scale * m.x.value


class Reader:
    def __init__(self, factor):
        self.factor = factor

    def read(self, m):
        return self.factor * m.x.value

    __call__ = read


def by_method(factor):
    return Reader(factor).read


def by_object(factor):
    return Reader(factor)


@pytest.mark.parametrize(
    "make",
    [by_global, by_helper, by_closure, by_array, by_default, by_attribute, by_method, by_object],
    ids=lambda make: make.__name__,
)
def test_a_callable_sees_what_it_uses_as_it_is_now(sim, make):
    for factor in (1.0, 5.0, 1.0):
        np.testing.assert_allclose(sim.run(3.0, monitors=make(factor))["output"], factor * CLIMB)


def test_a_callable_cannot_see_what_an_earlier_run_left():
    sim = Simulator(Network(HopfStep(3), conn=np.ones((3, 3)), delays=2.0), dt=0.1)
    sim.run(1.0)
    assert "history" in vars(sim.model)
    with pytest.raises(AttributeError, match="history"):
        sim.run(1.0, monitors={"past": lambda m: m.history.value})


def test_a_callable_sees_what_changes_under_it(sim):
    reader = Reader(1.0)
    monitors = {"object": lambda m: reader.read(m), "method": reader.read, "itself": reader}
    for factor in (1.0, 5.0):
        reader.factor = factor
        ran = sim.run(3.0, monitors=monitors)
        for name in monitors:
            np.testing.assert_allclose(ran[name], factor * CLIMB)


def test_the_same_lambda_written_twice_is_compiled_once(sim):
    sim.run(3.0, monitors=lambda m: m.x.value + jnp.sin(m.x.value))
    with compilations() as names:
        again = sim.run(3.0, monitors=lambda m: m.x.value + jnp.sin(m.x.value))
    assert names == []
    np.testing.assert_allclose(again["output"], CLIMB + np.sin(CLIMB), rtol=1e-6)
    other = sim.run(3.0, monitors=lambda m: m.x.value + jnp.cos(m.x.value))
    np.testing.assert_allclose(other["output"], CLIMB + np.cos(CLIMB), rtol=1e-6)
    constants = [sim.run(3.0, monitors=lambda m: m.x.value + 1.0), sim.run(3.0, monitors=lambda m: m.x.value + 2.0)]
    np.testing.assert_allclose(constants[1]["output"] - constants[0]["output"], 1.0)

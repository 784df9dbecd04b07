"""What a run records, from where it starts, what it leaves behind, and that it is compiled once."""

import re

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from braintools.init import Uniform

from brainmass import HopfStep, Input, Network, OUProcess, Parameter, Sample, Simulator, StateSpace, Variable
from brainmass.units import per_ms
from tests.compiles import compilations

N, DT = 3, 0.1 * u.ms
W = np.array([[0.0, 1.0, 0.5], [0.2, 0.0, 0.3], [0.7, 0.4, 0.0]])


class Sum(StateSpace):
    """It adds up its inputs: with Euler steps of 1 ms, their running sum."""

    x = Variable(0.0)
    y = Variable(0.0)
    x_inp = Input(per_ms, additive=True)
    y_inp = Input(per_ms, additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=inp.x_inp, y=inp.y_inp)


def network():
    """Delayed and noisy."""
    nodes = HopfStep(N, a=0.2, w=0.3, noise_x=OUProcess(N, sigma=0.1, tau=5.0 * u.ms), method="euler")
    return Network(nodes, conn=W, delays=1.0 * u.ms, coupled_var="x", k=0.1)


NAMES = ["x", "y", "node.noise_x.x"]  # every run of the network records the same, so all share one program


@pytest.fixture(scope="module")
def shared():
    made = Simulator(network(), dt=DT)
    return made, made.run(5.0 * u.ms, seed=1, monitors=NAMES)


@pytest.fixture
def sim(shared):
    net = shared[0].model
    yield shared[0]
    net.node.a, net.node.w, net.node.noise_x.sigma, net.node.noise_x.tau = 0.2, 0.3, 0.1, 5.0
    net.k, net.conn, net.delays = 0.1, W, 1.0


@pytest.fixture
def full(shared):
    """50 samples from seed 1."""
    return shared[1]


def run(sim, duration=5.0 * u.ms, **given):
    return sim.run(duration, **{"monitors": NAMES, "seed": 1, **given})


def ms(times):
    return times.to_decimal(u.ms)


def bare(value):
    return np.asarray(value.mantissa if isinstance(value, u.Quantity) else value)


# -- what is recorded -------------------------------------------------------------------------------------------------


def test_a_time_stamp_is_the_end_of_its_step(full):
    assert full["x"].shape == (50, N)
    np.testing.assert_array_equal(ms(full["ts"]), 0.1 * np.arange(1, 51))
    assert full["ts"].mantissa.dtype == np.float64


@pytest.mark.parametrize(
    ("transient", "every"),
    [(None, 4), (20.0 * u.ms, None), (17.0, 3), (0, 1), (39.0 * u.ms, 1), (35.0, 40)],
    ids=["stride", "transient", "both", "neither", "one sample", "last sample"],
)
def test_transient_and_stride_choose_among_the_samples(transient, every):
    sim = Simulator(Sum(1, method="euler"), dt=1.0)
    part = sim.run(40.0, inputs=np.arange(40.0), transient=transient, sample_every=every)
    ends, skip = np.arange(1, 41), int(bare(transient or 0))
    chosen = (ends > skip) & (ends % (every or 1) == 0)
    np.testing.assert_array_equal(ms(part["ts"]), ends[chosen])
    np.testing.assert_array_equal(part["output"][:, 0], np.cumsum(np.arange(40.0))[chosen])
    np.testing.assert_array_equal(sim.model.x.value, [sum(range(40))])  # the end of the run, recorded or not


def test_a_stride_records_what_sample_does_and_goes_on_where_it_was():
    sim = Simulator(Sum(1, method="euler"), dt=1.0)
    drive = np.arange(40.0)
    whole = sim.run(40.0, inputs=drive, monitors=Sample("x", 6.0))
    strided = sim.run(40.0, inputs=drive, sample_every=6)
    np.testing.assert_array_equal(strided["output"], whole["output"])
    np.testing.assert_array_equal(ms(strided["ts"]), ms(whole["ts"]))
    parts = [sim.run(16.0, inputs=drive[:16], sample_every=6)]
    parts.append(sim.run(24.0, inputs=drive[16:], sample_every=6, init_states=False))
    np.testing.assert_array_equal(np.concatenate([part["output"] for part in parts]), whole["output"])


def test_dt_is_that_of_the_simulator_or_else_the_global_one():
    bank = Sum(in_size=2, init_x=1.0)
    sim = Simulator(bank)
    assert sim.dt is None
    with brainstate.environ.context(dt=0.5 * u.ms):
        np.testing.assert_array_equal(ms(sim.run(1.0)["ts"]), [0.5, 1.0])
        own = Simulator(bank, dt=0.25)
        assert own.dt == 0.25 * u.ms
        np.testing.assert_array_equal(ms(own.run(0.5)["ts"]), [0.25, 0.5])
        assert brainstate.environ.get("dt") == 0.5 * u.ms
    with pytest.raises(ValueError, match="dt is not set"):
        sim.run(1.0)


def test_arrays_are_in_the_precision_of_the_flag(x64):
    sim = Simulator(Sum(in_size=2, init_x=1 / 3), dt=1.0)
    double = sim.run(1.0)["output"]
    jax.config.update("jax_enable_x64", False)
    single = sim.run(1.0)["output"]
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    assert double[0, 0] == 1 / 3
    assert single[0, 0] == np.float32(1 / 3)


# -- from where it starts, what it leaves -----------------------------------------------------------------------------


def test_a_seed_repeats_a_run_and_its_absence_does_not(sim, full):
    np.testing.assert_array_equal(run(sim)["x"], full["x"])
    assert (run(sim, seed=2)["x"] != full["x"]).any()
    free = [run(sim, seed=None) for _ in range(2)]
    assert (free[0]["x"] != free[1]["x"]).any()
    np.testing.assert_array_equal(run(sim, seed=free[1].attrs["seed"])["x"], free[1]["x"])
    brainstate.random.seed(0)  # as the first of the two found it
    np.testing.assert_array_equal(run(sim, seed=None)["x"], free[0]["x"])


def test_the_states_are_the_last_sample(sim, full):
    run(sim)
    node = sim.model.node
    for name, state in zip(NAMES, (node.x, node.y, node.noise_x.x), strict=True):
        np.testing.assert_array_equal(bare(state.value), bare(full[name])[-1])


def test_a_run_goes_on_where_the_last_one_ended():
    sim = Simulator(Sum(2, method="euler"), dt=1.0)
    np.testing.assert_allclose(sim.run(2.0, inputs=np.ones(2))["output"][:, 0], [1, 2])
    rest = sim.run(3.0, inputs=np.ones(3), init_states=False)
    np.testing.assert_array_equal(ms(rest["ts"]), [3.0, 4.0, 5.0])
    np.testing.assert_allclose(rest["output"][:, 0], [3, 4, 5])
    sim.model.x = np.array([10.0, 20.0])  # by hand
    np.testing.assert_allclose(sim.run(3.0, inputs=np.ones(3), init_states=False)["output"][0], [11, 21])
    np.testing.assert_allclose(sim.run(3.0, inputs=np.ones(3))["output"][0], [1, 1])
    with pytest.raises(ValueError, match=r"dt=0\.5 ms.*dt=1 ms"):
        Simulator(sim.model, dt=0.5).run(3.0, init_states=False)
    with pytest.raises(ValueError, match="batch"):
        sim.run(3.0, init_states=False, batch_size=2)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_batch_has_an_axis_after_time(batch):
    sim = Simulator(Sum(N, init_x=Uniform(0.0, 1.0)), dt=1.0)
    result = sim.run(5.0, batch_size=batch, monitors={"x": "x", "sum": lambda m: m.x.value.sum()})
    assert result["x"].shape == (5, batch, N)
    assert result["ts"].shape == (5,)
    assert sim.model.x.value.shape == (batch, N)
    assert len(np.unique(result["x"][-1])) == batch * N  # initial values of their own
    np.testing.assert_allclose(result["sum"], result["x"].sum(-1), rtol=1e-6)
    rest = sim.run(2.0, init_states=False)
    assert rest["output"].shape == (2, batch, N)
    np.testing.assert_array_equal(rest["output"][-1], result["x"][-1])


# -- values for one run -----------------------------------------------------------------------------------------------


def test_values_hold_for_one_run(sim, full):
    net = sim.model
    given = {"k": 0.3, "node.a": 100.0 * u.Hz, "conn": 2 * W, "delays": 0.5 * u.ms, "node.noise_x.sigma": 0.0}
    once = run(sim, values=given)["x"]
    np.testing.assert_array_equal(run(sim)["x"], full["x"])
    net.k, net.node.a, net.conn, net.delays, net.node.noise_x.sigma = 0.3, 0.1, 2 * W, 0.5, 0.0
    np.testing.assert_allclose(run(sim)["x"], once, rtol=1e-5, atol=1e-7)
    assert np.abs(once - full["x"]).max() > 0.01


# -- external inputs --------------------------------------------------------------------------------------------------

RAMP = np.arange(1.0, 6.0)
EACH = RAMP[:, None] * np.array([1.0, 10.0])


@pytest.mark.parametrize(
    ("inputs", "x", "y"),
    [
        (RAMP, RAMP[:, None], 0.0),
        (EACH, EACH, 0.0),
        (1000.0 * RAMP * u.Hz, RAMP[:, None], 0.0),
        ({"y_inp": EACH}, 0.0, EACH),
        ({"x_inp": RAMP, "y_inp": EACH * per_ms}, RAMP[:, None], EACH),
        (lambda i, t: i + 1.0, RAMP[:, None], 0.0),
        (lambda i, t: (t / u.ms + 1.0) * jnp.array([1.0, 10.0]), EACH, 0.0),
        (lambda i, t: (1000.0 * (i + 1.0) * u.Hz, (i + 1.0) * jnp.array([1.0, 10.0])), RAMP[:, None], EACH),
        ({"y_inp": lambda i, t: t / u.ms + 1.0, "x_inp": EACH}, EACH, RAMP[:, None]),
    ],
    ids=[
        "series",
        "series for each region",
        "quantity",
        "by name",
        "two by name",
        "callable of the step",
        "callable of time",
        "callable of two inputs",
        "callable by name",
    ],
)
def test_an_input_enters_where_and_when_it_is_said(inputs, x, y):
    ran = Simulator(Sum(in_size=2, method="euler"), dt=1.0).run(5.0, inputs=inputs, monitors=["x", "y"])
    np.testing.assert_allclose(ran["x"], np.cumsum(np.broadcast_to(x, (5, 2)), 0), rtol=1e-6)
    np.testing.assert_allclose(ran["y"], np.cumsum(np.broadcast_to(y, (5, 2)), 0), rtol=1e-6)


def test_a_callable_sees_absolute_time_and_an_array_that_of_its_run():
    sim = Simulator(Sum(in_size=2, method="euler"), dt=1.0)
    inputs = {"x_inp": lambda i, t: t / u.ms, "y_inp": RAMP}
    sim.run(5.0, inputs=inputs)
    rest = sim.run(5.0, inputs=inputs, init_states=False, monitors=["x", "y"])
    np.testing.assert_allclose(rest["x"][-1], sum(range(10)))
    np.testing.assert_allclose(rest["y"][-1], 2 * RAMP.sum())


def test_an_input_adds_to_the_coupling_and_the_free_one_comes_first():
    net = Network(Sum(in_size=2, init_x=np.array([0.0, 1.0])), conn=[[0, 1.0], [1.0, 0]], coupled_var="x", k=0.5)
    sim = Simulator(net, dt=1.0)
    np.testing.assert_allclose(sim.run(1.0, inputs={"x_inp": np.array([3.0])})["output"], [[3.5, 3.5]], rtol=1e-6)
    np.testing.assert_allclose(sim.run(1.0, inputs=np.array([3.0]), monitors="y")["output"], [[3.0, 3.0]], rtol=1e-6)


# -- compiled once ----------------------------------------------------------------------------------------------------


def test_a_first_run_compiles_its_program_once():
    fresh = Simulator(Sum(in_size=2), dt=1.0)
    with compilations() as names:
        fresh.run(1.0, seed=1)
    assert len([name for name in names if "run_on_devices" in name]) == 1


CHANGES = {
    "seed": lambda net: {"seed": 5},
    "no seed": lambda net: {"seed": None},
    "values": lambda net: {"values": {"k": 0.7, "node.a": 100 * u.Hz, "conn": W.T, "node.noise_x.sigma": 0.2}},
    "parameter": lambda net: setattr(net.node, "w", 250 * u.Hz),
    "k": lambda net: setattr(net, "k", 0.2),
    "weights": lambda net: setattr(net, "conn", 0.5 * W),
    "delays": lambda net: setattr(net, "delays", 0.8 * u.ms),
    "noise": lambda net: setattr(net.node.noise_x, "tau", 7.0),
    "duration in other words": lambda net: {"duration": 0.005 * u.second},
    "transient and stride of nothing": lambda net: {"transient": 0.0 * u.ms, "sample_every": 1},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_second_run_compiles_nothing(sim, full, change):
    run(sim, seed=None)
    given = change(sim.model) or {}
    with compilations() as names:
        changed = run(sim, **given)
    assert names == []
    same = "duration" in given or "transient" in given
    assert (changed["x"] == full["x"]).all() == same


def test_new_inputs_batches_and_continued_runs_compile_nothing():
    sim = Simulator(Sum(in_size=2), dt=1.0)
    blow = Simulator(Blow(in_size=2), dt=1.0)

    def all_kinds(scale):
        sim.run(5.0, inputs=scale * RAMP, seed=1)
        sim.run(5.0, inputs=scale * RAMP, init_states=False)
        blow.run(5.0, values={"speed": np.array([[0.1], [0.2]]) * scale})

    all_kinds(1.0)
    with compilations() as names:
        all_kinds(2.0)
    assert names == []


def coupled(**given):
    node = Sum(in_size=2, init_x=np.array([1.0, 2.0]), init_y=np.array([5.0, 7.0]), method="euler")
    return Network(node, **{"conn": [[0, 1.0], [1.0, 0]], "coupled_var": "x", "coupling": "additive", **given})


STRUCTURE = {
    "method": (lambda: Blow(in_size=2, speed=1.0), lambda sim: setattr(sim.model, "method", "euler")),
    "coupled variable": (coupled, lambda sim: setattr(sim.model, "coupled_var", "y")),
    "target": (coupled, lambda sim: setattr(sim.model, "target", "y_inp")),
    "coupling": (coupled, lambda sim: setattr(sim.model, "coupling", "diffusive")),
    "noise": (coupled, lambda sim: setattr(sim.model.node, "noise_x", OUProcess(2, sigma=1.0))),
    "model": (coupled, lambda sim: setattr(sim, "model", coupled(coupled_var="y"))),
}


@pytest.mark.parametrize(("model", "change"), STRUCTURE.values(), ids=STRUCTURE.keys())
def test_a_structural_change_is_refused(model, change):
    sim = Simulator(model(), dt=1.0)
    before = sim.run(2.0, seed=1, monitors=["x", "y"])
    with pytest.raises(AttributeError, match=r"is settled at construction; make a new"):
        change(sim)
    after = sim.run(2.0, seed=1, monitors=["x", "y"])
    for name in ("x", "y"):
        np.testing.assert_array_equal(after[name], before[name])


# -- under a trace, and without ---------------------------------------------------------------------------------------


def test_a_run_inside_jit_returns_arrays_and_touches_no_state(sim, full):
    state = sim.model.node.x.value
    traced = jax.jit(lambda k: run(sim, values={"k": k}))(0.1)
    np.testing.assert_allclose(traced["x"], full["x"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ms(traced["ts"]), ms(full["ts"]), rtol=1e-6)
    assert sim.model.node.x.value is state


def test_a_run_without_jit_is_the_same():
    sim = Simulator(Sum(in_size=2, method="euler"), dt=1.0)
    ran, plain = (sim.run(5.0, inputs=RAMP, seed=1, jit=jit)["output"] for jit in (True, False))
    np.testing.assert_allclose(plain, ran, rtol=1e-6)


# -- divergence -------------------------------------------------------------------------------------------------------


class Blow(StateSpace):
    """x' = speed·x, which overflows; y stays."""

    speed = Parameter(0.0, per_ms)
    x = Variable(1.0)
    y = Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.speed * s.x, y=0.0 * s.y / u.ms)


@pytest.fixture(scope="module")
def exploding():
    """Region 1 grows tenfold at each step of 1 ms: past 3.4e38 in step 39."""
    return Simulator(Blow(in_size=3, speed=np.array([0.0, 9.0, 0.0]), method="euler"), dt=1.0)


@pytest.mark.parametrize(
    ("monitors", "named"), [(None, "x"), ("x", "x"), (["y", "x"], "x"), ({"activity": "x"}, "activity")], ids=str
)
def test_a_run_that_diverges_names_variable_region_and_time(exploding, monitors, named):
    with pytest.raises(FloatingPointError) as caught:
        exploding.run(50.0, monitors=monitors)
    message = str(caught.value)
    for part in ("diverged", named, "region 1", "39", "ms", "inf"):
        assert re.search(rf"\b{part}\b", message), f"{part!r} is not in {message!r}"
    assert message.endswith(".")
    assert "\n" not in message
    recorded = next(value for name, value in caught.value.result.items() if name in ("output", "x", "activity"))
    assert recorded.shape == (50, 3)
    assert np.isfinite(recorded[:38]).all()
    assert caught.value.result["ts"].shape == (50,)


def test_a_batch_that_diverges_names_the_simulation(exploding):
    speed = np.zeros((4, 3))
    speed[2, 1] = 9.0
    with pytest.raises(FloatingPointError, match=r"\bx\b.*simulation 2, region 1.*39"):
        exploding.run(50.0, monitors=["x"], values={"speed": speed})


def test_a_divergence_that_was_not_recorded_is_found_too(exploding):
    with pytest.raises(FloatingPointError, match=r"diverged.*\bx\b.*region 1\b") as caught:
        exploding.run(50.0, monitors="y")
    assert np.isfinite(caught.value.result["output"]).all()


# -- any module -------------------------------------------------------------------------------------------------------


class Filter(brainstate.nn.Module):
    """A module that knows nothing of this package: h ← h/2 + gain·x, and it counts its time."""

    def __init__(self):
        super().__init__()
        self.gain = brainstate.ParamState(jnp.ones(2))

    def init_state(self, batch_size=None, **kwargs):
        self.h = brainstate.HiddenState(jnp.zeros((2,) if batch_size is None else (batch_size, 2)))
        self.seen = brainstate.HiddenState(jnp.zeros(()))

    def update(self, x=1.0):
        self.h.value = self.h.value / 2 + self.gain.value * x
        self.seen.value = brainstate.environ.get("t") / u.ms + 100 * (brainstate.environ.get("dt") / u.ms)
        return self.h.value * u.mV


def filtered(series):
    h, out = np.zeros(2), []
    for x in series:
        h = h / 2 + x
        out.append(h)
    return np.array(out)


@pytest.fixture
def module():
    return Simulator(Filter(), dt=1.0)


def test_any_module_runs(module):
    ran = module.run(5.0, transient=1.0 * u.ms, sample_every=2)
    np.testing.assert_allclose(ran["output"].to_decimal(u.mV), filtered(np.ones(5))[1::2])
    np.testing.assert_array_equal(ms(ran["ts"]), [2.0, 4.0])
    np.testing.assert_allclose(module.model.h.value, filtered(np.ones(5))[-1])


@pytest.mark.parametrize(
    "inputs", [RAMP, lambda i, t: i + 1.0, lambda i, t: (t / u.ms + 1.0,)], ids=["array", "step", "time"]
)
def test_any_module_takes_inputs_and_monitors(module, inputs):
    ran = module.run(5.0, inputs=inputs, monitors={"h": "h", "double": lambda m: 2 * m.h.value, "seen": "seen"})
    np.testing.assert_allclose(ran["h"], filtered(RAMP))
    np.testing.assert_allclose(ran["double"], 2 * filtered(RAMP))
    np.testing.assert_allclose(ran["seen"], np.arange(5) + 100.0)


def test_any_module_is_compiled_once_and_sees_changed_values(module):
    module.run(5.0, monitors=["h"])
    module.model.gain.value = jnp.full(2, 3.0)
    with compilations() as names:
        ran = module.run(5.0, monitors=["h"])
    assert not [name for name in names if "zeros" not in name and "broadcast" not in name]
    np.testing.assert_allclose(ran["h"], 3 * filtered(np.ones(5)))


def test_any_module_continues_and_runs_in_a_batch(module):
    module.run(2.0, monitors="h")
    rest = module.run(3.0, monitors="h", init_states=False)
    np.testing.assert_allclose(rest["output"], filtered(np.ones(5))[2:])
    np.testing.assert_array_equal(ms(rest["ts"]), [3.0, 4.0, 5.0])
    assert module.run(2.0, monitors="h", batch_size=3)["output"].shape == (2, 3, 2)
    assert module.run(2.0, monitors="h", init_states=False).to_xarray()["output"].dims[:2] == ("time", "batch")


def test_any_module_goes_on_in_time_whatever_is_recorded(module):
    module.run(2.0, monitors="h")
    rest = module.run(3.0, monitors={"seen": "seen"}, init_states=False)
    np.testing.assert_allclose(rest["seen"], [102.0, 103.0, 104.0])
    np.testing.assert_array_equal(ms(rest["ts"]), [3.0, 4.0, 5.0])
    module.dt = 0.5 * u.ms
    with pytest.raises(ValueError, match="the States come from dt=1 ms"):
        module.run(1.0, init_states=False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"monitors": "z"}, r"'z'.*\bh\b"),
        ({"monitors": {"ts": "h"}}, "ts"),
        ({"monitors": []}, "monitors"),
        ({"inputs": np.arange(3.0)}, r"inputs.*3.*5"),
        ({"values": {"gain": 1.0}}, "values"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"on_divergence": "stop"}, 'on_divergence="stop" needs a node bank or a Network'),
        ({"checkpoint": "run"}, "checkpoint needs a node bank or a Network, not Filter"),
    ],
    ids=["unknown monitor", "monitor ts", "no monitor", "inputs' length", "values", "batch_size", "stop", "checkpoint"],
)
def test_any_module_is_spared_silent_mistakes(module, given, message):
    with pytest.raises((TypeError, ValueError, KeyError), match=message):
        module.run(5.0, **given)

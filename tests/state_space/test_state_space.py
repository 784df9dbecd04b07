"""What a model's declarations become: signature, checked parameters, States, derivative and update, copies."""

import copy
import inspect
import multiprocessing
import operator
import pickle
from concurrent.futures import ProcessPoolExecutor

import brainstate
import braintools
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brainstate.nn import Param

from brainmass import (
    HopfStep,
    Input,
    JansenRitStep,
    Law,
    Network,
    OUProcess,
    Output,
    Parameter,
    Simulator,
    StateSpace,
    Variable,
    WilsonCowanStep,
)

DT = 0.1 * u.ms
PER_MS = u.ms**-1


class Tank(StateSpace):
    """A level that leaks away: everything a model may declare, in a few lines."""

    tau = Parameter(20.0 * u.ms, u.ms, "time constant", bounds=(1, 100))
    level = Variable(
        Law(lambda p, xi: (5.0 + p.tau / u.ms * 0.0 + 0.1 * xi) * u.mV),
        u.mV,
        "level",
        init="level_0",
        bounds=(0, 6),
        span=(0, 10),
    )
    flow = Input(u.mV / u.ms, "inflow", additive=True, noise="splash")
    height = Output(lambda s, p: s.level / (2.0 * u.mV) * u.mm, u.mm, "height")

    @staticmethod
    def drift(s, p, inp):
        return dict(level=inp.flow - s.level / p.tau)


class WideTank(Tank):
    """A subclass adds a parameter and gives another default to one that it inherits."""

    tau = Parameter(40.0 * u.ms, u.ms, "time constant")
    width = Parameter(1.0, u.mm, "width")


class Spring(StateSpace):
    """A symplectic step is a declaration too."""

    default_method = "symplectic"
    x = Variable(1.0)
    v = Variable(0.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(v=-s.x / u.ms, x=s.v / u.ms)


def initialised(model, **given):
    model.init_all_states(**given)
    return model


def updated(model, *inputs, **named):
    with brainstate.environ.context(dt=DT):
        return model.update(*inputs, **named)


def number(value, unit=u.UNITLESS):
    return np.asarray(value.to_decimal(unit) if isinstance(value, u.Quantity) else value)


# -- the signature ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (HopfStep, "in_size a w beta noise_x noise_y init_x init_y method name"),
        (
            WilsonCowanStep,
            "in_size tau_E a_E theta_E tau_I a_I theta_I wEE wIE wEI wII r noise_E noise_I rE_init rI_init "
            "noise_rE noise_rI method name",
        ),
        (
            JansenRitStep,
            "in_size Ae Ai be bi C a1 a2 a3 a4 s_max v0 r noise_M noise_E noise_I "
            "M_init E_init I_init Mv_init Ev_init Iv_init noise_Mv noise_Ev noise_Iv method name",
        ),
        (OUProcess, "in_size mean sigma tau init correlation method name"),
        (Tank, "in_size tau splash level_0 noise_level method name"),
        (WideTank, "in_size tau width splash level_0 noise_level method name"),
        (Spring, "in_size init_x init_v noise_x noise_v method name"),
    ],
)
def test_the_signature_shows_every_argument(model, names):
    assert list(inspect.signature(model).parameters) == names.split()


def test_the_signature_shows_the_declared_defaults():
    shown = inspect.signature(WideTank).parameters
    assert shown["tau"].default == 40.0 * u.ms
    assert shown["level_0"].default is WideTank.level.value
    assert shown["splash"].default is None
    assert [inspect.signature(m).parameters["method"].default for m in (Tank, Spring)] == ["heun", "symplectic"]
    positional = HopfStep(3, 0.1, 0.2, 0.3)
    assert [positional.bare(n) for n in ("a", "w", "beta")] == [0.1, 0.2, 0.3]


def test_the_class_gives_its_declarations():
    assert (Tank.tau.unit, Tank.tau.doc, Tank.tau.bounds) == (u.ms, "time constant", (1, 100))
    assert (Tank.level.span, Tank.level.bounds, Tank.flow.additive) == ((0, 10), (0, 6), True)
    assert list(WideTank.declarations(Parameter)) == ["tau", "width"]
    assert WideTank(2).bare("tau") == 40.0
    assert Tank.tau.default == 20.0 * u.ms


def test_a_subclass_inherits_what_is_recorded():
    class First(StateSpace):
        primary = "y"
        x = Variable(0.0, doc="x")
        y = Variable(0.0, doc="y")

    class Second(First):
        z = Output(lambda s, p: s.x, doc="x again")

    assert (First.primary, Second.primary, JansenRitStep.primary) == ("y", "y", "eeg")


# -- parameters are data descriptors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "bare"),
    [
        (0.3, 0.3),
        (300.0 * u.Hz, 0.3),
        (0.3 * PER_MS, 0.3),
        (np.array([0.1, 0.2, 0.3]), [0.1, 0.2, 0.3]),
        (jnp.array([0.5]), [0.5]),
        (np.array([100.0, 200.0, 300.0]) * u.Hz, [0.1, 0.2, 0.3]),
        (1, 1.0),
    ],
    ids=["bare", "other scale", "own unit", "array", "one-element array", "array with a unit", "int"],
)
def test_a_parameter_is_in_the_declared_unit(given, bare):
    made = HopfStep(3, a=given)
    assigned = HopfStep(3)
    held = assigned.a
    assigned.a = given
    for model in (made, assigned):
        np.testing.assert_allclose(model.bare("a"), bare, rtol=1e-7)
    assert assigned.a is held  # the value changed in place
    assert isinstance(held, Param)
    assert held.value() is not None
    assert assigned.bare("w") == 0.2


def test_a_refused_value_leaves_the_old_one():
    model = HopfStep(3, a=0.2)
    for wrong in (0.3 * u.mV, np.ones(2), "0.3"):
        with pytest.raises((TypeError, ValueError)):
            model.a = wrong
    assert model.bare("a") == 0.2


def test_a_parameter_keeps_the_precision_it_was_given():
    assert HopfStep(2, a=1 / 3).bare("a") == 1 / 3


@pytest.mark.parametrize(
    "param",
    [
        lambda: Param(0.2, fit=True),
        lambda: Param(200.0 * u.Hz, fit=True),
        lambda: Param(0.2, t=brainstate.nn.SigmoidT(0.0, 1.0), fit=True),
    ],
    ids=["bare", "quantity", "transformed"],
)
def test_a_trainable_parameter_stays_trainable(param):
    given = param()
    model = HopfStep(3, a=given)
    assert model.a is given
    assert list(model.states(brainstate.ParamState)) == [("a", "val")]
    assert model.bare("a") == pytest.approx(0.2, rel=1e-6)
    model.a = 0.7
    assert model.a is given
    assert model.bare("a") == pytest.approx(0.7, rel=1e-6)
    model.a = 400.0 * u.Hz
    assert model.bare("a") == pytest.approx(0.4, rel=1e-6)
    assert list(model.states(brainstate.ParamState)) == [("a", "val")]


@pytest.mark.parametrize("param", [lambda: Param(0.2 * u.mV, fit=True), lambda: Param(np.ones(2), fit=True)])
def test_a_trainable_parameter_is_checked_too(param):
    with pytest.raises(ValueError, match="HopfStep: a"):
        HopfStep(3, a=param())


def test_a_gradient_reaches_a_trainable_parameter_through_update():
    model = initialised(HopfStep(3, a=Param(0.2, fit=True), init_x=0.5, init_y=0.0, method="euler"))

    def moved():
        model.init_state()
        return updated(model).sum()

    slope = brainstate.transform.grad(moved, model.states(brainstate.ParamState))()
    assert slope[("a", "val")] == pytest.approx(3 * 0.1 * 0.5, rel=1e-5)  # ∂/∂a of x + dt (a − x²) x


# -- initial values and States ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "want"),
    [
        (0.5, [0.5] * 3),
        (np.arange(3.0), [0, 1, 2]),
        (lambda shape: np.arange(3.0), [0, 1, 2]),
        (jnp.zeros, [0] * 3),
        (braintools.init.Constant(2.0), [2.0] * 3),
        (Law(lambda p, xi: p.a * u.ms + 0 * xi), [0.25] * 3),
    ],
    ids=["number", "array", "callable", "function of JAX", "initializer", "law"],
)
def test_an_initial_value_comes_in_many_forms(given, want):
    model = initialised(HopfStep(3, init_x=given))
    np.testing.assert_allclose(model.x.value, want)


def test_an_initial_value_is_in_the_declared_unit():
    for given in (1e-3 * u.volt, 1.0 * u.mV, 1.0, lambda shape: np.ones(shape) * 1e-3 * u.volt):
        model = initialised(JansenRitStep(2, E_init=given))
        np.testing.assert_allclose(number(model.E.value, u.mV), [1.0, 1.0])
        assert model.E.value.unit == u.mV


@pytest.mark.parametrize("batch", [None, 4])
def test_states_have_the_size_of_the_bank(batch):
    lead = () if batch is None else (batch,)
    model = HopfStep((2, 3), noise_x=OUProcess((2, 3), sigma=0.1))
    for initialise in (
        lambda: model.init_all_states(batch_size=batch),
        lambda: brainstate.nn.init_all_states(model, *lead),
    ):
        initialise()
        for state in (model.x, model.y, model.noise_x.x):
            assert isinstance(state, brainstate.HiddenState)
            assert state.value.shape == (*lead, 2, 3)
            assert len(np.unique(number(state.value, PER_MS))) > 1
    assert set(model.states()) == {("x",), ("y",), ("noise_x", "x")}


def test_initial_values_follow_brainstate_random():
    def draw(seed):
        brainstate.random.seed(seed)
        return np.asarray(initialised(HopfStep(3)).x.value)

    np.testing.assert_array_equal(draw(1), draw(1))
    assert (draw(1) != draw(2)).all()
    assert draw(1).min() >= 0
    assert draw(1).max() <= 0.05


def test_a_state_is_assigned_in_the_declared_unit():
    model = initialised(JansenRitStep(2))
    state = model.E
    for given in (1.0, 1e-3 * u.volt, np.ones(2), np.ones(2) * u.mV):
        model.E = given
        assert model.E is state
        np.testing.assert_allclose(number(state.value, u.mV), np.ones(2))
    for wrong in (1.0 * u.ms, np.ones(5) * u.mV):
        with pytest.raises(ValueError, match="E"):
            model.E = wrong
    assert state.value.shape == (2,)


# -- derivative, update, outputs --------------------------------------------------------------------------------------


def test_derivative_is_the_drift_with_units():
    model = HopfStep(2, a=0.2, w=0.3)
    x, y = np.array([0.5, 1.0]), np.array([0.1, -0.2])
    growth = 0.2 - (x**2 + y**2)
    dx, dy = model.derivative((x, y), 0.0 * u.ms, 0.1, 50.0 * u.Hz)
    np.testing.assert_allclose(number(dx, PER_MS), growth * x - 0.3 * y + 0.1, rtol=1e-6)
    np.testing.assert_allclose(number(dy, PER_MS), growth * y + 0.3 * x + 0.05, rtol=1e-6)
    without = model.derivative((x, y), 0.0 * u.ms)[0]
    np.testing.assert_allclose(number(without, PER_MS), growth * x - 0.3 * y, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "name", "arguments", "place", "inputs"),
    [
        (HopfStep, "dx", (0.5, 0.1, 0.2), 0, (0.2, None)),
        (HopfStep, "dy", (0.1, 0.5, 0.2), 1, (None, 0.2)),
        (WilsonCowanStep, "drE", (0.5, 0.1, 0.2), 0, (0.2, None)),
        (WilsonCowanStep, "drI", (0.1, 0.5, 0.2), 1, (None, 0.2)),
    ],
    ids=["dx", "dy", "drE", "drI"],
)
def test_each_variable_has_its_own_derivative(model, name, arguments, place, inputs):
    bank = model(2)
    want = bank.derivative((0.5, 0.1), 0.0 * u.ms, *inputs)[place]
    assert number(getattr(bank, name)(*arguments), PER_MS) == pytest.approx(number(want, PER_MS), rel=1e-6)


def test_update_advances_by_the_global_dt_and_returns_the_primary_variable():
    model = initialised(HopfStep(2, init_x=0.5, init_y=0.1, method="euler"))
    slopes = [number(d, PER_MS) for d in model.derivative((0.5, 0.1), 0.0 * u.ms, 0.3, 0.02)]
    returned = updated(model, 300.0 * u.Hz, y_inp=0.02)
    np.testing.assert_array_equal(returned, model.x.value)
    np.testing.assert_allclose(model.x.value, np.full(2, 0.5 + 0.1 * slopes[0]), rtol=1e-6)
    np.testing.assert_allclose(model.y.value, np.full(2, 0.1 + 0.1 * slopes[1]), rtol=1e-6)
    with pytest.raises(ValueError, match="dt is not set"):
        model.update()


def test_update_returns_the_output_where_there_is_one():
    tank = initialised(Tank(2, level_0=4.0 * u.mV, method="euler"))
    assert number(tank.height(), u.mm) == pytest.approx([2.0, 2.0])
    height = updated(tank)
    assert height.unit == u.mm
    np.testing.assert_allclose(number(height, u.mm), [(4.0 - 0.1 * 4.0 / 20.0) / 2] * 2, rtol=1e-6)
    np.testing.assert_allclose(number(height, u.mm), number(tank.height(), u.mm))


def test_steps_by_update_are_those_of_a_run():
    def bank():
        return WilsonCowanStep(2, rE_init=np.array([0.1, 0.3]), rI_init=0.2, method="heun")

    model = initialised(bank())
    for _ in range(5):
        updated(model, 0.5)
    ran = Simulator(bank(), dt=DT).run(0.5 * u.ms, inputs={"rE_inp": np.full(5, 0.5)}, monitors=["rE", "rI"])
    np.testing.assert_allclose(model.rE.value, ran["rE"][-1], rtol=1e-5)
    np.testing.assert_allclose(model.rI.value, ran["rI"][-1], rtol=1e-5)


@pytest.mark.parametrize("batch", [None, 2])
def test_steps_of_a_delayed_network_by_update_are_those_of_a_run(batch):
    def wired():
        nodes = HopfStep(3, init_x=np.array([0.1, 0.2, 0.4]), init_y=0.0, method="euler")
        delays = np.array([[0.0, 0.3, 0.1], [0.0, 0.0, 0.2], [0.4, 0.1, 0.0]])
        return Network(nodes, conn=np.arange(9.0).reshape(3, 3), delays=delays, coupled_var="x", k=0.1)

    net = wired()
    with pytest.raises(ValueError, match="init_all_states"):
        net.update()
    with brainstate.environ.context(dt=DT):
        net.init_all_states(batch_size=batch)
        stepped = np.stack([net.update(0.02) for _ in range(8)])
    inputs = {"y_inp": np.full(8, 0.02)}
    ran = Simulator(wired(), dt=DT).run(0.8 * u.ms, inputs=inputs, batch_size=batch)["output"]
    np.testing.assert_allclose(stepped, ran, rtol=1e-5)
    np.testing.assert_array_equal(net.node.x.value, stepped[-1])


def test_update_advances_an_attached_noise_and_feels_it():
    noise = OUProcess(200, sigma=2.0, tau=10.0)
    model = initialised(HopfStep(200, noise_x=noise, init_x=0.0, init_y=0.0, method="euler"))
    before = number(model.noise_x.x.value, PER_MS)
    x = np.asarray(updated(model))
    after = number(model.noise_x.x.value, PER_MS)
    np.testing.assert_allclose(x, 0.1 * before, rtol=1e-5)
    assert (after != before).all()
    assert np.corrcoef(before, after)[0, 1] > 0.9


def test_a_variable_stays_within_its_bounds():
    for given, want in ((0.0, 0.0), (6.0, 6.0)):
        tank = initialised(Tank(1, level_0=given))
        updated(tank, (-1.0 if given == 0 else 1.0) * u.mV / u.ms)
        assert number(tank.level.value, u.mV) == [want]


def test_a_symplectic_step_uses_the_new_velocity():
    spring = initialised(Spring(1))
    updated(spring)
    assert number(spring.v.value) == pytest.approx(-0.1)
    assert number(spring.x.value) == pytest.approx(1.0 - 0.1 * 0.1)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Parameter(1.0, 1.0 / u.ms), "Parameter: unit=.* must be a unit, as"),
        (lambda: Input("mV"), "Input: unit=.* must be a unit, as"),
        (lambda: Parameter(1.0, None), "Parameter: unit=.* must be a unit, as"),
        (lambda: Variable(1.0, init=0.5), "Variable: init=.* must be the name of an argument"),
    ],
)
def test_a_wrong_declaration_is_refused(declare, message):
    with pytest.raises(TypeError, match=message):
        declare()


@pytest.mark.parametrize(
    ("slopes", "message"),
    [
        (lambda s, p: dict(level=s.level), r"level.*unit mV;.*mV/ms"),
        (lambda s, p: dict(), r"level"),
        (lambda s, p: dict(level=-s.level / p.tau, depth=-s.level / p.tau), r"depth"),
    ],
    ids=["wrong unit", "variable forgotten", "unknown variable"],
)
def test_a_wrong_drift_is_refused_by_name(slopes, message):
    class Wrong(Tank):
        @staticmethod
        def drift(s, p, inp):
            return slopes(s, p)

    model = initialised(Wrong(1, level_0=1.0))
    with pytest.raises(ValueError, match=message):
        updated(model)


# -- copies -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulator():
    """A delayed noisy network with a trainable parameter, after a run."""
    noise = OUProcess(3, sigma=0.1, tau=5.0)
    nodes = HopfStep(3, a=Param(0.2, fit=True), w=300.0 * u.Hz, noise_x=noise, method="euler")
    net = Network(nodes, conn=np.ones((3, 3)), delays=1.0 * u.ms, coupled_var="x", k=0.1)
    made = Simulator(net, dt=DT)
    made.run(2.0 * u.ms, seed=1)
    return made


def through_pickle(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("copied", [copy.deepcopy, through_pickle], ids=["deepcopy", "pickle"])
def test_a_copy_is_equal_and_independent(copied, simulator):
    net, other = simulator.model, copied(simulator.model)
    np.testing.assert_array_equal(other.node.x.value, net.node.x.value)
    assert list(other.states(brainstate.ParamState)) == [("node", "a", "val")]
    assert number(other.node.w.value(), PER_MS) == pytest.approx(0.3)
    other.node.w = 0.9
    other.node.a = 0.8
    other.k = 7.0
    other.node.x = 5.0
    assert net.node.bare("w") == pytest.approx(0.3)
    assert net.node.bare("a") == pytest.approx(0.2)
    assert net.k.value() == 0.1
    assert (np.asarray(net.node.x.value) != 5.0).all()


@pytest.mark.parametrize("copied", [copy.deepcopy, through_pickle], ids=["deepcopy", "pickle"])
def test_a_copied_simulator_runs_and_continues_alike(copied, simulator):
    simulator.run(2.0 * u.ms, seed=1)
    other = copied(simulator)
    further = [s.run(2.0 * u.ms, init_states=False) for s in (simulator, other)]
    np.testing.assert_array_equal(further[0]["output"], further[1]["output"])
    np.testing.assert_array_equal(further[0]["ts"].mantissa, further[1]["ts"].mantissa)


def test_a_simulator_runs_alike_in_a_spawned_process(simulator):
    here = simulator.run(2.0 * u.ms, seed=1)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(operator.methodcaller("run", 2.0, seed=1), simulator).result()
    np.testing.assert_array_equal(there["output"], here["output"])
    assert there["ts"].unit == u.ms
    assert there.attrs["seed"] == 1


def test_a_traced_value_may_be_a_parameter():
    total = jax.jit(lambda a: HopfStep(3, a=a).derivative((1.0, 0.0), 0.0 * u.ms)[0] * u.ms)(0.2)
    assert total == pytest.approx(0.2 - 1.0)

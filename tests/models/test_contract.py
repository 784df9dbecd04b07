"""What every model of the catalogue must do, and how a network of any of them behaves."""

import inspect
import pickle
import re

import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainmass as bm
from brainmass.models import catalogue
from tests.compiles import compilations

pytestmark = pytest.mark.usefixtures("x64")

N, STEPS = 3, 200
QUICK = {"HopfStep", "WilsonCowanDelayedStep", "JansenRitStep", "KuramotoStep"}  # in the tests that compile networks
every_model = pytest.mark.parametrize("model", catalogue().values(), ids=catalogue().keys())
every_network = pytest.mark.parametrize(
    "model",
    [pytest.param(m, id=name, marks=[] if name in QUICK else [pytest.mark.slow]) for name, m in catalogue().items()],
)
WEIGHTS = np.array([[0.0, 0.7, 0.2], [0.5, 0.0, 0.0], [0.1, 0.9, 0.0]])
DELAYS = np.array([[0.0, 0.3, 2.0], [1.6, 0.0, 0.0], [4.1, 0.0, 0.0]])


def states(model, shape, seed=0):
    """Random bare states where the variables live."""
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(*(d.span or d.bounds), shape) for name, d in model.declarations(bm.Variable).items()}


def parameters(model, shape, seed=0):
    """Random bare parameters within their ranges, so that no term is switched off."""
    rng = np.random.default_rng(seed)
    return {name: jnp.asarray(rng.uniform(*d.bounds, shape)) for name, d in model.declarations(bm.Parameter).items()}


def drives(model, shape, seed=0):
    """Random bare inputs of both signs."""
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape) for name in model.declarations(bm.Input)}


def reached(model, names):
    """The Variables that a change of the Inputs ``names`` reaches at the default parameters."""
    node, found = model(1), set()
    for seed in range(5):
        at, drive = states(model, 1, seed), drives(model, 1, seed)
        by_input = jax.jacfwd(lambda x, at=at: node.bare_drift(at, node.bare_parameters(), x))(drive)
        found |= {v for v in by_input if any(np.any(by_input[v][name]) for name in names)}
        by_state = jax.jacfwd(lambda s, drive=drive: node.bare_drift(s, node.bare_parameters(), drive))(
            jax.tree.map(jnp.asarray, at)
        )
        for _ in at:
            found |= {v for v in at if any(np.any(by_state[v][other]) for other in found)}
    return found


def begun(model):
    """Initial values that differ by region, near those by default, by argument."""
    node = model(N)
    brainstate.random.seed(0)
    brainstate.nn.init_all_states(node)
    found = {}
    for name, d in model.declarations(bm.Variable).items():
        low, high = d.span or d.bounds
        near = np.asarray(node.bare_states()[name]) + 0.01 * (high - low) * np.arange(N)
        found[d.argument] = np.clip(near, *(d.bounds or (-np.inf, np.inf)))
    return found


def started(model, **arguments):
    """A bank of N whose regions begin at different values."""
    return model(N, **begun(model), **arguments)


def noise_of(model):
    """A coloured noise for every Input, by argument name; where two have the same one, for that of a nonlinearity."""
    inputs = list(model.declarations(bm.Input).values())[::-1]
    return {d.argument: bm.OUProcess(N, sigma=0.01 * d.unit, tau=5.0 * u.ms, init=0.0 * d.unit) for d in inputs}


def network(node, k=0.02, **options):
    return bm.Network(node, conn=WEIGHTS, delays=DELAYS, k=k, **options)


def recorded(sim, steps=STEPS, **options):
    """A run of all variables, (time, variable, region), bare."""
    node = getattr(sim.model, "node", sim.model)
    names = list(node.declarations(bm.Variable))
    run = sim.run(steps * node.dt, monitors=names, **options)
    return np.stack([np.asarray(getattr(run[name], "mantissa", run[name])) for name in names], 1)


# -- declarations ------------------------------------------------------------------------------------------------------


@every_model
def test_declarations_are_complete(model):
    assert re.search(r"doi:10\.\S+", model.__doc__)
    for declaration in model.declared.values():
        assert declaration.doc, declaration.name
    for d in model.declarations(bm.Parameter).values():
        default = d.default.to(d.unit).mantissa if isinstance(d.default, u.Quantity) else d.default
        assert d.bounds[0] <= default <= d.bounds[1], d.name
    for d in model.declarations(bm.Variable).values():
        assert d.span or d.bounds, d.name
    info = {info.name: info for info in bm.list_models()}[model.__name__]
    assert info.n_state_vars == len(model.declarations(bm.Variable))
    assert getattr(bm, model.__name__) is model


@every_model
def test_the_signature_shows_every_argument(model):
    arguments = inspect.signature(model).parameters
    kinds = [model.declarations(kind).values() for kind in (bm.Parameter, bm.Input, bm.Variable)]
    names = [d.name for d in kinds[0]] + [d.argument for d in (*kinds[1], *kinds[2])]
    assert set(arguments) == {"in_size", *names, "method", "name"}
    assert len(set(arguments)) == len(arguments)
    given = {name: p.default for name, p in arguments.items() if p.default is not p.empty and p.default is not None}
    model(N, **given)


@every_network
def test_the_default_model_runs_for_a_second_and_stays_finite(model):
    run = bm.Simulator(model(2), dt=model.dt).run(1000.0, monitors=list(model.declarations(bm.Variable)))
    for name, d in model.declarations(bm.Variable).items():
        series = np.asarray(getattr(run[name], "mantissa", run[name]))
        assert np.isfinite(series).all()
        assert series.shape == (round(1000 / model.dt), 2)
        low, high = d.span or d.bounds
        assert np.abs(series - (low + high) / 2).max() < 50 * (high - low)


# -- drift -------------------------------------------------------------------------------------------------------------


@every_model
def test_every_slope_has_the_unit_of_its_variable_per_time(model):
    node = model(N)
    inputs = node.namespace({name: np.full(N, 0.1) for name in model.declarations(bm.Input)})
    s = states(model, N)
    past = {name: s[d.of] for name, d in model.declarations(bm.Delayed).items()}
    slopes = model.drift(node.namespace(s | past), node.namespace(parameters(model, N)), inputs)
    assert slopes.keys() == model.declarations(bm.Variable).keys()
    for name, slope in slopes.items():
        assert u.get_unit(slope).dim == (model.declared[name].unit / u.ms).dim, name
        assert slope.shape == (N,)
    for name, d in model.declarations(bm.Output).items():
        sees = [states(model, N), node.bare_parameters(), drives(model, N)][: 2 + d.takes_inputs]
        read = d.read(*map(node.namespace, sees))
        assert u.get_unit(read).dim == d.unit.dim, name


@every_network
def test_drift_differentiates_to_its_finite_differences(model):
    node = model(1)
    at = dict(s=states(model, 1, seed=1), p=parameters(model, 1, seed=1), inputs=drives(model, 1, seed=1))
    at = jax.tree.map(lambda x: jnp.asarray(x, float), at)
    field = jax.jit(lambda at: node.bare_drift(at["s"], at["p"], at["inputs"]))
    derivative = jax.jit(jax.jacfwd(field))(at)
    flat, tree = jax.tree.flatten(at)
    for i in range(len(flat)):
        step = 1e-4 * max(1e-2, abs(float(flat[i][0])))
        moved = [field(tree.unflatten([x + by * step * (j == i) for j, x in enumerate(flat)])) for by in (-2, -1, 1, 2)]
        for name in at["s"]:
            far_down, down, up, far_up = (float(m[name][0]) for m in moved)
            difference = (8 * (up - down) - (far_up - far_down)) / (12 * step)
            found = float(jax.tree.leaves(derivative[name])[i].ravel()[0])
            scale = max(abs(far_up), abs(far_down)) * 1e-9 / step
            np.testing.assert_allclose(found, difference, rtol=1e-6, atol=1e-12 + scale)


@every_model
def test_every_parameter_matters(model):
    """1 % of it changes the drift at one of 100 random states, inputs and parameters; delays are not in the drift."""
    node, at, drive, p = model(100), states(model, 100), drives(model, 100), parameters(model, 100)
    field = jax.jit(lambda p: node.bare_drift(at, p, drive))
    before, delays = field(p), {d.by for d in model.declarations(bm.Delayed).values()}
    for name in p.keys() - delays:
        after = field({**p, name: 1.01 * p[name]})
        assert any(np.any(after[v] != before[v]) for v in before), name


@every_model
def test_regions_do_not_see_each_other(model):
    node = model(N)
    s = {name: jnp.asarray(value) for name, value in states(model, N).items()}
    p, field = node.bare_parameters(), node.bare_drift
    together = field(s, p, {})
    for i in range(N):
        alone = field({name: value[i : i + 1] for name, value in s.items()}, p, {})
        for name in s:
            np.testing.assert_allclose(alone[name], np.broadcast_to(together[name], N)[i], rtol=1e-13)


@every_model
def test_an_additive_input_is_additive(model):
    """Its slope neither depends on the state nor on any input, so white noise means the same in every calculus."""
    places = 20
    node, p, at, drive = model(places), parameters(model, 1), states(model, places, 0), drives(model, places, 0)
    for name, d in model.declarations(bm.Input).items():
        one = jnp.ones_like(drive[name])
        _, found = jax.jvp(lambda x, name=name: node.bare_drift(at, p, {**drive, name: x}), (drive[name],), (one,))
        slopes = np.array([np.broadcast_to(found[v], places) for v in found]).T
        assert np.abs(slopes).max() > 0
        assert d.additive == np.allclose(slopes, slopes[0], rtol=1e-9, atol=0)
        own = [n for n, other in model.declarations(bm.Variable).items() if other.noise_argument == d.argument]
        if d.additive or own:  # the argument of a variable takes it to the derivative
            attached = model(N, **{d.argument: bm.WhiteNoise(N, sigma=0.1)}).attached()
            assert list(attached) == ([name] if d.additive else [f"add_{own[0]}"])
        else:
            with pytest.raises(ValueError, match=r"white noise.*add it to a derivative with noise_"):
                model(N, **{d.argument: bm.WhiteNoise(N, sigma=0.1)})


@every_model
def test_every_derivative_takes_white_noise_by_one_argument(model):
    """It adds to the derivative of the variable or, where an additive Input has that argument, as that Input does."""
    for name, d in model.declarations(bm.Variable).items():
        node = model(N, **{d.noise_argument: bm.WhiteNoise(N, sigma=0.1)})
        (driven,) = node.attached()
        assert node.declared[driven].additive
        assert driven != f"add_{name}" or node.driven(driven) == (name,)


@every_model
def test_derivative_is_the_drift_in_declared_order(model):
    node, s = model(N), states(model, N)
    with_units = [u.Quantity(value, model.declared[name].unit) for name, value in s.items()]
    found = node.derivative(tuple(with_units), 0.0 * u.ms)
    wanted = node.bare_drift(s, node.bare_parameters(), {})
    for slope, (name, d) in zip(found, model.declarations(bm.Variable).items(), strict=True):
        np.testing.assert_allclose((slope / (d.unit / u.ms)), wanted[name], rtol=1e-12)


@every_network
def test_a_step_by_hand_is_a_step_of_a_run(model):
    node = started(model)
    run = recorded(bm.Simulator(node, dt=model.dt), 3)
    brainstate.environ.set(dt=model.dt * u.ms)
    brainstate.nn.init_all_states(node)
    for step in range(3):
        node.update()
        by_hand = np.stack([node.bare_states()[name] for name in model.declarations(bm.Variable)])
        np.testing.assert_allclose(by_hand, run[step], rtol=1e-11)


# -- runs --------------------------------------------------------------------------------------------------------------


def noisy(model):
    """A simulator of a delayed noisy network of three regions."""
    return bm.Simulator(network(model(N, **noise_of(model))), dt=model.dt)


@every_network
def test_a_delayed_noisy_network_compiles_once_and_repeats(model):
    sim = noisy(model)
    with compilations() as names:
        first = recorded(sim, seed=1)
    assert len([name for name in names if "run_on_devices" in name]) == 1
    with compilations() as names:
        again, other = recorded(sim, seed=1), recorded(sim, seed=2, values={"k": 0.03, "conn": WEIGHTS.T})
    assert names == []
    variables = list(model.declarations(bm.Variable))
    assert first.shape == (STEPS, len(variables), N)
    np.testing.assert_array_equal(first, again)
    moved = np.abs(first - other).max((0, 2)) > 0
    assert {name for name, differs in zip(variables, moved, strict=True) if differs} >= reached(
        model, model.declarations(bm.Input)
    )
    copied = pickle.loads(pickle.dumps(sim))
    np.testing.assert_array_equal(recorded(copied, seed=1), first)


@every_network
def test_a_batch_is_its_members(model):
    sim = noisy(model)
    name, d = next(iter(model.declarations(bm.Parameter).items()))
    low, high = d.bounds
    middle = float(sim.model.node.bare(name))
    around = middle + 0.01 * min(high - low, abs(middle) or np.inf) * np.array([-1.0, 0.0, 1.0])
    values = {"k": np.array([0.01, 0.02, 0.03]), f"node.{name}": np.clip(around, low, high)}
    names = list(model.declarations(bm.Variable))
    f = sim.function(STEPS * model.dt, vary=list(values), monitors=names)
    batch = f({path: value[:, None] for path, value in values.items()}, 3)
    assert all(np.isfinite(series).all() for series in batch.values())
    assert any(np.ptp(series, 1).max() > 0 for series in batch.values())
    for b in range(3):
        alone = f({path: value[b] for path, value in values.items()}, 3, simulation=b)
        for name in names:
            tolerance = 1e-12 * np.abs(batch[name]).max()
            np.testing.assert_allclose(batch[name][:, b], alone[name], rtol=1e-9, atol=tolerance)


@every_network
def test_symmetries_of_a_network(model):
    """Noise-free: renaming regions renames the output, k·W = (k·W), and no coupling means nodes by themselves."""
    parameter, d = next(iter(model.declarations(bm.Parameter).items()))
    own = float(model(1).bare(parameter)) + 0.01 * (d.bounds[1] - d.bounds[0]) * np.arange(N)
    node = model(N, **{parameter: own, **begun(model)})
    sim = bm.Simulator(network(node), dt=model.dt)

    def run(**values):
        return recorded(sim, values={path.replace("__", "."): value for path, value in values.items()})

    plain, scale = run(), np.abs(run()).max((0, 2), keepdims=True)[0]
    order = np.array([2, 0, 1])
    begin = {f"node__{argument}": value[order] for argument, value in begun(model).items()}
    begin[f"node__{parameter}"] = own[order]
    turned = run(conn=WEIGHTS[np.ix_(order, order)], delays=DELAYS[np.ix_(order, order)], **begin)
    assert np.abs(turned - plain).max() > 0
    np.testing.assert_allclose(turned / scale, plain[..., order] / scale, rtol=0, atol=1e-9)

    np.testing.assert_allclose(run(k=0.2, conn=0.1 * WEIGHTS) / scale, plain / scale, rtol=0, atol=1e-10)
    alone = recorded(bm.Simulator(node, dt=model.dt))
    np.testing.assert_allclose(run(k=0.0) / scale, alone / scale, rtol=0, atol=1e-10)
    assert np.abs(plain - alone).max() > 0

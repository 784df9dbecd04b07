"""What every model of the catalogue must do, and how a network of any of them behaves."""

import functools
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

pytestmark = [
    pytest.mark.usefixtures("x64"),
    pytest.mark.parametrize("model", catalogue().values(), ids=catalogue().keys()),
]

DT, N, TIME = 0.1, 3, 20.0
WEIGHTS = np.array([[0.0, 0.7, 0.2], [0.5, 0.0, 0.0], [0.1, 0.9, 0.0]])
DELAYS = np.array([[0.0, 0.3, 2.0], [1.6, 0.0, 0.0], [4.1, 0.0, 0.0]])


def states(model, shape, seed=0):
    """Random bare states where the variables live."""
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(*(d.span or d.bounds), shape) for name, d in model.declarations(bm.Variable).items()}


def started(model, seed=0, **arguments):
    """A bank of N that starts at random states."""
    begin = {model.declared[name].argument: value for name, value in states(model, N, seed).items()}
    return model(N, **begin, **arguments)


def noise_of(model):
    """A coloured noise for the Input that receives the coupling, by argument name."""
    name = target(model)
    declaration = model.declared[name]
    return {
        declaration.argument: bm.OUProcess(N, sigma=0.3 * declaration.unit, tau=5.0 * u.ms, init=0.0 * declaration.unit)
    }


def target(model):
    return bm.Network(model(2), conn=np.zeros((2, 2))).target


def network(node, k=0.3, **options):
    return bm.Network(node, conn=WEIGHTS, delays=DELAYS, k=k, **options)


def recorded(sim, duration=TIME, **options):
    """A run of all variables, (time, variable, region), bare."""
    node = getattr(sim.model, "node", sim.model)
    names = list(node.declarations(bm.Variable))
    run = sim.run(duration, monitors=names, **options)
    return np.stack([np.asarray(getattr(run[name], "mantissa", run[name])) for name in names], 1)


# -- declarations ------------------------------------------------------------------------------------------------------


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


def test_the_signature_shows_every_argument(model):
    arguments = inspect.signature(model).parameters
    kinds = [model.declarations(kind).values() for kind in (bm.Parameter, bm.Input, bm.Variable)]
    names = [d.name for d in kinds[0]] + [d.argument for d in (*kinds[1], *kinds[2])]
    assert list(arguments) == ["in_size", *names, "method", "name"]
    assert len(set(arguments)) == len(arguments)
    given = {name: p.default for name, p in arguments.items() if p.default is not p.empty and p.default is not None}
    model(N, **given)


def test_the_default_model_runs_for_a_second_and_stays_finite(model):
    run = bm.Simulator(model(2), dt=DT).run(1000.0, monitors=list(model.declarations(bm.Variable)))
    for name, d in model.declarations(bm.Variable).items():
        series = np.asarray(getattr(run[name], "mantissa", run[name]))
        assert np.isfinite(series).all()
        assert series.shape == (10_000, 2)
        low, high = d.span or d.bounds
        assert np.abs(series - (low + high) / 2).max() < 50 * (high - low)


# -- drift -------------------------------------------------------------------------------------------------------------


def test_every_slope_has_the_unit_of_its_variable_per_time(model):
    node = model(N)
    inputs = node.namespace({name: np.full(N, 0.1) for name in model.declarations(bm.Input)})
    slopes = model.drift(node.namespace(states(model, N)), node.namespace(node.bare_parameters()), inputs)
    assert slopes.keys() == model.declarations(bm.Variable).keys()
    for name, slope in slopes.items():
        assert u.get_unit(slope).dim == (model.declared[name].unit / u.ms).dim, name
        assert slope.shape == (N,)
    for name, d in model.declarations(bm.Output).items():
        read = d.read(node.namespace(states(model, N)), node.namespace(node.bare_parameters()))
        assert u.get_unit(read).dim == d.unit.dim, name


def test_drift_differentiates_to_its_finite_differences(model):
    node = model(1)
    at = dict(
        s=states(model, 1, seed=1),
        p={name: np.atleast_1d(value) for name, value in node.bare_parameters().items()},
        inputs={name: np.array([0.1]) for name in model.declarations(bm.Input)},
    )
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


def test_regions_do_not_see_each_other(model):
    node = model(N)
    s = {name: jnp.asarray(value) for name, value in states(model, N).items()}
    p, field = node.bare_parameters(), node.bare_drift
    together = field(s, p, {})
    for i in range(N):
        alone = field({name: value[i : i + 1] for name, value in s.items()}, p, {})
        for name in s:
            np.testing.assert_allclose(alone[name][0], together[name][i], rtol=1e-13)


def test_an_additive_input_is_additive(model):
    """Its slope neither depends on the state nor on any input, so white noise means the same in every calculus."""
    node = model(1)

    def reach(seed, name):
        at, drive = states(model, 1, seed), {other: np.full(1, float(seed)) for other in model.declarations(bm.Input)}
        slopes = jax.jacfwd(lambda x: node.bare_drift(at, node.bare_parameters(), {**drive, name: x}))(drive[name])
        return np.array([slopes[v].ravel()[0] for v in slopes])

    for name, d in model.declarations(bm.Input).items():
        first, second = reach(1, name), reach(2, name)
        assert np.abs(first).max() > 0
        assert d.additive == np.allclose(first, second, rtol=1e-12, atol=0)
        noise = {d.argument: bm.WhiteNoise(N, sigma=0.1)}
        if d.additive:
            model(N, **noise)
        else:
            with pytest.raises(ValueError, match="white noise"):
                model(N, **noise)


def test_derivative_is_the_drift_in_declared_order(model):
    node, s = model(N), states(model, N)
    with_units = [u.Quantity(value, model.declared[name].unit) for name, value in s.items()]
    found = node.derivative(tuple(with_units), 0.0 * u.ms)
    wanted = node.bare_drift(s, node.bare_parameters(), {})
    for slope, (name, value) in zip(found, wanted.items(), strict=True):
        np.testing.assert_allclose((slope / (model.declared[name].unit / u.ms)), value, rtol=1e-12)


def test_a_step_by_hand_is_a_step_of_a_run(model):
    node = started(model)
    run = recorded(bm.Simulator(node, dt=DT), 3 * DT)
    brainstate.environ.set(dt=DT * u.ms)
    brainstate.nn.init_all_states(node)
    for step in range(3):
        node.update()
        by_hand = np.stack([node.bare_states()[name] for name in model.declarations(bm.Variable)])
        np.testing.assert_allclose(by_hand, run[step], rtol=1e-11)


# -- runs --------------------------------------------------------------------------------------------------------------


@functools.cache
def noisy(model):
    """A simulator of a delayed noisy network of three regions."""
    return bm.Simulator(network(started(model, **noise_of(model))), dt=DT)


def test_a_delayed_noisy_network_runs_and_repeats(model):
    first, again, other = (recorded(noisy(model), seed=seed) for seed in (1, 1, 2))
    assert first.shape == (round(TIME / DT), len(model.declarations(bm.Variable)), N)
    np.testing.assert_array_equal(first, again)
    assert np.ptp(first, 0).min() > 0
    assert np.abs(first - other).max((0, 2)).min() > 0
    copied = pickle.loads(pickle.dumps(noisy(model)))
    np.testing.assert_array_equal(recorded(copied, seed=1), first)


def test_a_batch_is_its_members(model):
    name, d = next(iter(model.declarations(bm.Parameter).items()))
    low, high = d.bounds
    values = {"k": np.array([0.1, 0.3, 0.5]), f"node.{name}": low + (high - low) * np.array([0.4, 0.5, 0.6])}
    names = list(model.declarations(bm.Variable))
    f = noisy(model).function(TIME, vary=list(values), monitors=names)
    batch = f(values, 3)
    for b in range(3):
        alone = f({path: value[b] for path, value in values.items()}, 3, simulation=b)
        for name in names:
            assert np.ptp(batch[name], 1).max() > 1e-3 * np.ptp(batch[name])
            tolerance = 1e-12 * np.abs(batch[name]).max()
            np.testing.assert_allclose(batch[name][:, b], alone[name], rtol=1e-9, atol=tolerance)


def test_symmetries_of_a_network(model):
    """Noise-free: renaming regions renames the output, k·W = (k·W), and no coupling means nodes by themselves."""
    parameter, d = next(iter(model.declarations(bm.Parameter).items()))
    own = np.linspace(*(0.9 * np.array(d.bounds) + 0.05 * sum(d.bounds)), N)
    node = started(model, **{parameter: own})
    sim = bm.Simulator(network(node), dt=DT)

    def run(**values):
        return recorded(sim, values={path.replace("__", "."): value for path, value in values.items()})

    plain, scale = run(), np.abs(run()).max((0, 2), keepdims=True)[0]
    order = np.array([2, 0, 1])
    begin = {f"node__{model.declared[name].argument}": value[order] for name, value in states(model, N).items()}
    begin[f"node__{parameter}"] = own[order]
    turned = run(conn=WEIGHTS[np.ix_(order, order)], delays=DELAYS[np.ix_(order, order)], **begin)
    assert np.abs(turned - plain).max() > 1e-3
    np.testing.assert_allclose(turned / scale, plain[..., order] / scale, rtol=0, atol=1e-9)

    np.testing.assert_allclose(run(k=1.0, conn=0.3 * WEIGHTS) / scale, plain / scale, rtol=0, atol=1e-10)
    alone = recorded(bm.Simulator(node, dt=DT))
    np.testing.assert_allclose(run(k=0.0) / scale, alone / scale, rtol=0, atol=1e-10)
    assert np.abs(plain - alone).max() > 1e-3

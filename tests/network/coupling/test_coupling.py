"""Every coupling equals its formula in NumPy: as a function, as an object by itself, and inside a network."""

import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from brainmass import (
    AdditiveCoupling,
    Coupling,
    DiffusiveCoupling,
    HopfStep,
    HyperbolicTangentCoupling,
    Input,
    JansenRitStep,
    KuramotoCoupling,
    LaplacianConnParam,
    LaplacianCoupling,
    Network,
    Output,
    Parameter,
    PreSigmoidalCoupling,
    SigmoidalCoupling,
    SigmoidalJansenRitCoupling,
    Simulator,
    StateSpace,
    Variable,
    additive_coupling,
    diffusive_coupling,
    hyperbolic_tangent_coupling,
    laplacian_connectivity,
    sigmoidal_coupling,
    sigmoidal_jansen_rit_coupling,
)
from brainmass.datasets import load_dataset
from brainmass.network.coupling.rules import COUPLINGS
from brainmass.units import per_ms

N = 5
RNG = np.random.default_rng(3)
W = RNG.uniform(-1, 1, (N, N))  # asymmetric, negative, with a diagonal
X = RNG.uniform(-1, 2, N)
SOURCES = RNG.uniform(-1, 2, (N, N))  # (target, source), as delayed values are
OFF = W * (1 - np.eye(N))


def sigma(z):
    return 1 / (1 + np.exp(-z))


# The current into each region from sources x (target, source), own values y (target,) and weights w.
FORMULAS = {
    "diffusive": lambda x, y, w, k: k * (w * (x - y[:, None])).sum(1),
    "additive": lambda x, y, w, k, b: k * (w * x).sum(1) + b,
    "laplacian": lambda x, y, w, k: k * ((w * x).sum(1) - w.sum(1) * y),
    "sigmoidal": lambda x, y, w, k, a, b, slope, midpoint: k * sigma(slope * (a * (w * x).sum(1) + b - midpoint)),
    "tanh": lambda x, y, w, k, scale: k * np.tanh(scale * (w * x).sum(1)),
    "sigmoidal_jansen_rit": lambda x, y, w, k, cmin, cmax, midpoint, r: (
        k * (w * (cmin + (cmax - cmin) * sigma(r * (x - midpoint)))).sum(1)
    ),
    "kuramoto": lambda x, y, w, k, alpha: k * (w * np.sin(x - y[:, None] - alpha)).sum(1),
    "pre_sigmoidal": lambda x, y, w, k, H, Q, G, P, theta: k * (w * H * (Q + np.tanh(G * (P * x - theta)))).sum(1),
}
DEFAULTS = {
    "diffusive": (DiffusiveCoupling, dict(k=1.0)),
    "additive": (AdditiveCoupling, dict(k=1.0, b=0.0)),
    "laplacian": (LaplacianCoupling, dict(k=1.0)),
    "sigmoidal": (SigmoidalCoupling, dict(k=1.0, a=1.0, b=0.0, slope=1.0, midpoint=0.0)),
    "tanh": (HyperbolicTangentCoupling, dict(k=0.5, scale=2.0)),
    "sigmoidal_jansen_rit": (SigmoidalJansenRitCoupling, dict(k=1.0, cmin=0.0, cmax=0.005, midpoint=6.0, r=0.56)),
    "kuramoto": (KuramotoCoupling, dict(k=1.0, alpha=0.0)),
    "pre_sigmoidal": (PreSigmoidalCoupling, dict(k=1.0, H=0.5, Q=1.0, G=60.0, P=1.0, theta=0.5)),
}
OTHERS = {
    "diffusive": dict(k=np.linspace(0.1, 0.9, N)),
    "additive": dict(k=0.3, b=0.2),
    "laplacian": dict(k=0.3),
    "sigmoidal": dict(k=0.7, a=1.5, b=0.1, slope=2.0, midpoint=0.3),
    "tanh": dict(k=0.6, scale=1.5),
    "sigmoidal_jansen_rit": dict(k=0.8, cmin=0.1, cmax=0.6, midpoint=0.5, r=2.0),
    "kuramoto": dict(k=0.4, alpha=0.7),
    "pre_sigmoidal": dict(k=0.4, H=0.7, Q=0.2, G=3.0, P=1.5, theta=0.1),
}
SAME = {"difference": "diffusive", "scaling": "additive"}  # one coupling under two names
for name, other in SAME.items():
    FORMULAS[name], DEFAULTS[name], OTHERS[name] = FORMULAS[other], DEFAULTS[other], OTHERS[other]
FUNCTIONS = {
    "diffusive": diffusive_coupling,
    "additive": lambda x, y, w, **p: additive_coupling(x, w, **p),
    "sigmoidal": lambda x, y, w, **p: sigmoidal_coupling(x, w, **p),
    "tanh": lambda x, y, w, **p: hyperbolic_tangent_coupling(x, w, **p),
    "sigmoidal_jansen_rit": lambda x, y, w, **p: sigmoidal_jansen_rit_coupling(x, w, **p),
}


class Store(StateSpace):
    """It adds up what it gets: the first Euler step of 1 ms shows the current."""

    x = Variable(0.0, doc="sum")
    y = Variable(0.0, doc="another sum")
    x_inp = Input(per_ms, additive=True)
    y_inp = Input(per_ms, additive=True)
    mixed = Output(lambda s, p: 2.0 * s.x + s.y)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=inp.x_inp, y=inp.y_inp)


def current(variable="x", **wiring):
    """What flows into ``variable`` of each region at t = 0."""
    node = Store(in_size=N, init_x=X, init_y=-X, method="euler")
    start = X if variable == "x" else -X
    net = Network(node, **{"conn": W, "coupled_var": "x", **wiring})
    return Simulator(net, dt=1.0).run(1.0, monitors=variable)["output"][0] - start


# -- inside a network -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUPLINGS)
def test_a_coupling_object_gives_its_formula(name):
    kind, given = COUPLINGS[name], OTHERS[name]
    want = FORMULAS[name](np.tile(X, (N, 1)), X, OFF, **given)
    np.testing.assert_allclose(current(coupling=kind(**given)), want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", COUPLINGS)
def test_a_name_means_the_class_with_its_defaults(name):
    kind, defaults = DEFAULTS[name]
    by_name = Network(Store(in_size=N), conn=W, coupled_var="x", coupling=name)
    as_object = Network(Store(in_size=N), conn=W, coupled_var="x", coupling=kind())
    for net, want in (
        (by_name, {**defaults, "k": 1.0}),
        (as_object, defaults),
    ):  # k is the network's where a name is given
        assert type(net.coupling) is kind
        assert {n: net.coupling.bare(n) for n in kind.declarations(Parameter)} == want


def test_every_formula_is_tested():
    assert FORMULAS.keys() == DEFAULTS.keys() == OTHERS.keys() == COUPLINGS.keys()


def test_k_of_the_network_is_that_of_its_coupling():
    wired = dict(conn=W, coupled_var="x")
    assert Network(Store(in_size=N), coupling="tanh", k=0.9, **wired).coupling.bare("k") == 0.9
    assert Network(Store(in_size=N), coupling=HyperbolicTangentCoupling(k=0.9), **wired).k.value() == 0.9
    net = Network(Store(in_size=N), coupling=HyperbolicTangentCoupling(k=0.9), k=0.4, **wired)
    assert net.coupling.bare("k") == 0.4
    net.k = 300 * u.Hz
    assert net.coupling.bare("k") == pytest.approx(0.3)
    assert net.k is net.coupling.k


def test_a_coupling_of_two_functions():
    rectified = Coupling(pre=lambda x, p: jnp.maximum(x, 0.0), post=lambda total, x, p: p.k * total * (1.0 - x), k=0.4)
    want = 0.4 * (OFF @ np.maximum(X, 0)) * (1 - X)
    np.testing.assert_allclose(current(coupling=rectified), want, rtol=1e-4, atol=1e-5)


def test_a_coupling_class_with_a_parameter_of_its_own():
    class Sines(Coupling):
        """Sines of the sources, pulled back by the target."""

        shift = Parameter(0.0, doc="phase")

        @staticmethod
        def pre(x, p):
            return jnp.sin(x - p.shift)

        @staticmethod
        def post(total, x, p):
            return p.k * (total - p.strength * x)

    want = 0.5 * (OFF @ np.sin(X - 0.2) - OFF.sum(1) * X)
    np.testing.assert_allclose(current(coupling=Sines(k=0.5, shift=0.2)), want, rtol=1e-4, atol=1e-5)


def test_an_output_may_be_coupled_into_any_input():
    got = current("y", coupled_var="mixed", target="y_inp", coupling="additive", k=0.5)
    np.testing.assert_allclose(got, 0.5 * OFF @ (2 * X - X), rtol=1e-4, atol=1e-5)


def test_a_laplacian_param_is_used_as_it_is_with_its_diagonal():
    got = current(conn=LaplacianConnParam(OFF), coupling="additive", k=0.3)
    np.testing.assert_allclose(got, 0.3 * (OFF @ X - OFF.sum(1) * X), rtol=1e-4, atol=1e-5)


def test_the_diagonal_is_dropped_unless_it_is_wanted():
    def weights(**given):
        return np.asarray(Network(Store(in_size=N), coupled_var="x", **given).conn.value())

    np.testing.assert_array_equal(weights(conn=W), OFF)
    np.testing.assert_array_equal(weights(conn=W.ravel()), OFF)
    np.testing.assert_array_equal(weights(conn=W, self_connection=True), W)
    np.testing.assert_array_equal(weights(conn=brainstate.nn.Param(W)), W.astype(np.float32))
    net = Network(Store(in_size=N), conn=W, coupled_var="x")
    net.conn = 2 * W
    np.testing.assert_array_equal(net.conn.value(), 2 * OFF)


def test_a_connectome_brings_weights_and_distances():
    brain = load_dataset("example_connectome")
    net = Network(HopfStep(in_size=8), conn=brain, speed=10.0)
    np.testing.assert_array_equal(net.conn.value(), brain.weights)
    np.testing.assert_array_equal(net.distance.value().mantissa, brain.distances.mantissa)
    with pytest.warns(UserWarning, match="lengths of the Connectome are not used"):
        instant = Network(HopfStep(in_size=8), conn=brain)
    assert instant.distance is None


# -- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "k", [0.2, 0.2 * u.Hz / u.mV, 2e-4 * u.kHz / u.mV, 200.0 * u.Hz / u.volt], ids=["bare", "own", "kHz", "volt"]
)
def test_k_is_in_target_units_per_source_unit(k):
    net = Network(JansenRitStep(in_size=2), conn=np.ones((2, 2)), coupled_var="eeg", k=k)
    assert (net.target, net.coupling.bare("k")) == ("E_inp", pytest.approx(0.2))


def test_a_coupling_carries_units_from_potentials_to_rates():
    node = JansenRitStep(in_size=2, E_init=np.array([1.0, 3.0]), I_init=0.5, method="euler")
    net = Network(node, conn=np.array([[0.0, 0.5], [0.25, 0.0]]), coupled_var="eeg", k=4.0 * u.Hz / u.mV)
    sim = Simulator(net, dt=0.1)
    with_coupling, without = (sim.run(0.1, monitors="Ev", values={"k": k})["output"][0] for k in (4.0, 0.0))
    rate = 4.0 * u.Hz / u.mV * np.array([0.5 * 2.0, 0.25 * -2.0]) * u.mV
    want = (0.1 * u.ms * 3.25 * u.mV * 100 * u.Hz * rate).to_decimal(u.mV / u.second)
    np.testing.assert_allclose((with_coupling - without).to_decimal(u.mV / u.second), want, rtol=1e-4)


def test_parameters_of_a_coupling_take_the_units_of_source_and_target():
    given = SigmoidalCoupling(k=3.0 * u.Hz, b=1e-3 * u.volt, midpoint=2.0)
    net = Network(JansenRitStep(in_size=2), conn=np.ones((2, 2)), coupled_var="eeg", coupling=given)
    assert [net.coupling.bare(n) for n in ("k", "b", "midpoint")] == [3.0, pytest.approx(1.0), 2.0]
    for wrong in (
        SigmoidalCoupling(k=3.0 * u.mV),
        SigmoidalCoupling(midpoint=2.0 * u.Hz),
        AdditiveCoupling(b=1 * u.mV),
    ):
        with pytest.raises(ValueError, match=r"give it in (Hz|mV) or as a bare number\.$"):
            Network(JansenRitStep(in_size=2), conn=np.ones((2, 2)), coupled_var="eeg", coupling=wrong)


# -- functions and objects by themselves ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("form", ["array", "flat", "callable", "batch"])
def test_a_function_equals_numpy(name, form):
    given = {"k": 1.0} | OTHERS[name]
    want = FORMULAS[name](SOURCES, X, W, **given)
    x, y = jnp.asarray(SOURCES), jnp.asarray(X)
    if form == "flat":
        x = x.reshape(-1)
    if form == "callable":
        got = FUNCTIONS[name](lambda: x, lambda: y, W, **given)
    elif form == "batch":
        got = FUNCTIONS[name](jnp.stack([x, 0 * x]), jnp.stack([y, 0 * y]), W, **given)
        np.testing.assert_allclose(got[1], FORMULAS[name](0 * SOURCES, 0 * X, W, **given), rtol=1e-5, atol=1e-6)
        got = got[0]
    else:
        got = FUNCTIONS[name](x, y, W, **given)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_object_by_itself_equals_numpy(name):
    signals = dict(x=lambda: jnp.asarray(SOURCES), y=lambda: jnp.asarray(X), conn=W)
    kind = COUPLINGS[name]
    rule = kind(**{n: signals[n] for n in kind.signals}, **OTHERS[name])
    want = FORMULAS[name](SOURCES, X, W, **OTHERS[name])
    np.testing.assert_allclose(rule.update(), want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rule(), want, rtol=1e-5, atol=1e-6)
    rule.k = 0.0
    np.testing.assert_allclose(rule.update(), FORMULAS[name](SOURCES, X, W, **{**OTHERS[name], "k": 0.0}), atol=1e-6)


def test_arguments_come_in_the_known_order():
    rule = DiffusiveCoupling(lambda: jnp.asarray(SOURCES), lambda: jnp.asarray(X), W, 0.3)
    np.testing.assert_allclose(rule.update(), FORMULAS["diffusive"](SOURCES, X, W, 0.3), rtol=1e-5, atol=1e-6)
    rule = AdditiveCoupling(lambda: jnp.asarray(SOURCES), W, 0.3, 0.1)
    np.testing.assert_allclose(rule.update(), FORMULAS["additive"](SOURCES, X, W, 0.3, 0.1), rtol=1e-5, atol=1e-6)


def test_diffusive_coupling_takes_flat_and_rectangular_weights():
    want = FORMULAS["diffusive"](SOURCES, X, W, 0.3)
    np.testing.assert_allclose(diffusive_coupling(SOURCES, X, W.ravel(), 0.3), want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        diffusive_coupling(SOURCES[:2], X[:2], W[:2], 0.3),
        FORMULAS["diffusive"](SOURCES[:2], X[:2], W[:2], 0.3),
        rtol=1e-5,
    )


def test_units_multiply_through():
    k = 0.3 * u.Hz / u.mV
    rate = diffusive_coupling(SOURCES * u.mV, X * u.mV, W, k)
    np.testing.assert_allclose(rate.to_decimal(u.Hz), FORMULAS["diffusive"](SOURCES, X, W, 0.3), rtol=1e-5)
    rate = additive_coupling(SOURCES * u.mV, W, k, 2.0 * u.Hz)
    np.testing.assert_allclose(rate.to_decimal(u.Hz), FORMULAS["additive"](SOURCES, X, W, 0.3, 2.0), rtol=1e-5)
    assert hyperbolic_tangent_coupling(SOURCES * u.mV, W, 2.0 * u.Hz).unit == u.Hz
    rate = sigmoidal_jansen_rit_coupling(SOURCES * u.mV, W, 1.0, 0.0, 5.0 * u.Hz)
    want = FORMULAS["sigmoidal_jansen_rit"](SOURCES, X, W, 1.0, 0.0, 5.0, 6.0, 0.56)
    np.testing.assert_allclose(rate.to_decimal(u.Hz), want, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: DiffusiveCoupling(SOURCES, X, W), TypeError, "callable"),
        (lambda: AdditiveCoupling(lambda: SOURCES, W.ravel()).update(), ValueError, r"conn has the shape \(25,\)"),
        (lambda: additive_coupling(SOURCES, W.ravel()), ValueError, r"conn has the shape \(25,\)"),
        (lambda: additive_coupling(SOURCES[:, :3], W), ValueError, r"x has the shape \(5, 3\).*\(5, 5\)"),
        (lambda: DiffusiveCoupling().update(), ValueError, "has no conn"),
    ],
    ids=["signal no callable", "object, flat weights", "function, flat weights", "sources do not fit", "not wired"],
)
def test_what_does_not_fit_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


# -- Laplacian --------------------------------------------------------------------------------------------------------

POSITIVE = np.abs(W)
DEGREE = POSITIVE.sum(1)
LAPLACIANS = {
    None: POSITIVE - np.diag(DEGREE),
    "rw": POSITIVE / DEGREE[:, None] - np.eye(N),
    "sym": POSITIVE / np.sqrt(np.outer(DEGREE, DEGREE)) - np.eye(N),
}


@pytest.mark.parametrize("normalize", LAPLACIANS)
def test_the_laplacian_of_weights(normalize):
    got, degree = laplacian_connectivity(POSITIVE, normalize=normalize, return_diag=True)
    np.testing.assert_allclose(got, LAPLACIANS[normalize], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(degree, DEGREE, rtol=1e-6)
    np.testing.assert_allclose(laplacian_connectivity(POSITIVE, normalize=normalize), got)
    lonely = laplacian_connectivity(np.zeros((2, 2)), normalize=normalize)
    assert np.isfinite(np.asarray(lonely)).all()


def test_an_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match=r"normalize='row' is unknown; use None, 'rw' or 'sym'\."):
        laplacian_connectivity(POSITIVE, normalize="row")


@pytest.mark.parametrize("normalize", LAPLACIANS)
def test_a_laplacian_param_has_the_laplacian_as_its_value(normalize):
    mask = POSITIVE > 0.5
    param = LaplacianConnParam(POSITIVE, mask=mask, normalize=normalize, fit=True)
    want = laplacian_connectivity(POSITIVE * mask, normalize=normalize)
    np.testing.assert_allclose(param.value(), want, rtol=1e-5, atol=1e-6)
    assert isinstance(param, brainstate.nn.Param)
    assert isinstance(param.val, brainstate.ParamState)

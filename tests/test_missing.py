"""What is missing is refused where it counts: masked values in every argument, and lengths of edges that there are."""

import brainstate
import brainunit as u
import numpy as np
import pytest
import scipy.sparse

import brainmass as bm
from brainmass.time_steps import step_count

N, DT = 4, 0.1
RNG = np.random.default_rng(0)
WEIGHTS = RNG.uniform(0.1, 1.0, (N, N)) * (1 - np.eye(N))
WEIGHTS[0, 3] = 0.0  # no edge
LENGTHS = RNG.uniform(1.0, 30.0, (N, N))
HOLE = np.ma.array([0.1, 0.2, 0.3, 0.4], mask=[False, True, False, False])


def masked(matrix, *at):
    mask = np.zeros(matrix.shape, bool)
    for place in at:
        mask[place] = True
    return np.ma.array(matrix, mask=mask)


def holed(value, *at):
    matrix = LENGTHS.copy()
    for place in at:
        matrix[place] = value
    return matrix


def node(**given):
    return bm.HopfStep(N, **{"init_x": 0.1, "init_y": 0.1, **given})


def network(conn=WEIGHTS, **given):
    wiring = {} if "delays" in given else dict(distance=LENGTHS, speed=5.0)
    return bm.Network(node(), conn=conn, **{**wiring, **given})


def run(net, **given):
    return bm.Simulator(net, DT).run(1.0, seed=0, **given)["output"]


MASKED = {
    "conn": lambda: network(masked(WEIGHTS, (1, 2))),
    "conn of whole numbers": lambda: network(np.ma.array(np.ones((N, N), int), mask=np.eye(N)[::-1])),
    "distance": lambda: network(distance=masked(LENGTHS, (1, 2))),
    "distance with a unit": lambda: network(distance=u.Quantity(masked(LENGTHS, (1, 2)), u.cm)),
    "delays": lambda: network(delays=masked(LENGTHS, (1, 2))),
    "speed": lambda: network(speed=np.ma.masked),
    "k": lambda: network(k=HOLE),
    "k in a list": lambda: network(k=[np.ma.masked, 2.0, 3.0, 4.0]),
    "delay_init": lambda: network(delay_init=HOLE),
    "a": lambda: node(a=HOLE),
    "a with a unit": lambda: node(a=u.Quantity(HOLE, u.Hz)),
    "a, assigned": lambda: setattr(node(), "a", HOLE),
    "init_x": lambda: node(init_x=HOLE),
    "sigma": lambda: bm.OUProcess(N, sigma=HOLE),
    "correlation": lambda: bm.WhiteNoise(N, correlation=masked(np.eye(N), (0, 1), (1, 0))),
    "values of a noise": lambda: bm.NoiseSeries(N, values=masked(np.ones((9, N)), (3, 1))),
    "alpha of a coupling": lambda: network(coupling=bm.KuramotoCoupling(alpha=HOLE)),
    "values": lambda: run(network(), values={"k": masked(np.ones(3), 1)}),
    "inputs": lambda: run(network(), inputs={"y_inp": masked(np.ones(10), 3)}),
    "leadfield": lambda: bm.EEG("x", masked(np.ones((2, N)), (1, 1))),
    "weights of a connectome": lambda: bm.datasets.Connectome(masked(WEIGHTS, (1, 2)), LENGTHS, list("abcd")),
    "distances of a connectome": lambda: bm.datasets.Connectome(WEIGHTS, masked(LENGTHS, (1, 2)), list("abcd")),
}


@pytest.mark.parametrize("call", MASKED.values(), ids=MASKED)
def test_a_masked_value_is_refused(call):
    with pytest.raises(ValueError, match="masked"):
        call()


def test_a_mask_that_hides_nothing_read_is_fine():
    plain = run(network())
    np.testing.assert_array_equal(run(network(masked(WEIGHTS))), plain)
    np.testing.assert_array_equal(run(network(masked(WEIGHTS, (1, 1)))), plain)  # the diagonal is not read
    np.testing.assert_array_equal(run(network(distance=masked(LENGTHS, (0, 3), (2, 2)))), plain)


@pytest.mark.parametrize("absent", [np.nan, np.inf])
def test_lengths_of_no_edge_may_be_anything(absent):
    lengths, plain = holed(absent, (0, 3), *((i, i) for i in range(N))), run(network())
    net = network(distance=lengths)
    np.testing.assert_array_equal(run(net), plain)
    np.testing.assert_array_equal(run(network(), values={"distance": lengths}), plain)
    np.testing.assert_array_equal(run(network(delays=lengths / 5.0)), plain)
    made = bm.datasets.Connectome(WEIGHTS, lengths, list("abcd"))
    np.testing.assert_array_equal(run(network(made, distance=None)), plain)
    grown = WEIGHTS + (np.arange(N * N).reshape(N, N) == 3)
    for call in (lambda: setattr(net, "conn", grown), lambda: run(net, values={"conn": grown})):
        with pytest.raises(ValueError, match=r"distance=.* at \[0, 3\] .* there is an edge"):
            call()
    with pytest.raises(ValueError, match=r"distance'\]=.* at \[1, 0\]"):
        run(net, values={"distance": holed(absent, (1, 0))})
    with pytest.raises(ValueError, match=r"at \[0, 0\] .* there is an edge"):
        network(WEIGHTS + np.eye(N), distance=lengths, self_connection=True)


def test_an_infinite_speed_leaves_no_delays():
    undelayed, delayed = run(bm.Network(node(), conn=WEIGHTS)), run(network())
    assert np.abs(undelayed - delayed).max() > 1e-4
    np.testing.assert_array_equal(run(network(speed=np.inf)), undelayed)
    np.testing.assert_allclose(run(network(speed=np.inf, interpolate=True)), undelayed, rtol=1e-6)
    both = run(network(), values={"speed": [5.0, np.inf]})
    np.testing.assert_allclose(both[:, 0], delayed, rtol=1e-6)
    np.testing.assert_allclose(both[:, 1], undelayed, rtol=1e-6)


def test_matrices_may_be_sparse_and_weights_an_adjacency():
    plain, edges = run(network()), WEIGHTS > 0
    sparse = network(scipy.sparse.csr_matrix(WEIGHTS), distance=scipy.sparse.coo_array(LENGTHS))
    np.testing.assert_array_equal(run(sparse), plain)
    other = {"conn": scipy.sparse.csc_matrix(WEIGHTS), "distance": scipy.sparse.csr_array(LENGTHS)}
    np.testing.assert_array_equal(run(network(edges), values=other), plain)
    for adjacency in (edges, scipy.sparse.csr_matrix(edges)):
        np.testing.assert_array_equal(run(network(adjacency)), run(network(edges * 1.0)))


TOO_LARGE = {
    "conn": lambda: network(1e300 * WEIGHTS),
    "k": lambda: network(k=1e39),
    "a": lambda: node(a=u.Quantity(1e39, u.ms**-1)),
}


@pytest.mark.parametrize("call", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_single_precision_cannot_hold_is_refused(call):
    with pytest.raises(ValueError, match="more than single precision holds"):
        call()


@pytest.mark.usefixtures("x64")
def test_double_precision_holds_more():
    assert network(k=1e39).k.value() == 1e39


def test_a_delay_that_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match=r"longest delay, .* check the units"):
        run(network(speed=1e-9))


ODD = {
    "full of NaN": (dict(init_x=lambda shape: np.full(shape, np.nan)), ValueError, "init_x.*nan"),
    "of JAX": (dict(init_x=lambda shape: HOLE.data * np.nan), ValueError, "init_x.*nan"),
    "a text": (dict(init_x=lambda shape: "x"), TypeError, "init_x.*'x' is not a number"),
    "of nothing": (dict(init_x=lambda: 1.0), TypeError, r"init_x=.* must be a function \(shape\)"),
}


@pytest.mark.parametrize(("given", "kind", "sentence"), ODD.values(), ids=ODD)
def test_initial_values_are_checked_before_the_run(given, kind, sentence):
    with pytest.raises(kind, match=sentence):
        bm.Simulator(node(**given), DT).run(1.0)


def test_what_an_input_gives_is_checked_before_the_run():
    with pytest.raises(ValueError, match=r"inputs: the callable for y_inp=nan is not finite"):
        run(network(), inputs={"y_inp": lambda i, t: np.nan})


UNMEANT = {
    "tr": (lambda: bm.Bold("x", tr=2), r"Bold: tr=2 is 2 ms .* 2 \* u.second, or 2 \* u.ms"),
    "tau of the balloon": (lambda: bm.Bold("x", tau=980.0), r"tau=980.0 .* far from .* 980 \* u.second"),
    "tau of a noise": (lambda: bm.OUProcess(N, tau=1e6), r"OUProcess: tau=.* 1e\+06 \* u.ms"),
    "tau in s": (lambda: bm.WilsonCowanStep(N, tau_E=0.001), r"tau_E=0.001 .* 0.001 \* u.ms"),
    "tau of a kernel": (lambda: bm.GammaHRFKernel(tau=1080.0), "tau=1080 .* far from the usual 1.08"),
    "tau of zero": (
        lambda: bm.WilsonCowanStep(N, tau_E=0.0),
        "tau_E=0 must be above 0, where the derivative of rE",
    ),
}


@pytest.mark.parametrize(("call", "sentence"), UNMEANT.values(), ids=UNMEANT)
def test_a_bare_number_that_cannot_be_meant_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_with_its_unit_it_can():
    bm.Bold("x", tr=2 * u.ms, tau=980 * u.ms)
    bm.Bold("x", tr=2 * u.second)
    assert bm.OUProcess(N, tau=1e6 * u.ms).tau.value() == 1e6 * u.ms


SWITCHES = {
    "self_connection": lambda: network(self_connection="False"),
    "interpolate": lambda: network(interpolate=1),
    "init_states": lambda: run(network(), init_states=None),
    "progress": lambda: run(network(), progress="x"),
    "jit": lambda: run(network(), jit=np.ones(2)),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_true_or_false(name):
    with pytest.raises(TypeError, match=f"{name}=.* must be True or False"):
        SWITCHES[name]()


SENTENCES = {
    "coupled_var": (lambda: network(coupled_var=5), TypeError, "coupled_var=5 must be a name"),
    "no target": (lambda: network(target=[]), TypeError, r"target=\[\] must be a name"),
    "positional conn": (lambda: bm.Network(node(), WEIGHTS), TypeError, "it takes node, conn="),
    "objects": (lambda: network(k=np.array([1.0, None], object)), TypeError, "of dtype object is not a number"),
    "monitors": (lambda: run(network(), monitors=np.ones(3)), TypeError, "monitors=an array"),
    "values": (lambda: run(network(), values=scipy.sparse.eye(3)), TypeError, "must be a dict"),
    "checkpoint_every": (lambda: run(network(), checkpoint_every=5.0), ValueError, "without checkpoint"),
    "in_size": (lambda: bm.HopfStep(10**10), ValueError, "more than can be counted"),
    "labels": (lambda: setattr(network(), "labels", 5), TypeError, "labels=5 must be a list of texts"),
    "initial text": (lambda: run(network(), inputs={"y_inp": lambda i, t: "x"}), ValueError, "returned a str"),
}


@pytest.mark.parametrize(("call", "kind", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_odd_arguments_get_one_sentence(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call()


@pytest.mark.parametrize(
    ("duration", "steps"),
    [(np.float32(3.7e-3) * u.second, 37), (u.Quantity(np.float32(0.0301), u.second), 301), (np.float32(30.1), 301)],
)
def test_a_duration_in_single_precision_means_what_it_shows(duration, steps):
    assert step_count(duration, DT) == steps


@pytest.mark.parametrize("given", [dict(x_inp=0.0), {}], ids=["a bank", "a network"])
@pytest.mark.parametrize(
    ("value", "match"),
    [
        (np.ma.array([0.1, 0.2, 0.3], mask=[0, 1, 0]), r"is masked at \[1\]"),
        (np.array([0.1, np.nan, 0.3]), r"=nan at \[1\] is not finite"),
        (np.ones(4), r"has the shape \(4,\); it must be one number or broadcast to \(3,\)"),
    ],
    ids=["masked", "NaN", "shape"],
)
def test_inputs_of_a_step_by_hand_are_checked(given, value, match):
    bank = bm.HopfStep(3, init_x=0.1, init_y=0.1)
    model = bank if given else bm.Network(bank, conn=np.ones((3, 3)), coupling="additive")
    with brainstate.environ.context(dt=0.1):
        brainstate.nn.init_all_states(model)
        with pytest.raises(ValueError, match=rf"^HopfStep: y_inp{'.*' if 'nan' not in match else ''}{match}"):
            model.update(**given, y_inp=value)
        model.update(**given, y_inp=np.array([0.1, 0.2, 0.3]))

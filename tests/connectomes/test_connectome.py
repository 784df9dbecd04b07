"""A connectome as a value: what is known of regions goes with them, and every way of changing it does what it says."""

import pickle

import brainunit as u
import numpy as np
import pytest

import brainmass as bm

N = 6
DRAWN = np.random.default_rng(0)
WEIGHTS = DRAWN.uniform(0.1, 2, (N, N)) * (1 - np.eye(N))
CENTRES = DRAWN.uniform(-60, 60, (N, 3))
LENGTHS = 1.2 * np.linalg.norm(CENTRES[:, None] - CENTRES, axis=-1)
LABELS = ["L.V1", "L.M1", "L.Thal", "R.V1", "R.M1", "R.Thal"]
CORTICAL = np.array([True, True, False] * 2)


def connectome(**changed):
    given = dict(weights=WEIGHTS, distances=LENGTHS, labels=LABELS, centres=CENTRES, cortical=CORTICAL, space="MNI152")
    return bm.Connectome(**given | dict(source="a test", licence="CC0") | changed)


@pytest.fixture
def conn():
    return connectome()


def same(one, other):
    for name in ("weights", "labels", "hemispheres", "cortical"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("distances", "centres"):
        np.testing.assert_array_equal(getattr(one, name).mantissa, getattr(other, name).mantissa)
    assert (one.space, one.source, one.steps) == (other.space, other.source, other.steps)


def test_it_unpacks_into_three_and_keeps_all_else(conn):
    weights, distances, labels = conn
    assert weights is conn.weights
    assert distances.unit == u.mm
    assert labels.tolist() == LABELS
    assert conn.hemispheres.tolist() == ["left"] * 3 + ["right"] * 3
    same(pickle.loads(pickle.dumps(conn)), conn)
    same(bm.from_spec(bm.to_spec(conn)), conn)
    with pytest.raises(AttributeError):
        conn.weights = WEIGHTS


def test_it_prints_what_is_known_of_it(conn):
    shown = repr(conn.normalized().select("left"))
    assert shown.startswith("Connectome: 3 regions, 6 weights, lengths up to")
    assert "CC0" in shown
    assert "normalized('max'), select(3 of 6 by 'left')" in shown
    assert repr(connectome(distances=None)).startswith("Connectome: 6 regions, 30 weights, no lengths")


@pytest.mark.parametrize(
    ("labels", "sides"),
    [
        (["ctx-lh-V1", "ctx-rh-V1", "Brain-Stem"], ["left", "right", ""]),
        (["Left-Thalamus-Proper", "Right-Thalamus-Proper"], ["left", "right"]),
        (["7Networks_LH_Vis_1", "7Networks_RH_Vis_1"], ["left", "right"]),
        (["L.BSTS", "R.CER"], ["left", "right"]),
        (["Precentral_L", "Precentral_R"], ["left", "right"]),
        (["l_insula", "r_insula"], ["left", "right"]),
        (["lA1", "rPFCPOL"], ["left", "right"]),
        (["L0", "R1"], ["left", "right"]),
        (["lh_V1_ROI", "rh_V1_ROI"], ["left", "right"]),
    ],
)
def test_names_of_atlases_say_the_side(labels, sides):
    n = len(labels)
    assert bm.Connectome(1 - np.eye(n), labels=labels).hemispheres.tolist() == sides


@pytest.mark.parametrize("labels", [["lingual", "rectus"], ["V1", "V2"], ["L.V1", "L.V2"], ["Lobule", "Rest"]])
def test_names_that_do_not_tell_say_nothing(labels):
    assert bm.Connectome(1 - np.eye(2), labels=labels).hemispheres is None


def test_regions_that_are_selected_take_all_of_theirs_along(conn):
    for which, index in (
        ("cortex", [0, 1, 3, 4]),
        ("subcortex", [2, 5]),
        ("right", [3, 4, 5]),
        (["R.M1", "L.V1"], [0, 4]),
        (CORTICAL, [0, 1, 3, 4]),
    ):
        part = conn.select(which)
        assert conn.index_of(part).tolist() == index
        np.testing.assert_array_equal(part.weights, WEIGHTS[np.ix_(index, index)])
        np.testing.assert_array_equal(part.distances.mantissa, LENGTHS[np.ix_(index, index)])
        np.testing.assert_array_equal(part.centres.mantissa, CENTRES[index])
        assert part.hemispheres.tolist() == conn.hemispheres[index].tolist()
        assert part.cortical.tolist() == CORTICAL[index].tolist()
        assert part.labels.tolist() == [LABELS[i] for i in index]


def test_reordered_is_the_same_brain(conn):
    turned = conn.reordered(LABELS[::-1])
    np.testing.assert_array_equal(turned.weights, WEIGHTS[::-1, ::-1])
    assert turned.hemispheres.tolist() == conn.hemispheres[::-1].tolist()
    back = turned.reordered(conn)
    same(back.replace(steps=()), conn)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("max", lambda w: w / w.max()),
        ("mean", lambda w: w / w[w > 0].mean()),
        ("row", lambda w: w / w.sum(1, keepdims=True)),
        ("region", lambda w: w / w.sum(1).max()),
        ("spectral", lambda w: w / np.abs(np.linalg.eigvals(w)).max()),
        ("log", lambda w: np.log1p(w) / np.log1p(w).max()),
    ],
)
def test_normalized(conn, how, expected):
    np.testing.assert_allclose(conn.normalized(how).weights, expected(WEIGHTS), rtol=1e-12)
    with_loops = connectome(weights=WEIGHTS + 100 * np.eye(N)).normalized(how)
    off = ~np.eye(N, dtype=bool)
    np.testing.assert_allclose(with_loops.weights[off], expected(WEIGHTS)[off], rtol=1e-12)


def test_a_region_without_input_stays_without():
    weights = WEIGHTS.copy()
    weights[2] = 0
    assert not connectome(weights=weights).normalized("row").weights[2].any()


def test_symmetrized_takes_the_mean_and_lengths_that_are_known():
    lengths = LENGTHS.copy()
    lengths[0, 1], lengths[2, 0] = np.nan, 10.0
    weights = WEIGHTS.copy()
    weights[0, 1] = 0
    made = connectome(weights=weights, distances=lengths).symmetrized()
    np.testing.assert_allclose(made.weights, (weights + weights.T) / 2)
    assert made.distances.mantissa[0, 1] == made.distances.mantissa[1, 0] == LENGTHS[1, 0]
    assert made.distances.mantissa[0, 2] == made.distances.mantissa[2, 0] == (10 + LENGTHS[0, 2]) / 2


@pytest.mark.parametrize("symmetric", [False, True])
def test_thresholded_keeps_the_strongest(conn, symmetric):
    conn = conn.symmetrized() if symmetric else conn
    kept = conn.thresholded(0.4)
    assert kept.density == pytest.approx(0.4)
    assert kept.is_symmetric == symmetric
    left_out = conn.weights[(kept.weights == 0) & (conn.weights != 0)]
    assert kept.weights[kept.weights > 0].min() >= left_out.max()
    np.testing.assert_array_equal(conn.thresholded(1.0).weights, conn.weights)


@pytest.mark.parametrize("symmetric", [False, True])
def test_null_models_keep_what_they_promise(symmetric):
    drawn = np.random.default_rng(1)
    weights = drawn.random((30, 30)) * (drawn.random((30, 30)) < 0.2) * (1 - np.eye(30))
    at = drawn.uniform(-70, 70, (30, 3))
    conn = bm.Connectome(weights, labels=[f"a{i}" for i in range(30)], centres=at).with_distances_from_centres()
    conn = conn.symmetrized() if symmetric else conn
    edges = conn.weights != 0

    def weights_of(one):
        return np.sort(one.weights[one.weights != 0])

    for method in ("weights", "length", "degree"):
        null = conn.rewired(method, seed=1)
        np.testing.assert_array_equal(weights_of(null), weights_of(conn))
        assert null.is_symmetric == symmetric
        assert (null.weights != conn.weights).mean() > 0.1
        np.testing.assert_array_equal(null.weights, conn.rewired(method, seed=1).weights)
        assert (null.weights != conn.rewired(method, seed=2).weights).any()
        moved = ((null.weights != 0) != edges).any()
        assert moved == (method == "degree")
    assert (null.edges.sum(0) == edges.sum(0)).all()
    assert (null.edges.sum(1) == edges.sum(1)).all()
    assert ((null.weights != 0) & edges).sum() < 0.6 * edges.sum()

    def order(one):
        return np.corrcoef(one.weights[edges], conn.distances.mantissa[edges])[0, 1]

    by_length = conn.replace(weights=np.where(edges, np.exp(-conn.distances.mantissa / 30), 0.0))
    assert order(by_length) < -0.7
    assert order(by_length.rewired("length", seed=1)) < -0.6
    assert abs(order(by_length.rewired("weights", seed=1))) < 0.25


def test_distances_from_centres(conn):
    np.testing.assert_allclose(conn.with_distances_from_centres().distances.mantissa, LENGTHS / 1.2)


def test_the_average_goes_by_names_and_over_tracts_that_are_there():
    other = WEIGHTS.copy()
    other[0, 1] = 0
    lengths = LENGTHS.copy()
    lengths[0, 1] = 999
    turned = connectome(weights=other, distances=lengths, source="another").reordered(LABELS[::-1])
    mean = bm.Connectome.average([connectome(), turned])
    np.testing.assert_allclose(mean.weights, (WEIGHTS + other) / 2)
    np.testing.assert_allclose(mean.distances.mantissa, LENGTHS)
    assert mean.labels.tolist() == LABELS
    assert mean.space == "MNI152"
    assert mean.source is None


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        (dict(weights=WEIGHTS), "asymmetric", "rows must be targets"),
        (dict(weights=WEIGHTS - 2), "negative", "down to -"),
        (dict(weights=WEIGHTS + np.eye(N)), "diagonal", "6 regions are wired to themselves"),
        (dict(weights=WEIGHTS * np.outer(*[[1, 1, 1, 1, 1, 0]] * 2)), "isolated", "R.Thal is without"),
        (dict(weights=np.kron(np.eye(2), 1 - np.eye(3))), "disconnected", "2 parts"),
        (dict(distances=LENGTHS * 10), "long", "over 350 mm"),
        (dict(distances=LENGTHS / 1000), "unit", "metres"),
        (dict(distances=LENGTHS * 0), "no length", "30 edges have a length of 0 mm"),
        (dict(distances=LENGTHS + 20 * np.triu(LENGTHS > 0)), "asymmetric lengths", "from L.M1 to L.V1"),
    ],
)
def test_what_looks_wrong_is_found(changed, kind, words):
    found = connectome(**changed).check()
    assert any(one.kind == kind and words in one.sentence for one in found), found
    sound = connectome(weights=WEIGHTS + WEIGHTS.T)
    assert sound.check() == []


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda c: c.select("lef"), ValueError, r"cortex, subcortex, left, right, .* \(did you mean 'left'\?\)"),
        (lambda c: c.select([]), ValueError, "leaves none of the 6 regions"),
        (lambda c: c.select([True]), ValueError, r"the mask must be \(6,\)"),
        (lambda c: c.select(["L.V2"]), KeyError, r"'L.V2' is none of the 6 regions \(did you mean 'L.V1'\?\)"),
        (lambda c: c.select(["L.V1", "L.V1"]), ValueError, "twice"),
        (lambda c: c.select([0, 1]), KeyError, "'0' is none of the 6 regions"),
        (lambda c: c.replace(cortical=None).select("cortex"), ValueError, "give cortical="),
        (lambda c: c.replace(labels=list("abcdef")).select("left"), ValueError, "give hemispheres="),
        (lambda c: c.reordered(LABELS[1:]), ValueError, "leaves out 'L.V1'"),
        (lambda c: c.normalized("maximum"), ValueError, "must be one of max, mean, row, region, spectral, log"),
        (lambda c: c.replace(weights=-WEIGHTS).normalized("log"), ValueError, "takes no negative weights"),
        (lambda c: c.replace(weights=0 * WEIGHTS).normalized(), ValueError, "no weight between two regions"),
        (lambda c: c.replace(weights=np.triu(WEIGHTS)).normalized("spectral"), ValueError, "use another way"),
        (lambda c: c.thresholded(0), ValueError, "between 0 and 1"),
        (lambda c: c.thresholded(0.2).thresholded(0.5), ValueError, "more than the connectome has, 0.2"),
        (lambda c: c.rewired("geometry", seed=0), ValueError, "one of weights, length, degree"),
        (lambda c: c.replace(distances=None).rewired("length", seed=0), ValueError, "needs lengths"),
        (lambda c: c.rewired(seed=0), ValueError, "no edge can change its place"),
        (lambda c: c.rewired(seed=0.5), TypeError, "seed=0.5 must be an integer"),
        (lambda c: c.replace(centres=None).with_distances_from_centres(), ValueError, "give it centres="),
        (lambda c: c.replace(centres=CENTRES[:, :2]), ValueError, r"centres must be \(6, 3\)"),
        (lambda c: c.replace(hemispheres=CORTICAL), TypeError, '"left", "right" or ""'),
        (lambda c: c.replace(hemispheres=["up"] * 6), ValueError, "hemispheres has 'up'"),
        (lambda c: c.replace(cortical=[1, 0] * 3), TypeError, "cortical=.* must be True or False for each"),
        (lambda c: c.replace(licence=3), TypeError, "licence=3 must be a text"),
        (lambda c: bm.Connectome.average([]), TypeError, "must be a list of Connectomes"),
        (lambda c: bm.Connectome.average([c, c.select("left")]), KeyError, "is none of the 3 regions"),
        (lambda c: bm.Connectome.average([c, c.replace(distances=None)]), ValueError, "leave out those without"),
        (lambda c: bm.Connectome(WEIGHTS, tract_lengths=LENGTHS), TypeError, "no argument 'tract_lengths'"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(conn, call, kind, says):
    with pytest.raises(kind, match=says):
        call(conn)


def test_a_network_takes_one_without_lengths_and_asks_for_them_where_there_is_a_speed():
    bare = connectome(distances=None)
    assert bm.Network(bm.HopfStep(N), conn=bare).labels is not None
    with pytest.raises(ValueError, match="distance"):
        bm.Network(bm.HopfStep(N), conn=bare, speed=5.0)

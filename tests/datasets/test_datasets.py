"""The bundled data are what their pages say, their scripts make them again, and nonsense is refused."""

import pickle
import runpy
from pathlib import Path

import brainunit as u
import jax
import numpy as np
import pytest

from brainmass import datasets
from brainmass.datasets import Connectome, bundled_names, list_datasets, load_dataset, register_dataset, registry

ROOT = Path(__file__).parents[2]
SIZES = {"synthetic_80": 80, "synthetic_200": 200, "synthetic_400": 400}
CONNECTOMES = ["example_connectome", *SIZES]


def pairs(matrix):
    return np.asarray(matrix)[np.triu_indices(len(matrix), 1)]


def lengths(conn):
    return pairs(conn.distances.to_decimal(u.mm))


def connected_regions(weights):
    """How many regions can be reached from the first."""
    reached = np.zeros(len(weights), dtype=bool)
    reached[0] = True
    for _ in weights:
        reached |= weights[:, reached].any(1)
    return reached.sum()


def test_the_tutorial_prints_its_facts(capsys):
    conn = load_dataset("example_connectome")
    print("regions:", list(conn.labels))
    print("weights shape:", conn.weights.shape)
    print("distances unit:", u.get_unit(conn.distances), "| max distance:", conn.distances.max())
    zero, symmetric = np.allclose(np.diag(conn.weights), 0), np.allclose(conn.weights, conn.weights.T)
    print("zero diagonal:", bool(zero), "| symmetric:", bool(symmetric))
    assert capsys.readouterr().out == (
        "regions: [np.str_('R0'), np.str_('R1'), np.str_('R2'), np.str_('R3'), "
        "np.str_('R4'), np.str_('R5'), np.str_('R6'), np.str_('R7')]\n"
        "weights shape: (8, 8)\n"
        "distances unit: mm | max distance: 80. mm\n"
        "zero diagonal: True | symmetric: True\n"
    )


def test_example_connectome_is_a_ring_of_40_mm():
    conn = load_dataset("example_connectome")
    angle = 2 * np.pi * np.arange(8) / 8
    ring = 40 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    straight = np.linalg.norm(ring[:, None] - ring, axis=2)
    np.testing.assert_allclose(conn.distances.to_decimal(u.mm), straight, atol=1e-6)
    assert pairs(conn.weights).min() > 0
    assert pairs(conn.weights).max() < 1
    assert pairs(conn.weights).std() > 0.1


@pytest.mark.parametrize("name", CONNECTOMES)
def test_connectome(name):
    conn = load_dataset(name)
    weights, distances, labels = conn
    assert isinstance(conn, Connectome)
    n = SIZES.get(name, 8)
    assert weights.shape == distances.shape == (n, n)
    assert weights.dtype == distances.dtype == np.float64
    assert isinstance(distances.mantissa, np.ndarray)
    assert u.get_unit(distances) == u.mm
    np.testing.assert_array_equal(weights, weights.T)
    np.testing.assert_array_equal(distances.mantissa, distances.mantissa.T)
    assert not np.diag(weights).any()
    assert not np.diag(distances.mantissa).any()
    assert weights.min() == 0
    assert connected_regions(weights) == n
    assert len(set(labels)) == n
    assert load_dataset(name).weights is not weights


@pytest.mark.parametrize(("name", "density"), [("synthetic_80", 0.6), ("synthetic_200", 0.3), ("synthetic_400", 0.2)])
def test_synthetic_statistics_are_those_of_tractography(name, density):
    conn = load_dataset(name)
    n = len(conn.labels)
    weight, length = pairs(conn.weights), lengths(conn)
    kept = weight > 0
    log_weight = np.log(weight[kept])
    assert kept.mean() == pytest.approx(density, abs=1e-3)
    assert weight.max() == 1
    assert np.log10(weight[kept].min()) < -3
    assert 4.5 < length.min() < 25
    assert 100 < length.mean() < 145
    assert 200 < length.max() < 300
    assert -0.8 < np.corrcoef(log_weight, length[kept])[0, 1] < -0.4
    mirror = np.eye(n, k=n // 2, dtype=bool)
    across = np.zeros((n, n), dtype=bool)
    across[: n // 2, n // 2 :] = True
    assert conn.weights[mirror].mean() > 3 * conn.weights[across & ~mirror].mean()
    assert conn.labels[0].lstrip("L0") == ""
    assert conn.labels[-1] == f"R{n // 2 - 1}"


@pytest.mark.parametrize("maker", ["example_connectome", "example_signal", "synthetic"])
def test_the_script_makes_the_committed_arrays_again(maker):
    made = runpy.run_path(str(ROOT / "datasets" / maker / "make.py"))
    for name, arrays in made["build"]().items():
        with np.load(ROOT / "brainmass" / "datasets" / "data" / f"{name}.npz", allow_pickle=False) as committed:
            assert set(committed) == set(arrays)
            for key, array in arrays.items():
                np.testing.assert_array_equal(committed[key], array, strict=True)
    if "table" in made:
        assert made["table"]() in (ROOT / "datasets" / maker / "README.md").read_text(encoding="utf-8")


def test_every_bundled_dataset_loads_and_none_lacks_a_script():
    names = {path.stem for path in (ROOT / "brainmass" / "datasets" / "data").glob("*.npz")}
    assert names == set(bundled_names()) == {*CONNECTOMES, "example_signal"}
    assert names < {name for name, _ in list_datasets()}
    assert all(description for _, description in list_datasets())
    listed = [name for name, _ in list_datasets()]
    assert listed == sorted(listed)


def test_example_signal():
    signal, dt, labels, fc = load_dataset("example_signal")
    assert signal.shape == (500, 8)
    assert dt == 1 * u.ms
    np.testing.assert_allclose(fc, np.corrcoef(signal.T))
    conn = load_dataset("example_connectome")
    np.testing.assert_array_equal(labels, conn.labels)
    assert np.corrcoef(pairs(conn.weights), pairs(fc))[0, 1] > 0.5
    power = np.abs(np.fft.rfft(signal, axis=0)).mean(1)
    assert np.fft.rfftfreq(500, 1e-3)[power.argmax()] == pytest.approx(20, abs=4)


def test_connectome_converts_units_and_copies():
    weights = np.ones((2, 2), dtype=np.int32)
    conn = Connectome(weights, np.full((2, 2), 0.05) * u.meter, ["a", "b"])
    np.testing.assert_allclose(conn.distances.to_decimal(u.mm), 50)
    np.testing.assert_array_equal(Connectome(weights, np.full((2, 2), 50), ["a", "b"]).distances.mantissa, 50)
    weights[0, 1] = 7
    assert conn.weights[0, 1] == 1
    assert repr(conn) == "Connectome: 2 regions, 4 weights, lengths up to 50 mm"
    again = pickle.loads(pickle.dumps(conn))
    np.testing.assert_array_equal(again.weights, conn.weights)
    np.testing.assert_array_equal(again.distances.mantissa, conn.distances.mantissa)
    assert isinstance(again, Connectome)


EYE, AB = np.eye(2), ["a", "b"]
NAN = np.array([[0, np.nan], [0, 0]])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.ones((8, 7)), EYE, AB), r"weights must be an \(N, N\) matrix, but has shape \(8, 7\)\."),
        ((np.ones(3), EYE, AB), r"weights must be an \(N, N\) matrix, but has shape \(3,\)\."),
        ((np.ones((0, 0)), np.ones((0, 0)), []), r"weights must be an \(N, N\) matrix, but has shape \(0, 0\)\."),
        ((NAN, EYE, AB), r"Connectome: weights=nan at \[0, 1\] is not finite; give finite values\."),
        ((EYE * u.mV, EYE, AB), r"Connectome: weights=an array of shape \(2, 2\) mV has the unit mV; give a bare.*\."),
        ((EYE, EYE * u.second, AB), r"Connectome: distances=.* has the unit s; give it in mm or as a bare number\."),
        (
            (1 - EYE, np.diag([np.inf, np.inf])[::-1], AB),
            r"Connectome: distances=inf at \[0, 1\] is not finite, .* an edge; .*\.",
        ),
        ((EYE, -EYE, AB), r"distances must not be negative, but the smallest is -1 mm\."),
        ((EYE, np.eye(3), AB), r"distances must have the shape of the weights, \(2, 2\), not \(3, 3\)\."),
        ((EYE, EYE, ["a"]), r"labels must be one name for each of the 2 regions, not \(1,\)\."),
    ],
)
def test_connectome_refuses(arguments, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Connectome(*arguments)


@pytest.mark.parametrize("labels", [np.array("a"), 1 * u.mV, jax.random.key(0), "ab", 3])
def test_labels_are_a_list_of_names(labels):
    with pytest.raises(TypeError, match=r"^labels must be a list of names, one for each region, not .*\.$"):
        Connectome(EYE, EYE, labels)


def test_what_is_no_name_of_a_dataset_is_described():
    with pytest.raises(KeyError, match=r"^name=an array of shape \(2, 2\) is no dataset; the known names are"):
        load_dataset(EYE)


def test_replacing_a_field_is_checked_too():
    with pytest.raises(ValueError, match=r"weights=nan at \[0, 1\] is not finite"):
        Connectome(EYE, EYE, AB).replace(weights=NAN)


def test_registered_datasets_load_by_name(monkeypatch):
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    calls = []
    register_dataset("mine", lambda: calls.append(1) or len(calls), description="counts")
    assert ("mine", "counts") in list_datasets()
    assert [datasets.load_dataset("mine"), load_dataset("mine")] == [1, 2]
    with pytest.raises(ValueError, match=r"^A dataset named 'mine' is registered already: choose another name\.$"):
        register_dataset("mine", dict)
    with pytest.raises(
        TypeError, match=r"^The loader of dataset 'other' must be a function without arguments, not 3\.$"
    ):
        register_dataset("other", 3)
    with pytest.raises(TypeError, match=r"^The name of a dataset must be a string, not 3\.$"):
        register_dataset(3, dict)
    assert len(list_datasets()) == len(registry._REGISTRY)


def test_an_unknown_name_gets_the_list_of_known_ones():
    with pytest.raises(KeyError) as caught:
        load_dataset("hcp")
    known = ", ".join(sorted(name for name, _ in list_datasets()))
    assert "synthetic_80, tvb_192" in known
    assert caught.value.args == (f"name='hcp' is no dataset; the known names are {known}.",)

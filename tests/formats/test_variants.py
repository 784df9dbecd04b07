"""The traps of single formats: spellings, folders, codes, keys, halves that are named otherwise."""

import json

import h5py
import numpy as np
import pytest
import scipy.io

from brainmass.formats import load_connectome
from tests.formats import made
from tests.formats.made import CENTRES, LABELS, LENGTHS, SYMMETRIC, SYMMETRIC_LENGTHS, WEIGHTS, N, members, text, zipped
from tests.formats.test_door import lengths_of, load

# -- TVB ---------------------------------------------------------------------------------------------------------------

VARIANTS = {
    "in a folder": {f"connectivity_4/{name}": content for name, content in members().items()},
    "packed": {f"{name}.bz2": content for name, content in members().items()},
    "half packed": {(f"{n}.bz2" if n[0] == "w" else n): content for n, content in members().items()},
    "American": {name.replace("centres", "centers"): content for name, content in members().items()},
    "with a fifth column": members() | {"centres.txt": made.centres_text(" None")},
    "of a Mac": {f"__MACOSX/{p}{name}": b"\0\xff" for name in members() for p in ("", "._")}
    | members()
    | {".DS_Store": b"\0"},
    "with more": members() | {"info.txt": "\xb5".encode("latin-1"), "areas.txt": "x", "average_orientations.txt": ""},
    "of Windows": {f"a\\{name}": content.replace("\n", "\r\n") for name, content in members().items()},
    "with sides": members() | {"hemispheres.txt": "0 0 1 1"},
}


@pytest.mark.parametrize("named", VARIANTS.values(), ids=VARIANTS)
def test_a_zip_of_tvb_in_all_its_forms(tmp_path, named):
    found = load(zipped(tmp_path / "c.zip", named))
    np.testing.assert_array_equal(found.weights, WEIGHTS)
    np.testing.assert_array_equal(lengths_of(found), LENGTHS)
    np.testing.assert_array_equal(found.centres.mantissa, CENTRES)
    assert found.labels.tolist() == LABELS
    assert found.hemispheres.tolist() == ["left", "left", "right", "right"]
    assert found.cortical.tolist() == made.CORTICAL.tolist()


def test_hemispheres_of_tvb_are_1_on_the_right(tmp_path):
    named = members() | {"hemispheres.txt": "1 0 1 0", "centres.txt": made.centres_text().replace("l", "x")}
    found = load(zipped(tmp_path / "c.zip", named))
    assert found.hemispheres.tolist() == ["right", "left", "right", "left"]
    with h5py.File(made.tvb_h5(tmp_path), "r+") as file:
        file["hemispheres"][...] = [True, False, True, False]
    assert load(tmp_path / "tvb.h5").hemispheres.tolist() == ["right", "left", "right", "left"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"b/weights.txt": "0"}, "has both 'weights.txt' and 'b/weights.txt'"),
        ({"centers.txt": made.centres_text()}, "has both 'centres.txt' and 'centers.txt'"),
        ({"weights.txt": text(WEIGHTS[:3])}, "3 rows of 4 numbers in weights, which must be square"),
        ({"weights.txt": text(WEIGHTS[:, :3])}, "more than 3 rows of 3 numbers"),
        ({"weights.txt": ""}, "has 0 rows"),
        ({"weights.txt": text(WEIGHTS).replace("0.0", "x", 1)}, "has 'x' in row 1 of weights"),
        ({"tract_lengths.txt": text(LENGTHS[:3, :3])}, "4 regions, and lengths of 3"),
        ({"centres.txt": "a 1 2 3\n"}, "has 1 centres and 4 regions"),
        ({"centres.txt": "a 1 2\n" * 4}, "has 3 words in row 1 of centres"),
        ({"cortical.txt": "1 1 1"}, "cortical that are not 0 or 1 for each of its 4"),
        ({"hemispheres.txt": "1 2 1 0"}, "hemispheres that are not 0 or 1"),
        ({"centres.txt": made.centres_text().replace("lV1", "lM1")}, "has the name 'lM1' twice"),
    ],
)
def test_a_zip_that_contradicts_itself_is_refused(tmp_path, changed, why):
    with pytest.raises(ValueError, match=why) as raised:
        load_connectome(zipped(tmp_path / "c.zip", members() | changed))
    assert "c.zip" in str(raised.value)


def test_a_zip_without_weights_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"c\.zip' has no weights\.txt in it"):
        load_connectome(zipped(tmp_path / "c.zip", {"tract_lengths.txt": text(LENGTHS)}))


# -- which array is meant ----------------------------------------------------------------------------------------------


def savers(tmp_path):
    def new(name, **arrays):
        with h5py.File(tmp_path / f"{name}.mat", "w") as file:
            for key, matrix in arrays.items():
                file[key] = np.ascontiguousarray(matrix.T)
        return tmp_path / f"{name}.mat"

    def old(name, **arrays):
        scipy.io.savemat(tmp_path / f"{name}.mat", arrays)
        return tmp_path / f"{name}.mat"

    def npz(name, **arrays):
        np.savez(tmp_path / f"{name}.npz", **arrays)
        return tmp_path / f"{name}.npz"

    return dict(new=new, old=old, npz=npz)


@pytest.fixture(params=["new", "old", "npz"])
def save(request, tmp_path):
    return savers(tmp_path)[request.param]


def test_the_key_names_the_weights(save):
    path = save("two", first=WEIGHTS, second=WEIGHTS / 2, other=np.zeros((N, 2)))
    with pytest.raises(ValueError, match=r"several square matrices, 'first', 'second'; name .* key='first'"):
        load_connectome(path, orientation="target_source")
    found = load(path, key="second", orientation="target_source")
    np.testing.assert_array_equal(found.weights, WEIGHTS / 2)
    with pytest.raises(ValueError, match=r"no array of key='secnd' \(did you mean 'second'\?\); it has 'first'"):
        load_connectome(path, key="secnd")
    with pytest.raises(ValueError, match=r"'other' of shape \(4, 2\), which is not square"):
        load_connectome(path, key="other")
    with pytest.raises(ValueError, match="no square matrix of numbers, but 'x'"):
        load_connectome(save("none", x=np.zeros((2, 3))))


@pytest.mark.parametrize("name", ["sc", "SC", "weights", "connectivity", "C", "W", "whatever"])
@pytest.mark.parametrize("lengths", ["len", "lengths", "tract_lengths", "D", "distances"])
def test_known_names_are_found(save, name, lengths):
    found = load(save("a", **{name: WEIGHTS, lengths: LENGTHS, "FC": WEIGHTS * 2}), orientation="target_source")
    np.testing.assert_array_equal(found.weights, WEIGHTS)
    np.testing.assert_array_equal(lengths_of(found), LENGTHS)


def test_lengths_come_from_a_file_with_another_key(save):
    first, second = save("cm", sc=WEIGHTS), save("len", len=LENGTHS)
    found = load(first, lengths=second, orientation="target_source", match="the weights are its 'sc'")
    np.testing.assert_array_equal(lengths_of(found), LENGTHS)
    found = load(first, lengths=second, orientation="source_target")
    np.testing.assert_array_equal(found.weights, WEIGHTS.T)
    np.testing.assert_array_equal(lengths_of(found), LENGTHS.T)
    load(save("len", len=SYMMETRIC_LENGTHS), match="only matrix 'len', which has a name of lengths")


@pytest.mark.parametrize(
    "labels",
    [
        np.array(LABELS, dtype=object),
        np.array(LABELS, dtype=object)[:, None],
        np.array(["lV1   ", "lM1", "rV1", "rM1"]),
        np.array([[ord(sign) for sign in "\n".join(LABELS) + "\n"]], dtype=np.uint8),
        "\n".join(LABELS),
    ],
    ids=["cells", "column of cells", "char array", "codes of DSI Studio", "one text"],
)
def test_names_in_matlab(tmp_path, labels):
    scipy.io.savemat(tmp_path / "a.mat", dict(connectivity=SYMMETRIC, name=labels))
    assert load(tmp_path / "a.mat", match="its 'connectivity'").labels.tolist() == LABELS


def test_names_in_matlab_73(tmp_path):
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["sc"] = SYMMETRIC
        codes = np.array([[ord(sign) for sign in name] for name in LABELS], dtype=np.uint16)
        file["labels"] = codes.T  # a char array, the other way round
        file["labels"].attrs["MATLAB_class"] = np.bytes_("char")
    assert load(tmp_path / "a.mat").labels.tolist() == LABELS


def test_names_of_the_wrong_number_are_said(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", dict(sc=SYMMETRIC, labels=np.array(["a", "b"], dtype=object)))
    load(tmp_path / "a.mat", match="its 'labels' is not a name for each region")


def test_a_sparse_matrix_of_matlab(tmp_path):
    import scipy.sparse

    scipy.io.savemat(tmp_path / "a.mat", dict(sc=scipy.sparse.csc_matrix(SYMMETRIC)))
    np.testing.assert_array_equal(load(tmp_path / "a.mat").weights, SYMMETRIC)


def test_names_that_are_objects_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", weights=SYMMETRIC, labels=np.array(LABELS, dtype=object))
    with pytest.raises(ValueError, match=r"a\.npz' has 'labels' as an array of objects, which could run code"):
        load_connectome(tmp_path / "a.npz")
    assert load(tmp_path / "a.npz", labels=LABELS).labels.tolist() == LABELS
    np.savez(tmp_path / "b.npz", weights=SYMMETRIC, hemispheres=np.array(["left"] * N, dtype=object))
    with pytest.raises(ValueError, match="has 'hemispheres' as an array of objects"):
        load_connectome(tmp_path / "b.npz")
    np.save(tmp_path / "a.npy", SYMMETRIC.astype(object))
    with pytest.raises(ValueError, match="array of objects"):
        load_connectome(tmp_path / "a.npy")


# -- FSL, BIDS, CIFTI --------------------------------------------------------------------------------------------------


def test_fsl_with_and_without_waytotal(tmp_path):
    folder = made.fsl(tmp_path)
    assert load(folder, match="counts over the waytotal of each seed").steps == (
        "rows of the file divided by waytotal",
    )
    np.testing.assert_array_equal(load(folder / "fdt_network_matrix").weights, WEIGHTS)
    (folder / "waytotal").unlink()
    found = load(folder, match="its weights are counts")
    np.testing.assert_array_equal(found.weights, (WEIGHTS.T * [[2.0], [4.0], [8.0], [16.0]]).T)


@pytest.mark.parametrize("totals", ["1 2 3", "0 1 2 3", "-1 1 2 3"])
def test_a_waytotal_that_cannot_be_is_refused(tmp_path, totals):
    (made.fsl(tmp_path) / "waytotal").write_text(totals)
    with pytest.raises(ValueError, match="waytotal that is not the count of samples for each"):
        load_connectome(tmp_path / "probtrackx")


def test_bids_by_file_and_by_measure(tmp_path):
    folder = made.bids(tmp_path)
    known = load(folder / "atlas-Tiny_meas-streamlineCount_relmat.dense.tsv", orientation="target_source")
    assert known.licence == "CC0"
    np.testing.assert_array_equal(lengths_of(known), LENGTHS)
    found = load(folder, key="tractLength", orientation="target_source")
    np.testing.assert_array_equal(found.weights, LENGTHS)
    (folder / "atlas-Tiny_meas-other_relmat.dense.tsv").write_text(text(SYMMETRIC, "\t"))
    load(folder, orientation="target_source", match="streamlineCount")
    (folder / "atlas-Tiny_meas-streamlineCount_relmat.dense.tsv").rename(folder / "atlas-Tiny_meas-x_relmat.dense.tsv")
    with pytest.raises(ValueError, match=r"has 2 matrices to choose from .*name the measure"):
        load_connectome(folder)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("atlas-Tiny_nodeindices.tsv", "matrix_index\tlabel\n0\ta\n", "not a label for each"),
        ("atlas-Tiny_nodeindices.tsv", "matrix_index\tlabel\n0\ta\n1\tb\n2\tc\n2\td\n", "numbers them otherwise"),
        ("atlas-Tiny_meas-streamlineCount_relmat.json", "[1]", "no JSON of names"),
        ("atlas-Tiny_meas-streamlineCount_relmat.json", "{", "cannot be read as a folder of BIDS"),
        ("atlas-Tiny_meas-tractLength_relmat.json", json.dumps({"MeasureUnits": "parsecs!"}), "no unit that is known"),
    ],
)
def test_what_lies_beside_a_matrix_of_bids_must_fit(tmp_path, name, content, why):
    (made.bids(tmp_path) / name).write_text(content)
    with pytest.raises(ValueError, match=why):
        load_connectome(tmp_path / "bids", orientation="target_source")


def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch):
    import sys

    (tmp_path / "a.pconn.nii").write_bytes(b"x" * 1000)
    (tmp_path / "a.gml").write_text("graph []")
    for name, package in (("a.pconn.nii", "nibabel"), ("a.gml", "networkx")):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(ImportError, match=f"pip install {package}"):
            load_connectome(tmp_path / name)


# -- graphs and SONATA -------------------------------------------------------------------------------------------------


def test_the_edges_of_a_graph(tmp_path):
    networkx = pytest.importorskip("networkx")
    graph = made.graph(directed=False)
    for *_, values in graph.edges(data=True):
        values["number_of_fibers"], values["fiber_length_mean"] = values.pop("weight"), values.pop("length")
    networkx.write_graphml(graph, tmp_path / "a.graphml")
    with pytest.raises(
        ValueError, match=r"without a weight, but with fiber_length_mean, number_of_fibers; name .* key="
    ):
        load_connectome(tmp_path / "a.graphml")
    with pytest.warns(UserWarning, match="the lengths are the attribute 'fiber_length_mean'"):
        found = load_connectome(tmp_path / "a.graphml", key="number_of_fibers")
    np.testing.assert_array_equal(found.weights, np.where(WEIGHTS + WEIGHTS.T, SYMMETRIC, 0))
    assert found.orientation == "symmetric"
    with pytest.raises(ValueError, match=r"no edges with 'fibers'"):
        load_connectome(tmp_path / "a.graphml", key="fibers")


def test_graphs_that_say_too_little_or_too_much(tmp_path):
    networkx = pytest.importorskip("networkx")
    graph = networkx.path_graph(3)
    networkx.write_graphml(graph, tmp_path / "a.graphml")
    assert load(tmp_path / "a.graphml", match="every edge has the weight 1").labels.tolist()[0] == "region_0"
    graph.edges[0, 1]["weight"] = 2.0
    networkx.write_graphml(graph, tmp_path / "a.graphml")
    with pytest.raises(ValueError, match="an edge whose 'weight' is missing or no number"):
        load_connectome(tmp_path / "a.graphml")
    multi = networkx.MultiDiGraph([("a", "b"), ("a", "b")])
    networkx.write_graphml(multi, tmp_path / "a.graphml")
    with pytest.raises(ValueError, match="several edges from one node to another"):
        load_connectome(tmp_path / "a.graphml")


def test_synapses_without_a_weight_are_counted(tmp_path):
    with h5py.File(made.sonata(tmp_path), "r+") as file:
        for group in ("0", "1"):
            del file[f"edges/cortex_to_cortex/{group}/syn_weight"]
            file[f"edges/cortex_to_cortex/{group}/delay"] = np.ones(11)
    found = load(tmp_path / "edges.h5", match="count its synapses")
    np.testing.assert_array_equal(found.weights, 2.0 * (WEIGHTS != 0))
    with pytest.raises(ValueError, match=r"no 'delya' \(did you mean 'delay'\?\)"):
        load_connectome(tmp_path / "edges.h5", key="delya")
    np.testing.assert_array_equal(load(tmp_path / "edges.h5", key="delay").weights, 2.0 * (WEIGHTS != 0))


def test_two_populations_stand_after_each_other(tmp_path):
    with h5py.File(tmp_path / "e.h5", "w") as file:
        at = file.create_group("edges/a_to_b")
        at["source_node_id"], at["target_node_id"], at["0/syn_weight"] = [0, 1], [2, 2], [0.5, 0.25]
        at["source_node_id"].attrs["node_population"] = "a"
        at["target_node_id"].attrs["node_population"] = "b"
    found = load(tmp_path / "e.h5")
    assert found.labels.tolist() == ["b_0", "b_1", "b_2", "a_0", "a_1"]
    assert found.weights[2].tolist() == [0, 0, 0, 0.5, 0.25]
    assert np.count_nonzero(found.weights) == 2


def test_netcdf_of_others(tmp_path):
    import xarray

    whole = {
        "sc": (("source", "target"), WEIGHTS.T),
        "lengths": (("source", "target"), LENGTHS.T / 10, {"units": "cm"}),
    }
    xarray.Dataset(whole, {"source": LABELS, "target": LABELS}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    found = load(tmp_path / "a.nc", match="the weights are its 'sc'")
    np.testing.assert_array_equal(found.weights, WEIGHTS)
    np.testing.assert_allclose(lengths_of(found), LENGTHS, rtol=1e-6)
    assert found.labels.tolist() == LABELS

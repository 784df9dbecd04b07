"""Tiny files of every kind, made from one connectome whose weights and lengths differ by direction."""

import bz2
import json
import warnings
import zipfile

import h5py
import numpy as np
import scipy.io

import brainmass as bm

N = 4
DRAWN = np.random.default_rng(1)
WEIGHTS = np.round(DRAWN.uniform(0.1, 2, (N, N)), 6) * (1 - np.eye(N))
WEIGHTS[3, 0] = 0.0
LENGTHS = np.round(DRAWN.uniform(10, 90, (N, N)), 6) * (1 - np.eye(N))
SYMMETRIC = WEIGHTS + WEIGHTS.T
SYMMETRIC_LENGTHS = LENGTHS + LENGTHS.T
LABELS = ["lV1", "lM1", "rV1", "rM1"]
CENTRES = np.round(DRAWN.uniform(-60, 60, (N, 3)), 6)
CORTICAL = np.array([True, False, True, True])


def connectome(**changed):
    given = dict(weights=WEIGHTS, distances=LENGTHS, labels=LABELS, centres=CENTRES, cortical=CORTICAL)
    return bm.Connectome(**given | changed)


def text(matrix, separator=" "):
    return "".join(separator.join(map(repr, row)) + "\n" for row in np.asarray(matrix, float).tolist())


def centres_text(tail=""):
    return "".join(f"{name} {row}{tail}\n" for name, row in zip(LABELS, text(CENTRES).splitlines(), strict=True))


def members():
    return {
        "weights.txt": text(WEIGHTS),
        "tract_lengths.txt": text(LENGTHS),
        "centres.txt": centres_text(),
        "cortical.txt": "1\n0\n1\n1\n",
    }


def zipped(path, named):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in named.items():
            data = content.encode() if isinstance(content, str) else content
            archive.writestr(name, bz2.compress(data) if name.endswith(".bz2") else data)
    return path


def tvb_zip(folder):
    return zipped(folder / "tvb.zip", members())


def tvb_h5(folder):
    with h5py.File(folder / "tvb.h5", "w") as file:
        file.update(weights=WEIGHTS, tract_lengths=LENGTHS, centres=CENTRES, cortical=CORTICAL)
        file["hemispheres"] = np.array([False, False, True, True])
        file["region_labels"] = np.array(LABELS, dtype=h5py.string_dtype())
    return folder / "tvb.h5"


def npz(folder):
    arrays = dict(weights=WEIGHTS, lengths=LENGTHS, labels=LABELS, centres=CENTRES, cortical=CORTICAL)
    np.savez_compressed(folder / "a.npz", **arrays)
    return folder / "a.npz"


def npy(folder):
    np.save(folder / "a.npy", np.asfortranarray(WEIGHTS))
    return folder / "a.npy"


def mat(folder):
    cells = np.array(LABELS, dtype=object)
    scipy.io.savemat(folder / "a.mat", dict(SC=WEIGHTS, len=LENGTHS, labels=cells), do_compression=True)
    return folder / "a.mat"


def _char(file, name, word):
    array = file.create_dataset(name, data=np.array([[ord(sign)] for sign in word], dtype=np.uint16))
    array.attrs["MATLAB_class"] = np.bytes_("char")
    return array


def mat73(folder):
    """As MATLAB writes it: behind a block of 512 bytes, with arrays that are transposed, and names as references."""
    with h5py.File(folder / "new.mat", "w", userblock_size=512) as file:
        for name, matrix in dict(SC=WEIGHTS, len=LENGTHS, centres=CENTRES).items():
            file[name] = np.ascontiguousarray(matrix.T)
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
        names = [_char(file, f"#refs#/{name}", name).ref for name in LABELS]
        file["labels"] = np.array([names], dtype=h5py.ref_dtype)
        file["labels"].attrs["MATLAB_class"] = np.bytes_("cell")
    with (folder / "new.mat").open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + b" " * 8 + b"\0\2IM")
    return folder / "new.mat"


def table(folder):
    rows = ["region," + ",".join(LABELS)]
    rows += [f"{name},{row}" for name, row in zip(LABELS, text(WEIGHTS, ",").splitlines(), strict=True)]
    (folder / "a.csv").write_text("\n".join(rows))
    return folder / "a.csv"


def fsl(folder):
    place = folder / "probtrackx"
    place.mkdir()
    totals = np.array([2.0, 4.0, 8.0, 16.0])
    (place / "fdt_network_matrix").write_text(text(WEIGHTS.T * totals[:, None]))  # rows are seeds
    (place / "fdt_network_matrix_lengths").write_text(text(LENGTHS.T))
    (place / "waytotal").write_text("2\n4\n8\n16\n")
    return place


def bids(folder):
    place = folder / "bids"
    place.mkdir()
    stem = "atlas-Tiny_meas-{}_relmat"
    for measure, matrix in (("streamlineCount", WEIGHTS), ("tractLength", LENGTHS)):
        (place / f"{stem.format(measure)}.dense.tsv").write_text(text(matrix, "\t"))
        said = {"Directed": True, "MeasureUnits": "mm" if measure == "tractLength" else "arbitrary"}
        (place / f"{stem.format(measure)}.json").write_text(json.dumps(said | {"License": "CC0"}))
    rows = ["matrix_index\tnode_file\tnode_index\tlabel"]
    rows += [f"{i}\tatlas-Tiny\t{i}\t{LABELS[i]}" for i in (2, 0, 3, 1)]
    (place / "atlas-Tiny_nodeindices.tsv").write_text("\n".join(rows))
    return place


def pconn(folder):
    import nibabel
    from nibabel import cifti2

    voxels = [np.array([[i, 0, 0]]) for i in range(N)]
    axis = cifti2.ParcelsAxis(LABELS, voxels, [{}] * N, np.eye(4), (9, 9, 9), {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nibabel.save(cifti2.Cifti2Image(WEIGHTS, (axis, axis)), folder / "a.pconn.nii")
    return folder / "a.pconn.nii"


def graph(directed=True):
    import networkx

    found = networkx.DiGraph() if directed else networkx.Graph()
    for i, name in enumerate(LABELS):
        x, y, z = CENTRES[i].tolist()
        found.add_node(f"n{i}", dn_name=name, x=x, y=y, z=z)
    weights, lengths = (WEIGHTS, LENGTHS) if directed else (SYMMETRIC, SYMMETRIC_LENGTHS)
    for target, source in np.argwhere(weights):
        values = dict(weight=float(weights[target, source]), length=float(lengths[target, source]))
        found.add_edge(f"n{source}", f"n{target}", **values)
    return found


def graphml(folder):
    import networkx

    networkx.write_graphml(graph(), folder / "a.graphml")
    return folder / "a.graphml"


def gml(folder):
    import networkx

    lines = [line.replace("dn_name", "name") for line in networkx.generate_gml(graph())]
    (folder / "a.gml").write_text("\n".join(lines))
    return folder / "a.gml"


def sonata(folder):
    """Each weight in two synapses, in two groups of attributes."""
    with h5py.File(folder / "edges.h5", "w") as file:
        at = file.create_group("edges/cortex_to_cortex")
        targets, sources = np.nonzero(WEIGHTS)
        for end, ids in (("target_node_id", targets), ("source_node_id", sources)):
            at[end] = np.tile(ids, 2).astype(np.uint64)
            at[end].attrs["node_population"] = "cortex"
        values = WEIGHTS[targets, sources]
        at["edge_group_id"] = np.repeat([0, 1], len(values))
        at["edge_group_index"] = np.concatenate([np.arange(len(values)), np.arange(len(values))[::-1]])
        at["0/syn_weight"], at["1/syn_weight"] = 0.25 * values, 0.75 * values[::-1]
    return folder / "edges.h5"


def native(folder):
    bm_path = folder / "a.nc"
    from brainmass.formats import save_connectome

    save_connectome(connectome(), bm_path)
    return bm_path


FILES = dict(
    **dict(tvb_zip=tvb_zip, tvb_h5=tvb_h5, npz=npz, npy=npy, mat=mat, mat73=mat73, table=table),
    **dict(pconn=pconn, graphml=graphml, gml=gml, sonata=sonata, native=native),
)
FOLDERS = dict(fsl=fsl, bids=bids)
SAYS_ORIENTATION = {"tvb_zip", "tvb_h5", "fsl", "graphml", "gml", "sonata", "native"}
HAS_LENGTHS = {"tvb_zip", "tvb_h5", "npz", "mat", "mat73", "fsl", "bids", "graphml", "gml", "native"}
HAS_CENTRES = {"tvb_zip", "tvb_h5", "npz", "mat73", "graphml", "gml", "native"}
NEEDS = {"pconn": "nibabel", "graphml": "networkx", "gml": "networkx"}

"""Files that are made to harm, or are harmed, are refused in one sentence, soon, and nothing is written."""

import bz2
import io
import pickle
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest
import scipy.io

from brainmass.formats import load_connectome
from tests.formats import made
from tests.formats.made import FILES, FOLDERS, NEEDS, SYMMETRIC, WEIGHTS, N, members, text, zipped


def refused(path, why, **named):
    """One sentence with the name of the file, no more memory than a few times the file, and no new file."""
    before = sorted(path.parent.rglob("*"))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=why) as raised:
            load_connectome(path, **named)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    message = str(raised.value)
    assert path.name in message
    assert "\n" not in message
    assert message.endswith(".")
    assert peak < 60e6
    assert raised.value.__cause__ is None
    assert sorted(path.parent.rglob("*")) == before


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_members_outside_of_a_zip(tmp_path, name):
    refused(zipped(tmp_path / "c.zip", members() | {name: "1"}), "which would lie outside of it")


BOMBS = {
    "one line": b"0 " * 5_000_000,
    "many lines": b"0\n" * 5_000_000,
    "empty lines": b"\n" * 10_000_000,
    "comments": b"#\n" * 5_000_000,
    "no ends": b"\0" * 50_000_000,
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("name", ["weights.txt", "tract_lengths.txt", "centres.txt", "cortical.txt"])
def test_bombs_in_a_zip(tmp_path, content, name):
    refused(zipped(tmp_path / "c.zip", members() | {name: content}), r"has|is no text")


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_bombs_in_bz2_in_a_zip(tmp_path, content):
    named = {name: text for name, text in members().items() if name != "weights.txt"}
    refused(zipped(tmp_path / "c.zip", named | {"weights.txt.bz2": content}), r"has|is no text")


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_bombs_of_text(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    refused(tmp_path / "a.csv", r"has|is")


def test_a_member_that_declares_another_size(tmp_path):
    path = made.tvb_zip(tmp_path)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("weights.txt").file_size
    data = path.read_bytes()
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (size - 5).to_bytes(4, "little")))
    refused(path, "cannot be read as a zip of TVB: Bad CRC|has")


@pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA])
def test_rare_packing(tmp_path, kind):
    with zipfile.ZipFile(tmp_path / "c.zip", "w", kind) as archive:
        archive.writestr("weights.txt", text(WEIGHTS))
    refused(tmp_path / "c.zip", "packed in a rare way")


def test_encrypted_members(tmp_path):
    path = made.tvb_zip(tmp_path)
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    data = bytearray(path.read_bytes())
    data[start + 8] |= 1  # of the first member, the weights
    path.write_bytes(data)
    refused(path, r"has 'weights\.txt' encrypted")


def test_more_lines_than_any_matrix_has(tmp_path):
    (tmp_path / "a.csv").write_text("\n" * 200_001 + text(SYMMETRIC, ","))
    refused(tmp_path / "a.csv", "has more than 200000 lines")


def header(shape, kind="<f8"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_2_0(stream, dict(descr=kind, fortran_order=False, shape=shape))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("shape", "kind", "why"),
    [
        ((10**6, 10**6), "<f8", r"declares 8.0 TB for 'its array'|declares"),
        ((10**18, 10**18), "<f8", "declares an impossible size"),
        ((25_000, 25_000), "|i1", "has 25000 regions .*, where 20000 are the most"),
        ((9000, 9000), "<f8", "declares more numbers for 'its array' than it holds"),
        ((-3, -3), "<f8", "impossible|declares"),
        ((3, 3), "<c16", "no real numbers"),
        ((3, 3), "<U4", "no real numbers"),
    ],
)
def test_arrays_that_declare_what_they_do_not_hold(tmp_path, shape, kind, why):
    (tmp_path / "a.npy").write_bytes(header(shape, kind) + b"\0" * 200)
    refused(tmp_path / "a.npy", why)
    zipped(tmp_path / "a.npz", {"weights.npy": header(shape, kind) + b"\0" * 200})
    refused(tmp_path / "a.npz", f"{why}|declares .* bytes .* holds 200|no square matrix of numbers")


def test_an_array_that_unpacks_without_end(tmp_path):
    zipped(tmp_path / "a.npz", {"weights.npy": header((3, 3)) + b"\0" * 50_000_000, "x.npy": b"\0" * 10**7})
    refused(tmp_path / "a.npz", "cannot be read|has")


class Harm:
    def __reduce__(self):
        return exec, ("raise SystemExit('code was run')",)


def test_pickles_are_never_opened(tmp_path):
    (tmp_path / "a.npy").write_bytes(pickle.dumps(Harm()))
    refused(tmp_path / "a.npy", "cannot be read as an array of NumPy")
    np.save(tmp_path / "b.npy", np.array([[Harm()]], dtype=object), allow_pickle=True)
    refused(tmp_path / "b.npy", "array of objects, which could run code")
    np.savez(tmp_path / "c.npz", weights=np.array([[Harm()]], dtype=object), labels=np.array([Harm()], dtype=object))
    refused(tmp_path / "c.npz", "no square matrix of numbers")


def test_a_matrix_of_matlab_that_declares_too_much(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", dict(sc=SYMMETRIC))
    data = (tmp_path / "a.mat").read_bytes()
    dims = np.array([N, N], "<i4").tobytes()
    for big, why in ((10**5, "declares"), (21_000, "has 21000 regions"), (5000, "cannot be read as a file of MATLAB")):
        (tmp_path / "a.mat").write_bytes(data.replace(dims, np.array([big, big], "<i4").tobytes(), 1))
        refused(tmp_path / "a.mat", why)


def test_a_part_of_matlab_that_unpacks_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("brainmass.formats.matlab.MOST_BYTES", 100_000)
    scipy.io.savemat(tmp_path / "a.mat", dict(sc=np.zeros((300, 300))), do_compression=True)
    refused(tmp_path / "a.mat", "unpacks to more than")


# -- HDF5 --------------------------------------------------------------------------------------------------------------


def _external_link(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["weights"] = WEIGHTS
    file["weights"] = h5py.ExternalLink("other.h5", "weights")


def _soft_link(file, folder):
    file["other"] = WEIGHTS
    file["weights"] = h5py.SoftLink("/other")


def _external_numbers(file, folder):
    (folder / "raw").write_bytes(WEIGHTS.tobytes())
    file.create_dataset("weights", (N, N), "f8", external=[(str(folder / "raw"), 0, WEIGHTS.nbytes)])


def _virtual(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["weights"] = WEIGHTS
    layout = h5py.VirtualLayout((N, N), "f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "weights", (N, N))
    file.create_virtual_dataset("weights", layout)


def _huge(file, folder):
    file.create_dataset("weights", (10**6, 10**6), "f8", chunks=(10, 10), compression="gzip")


def _empty(file, folder):
    file.create_dataset("weights", (9000, 9000), "f8")


def _many(file, folder):
    file.create_dataset("weights", (25_000, 25_000), "i1", chunks=(100, 100), compression="gzip")


def _complex(file, folder):
    file["weights"] = WEIGHTS + 1j


def _group(file, folder):
    file.create_group("weights")


@pytest.mark.parametrize("ending", ["h5", "mat", "nc"])
@pytest.mark.parametrize(
    "make",
    [_external_link, _soft_link, _external_numbers, _virtual, _huge, _empty, _many, _complex, _group],
)
def test_hdf5_that_reads_elsewhere_or_declares_too_much(tmp_path, make, ending):
    with h5py.File(tmp_path / f"a.{ending}", "w") as file:
        make(file, tmp_path)
    refused(tmp_path / f"a.{ending}", "has|declares|cannot be read")


@pytest.mark.parametrize("kind", ["sonata", "tvb_h5", "native"])
@pytest.mark.parametrize(("at", "value"), [(8, 0x10FF), (8, 0), (24, 2**61), (24, 2**64 - 16)])
def test_heaps_of_hdf5_that_would_be_walked_without_end(tmp_path, kind, at, value):
    path = FILES[kind](tmp_path)
    data = bytearray(path.read_bytes())
    start = data.index(b"GCOL") + at
    data[start : start + 8] = value.to_bytes(8, "little")
    path.write_bytes(data)
    refused(path, "damaged where its texts lie")


def test_edges_of_sonata_that_name_too_many_nodes(tmp_path):
    for ids in ([2**40], [-1], [20_000]):
        with h5py.File(tmp_path / "e.h5", "w") as file:
            file["edges/a/source_node_id"], file["edges/a/target_node_id"] = np.array(ids), np.array([0])
        refused(tmp_path / "e.h5", "source_node_id that is not from 0 to 19999")
    with h5py.File(tmp_path / "e.h5", "w") as file:
        file["edges/a/source_node_id"] = [0, 1]
    refused(tmp_path / "e.h5", "no target_node_id")


# -- XML ---------------------------------------------------------------------------------------------------------------

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed"><node id="&b;"/></graph>'
    "</graphml>"
)
READS = LAUGHS.replace('<!ENTITY a "ha">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize("content", [LAUGHS.encode(), READS.encode(), LAUGHS.replace("DOCTYPE", "doctype").encode()])
def test_xml_may_define_nothing(tmp_path, content):
    pytest.importorskip("networkx")
    (tmp_path / "a.graphml").write_bytes(content)
    refused(tmp_path / "a.graphml", "defines a document type or entities")


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-7"])
def test_xml_in_another_code(tmp_path, code):
    pytest.importorskip("networkx")
    (tmp_path / "a.graphml").write_bytes(LAUGHS.replace("?>", f' encoding="{code}"?>').encode(code))
    refused(tmp_path / "a.graphml", "no text|cannot be read|defines")


def test_the_xml_of_cifti_may_define_nothing(tmp_path):
    pytest.importorskip("nibabel")
    path = made.pconn(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"AppliesToMatrixDimension", b"<!ENTITY a 'b'>".ljust(24)))
    assert path.read_bytes() != data
    refused(path, "defines a document type or entities")
    whys = {
        0: "is empty",
        100: "is no whole CIFTI file",
        600: "is no whole",
        len(data) - 60: r"declares \d+ bytes of numbers",
    }
    for size, why in whys.items():
        path.write_bytes(data[:size])
        refused(path, why)


def test_deep_nesting(tmp_path):
    made.bids(tmp_path)
    (tmp_path / "bids" / "atlas-Tiny_meas-streamlineCount_relmat.json").write_text("[" * 200_000)
    refused(tmp_path / "bids", "cannot be read as a folder of BIDS")
    (tmp_path / "a.gml").write_text("graph [ " + "a [ " * 100_000)
    if pytest.importorskip("networkx"):
        refused(tmp_path / "a.gml", "cannot be read as GML")


# -- damage ------------------------------------------------------------------------------------------------------------

ENDINGS = ["zip", "npz", "npy", "mat", "h5", "nc", "csv", "txt", "graphml", "gml", "pconn.nii", "relmat.dense.tsv", "x"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 1000, b"\xff\xfe\x80" * 300, b"hello", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"]
)
def test_what_is_not_what_its_ending_says(tmp_path, ending, content):
    (tmp_path / f"a_{ending}").write_bytes(content)
    path = (tmp_path / f"a_{ending}").rename(tmp_path / (f"a_{ending}" if ending.startswith("rel") else f"a.{ending}"))
    refused(path, "is|has|cannot be read")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_folder_where_a_file_is_meant(tmp_path, ending):
    (tmp_path / f"a.{ending}").mkdir()
    refused(tmp_path / f"a.{ending}", "is a folder without")


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_cut_in_two(tmp_path, kind):
    if kind in NEEDS:
        pytest.importorskip(NEEDS[kind])
    path = FILES[kind](tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    refused(path, "is|has|declares|cannot be read", orientation="target_source")


def test_folders_with_folders_in_place_of_files(tmp_path):
    for kind, make in FOLDERS.items():
        for path in list(make(tmp_path).iterdir()):
            path.unlink()
            path.mkdir()
        with pytest.raises(ValueError, match=r"is a folder without|cannot be read|has"):
            load_connectome(tmp_path / {"fsl": "probtrackx"}.get(kind, kind))


def test_broken_bz2(tmp_path):
    data = bz2.compress(text(WEIGHTS).encode())
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("weights.txt.bz2", data[:-10])
    refused(tmp_path / "c.zip", "cannot be read as a zip of TVB")

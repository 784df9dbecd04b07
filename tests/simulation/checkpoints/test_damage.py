"""Whatever becomes of a run's folder or of a saved result: the right bits or one sentence, before anything is run."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import brainunit as u
import h5py
import numpy as np
import pytest
import xarray

import brainmass as bm
from brainmass.files import paths
from brainmass.simulation.checkpoints import folder, sealed_files, sources
from brainmass.simulation.run import runner
from tests.tiny import Relaxing, refused, run, same, simulator, spoiled

STEPS = (80, 160, 200)  # where the run of `tiny` saves itself


@pytest.fixture(scope="module")
def saved(tiny, tmp_path_factory):
    result, path = bm.load_result(tiny[0]), tmp_path_factory.mktemp("tiny") / "result.nc"
    result.attrs["note"] = True
    result.save(path)
    return path, result


def damage(where, other, rng):
    """One accident in a folder; ``other`` is the folder of another run."""
    path, second = rng.sample(sorted(where.glob("*.bm")), 2)
    kind = rng.choice(["spoil"] * 5 + ["lose", "swap", "double", "copy", "foreign", "mix", "folder"])
    if kind == "spoil":
        path.write_bytes(spoiled(path.read_bytes(), rng))
    elif kind == "lose":
        path.unlink()
    elif kind == "swap":
        first = path.read_bytes()
        path.write_bytes(second.read_bytes())
        second.write_bytes(first)
    elif kind == "double":
        path.write_bytes(second.read_bytes())
    elif kind == "copy":
        step = rng.choice([40, 100, 180, 240])
        shutil.copy(path, where / f"{rng.choice(['part', 'state'])}-{step:012d}.bm")
    elif kind == "foreign":
        shutil.copy(path, where / rng.choice([f"{path.stem} (1).bm", f"{path.name}~", "part-abc.bm", "state-9.bm"]))
    elif kind == "mix":
        shutil.copy(other / path.name, path)
    else:
        path.unlink()
        path.mkdir()
    return kind, path.name


@pytest.fixture(scope="module")
def another(shared, tmp_path_factory):
    path = tmp_path_factory.mktemp("another") / "run"
    run(path, simulator(0.2))
    return path


SEEDS = [*range(30), *(pytest.param(n, marks=pytest.mark.slow) for n in range(30, 200))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_folder_is_refused_or_gives_the_right_bits(tmp_path, tiny, another, monkeypatch, seed):
    folder, wanted = tiny
    where = tmp_path / "run"
    shutil.copytree(folder, where)
    what = damage(where, another, random.Random(seed))
    begun = []
    monkeypatch.setattr(runner.Run, "run_chunks", lambda *a, real=runner.Run.run_chunks: begun.append(1) or real(*a))
    read, _ = refused(lambda: bm.load_result(where), where)
    if read is not None:  # all that was saved, or all up to the state before
        steps = read.attrs["steps"]
        assert steps in STEPS, what
        np.testing.assert_array_equal(read["x"], wanted["x"][:steps], err_msg=str(what))
        np.testing.assert_array_equal(read["ts"].mantissa, wanted["ts"].mantissa[:steps])
    resumed, text = refused(lambda: bm.resume(where), where)
    if text is None:
        same(resumed, wanted)
    else:
        assert not begun, what


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_result_is_refused_or_gives_the_right_bits(tmp_path, saved, seed):
    path, wanted = saved
    damaged = tmp_path / "result.nc"
    damaged.write_bytes(spoiled(path.read_bytes(), random.Random(seed)))
    read, _ = refused(lambda: bm.load_result(damaged), damaged)
    if read is not None:
        same(read, wanted)
        assert read.attrs == wanted.attrs
        assert read.to_xarray().identical(wanted.to_xarray())


def test_a_spoiled_byte_of_a_result_is_named_as_such(tmp_path, saved):
    content = bytearray(saved[0].read_bytes())
    content[len(content) // 2] ^= 4
    (tmp_path / "result.nc").write_bytes(content)
    with pytest.raises(ValueError, match=r"result\.nc' is damaged: it has other bytes than were written"):
        bm.load_result(tmp_path / "result.nc")
    with h5py.File(saved[0]) as file:  # for other readers too
        assert file["x"].fletcher32


@pytest.mark.parametrize("step", STEPS)
def test_a_missing_part_is_named(tmp_path, tiny, step):
    shutil.copytree(tiny[0], tmp_path / "run")
    (tmp_path / "run" / folder.file_name("part", step)).unlink()
    with pytest.raises(FileNotFoundError, match=rf"run': part-0*{step}\.bm is missing; bring the file back"):
        bm.load_result(tmp_path / "run")


def test_two_runs_are_not_mixed(tmp_path, tiny, another):
    shutil.copytree(tiny[0], tmp_path / "run")
    for path in another.glob("state-*"):
        shutil.copy(path, tmp_path / "run")
    with pytest.raises(ValueError, match=r"and setup\.bm are of two runs"):
        bm.resume(tmp_path / "run")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({}, r"lacks what every file of a run says"),
        (dict(tree=None, bytes=3, sha256="a"), "lacks what every file"),
        (dict(tree=-1, bytes=3, sha256="a"), "lacks what every file"),
        (dict(format="three"), "is no checkpoint"),
        (dict(kind=["a"]), "is no checkpoint"),
    ],
)
def test_an_odd_first_line_is_one_sentence(tmp_path, head, message):
    line = dict(kind=sealed_files.KIND, format=sealed_files.FORMAT) | head
    (tmp_path / "setup.bm").write_bytes(json.dumps(line).encode() + b"\n{}")
    for call in (bm.resume, bm.load_result):
        with pytest.raises(ValueError, match=rf"{tmp_path.name}': setup\.bm .*{message}"):
            call(tmp_path)


# -- what lies there is data ------------------------------------------------------------------------------------------


def test_data_of_every_kind_comes_back(tmp_path):
    tree = {
        "a": [1, 2.5, None, True, "ä", (np.float32(1.5), 2**70)],
        "b": u.Quantity(np.arange(6.0).reshape(2, 3), u.mV**2 / u.Hz),
        "c": {"labels": np.array(["x", "yy"]), "none": np.zeros((0, 3)), "set": frozenset({"p", "q"})},
    }
    sealed_files.write_checked(tmp_path / "tree.bm", tree)
    read = sealed_files.read_checked(tmp_path / "tree.bm").data()
    assert read["a"] == tree["a"]
    assert type(read["a"][5][0]) is np.float32
    assert read["b"].unit == tree["b"].unit
    np.testing.assert_array_equal(read["b"].mantissa, tree["b"].mantissa)
    assert read["c"]["labels"].tolist() == ["x", "yy"]
    assert read["c"]["none"].shape == (0, 3)
    assert read["c"]["set"] == {"p", "q"}
    with pytest.raises(TypeError, match="is no array, number or text"):
        sealed_files.write_checked(tmp_path / "other.bm", {"a": object()})


# -- sources ----------------------------------------------------------------------------------------------------------

MODULE = """
import brainunit as u
from brainmass import Parameter, StateSpace, Variable
from {helper} import factor

class Relaxation(StateSpace):
    primary = "x"
    rate = Parameter(0.01 / u.ms, u.ms**-1)
    x = Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=-factor() * p.rate * s.x)
"""
HELPER = "def factor():\n    return 1.0\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A model in a module of the user's own, which uses another one."""
    monkeypatch.syspath_prepend(tmp_path)
    names = [f"mine_{tmp_path.name}", f"helper_{tmp_path.name}"]
    (tmp_path / f"{names[1]}.py").write_text(HELPER)
    (tmp_path / f"{names[0]}.py").write_text(MODULE.format(helper=names[1]))
    kind = __import__(names[0]).Relaxation
    run(tmp_path / "run", bm.Simulator(kind(2), dt=0.1))
    yield [tmp_path / f"{name}.py" for name in names]
    for name in names:
        sys.modules.pop(name, None)


def test_a_changed_module_is_refused(tmp_path, module):
    mine, helper = module
    text = mine.read_text()
    mine.write_text("# a comment\n" + text)
    assert bm.resume(tmp_path / "run").attrs["steps"] == 200
    mine.write_text(text.replace("-factor()", "-5.0 * factor()"))
    with pytest.raises(ValueError, match=rf"begun with another .*Relaxation.*{mine.name}.*whose source has changed"):
        bm.resume(tmp_path / "run")
    assert f"begun_with_{mine.stem}" in bm.resume(tmp_path / "run", strict=False).attrs
    mine.write_text(text)
    helper.write_text(HELPER.replace("1.0", "5.0"))
    with pytest.raises(ValueError, match=rf"another .*{helper.name}.*whose source has changed"):
        bm.resume(tmp_path / "run")


def test_a_module_that_is_gone_is_named(tmp_path, module):
    mine, _ = module
    mine.unlink()
    sys.modules.pop(mine.stem)
    with pytest.raises(ModuleNotFoundError, match=rf"run' cannot be resumed: .*Relaxation.*no module {mine.stem} here"):
        bm.resume(tmp_path / "run")
    assert bm.load_result(tmp_path / "run").attrs["steps"] == 200


def test_another_brainmass_of_the_same_version_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(sources, "own_checksum", lambda: "another")
    with pytest.raises(ValueError, match="begun with another brainmass, whose source has changed"):
        bm.resume(tiny[0])


# -- one process ------------------------------------------------------------------------------------------------------


def test_one_thread_at_a_time_goes_on(tmp_path, tiny, monkeypatch):
    shutil.copytree(tiny[0], tmp_path / "run")
    inside, go_on, found = threading.Event(), threading.Event(), []
    real = runner.Run.run_chunks

    def waiting(*given):
        inside.set()
        go_on.wait(60)
        return real(*given)

    monkeypatch.setattr(runner.Run, "run_chunks", waiting)
    thread = threading.Thread(target=lambda: found.append(bm.resume(tmp_path / "run")))
    thread.start()
    inside.wait(60)
    try:
        with pytest.raises(BlockingIOError, match=rf"run' is held by process {os.getpid()} on .*, and this is process"):
            bm.resume(tmp_path / "run")
    finally:
        go_on.set()
        thread.join()
    same(found[0], tiny[1])
    assert not list((tmp_path / "run").glob(".*"))


HOLDING = """
import sys
from pathlib import Path
from brainmass.simulation.checkpoints.lock import Lock
Lock(Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_is_named_and_a_killed_one_holds_nobody_up(tmp_path, tiny):
    shutil.copytree(tiny[0], tmp_path / "run")
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError, match=rf"is held by process {process.pid} on "):
            bm.resume(tmp_path / "run")
        process.kill()
    (tmp_path / "run" / f".brainmass-{process.pid}-01234567-3").write_text("half a state")
    (tmp_path / "run" / f".brainmass-{os.getpid()}-01234567-3").write_text("of a process with this one's number")
    (tmp_path / "run" / f".brainmass-{os.getppid()}-01234567-3").write_text("of one that lives")
    same(bm.resume(tmp_path / "run"), tiny[1])
    assert [path.name for path in (tmp_path / "run").glob(".*")] == [f".brainmass-{os.getppid()}-01234567-3"]


# -- what cannot be written -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE, errno.EPERM, errno.EFBIG, errno.ETIMEDOUT])
def test_whatever_the_system_refuses_keeps_what_was_recorded(tmp_path, tiny, monkeypatch, number):
    real, count, sim = (
        sealed_files.write_checked,
        [],
        bm.Simulator(Relaxing(2, noise_drive=bm.WhiteNoise(2, sigma=0.1)), dt=0.1),
    )

    def failing(path, data):
        count.append(path)
        if len(count) > 5:
            raise OSError(number, os.strerror(number))
        return real(path, data)

    monkeypatch.setattr(bm.simulation.checkpoints.checkpoint, "write_checked", failing)
    with pytest.raises(
        OSError, match=rf"run' cannot be written \({os.strerror(number)}\); the first 80 steps"
    ) as caught:
        run(tmp_path / "run", sim)
    assert caught.value.__notes__ == ["sim.interrupted holds what was recorded up to t = 16 ms."]
    assert sim.interrupted is caught.value.result
    np.testing.assert_array_equal(sim.interrupted["x"], tiny[1]["x"][:160])
    monkeypatch.undo()
    assert bm.load_result(tmp_path / "run").attrs["steps"] == 80


def test_a_folder_that_is_deleted_under_a_run(tmp_path, tiny, monkeypatch):
    real, sim = (
        bm.simulation.checkpoints.Checkpoint.save,
        bm.Simulator(Relaxing(2, noise_drive=bm.WhiteNoise(2, sigma=0.1)), dt=0.1),
    )

    def deleting(self, run, *, now=False):
        real(self, run, now=now)
        if self.saved == 160:
            shutil.rmtree(self.folder)

    monkeypatch.setattr(bm.simulation.checkpoints.Checkpoint, "save", deleting)
    with pytest.raises(OSError, match=r"run' cannot be written \(the folder is gone\); nothing is kept there"):
        run(tmp_path / "run", sim)
    same(sim.interrupted, tiny[1])


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ("", ValueError, "checkpoint='' is an empty path"),
        ("a\0b", ValueError, "holds a sign that no file name can hold"),
        ("x" * 300, ValueError, "has a name of 300 bytes; 255 are the most"),
        (3, TypeError, "checkpoint=3 is not a path"),
        (b"run", TypeError, "is not a path"),
        ("/dev/null/run", OSError, r"checkpoint='/dev/null/run' cannot be written \(Not a directory\)"),
    ],
)
def test_an_odd_path_is_one_sentence(tiny, given, kind, message):
    with pytest.raises(kind, match=message):
        run(given)


def test_a_folder_of_something_else_is_refused(tmp_path, tiny):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(FileExistsError, match=r"holds other files, as 'notes\.txt'; give a folder that does not exist"):
        run(tmp_path)
    for kind in ("part-*", "state-*"):
        shutil.copytree(tiny[0], tmp_path / "run")
        for path in (tmp_path / "run").iterdir():
            if not path.match(kind):
                path.unlink()
        with pytest.raises(FileExistsError, match="holds a run already"):
            run(tmp_path / "run")
        shutil.rmtree(tmp_path / "run")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(FileExistsError, match="is a link to nothing"):
        run(tmp_path / "link")


def test_what_cannot_be_saved_is_named_and_leaves_no_folder(tmp_path, shared):
    lock, sim = threading.Lock(), bm.Simulator(Relaxing(2), dt=0.1)
    monitors = {"x": "x", "locked": lambda m: (lock, m.x.value)[1]}
    with pytest.raises(TypeError, match=r"checkpoint= saves .* and monitors\['locked'\] cannot be saved \(.*lock"):
        sim.run(20.0, monitors=monitors, seed=1, checkpoint=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_is_synced_after_a_rename(tmp_path, monkeypatch):
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda n: synced.append(os.readlink(f"/proc/self/fd/{n}")) or real(n))
    with paths.atomic(tmp_path / "a") as partial:
        partial.write_text("b")
    assert synced[-1] == str(tmp_path)


# -- files of results -------------------------------------------------------------------------------------------------


def test_links_are_followed_and_files_alone_are_replaced(tmp_path, saved):
    result = saved[1]
    (tmp_path / "deep").mkdir()
    (tmp_path / "link.nc").symlink_to("deep/real.nc")
    result.save(tmp_path / "link.nc")
    assert (tmp_path / "link.nc").is_symlink()
    same(bm.load_result(tmp_path / "deep" / "real.nc"), result)
    os.mkfifo(tmp_path / "pipe")
    for name, kind in (("pipe", "a device or a pipe"), ("deep", "a folder")):
        with pytest.raises(FileExistsError, match=f"{name}' is {kind}; give the path of a file"):
            result.save(tmp_path / name)


@pytest.mark.parametrize(
    ("given", "back"),
    [
        (True, True),
        (np.True_, True),
        (None, None),
        ({"a": [1, None]}, {"a": [1, None]}),
        ([1, "a"], [1, "a"]),
        (3 * u.mV, "3 mV"),
        (Path("here"), "here"),
        (2**70, 2**70),
        ("ä", "ä"),
        ("", ""),
    ],
)
def test_an_attribute_of_any_kind_comes_back(tmp_path, saved, given, back):
    result = bm.Result(dict(saved[1]), attrs={"mine": given, "other": 3})
    result.save(tmp_path / "result.nc")
    found = bm.load_result(tmp_path / "result.nc").attrs
    assert found == {"mine": back, "other": 3}
    assert type(found["mine"]) is type(back)


def edited(path, edit):
    with h5py.File(path, "r+") as file:
        edit(file)


def declared(file):
    del file["x"]
    file.create_dataset("x", shape=(200, 10**10), dtype="f8", chunks=(1, 10**6))


def external(file):
    del file["x"]
    Path("/tmp").exists()
    file.create_dataset("x", shape=(4, 2), dtype="u1", external=[(__file__, 0, 8)])


def ragged(file):
    del file["x"]
    file.create_dataset("x", shape=(3,), dtype=h5py.vlen_dtype(np.float64))


def renamed(file):
    del file["time"]


def linked(file):
    del file["x"]
    file["x"] = h5py.ExternalLink("elsewhere.nc", "x")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (declared, r"declares 16000000000000 bytes of 'x' and holds 0"),
        (external, "has the numbers of 'x' in another file"),
        (linked, "has 'x' as a link to elsewhere"),
        (ragged, "'x' holds neither numbers nor text"),
        (renamed, r"is no (result|netCDF file)"),
        (lambda file: file["x"].attrs.__setitem__("units", 3), "'x' is in 3, which is no unit"),
        (lambda file: file["x"].attrs.__setitem__("units", "ells"), "'x' is in 'ells', which is no unit"),
        (lambda file: file["time"].attrs.__setitem__("units", "mV"), "'time' holds no times"),
    ],
)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_file_that_was_made_up_is_one_sentence(tmp_path, saved, edit, message):
    path = tmp_path / "result.nc"
    shutil.copy(saved[0], path)
    edited(path, edit)
    with pytest.raises(ValueError, match=message) as caught:
        bm.load_result(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_another_program_wrote_is_read(tmp_path, saved):
    data = xarray.load_dataset(saved[0], engine="h5netcdf")
    data.to_netcdf(tmp_path / "result.nc", engine="h5netcdf", encoding={"x": {"zlib": True}})
    same(bm.load_result(tmp_path / "result.nc"), saved[1])


def test_signals_have_tables_of_their_own_and_none_is_replaced(tmp_path, saved):
    result = saved[1]
    result["node.x"] = result["x"]
    (first,), (second,) = result.to_bids(tmp_path, "x"), result.to_bids(tmp_path, "node.x")
    assert (first.name, second.name) == tuple(f"sub-01_task-rest_desc-{name}_timeseries.tsv" for name in ("x", "nodeX"))
    with pytest.raises(FileExistsError, match=r"desc-x_timeseries\.tsv' exists, of the signal 'x'; remove it first"):
        result.to_bids(tmp_path, "x")
    assert json.loads(second.with_suffix(".json").read_text())["Signal"] == "node.x"
    del result["node.x"]

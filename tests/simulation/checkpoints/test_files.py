"""Folders that others take or change, sources that are imported, and files and paths of every kind."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brainunit as u
import h5py
import jax
import numpy as np
import pytest
import xarray

import brainmass as bm
from brainmass.simulation.checkpoints import edited_modules, folder, lock, sealed_files, sources
from brainmass.stimulus import Series
from tests.simulation.checkpoints.test_damage import HOLDING
from tests.tiny import refused, run, same, simulator, spoiled

pytestmark = pytest.mark.usefixtures("shared")


def before_saving(monkeypatch, number, act):
    """Call ``act`` with the folder before a run saves itself for the ``number``-th time."""
    real, count = bm.simulation.checkpoints.Checkpoint.save, []

    def save(self, run, *, now=False):
        count.append(run)
        if len(count) == number:
            act(self.folder)
        return real(self, run, now=now)

    monkeypatch.setattr(bm.simulation.checkpoints.Checkpoint, "save", save)


# -- folders of another run -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", [True, False])
def test_a_run_that_is_refused_leaves_the_folder_of_another_one(tmp_path, tiny, monkeypatch, ended):
    """Two begin at once in a new folder, and the other one is there first."""
    where, real, begun = tmp_path / "run", Path.mkdir, []

    def mkdir(self, *given, **options):
        if self == where and not begun:
            begun.append(lock.Lock(where))
            shutil.copytree(tiny[0], where)
            if not ended:
                begun[0].take()
        return real(self, *given, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(FileExistsError if ended else BlockingIOError, match=r"holds a run already|is held by"):
        run(where)
    begun[0].release()
    same(bm.load_result(where), tiny[1])


def lose(path):
    shutil.rmtree(path)


def replace(path):
    path.rename(path.with_name("old"))
    path.mkdir()


def begin_another(path):
    shutil.rmtree(path)
    shutil.copytree(path.with_name("other"), path)


def unlock(path):
    (path / lock.NAME).unlink()


def unset(path):
    (path / folder.SETUP).unlink()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lose, "the folder is gone"),
        (replace, "its .lock is gone or of another run; what is there is left as it is"),
        (begin_another, "its .lock is gone or of another run"),
        (unlock, "its .lock is gone or of another run"),
        (unset, "its setup.bm is gone or damaged"),
    ],
)
def test_a_folder_that_is_another_one_meanwhile_is_left_and_all_is_kept(tmp_path, tiny, monkeypatch, act, message):
    shutil.copytree(tiny[0], tmp_path / "other")
    before_saving(monkeypatch, 5, act)
    there = {}
    real = bm.simulation.checkpoints.Checkpoint._check_own
    monkeypatch.setattr(
        bm.simulation.checkpoints.Checkpoint,
        "_check_own",
        lambda self: there.update(now=contents(tmp_path / "run")) or real(self),
    )
    sim = simulator()
    with pytest.raises(OSError, match=message) as caught:
        run(tmp_path / "run", sim)
    assert contents(tmp_path / "run") == there["now"]
    same(sim.interrupted, tiny[1])
    assert sim.interrupted is caught.value.result


def contents(path):
    return {p.name: p.read_bytes() for p in path.iterdir() if p.name != lock.NAME} if path.exists() else None


def test_all_is_kept_of_a_run_that_saves_itself_very_often(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr(bm.simulation.checkpoints.checkpoint, "_MOST_OPEN", 1)
    before_saving(monkeypatch, 5, lose)
    sim = simulator()
    with pytest.raises(OSError, match="the folder is gone"):
        run(tmp_path / "run", sim)
    same(sim.interrupted, tiny[1])


def test_a_part_that_is_damaged_meanwhile_is_named_and_what_was_before_is_kept(tmp_path, tiny, monkeypatch):
    def spoil(path):
        with list(folder.numbered(path, "part").values())[1].open("r+b") as file:
            file.write(b"garbage")

    before_saving(monkeypatch, 5, spoil)
    sim = simulator()
    with pytest.raises(OSError, match=r"run': part-000000000160\.bm is no checkpoint") as caught:
        run(tmp_path / "run", sim)
    np.testing.assert_array_equal(caught.value.result["x"], tiny[1]["x"][:80])
    assert sim.interrupted.attrs["steps"] == 80


# -- locks ------------------------------------------------------------------------------------------------------------


def test_without_locks_of_the_system_a_file_holds_as_long_as_its_process(tmp_path, monkeypatch):
    def no_locks(*given):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock.fcntl, "flock", no_locks)
    first, second = lock.Lock(tmp_path), lock.Lock(tmp_path)
    first.take()
    with pytest.raises(BlockingIOError, match=rf"held by process {os.getpid()} .*if it has ended, delete \.lock there"):
        second.take()
    first.release()
    second.take()
    second.release()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for host, free in ((lock.socket.gethostname(), True), ("elsewhere", False)):
        (tmp_path / lock.NAME).write_text(json.dumps(dict(pid=ended.pid, host=host)))
        if free:
            first.take()
            assert first.holds
            first.release()
        else:
            with pytest.raises(BlockingIOError, match="on elsewhere"):
                first.take()


FORKING = HOLDING.replace("print(", "import os\nchild = os.fork()\nif child:\n    print(child, end=' ')\n    print(")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
def test_a_child_of_a_killed_process_is_named_as_such(tmp_path):
    command = [sys.executable, "-c", FORKING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline().split()[0])
        process.kill()
        process.wait()
        with pytest.raises(BlockingIOError, match=rf"is held by a child of the ended process {process.pid} on "):
            lock.Lock(tmp_path).take()
        os.kill(child, signal.SIGKILL)


# -- sources ----------------------------------------------------------------------------------------------------------

MODEL = """
import brainunit as u
from brainmass import Parameter, StateSpace, Variable
{imports}

class Relaxation(StateSpace):
    primary = "x"
    rate = Parameter(0.01 / u.ms, u.ms**-1)
    x = Variable(1.0)

    @staticmethod
    def drift(s, p, inp):
        {inside}
        return dict(x=-p.rate * {term})
"""
HELPERS = {
    "number": ("FACTOR = 1.0", "from {helper} import FACTOR", "pass", "FACTOR * s.x"),
    "jitted": ("import jax\ngain = jax.jit(lambda x: 1.0 * x)", "from {helper} import gain", "pass", "gain(s.x)"),
    "partial": (
        "from functools import partial\ngain = partial(lambda a, x: a * x, 1.0)",
        "import {helper} as h",
        "pass",
        "h.gain(s.x)",
    ),
    "inside": ("FACTOR = 1.0", "", "from {helper} import FACTOR", "FACTOR * s.x"),
    "called": ("FACTOR = 1.0", "", "pass", "__import__('{helper}').FACTOR * s.x"),
    "itself": ("", "", "pass", "1.0 * s.x"),
}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a model in a module of the user's own and what it imports, and imports it."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def make(kind, name=None):
        names[:] = [name or f"own_{tmp_path.name}", f"beside_{tmp_path.name}"]
        helper, *lines = HELPERS[kind]
        imports, inside, term = (line.format(helper=names[1]) for line in lines)
        (tmp_path / f"{names[1]}.py").write_text(helper)
        (tmp_path / f"{names[0]}.py").write_text(MODEL.format(imports=imports, inside=inside, term=term))
        return __import__(names[0]).Relaxation

    yield make
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("kind", ["number", "jitted", "partial", "inside", "called"])
def test_whatever_a_model_imports_is_among_its_sources(tmp_path, module, kind):
    sim = bm.Simulator(module(kind)(2), dt=0.1)
    run(tmp_path / "run", sim)
    helper = next(tmp_path.glob("beside_*.py"))
    helper.write_text(helper.read_text().replace("1.0", "5.0"))
    with pytest.raises(ValueError, match=rf"begun with another module .*{helper.name}\), whose source has changed"):
        bm.resume(tmp_path / "run")


def test_a_module_with_a_name_of_the_standard_library_is_the_users(tmp_path, module):
    sys.modules.pop("tabnanny", None)
    run(tmp_path / "run", bm.Simulator(module("itself", "tabnanny")(2), dt=0.1))
    path = tmp_path / "tabnanny.py"
    path.write_text(path.read_text().replace("1.0 * s.x", "5.0 * s.x"))
    with pytest.raises(ValueError, match=r"begun with another Relaxation .*tabnanny\.py"):
        bm.resume(tmp_path / "run")


@pytest.mark.parametrize(("kind", "old"), [("itself", "1.0 * s.x"), ("number", "FACTOR = 1.0")])
def test_a_module_that_was_edited_after_its_import_is_refused(tmp_path, module, kind, old):
    sim = bm.Simulator(module(kind)(2), dt=0.1)
    (path,) = (path for path in tmp_path.glob("*.py") if old in path.read_text())
    text = path.read_text()
    path.write_text("# a comment\n\n" + text)
    run(tmp_path / "commented", sim)
    path.write_text(text.replace("1.0", "5.0"))
    with pytest.raises(ValueError, match=rf"the module {path.stem} \(.*\) was edited after it was imported; start"):
        run(tmp_path / "run", sim)
    assert not (tmp_path / "run").exists()
    os.utime(path, (edited_modules._BEGUN - 60,) * 2)  # before there was anything to be loaded
    run(tmp_path / "run", sim)


def test_runs_of_several_threads_save_themselves(monkeypatch):
    """CPython counts the depth of syntax trees for all threads, and raises a SystemError where they differ."""
    monkeypatch.setattr(edited_modules, "_BEGUN", 0.0)
    every = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda _: sources._checksum(__file__), range(16)))
            edited = set(pool.map(lambda _: edited_modules.is_edited(lock, lock.__file__), range(16)))
    finally:
        sys.setswitchinterval(every)
    assert len(found) == 1
    assert edited == {False}


def test_a_function_of_a_script_is_followed_into_what_it_imports(tmp_path, module):
    module("inside")
    names = {"__name__": "__main__"}
    exec(f"def f(m):\n    from beside_{tmp_path.name} import FACTOR\n    return FACTOR * m.x.value", names)
    assert f"beside_{tmp_path.name}" in bm.simulation.checkpoints.sources.sources_of([names["f"]])


# -- data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "int4", "complex64", "bool", "float16"])
def test_numbers_of_every_kind_come_back_from_a_folder_and_from_a_file(tmp_path, dtype):
    array = jax.numpy.asarray([0, 1, -1, 3]).astype(dtype)
    sealed_files.write_checked(tmp_path / "x.bm", {"x": array})
    read = sealed_files.read_checked(tmp_path / "x.bm").data()["x"]
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, np.asarray(array))
    bm.Result({"x": np.asarray(array)[:, None], "ts": np.arange(4.0) * u.ms}).save(tmp_path / "x.nc")
    found = bm.load_result(tmp_path / "x.nc")["x"]
    assert (found.dtype == array.dtype) == (dtype not in ("bfloat16", "float8_e4m3fn", "int4"))
    np.testing.assert_array_equal(found[:, 0].astype(complex), np.asarray(array).astype(complex))


def test_a_random_key_is_no_recording():
    key = jax.random.key(0)
    with pytest.raises(TypeError, match=r"a callable returned a random key.*; return an array or Quantity"):
        simulator().run(1.0, monitors={"key": lambda m: key})


def test_bytes_that_belong_to_no_array_are_damage(tmp_path):
    sealed_files.write_checked(tmp_path / "x.bm", {"x": np.arange(3)})
    line, _, rest = (tmp_path / "x.bm").read_bytes().partition(b"\n")
    head = json.loads(line)
    head["tree"] -= 1
    (tmp_path / "x.bm").write_bytes(json.dumps(head).encode() + b"\n" + rest)
    with pytest.raises(ValueError, match=r"x\.bm is damaged, or no run wrote it; bring the file back"):
        sealed_files.read_checked(tmp_path / "x.bm").data()


def changed_state(where, change):
    path = list(folder.numbered(where, "state").values())[-1]
    file = sealed_files.read_checked(path)
    data = file.data()
    change(data)
    sealed_files.write_checked(path, data)
    return path.name


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("described"),
        lambda data: data.update(described=3),
        lambda data: data.update(wall="long"),
        lambda data: data["described"].pop("fields"),
        lambda data: data["described"].update(steps={"x": (0, 1, 10**13)}),
        lambda data: data["described"].update(steps={"x": (0, 1, 3)}),
        lambda data: data["described"].update(dt=None),
        lambda data: data["described"].update(names=7),
    ],
)
def test_an_odd_state_is_one_sentence(tmp_path, tiny, change):
    shutil.copytree(tiny[0], tmp_path / "run")
    name = changed_state(tmp_path / "run", change)
    _, text = refused(lambda: bm.load_result(tmp_path / "run"), tmp_path / "run", name)
    assert text is not None
    assert "holds something else than a run writes" in text


def test_a_state_that_cannot_be_gone_on_with_is_one_sentence(tmp_path, tiny):
    shutil.copytree(tiny[0], tmp_path / "run")
    name = changed_state(tmp_path / "run", lambda data: data.pop("count_from"))
    with pytest.raises(ValueError, match=rf"run': {name} holds something else than a run writes"):
        bm.resume(tmp_path / "run")


def test_what_stands_where_a_part_will_is_refused_by_both(tmp_path, tiny):
    shutil.copytree(tiny[0], tmp_path / "run")
    (tmp_path / "run" / "part-000000099999.bm").mkdir()
    for call in (bm.load_result, bm.resume):
        with pytest.raises(ValueError, match=r"part-000000099999\.bm is a folder, where the run has a file; remove it"):
            call(tmp_path / "run")
    (tmp_path / "run" / "part-000000099999.bm").rmdir()
    os.mkfifo(tmp_path / "run" / "state-000000099999.bm")
    with pytest.raises(ValueError, match="is a device or a pipe, where the run has a file"):
        bm.load_result(tmp_path / "run")


class StreamingFCD(bm.StreamingFCD):
    """One of the user's own, with the name of one of the library."""

    @staticmethod
    def finish(frames):
        return 7 * bm.StreamingFCD.finish(frames)


@pytest.mark.filterwarnings("ignore:.*is left out")
def test_a_class_with_the_name_of_another_is_not_taken_for_it(tmp_path):
    sim, monitors = simulator(), {"x": "x", "own": StreamingFCD("x", window=4, step=2)}
    monitors["fcd"] = bm.StreamingFCD("x", window=4, step=2)
    run_ = sim.run(20.0, monitors=monitors, seed=1, checkpoint=tmp_path / "run")
    with pytest.warns(UserWarning, match=r"'own' is left out, since tests?\S*\.StreamingFCD is no class") as caught:
        found = bm.load_result(tmp_path / "run")
    assert caught[0].filename == __file__
    assert "own" not in found
    np.testing.assert_array_equal(found["fcd"], run_["fcd"])
    sim.run(20.0, monitors={"own": monitors["own"]}, seed=1, checkpoint=tmp_path / "alone")
    with pytest.raises(ValueError, match=r"alone' has only 'own', which brainmass\.resume alone gives"):
        bm.load_result(tmp_path / "alone")


# -- paths ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def result(tiny):
    return bm.Result(dict(tiny[1]))


LONG = "a/" * 2100


@pytest.mark.parametrize(
    "call",
    [
        lambda result: result.save(LONG),
        lambda result: result.to_bids(LONG, "x"),
        lambda result: bm.load_result(LONG),
        lambda result: bm.resume(LONG),
        lambda result: run(LONG),
        lambda result: Series.read(LONG),
    ],
)
def test_a_path_that_is_too_long_is_refused(result, call):
    with pytest.raises(ValueError, match="is a path of 4200 bytes; 4095 are the most"):
        call(result)


def test_a_path_from_home_is_expanded_everywhere(tmp_path, monkeypatch, tiny, result):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(tiny[0], tmp_path / "run")
    result.save("~/x.nc")
    assert (tmp_path / "x.nc").is_file()
    np.save(tmp_path / "x.npy", np.ones(3))
    same(bm.load_result("~/x.nc"), result)
    same(bm.load_result("~/run"), result)
    same(bm.resume("~/run"), result)
    assert result.to_bids("~/bids", "x")[0].is_relative_to(tmp_path)
    assert Series.read("~/x.npy", 1.0).level.shape == (3,)


def test_what_takes_no_file_is_named(tmp_path, result):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotADirectoryError, match=r"lies in '.*file', which is a file; give a folder"):
        result.save(tmp_path / "file" / "r.nc")
    with pytest.raises(FileExistsError, match="loop' is a link that leads back to itself"):
        result.save(tmp_path / "loop")
    assert (tmp_path / "loop").is_symlink()
    if Path("/proc").is_dir():
        with pytest.raises(OSError, match=r"path='/proc/x\.nc' cannot be written \([A-Z][a-z ]+\)$"):
            result.save("/proc/x.nc")
    with pytest.raises(ValueError, match="pipe' is a device or a pipe; give a file"):
        bm.load_result(tmp_path / "pipe")
    with pytest.raises(NotADirectoryError, match="file' is a file; give a folder"):
        result.to_bids(tmp_path / "file", "x")
    with pytest.raises(NotADirectoryError, match=r"file/a' cannot be written \(Not a directory\)"):
        result.to_bids(tmp_path / "file" / "a", "x")


# -- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ([1], [1]),
        (["x"], ["x"]),
        ([1, 2], [1, 2]),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), [1.0, None]),
        (np.array([3.0]), [3.0]),
        ([], []),
    ],
)
def test_a_list_comes_back_as_one(tmp_path, result, given, back):
    result.attrs["mine"] = given
    result.save(tmp_path / "x.nc")
    found = bm.load_result(tmp_path / "x.nc").attrs["mine"]
    assert type(found) is list
    assert found == back


@pytest.mark.parametrize("name", ["diverged_simulations", "coordinates", "json_attributes"])
def test_a_reserved_attribute_is_refused_by_name(tmp_path, result, name):
    result.attrs[name] = 3
    with pytest.raises(ValueError, match=rf"attrs\['{name}'\] has (a|the) name .*; rename it"):
        result.save(tmp_path / "x.nc")


@pytest.mark.parametrize(
    ("monitors", "options"),
    [
        ({"rate": "x"}, dict(values={"rate": np.array([[0.1], [0.2]])})),
        ({"seed": "x"}, dict(batch_size=2)),
        ({"time_b": "x", "b": bm.TemporalAverage("x", 1.0)}, {}),
        ({"frequency_p": "x", "p": bm.StreamingPSD("x", window=1.0)}, {}),
        ({"other_region": "x"}, {}),
    ],
)
def test_a_monitor_with_the_name_of_a_coordinate_is_refused_before_the_run(monitors, options):
    with pytest.raises(ValueError, match=f'monitors names "{next(iter(monitors))}"'):
        simulator().run(20.0, monitors=monitors, **options)


def test_bids_tables_hold_what_bids_allows(tmp_path):
    arrays = {"x": np.array([[1.0, np.nan], [2.0, 3.0]]), "x_y": np.ones((2, 2)), "xY": np.ones((2, 2))}
    result = bm.Result({**arrays, "ts": np.arange(2.0) * u.ms}, attrs={"odd": np.nan, "list": [np.inf, 1]})
    (table,) = result.to_bids(tmp_path, "x")
    assert table.read_text().splitlines()[1] == "1\tn/a"
    text = table.with_suffix(".json").read_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["Simulation"]["list"] == ["inf", 1]
    result.to_bids(tmp_path, "x_y")
    with pytest.raises(FileExistsError, match=r"desc-xY_timeseries\.tsv' exists, of the signal 'x_y'; remove it first"):
        result.to_bids(tmp_path, "xY")
    result.labels = ["a\tb", "c"]
    with pytest.raises(ValueError, match=r"the label 'a\\tb' does not fit into a table"):
        result.to_bids(tmp_path / "other", "x")


# -- series -----------------------------------------------------------------------------------------------------------


def npy(path, shape):
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, dict(descr="<f8", fortran_order=False, shape=shape))


def test_a_series_is_read_with_the_same_guards(tmp_path, result):
    path = tmp_path / "x.nc"
    result.save(path)
    whole = path.read_bytes()
    assert Series.read(path).level.shape == (200, 2)
    path.write_bytes(spoiled(whole, random.Random(1)))
    with pytest.raises(ValueError, match=r"x\.nc' is"):
        Series.read(path)
    with h5py.File(tmp_path / "external.nc", "w") as file:
        file.create_dataset("x", shape=(4, 2), dtype="u1", external=[(__file__, 0, 8)])
    with pytest.raises(ValueError, match=r"external\.nc' has the numbers of 'x' in another file"):
        Series.read(tmp_path / "external.nc", 1.0)
    npy(tmp_path / "large.npy", (10**12,))
    for name, content in {"words.csv": "a,b\n1,x\n", "none.txt": "", "other.npy": "text", "text.nc": "text"}.items():
        (tmp_path / name).write_text(content)
    for name in ("words.csv", "none.txt", "other.npy", "text.nc", "large.npy"):
        _, text = refused(lambda name=name: Series.read(tmp_path / name, 1.0))
        assert text is not None, name
    data = xarray.Dataset({"x": ("time", np.ones(3), {"units": "ells"}), "t": ("time", list("abc")), "n": ((), 1.0)})
    data.to_netcdf(tmp_path / "units.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match=r"units\.nc is in 'ells', which is no unit; give unit"):
        Series.read(tmp_path / "units.nc", 1.0, variable="x")
    for name in ("t", "n"):
        with pytest.raises((ValueError, TypeError), match="values"):
            Series.read(tmp_path / "units.nc", 1.0, variable=name)


def test_a_first_row_of_numbers_is_no_row_of_names(tmp_path):
    (tmp_path / "x.csv").write_text("inf,1e3\n1,2\n")
    with pytest.raises(ValueError, match="inf"):  # seen, and refused as a value
        Series.read(tmp_path / "x.csv", 1.0)
    (tmp_path / "row.csv").write_text("1,2,3\n")
    assert Series.read(tmp_path / "row.csv", 1.0).level.shape == (1, 3)
    (tmp_path / "classic.txt").write_text("1\n2\n")
    assert Series.read(tmp_path / "classic.txt", 1.0).level.shape == (2,)


def test_a_classic_netcdf_file_is_read(tmp_path):
    data = xarray.Dataset({"x": ("time", np.arange(3.0))})
    data.to_netcdf(tmp_path / "x.nc", engine="scipy", format="NETCDF3_CLASSIC")
    assert Series.read(tmp_path / "x.nc", 1.0).level.tolist() == [0.0, 1.0, 2.0]

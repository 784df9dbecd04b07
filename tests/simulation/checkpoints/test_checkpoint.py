"""A run that saves itself: whatever stops it, it goes on to the same bits, and a bad file is named in one sentence."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import brainstate
import numpy as np
import pytest

import brainmass as bm
from brainmass.display.progress import time_text
from brainmass.files import packed
from brainmass.results.provenance import environment
from brainmass.simulation.checkpoints import sealed_files
from tests.monitors.test_recording import SEED, bare, simulator

DURATION, CHUNK, EVERY = 400.0, 20.0, 60.0
LONG = 20_000.0  # many savings, for the kills


def imaginary(model):
    return model.node.y.value


def monitors():
    bold = bm.Bold("x", tr=16.0)
    slow = bm.Sample(imaginary, 5.0)
    return {"x": "x", "slow": slow, "bold": bold, "fc": bm.StreamingFC(bold), "fcd": bm.StreamingFCD("x", 300, 100)}


def run(sim=None, duration=DURATION, **options):
    sim = sim or simulator()
    return sim.run(duration, **{"monitors": monitors(), "seed": SEED, "transient": 33.3, "chunk": CHUNK} | options)


@pytest.fixture(scope="module")
def whole():
    return run()


def same(result, wanted):
    assert result.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_array_equal(bare(result[name]), bare(wanted[name]), err_msg=name)


class Stopped(Exception):
    """In place of what stops a run."""


def stopped(folder, monkeypatch, chunks=9, **options):
    """A run that stops before the end of a chunk."""
    calls, add = [], bm.simulation.run.Recorded.add

    def stopping(self, recorded, chunk):
        calls.append(chunk)
        if len(calls) > chunks:
            raise Stopped
        add(self, recorded, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.run.Recorded, "add", stopping)
        with pytest.raises(Stopped):
            run(checkpoint=folder, checkpoint_every=EVERY, **options)
    return folder


def test_a_saved_run_is_the_same_and_stays_readable(tmp_path, whole):
    same(run(checkpoint=tmp_path / "run"), whole)
    same(bm.resume(tmp_path / "run"), whole)


@pytest.mark.parametrize("chunks", [4, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 15))])
def test_a_stopped_run_goes_on_to_the_same_bits(tmp_path, monkeypatch, whole, chunks):
    folder = stopped(tmp_path / "run", monkeypatch, chunks)
    result = bm.resume(folder)
    same(result, whole)
    assert result.attrs["steps"] == 4000
    for name in ("slow", "bold"):
        np.testing.assert_array_equal(bare(result.times_of(name)), bare(whole.times_of(name)))


@pytest.mark.slow
def test_a_run_that_went_on_can_be_resumed(tmp_path, monkeypatch):
    def second(sim, **options):
        return sim.run(200.0, monitors=monitors(), init_states=False, chunk=CHUNK, **options)

    sims = [simulator(), simulator()]
    for sim in sims:
        sim.run(93.7, monitors=monitors(), seed=SEED)
    wanted = second(sims[0])
    add, calls = bm.simulation.run.Recorded.add, []

    def stopping(self, recorded, chunk):
        calls.append(chunk)
        if len(calls) > 6:
            raise Stopped
        add(self, recorded, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.run.Recorded, "add", stopping)
        with pytest.raises(Stopped):
            second(sims[1], checkpoint=tmp_path / "run", checkpoint_every=40.0)
    same(bm.resume(tmp_path / "run"), wanted)


def test_a_folder_in_use_is_refused(tmp_path, monkeypatch):
    folder = stopped(tmp_path / "run", monkeypatch)
    with pytest.raises(FileExistsError, match=r"holds a run already; brainmass\.resume"):
        run(checkpoint=folder)
    with pytest.raises(FileNotFoundError, match=r"holds no run: it has no setup\.bm"):
        bm.resume(tmp_path)


def test_other_versions_are_refused_unless_asked_for(tmp_path, monkeypatch, whole):
    folder = stopped(tmp_path / "run", monkeypatch)
    now = environment()
    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.checkpoints.setup, "environment", lambda: now | {"jaxlib": "99.0"})
        with pytest.raises(ValueError, match=r"was begun with jaxlib .*, and this is 99\.0; .*strict=False"):
            bm.resume(folder)
        same(bm.resume(folder, strict=False), whole)


@pytest.mark.slow
def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, monkeypatch, whole):
    folder = stopped(tmp_path / "run", monkeypatch)
    states = sorted(folder.glob("state-*.bm"))
    assert len(states) == 2
    states[-1].write_bytes(states[-1].read_bytes()[:-100])
    same(bm.resume(folder), whole)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:-10], "is damaged"),
        (lambda content: content[:-1] + b"x", "is damaged"),
        (lambda content: b"", "is no checkpoint of brainmass"),
        (lambda content: b"PK\x03\x04 something else", "is no checkpoint of brainmass"),
        (lambda content: b'{"kind": "a list", "format": 1}\n', "is no checkpoint of brainmass"),
        (lambda content: content.replace(b'"format": 6', b'"format": 7', 1), "is of a later brainmass"),
        (lambda content: content.replace(b'"format": 6', b'"format": 2', 1), "is of an earlier brainmass"),
    ],
)
def test_a_bad_file_is_named(tmp_path, spoil, message):
    path = tmp_path / "setup.bm"
    sealed_files.write_checked(path, {"a": np.arange(30)})
    np.testing.assert_array_equal(sealed_files.read_checked(path).data()["a"], np.arange(30))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"setup\.bm {message}"):
        bm.resume(tmp_path)


def test_a_full_disk_is_one_sentence_and_what_was_written_stays(tmp_path, monkeypatch, whole):
    real, count = sealed_files.write_checked, []

    def full(path, data):
        count.append(path)
        if len(count) > 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.checkpoints.checkpoint, "write_checked", full)
        with pytest.raises(OSError, match=r"cannot be written .*No space left.*the first .* steps are kept there"):
            run(checkpoint=tmp_path / "run", checkpoint_every=EVERY)
    same(bm.resume(tmp_path / "run"), whole)


def test_a_stopped_run_can_be_looked_at(tmp_path, monkeypatch, whole):
    folder = stopped(tmp_path / "run", monkeypatch, chunks=19)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())
    so_far = bm.load_result(folder)
    assert so_far.keys() == whole.keys()
    steps = so_far.attrs["steps"]
    assert 1000 < steps < 4000
    for name in ("x", "slow", "bold", "ts"):
        count = len(so_far[name])
        assert 0 < count < len(whole[name])
        np.testing.assert_array_equal(bare(so_far[name]), bare(whole[name])[:count])
    np.testing.assert_allclose(bare(so_far["ts"])[-1], steps * 0.1, rtol=1e-6)
    wanted = bm.functional_connectivity(bare(so_far["bold"]))
    np.testing.assert_allclose(bare(so_far["fc"]), wanted, rtol=1e-4, atol=1e-5)
    assert sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()) == before
    same(bm.resume(folder), whole)
    same(bm.load_result(folder), whole)


def test_what_is_written_leaves_the_memory_and_the_time_adds_up(tmp_path, monkeypatch):
    held, save = [], bm.simulation.checkpoints.Checkpoint.save

    def watching(self, run, *, now=False):
        save(self, run, now=now)
        held.append((len(run.recorded.parts), run.state.step - self.saved))

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.checkpoints.Checkpoint, "save", watching)
        folder = stopped(tmp_path / "run", monkeypatch)
    assert max(parts for parts, _ in held) > 0
    assert all(parts == 0 for parts, unsaved in held if unsaved == 0)
    for path in folder.glob("state-*.bm"):
        state = sealed_files.read_checked(path)
        assert 0 < state.data()["wall"] < 600
        sealed_files.write_checked(path, state.data() | dict(wall=5000.0))
    assert bm.load_result(folder).attrs["wall_s"] == pytest.approx(5000.0, abs=0.1)
    assert bm.resume(folder).attrs["wall_s"] > 5000.1


@pytest.mark.slow
def test_a_short_stretch_of_a_longer_statistic_can_be_resumed(tmp_path):
    sim, monitors = simulator(), {"psd": bm.StreamingPSD("x", window=50.0)}
    sim.run(100.0, monitors=monitors, seed=SEED)
    wanted = sim.run(20.0, monitors=monitors, init_states=False, checkpoint=tmp_path / "run")
    same(bm.resume(tmp_path / "run"), wanted)
    same(bm.load_result(tmp_path / "run"), wanted)


def test_what_is_loaded_says_with_what_it_was_made(tmp_path, monkeypatch):
    folder, sim = tmp_path / "run", bm.Simulator(bm.HopfStep(2, a=0.1), dt=0.1)
    sim.run(20.0, seed=1, checkpoint=folder)
    now = environment()
    for room in (bm.simulation.checkpoints.setup, bm.simulation.run.build_result):
        monkeypatch.setattr(room, "environment", lambda: now | {"jax": "99.0"})
    assert bm.load_result(folder).attrs["jax"] == now["jax"]
    assert bm.resume(folder, strict=False).attrs["begun_with_jax"] == now["jax"]


def test_a_full_disk_counts_the_steps_of_this_run(tmp_path, monkeypatch):
    real, count, sim = sealed_files.write_checked, [], bm.Simulator(bm.HopfStep(2, a=0.1), dt=0.1)
    sim.run(60.0, seed=1)

    def full(path, data):
        count.append(path)
        if len(count) > 4:  # the setup, the first state, a part and its state
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.checkpoints.checkpoint, "write_checked", full)
        with pytest.raises(OSError, match="No space left") as caught:
            sim.run(40.0, init_states=False, chunk=10.0, checkpoint=tmp_path / "run", checkpoint_every=10.0)
    steps = bm.load_result(tmp_path / "run").attrs["steps"]
    assert 0 < steps < 400
    assert f"the first {steps} steps are kept" in str(caught.value)


def test_a_run_that_recorded_nothing_yet(tmp_path, monkeypatch, whole):
    folder = stopped(tmp_path / "run", monkeypatch, chunks=1)
    with pytest.raises(ValueError, match=r"stands at t = 0 ms, and nothing was recorded"):
        bm.load_result(folder)
    same(bm.resume(folder), whole)


TINY = """
import subprocess, sys
import numpy as np
import brainmass as bm
from tests.simulation.checkpoints.test_checkpoint import LONG, run
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", sys.argv[1]], check=True)
options = dict(duration=LONG, monitors=["x", "y"])
try:
    run(checkpoint=sys.argv[1] + "/run", checkpoint_every=500.0, **options)
except OSError as error:
    print(error.strerror)
kept, whole = bm.load_result(sys.argv[1] + "/run"), run(**options)
steps = kept.attrs["steps"]
assert 10_000 < steps < 180_000, steps
for name in "xy":
    np.testing.assert_array_equal(kept[name], whole[name][: len(kept[name])])
    assert len(kept[name]) == steps - kept.attrs["transient_steps"]
print(f"{steps} steps are readable")
"""


@pytest.mark.slow
def test_a_disk_of_two_megabytes(tmp_path):
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("no file system of a size of its own can be made here")
    done = subprocess.run(
        [*alone, sys.executable, "-c", TINY, str(tmp_path)], capture_output=True, text=True, check=True
    )
    first, second = done.stdout.splitlines()
    steps = second.removesuffix(" steps are readable")
    assert first.endswith(f"cannot be written (No space left on device); the first {steps} steps are kept there")


OWN_MODEL = """
import brainunit as u
from brainmass import Input, Parameter, StateSpace, Variable

class Relaxation(StateSpace):
    primary = "x"
    rate = Parameter(1.0 / u.ms, u.ms**-1)
    x = Variable(1.0)
    drive = Input(additive=True)

    @staticmethod
    def drift(s, p, inp):
        return dict(x=p.rate * (inp.drive - s.x))

def twice(m):
    return scale * m.x.value

scale = 2.0
"""
STUDY = """
import os, sys
import brainmass as bm
{model}
def killed(self, recorded, chunk):
    calls.append(chunk)
    if len(calls) > 6:
        os._exit(9)
    add(self, recorded, chunk)
add, calls = bm.simulation.run.Recorded.add, []
if len(sys.argv) > 1:
    bm.simulation.run.Recorded.add = killed
nodes = Relaxation(2, rate=0.01, noise_drive=bm.WhiteNoise(2, sigma=0.1))
monitors = {{"twice": bm.Sample(twice, 1.0)}}
sim = bm.Simulator(nodes, dt=0.1)
sim.run(100.0, monitors=monitors, chunk=5.0, seed=3, checkpoint="run", checkpoint_every=10.0).save("wanted.nc")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "trust"),
    [(OWN_MODEL, "pickle"), ("from mine import Relaxation, twice", "mine")],
    ids=["in the script", "in a module"],
)
def test_a_model_of_the_users_own_goes_on_in_the_shell(tmp_path, model, trust):
    (tmp_path / "mine.py").write_text(OWN_MODEL)
    (tmp_path / "study.py").write_text(STUDY.format(model=model))

    def call(*words):
        paths = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))}
        return subprocess.run([sys.executable, *words], cwd=tmp_path, env=os.environ | paths, check=False).returncode

    assert call("study.py", "killed") == 9
    assert call("-m", "brainmass", "resume", "run") == 1
    assert call("-m", "brainmass", "resume", "run", "--trust", trust) == 0
    resumed = bm.load_result(tmp_path / "run" / "result.nc")
    shutil.rmtree(tmp_path / "run")
    assert call("study.py") == 0
    same(resumed, bm.load_result(tmp_path / "wanted.nc"))
    assert len(resumed["twice"]) == 100


SCRIPT = """
import sys
from tests.simulation.checkpoints.test_checkpoint import run
run(duration=float(sys.argv[2]), checkpoint=sys.argv[1], checkpoint_every=60.0)
"""


GO_ON = """
import pickle, sys
import brainmass, cloudpickle

def refused(*given, **options):
    raise AssertionError("nothing is unpickled")

pickle.loads = pickle.load = pickle.Unpickler = cloudpickle.loads = cloudpickle.load = refused
brainmass.resume(sys.argv[1], trust=("tests.simulation.checkpoints.test_checkpoint",))
"""


def pickles_in(folder):
    """The files of a folder that hold a pickle, or bytes that are neither its JSON nor its arrays."""
    found = []
    for path in folder.glob("*.bm"):
        file = sealed_files.read_checked(path)
        json.loads(bytes(file.content[: file.tree]))
        data = file.data()
        buffers = []
        packed(data, buffers)
        whole = sum(x.nbytes for x in buffers) == len(file.content) - file.tree
        found += [] if whole and (path.name != "setup.bm" or data["call"]["pickle"] is None) else [path.name]
    return found


@pytest.mark.parametrize(
    ("kills", "apart", "duration"), [(3, 2, LONG / 4), pytest.param(20, 10, LONG, marks=pytest.mark.slow)]
)
def test_a_run_that_is_killed_again_and_again_goes_on_without_a_pickle(tmp_path, kills, apart, duration):
    """Each time a new process goes on for some savings and a random while before SIGKILL."""
    rng, folder = random.Random(1), tmp_path / "run"
    killed, stands = 0, []

    def saved():
        return max((int(path.stem.split("-")[1]) for path in folder.glob("state-*.bm")), default=None)

    while killed < kills:
        script = SCRIPT if saved() is None else GO_ON
        process = subprocess.Popen([sys.executable, "-c", script, str(folder), str(duration)])
        for _ in range(rng.randint(1, 6)):
            before = saved()
            while process.poll() is None and saved() == before:
                time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.05))
        assert process.poll() is None, "it ended by itself"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        killed += 1
        stands.append(saved())
        assert saved() != round(duration / 0.1), "the run must outlive the kills"
        assert not pickles_in(folder)
    assert len({stand for stand in stands if stand is not None}) >= apart, stands
    same(bm.resume(folder), run(duration=duration))
    assert not pickles_in(folder)


def test_ctrl_c_between_two_moments_loses_and_doubles_nothing(tmp_path, monkeypatch, whole):
    """An interrupt after a chunk was recorded and before the run stands at its end."""
    add, calls = bm.simulation.run.Recorded.add, []

    def interrupting(self, recorded, chunk):
        add(self, recorded, chunk)
        calls.append(chunk)
        if len(calls) == 9:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bm.simulation.run.Recorded, "add", interrupting)
        with pytest.raises(KeyboardInterrupt) as caught:
            run(checkpoint=tmp_path / "run", checkpoint_every=EVERY)
    folder = repr(str(tmp_path / "run"))
    reached = bm.load_result(tmp_path / "run").attrs["duration_ms"]
    assert str(caught.value) == (
        f"stopped at t = {time_text(reached)}; brainmass.load_result({folder}) gives what was recorded, and "
        f"brainmass.resume({folder}) goes on"
    )
    same(bm.resume(tmp_path / "run"), whole)


def test_a_folder_without_a_state_can_be_begun_again(tmp_path, whole):
    run(checkpoint=tmp_path / "run")
    for path in (tmp_path / "run").glob("*-*.bm"):
        path.unlink()
    with pytest.raises(FileNotFoundError, match="start it again"):
        bm.resume(tmp_path / "run")
    same(run(checkpoint=tmp_path / "run"), whole)


def test_a_global_dt_is_kept(tmp_path):
    brainstate.environ.set(dt=0.1)
    try:
        sim = bm.Simulator(bm.HopfStep(2, a=0.1))
        wanted = sim.run(20.0, seed=1, checkpoint=tmp_path / "run")
        brainstate.environ.set(dt=0.05)
        same(bm.resume(tmp_path / "run"), wanted)
    finally:
        brainstate.environ.pop("dt")


def test_versions_are_compared_before_a_call_is_read(tmp_path):
    about = dict(about=environment() | {"python": "2.7.0"}, sources={}, own="", call="of another version")
    sealed_files.write_checked(tmp_path / "setup.bm", about)
    with pytest.raises(ValueError, match=r"was begun with python 2\.7\.0"):
        bm.resume(tmp_path)

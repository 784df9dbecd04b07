"""A run that saves itself: whatever stops it, it goes on to the same bits, and a bad file is named in one sentence."""

import errno
import os
import random
import signal
import subprocess
import sys
import time

import brainstate
import numpy as np
import pytest

import brainmass as bm
from brainmass import store
from brainmass.provenance import environment
from tests.test_recording import SEED, bare, simulator

DURATION, CHUNK, EVERY = 400.0, 20.0, 60.0
LONG = 20_000.0  # many savings, for the kills


def monitors():
    bold = bm.Bold("x", tr=16.0)
    slow = bm.Sample(lambda m: m.node.y.value, 5.0)
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
    calls, add = [], bm.chunks.Reel.add

    def stopping(self, recorded, chunk):
        calls.append(chunk)
        if len(calls) > chunks:
            raise Stopped
        add(self, recorded, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(bm.chunks.Reel, "add", stopping)
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
    add, calls = bm.chunks.Reel.add, []

    def stopping(self, recorded, chunk):
        calls.append(chunk)
        if len(calls) > 6:
            raise Stopped
        add(self, recorded, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(bm.chunks.Reel, "add", stopping)
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
    now = bm.checkpoint.environment()
    with monkeypatch.context() as patch:
        patch.setattr(bm.checkpoint, "environment", lambda: now | {"jaxlib": "99.0"})
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
        (lambda content: content.replace(b'"format": 1', b'"format": 7', 1), "is of a later brainmass"),
    ],
)
def test_a_bad_file_is_named(tmp_path, spoil, message):
    path = tmp_path / "setup.bm"
    store.write_checked(path, {"a": np.arange(30)}, environment())
    np.testing.assert_array_equal(store.read_checked(path)["a"], np.arange(30))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"setup\.bm {message}"):
        bm.resume(tmp_path)


def test_a_full_disk_is_one_sentence_and_what_was_written_stays(tmp_path, monkeypatch, whole):
    real, count = store.write_checked, []

    def full(path, content, about=None):
        count.append(path)
        if len(count) > 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, content, about)

    with monkeypatch.context() as patch:
        patch.setattr(bm.checkpoint, "write_checked", full)
        with pytest.raises(OSError, match=r"cannot be written .*No space left.*the first .* steps are kept there"):
            run(checkpoint=tmp_path / "run", checkpoint_every=EVERY)
    same(bm.resume(tmp_path / "run"), whole)


SCRIPT = """
import sys
from tests.test_checkpoint import LONG, run
run(duration=LONG, checkpoint=sys.argv[1], checkpoint_every=60.0)
"""


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path):
    """Each time a new process goes on for a random while before SIGKILL, until the run has ended."""
    rng, folder = random.Random(1), tmp_path / "run"
    go_on = "import sys, brainmass; brainmass.resume(sys.argv[1])"
    killed, stands = 0, []

    def saved():
        return max((int(path.stem.split("-")[1]) for path in folder.glob("state-*.bm")), default=None)

    while killed < 20:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT if saved() is None else go_on, str(folder)])
        before = saved()
        while process.poll() is None and saved() == before:
            time.sleep(0.005)
        time.sleep(rng.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += process.returncode == -signal.SIGKILL
        stands.append(saved())
        if saved() == round(LONG / 0.1):
            break
    assert len({stand for stand in stands if stand is not None}) >= 10, stands
    same(bm.resume(folder), run(duration=LONG))


def test_ctrl_c_between_two_moments_loses_and_doubles_nothing(tmp_path, monkeypatch, whole):
    """An interrupt after a chunk was recorded and before the run stands at its end."""
    add, calls = bm.chunks.Reel.add, []

    def interrupting(self, recorded, chunk):
        add(self, recorded, chunk)
        calls.append(chunk)
        if len(calls) == 9:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bm.chunks.Reel, "add", interrupting)
        with pytest.raises(KeyboardInterrupt, match=r"brainmass\.resume"):
            run(checkpoint=tmp_path / "run", checkpoint_every=EVERY)
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


class Unreadable:
    """What another version of a package makes of its pickle."""

    def __reduce__(self):
        return int, ("not a number",)


def test_versions_are_compared_before_anything_is_unpickled(tmp_path):
    store.write_checked(tmp_path / "setup.bm", Unreadable(), environment() | {"python": "2.7.0"})
    with pytest.raises(ValueError, match=r"was begun with python 2\.7\.0"):
        bm.resume(tmp_path)

"""What a recording network holds, in processes of their own, and what keeps it small."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

import brainmass as bm
from brainmass.simulation.engine import ChunkShape, Program

RUN = """
import os
import sys

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # with one core the compiler takes the same every time

import jax.numpy as jnp
import numpy as np

import brainmass as bm


def held(what):  # ru_maxrss would count the process that began this one
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 2**10 for line in file if line.startswith(what))


jnp.zeros(3).block_until_ready()
imported, n, rng = held("VmRSS"), 80, np.random.default_rng(0)
noise = {name: bm.OUProcess(n, sigma=0.3, tau=5.0) for name in ("noise_E", "noise_I")}
weights, distance = rng.random((n, n)) < 0.5, rng.uniform(10, 150, (n, n))
node = bm.WilsonCowanStep(n, **noise)
net = bm.Network(node, conn=weights / n, distance=distance, speed=10.0, k=1.0, coupled_var="rE")
bold, rate = bm.Bold("rE", tr=720.0), bm.TemporalAverage("rE", 1.0)
monitors = {"bold": bold, "fc": bm.StreamingFC(bold), "fcd": bm.StreamingFCD(bold, window=60, step=3)}
monitors |= {"fc of means": bm.StreamingFC(rate), "mean": bm.GlobalAverage("rE", 1.0)}
result = bm.Simulator(net, dt=0.1).run(float(sys.argv[1]), monitors=monitors, seed=0)
assert all(np.isfinite(result[name]).all() for name in monitors)
print(held("VmHWM") - imported, held("VmRSS") - imported)
"""


def memory(minutes):
    """The most that a run has held and what it holds at the end, in MB over import."""
    compiling = {name: value for name, value in os.environ.items() if not name.startswith("JAX_COMPILATION_CACHE")}
    compiling["PYTHONPATH"] = str(Path(bm.__file__).parents[1])
    command = [sys.executable, "-c", RUN, str(minutes * 60e3)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=compiling)
    return tuple(map(float, done.stdout.split()))


def simulator():
    return bm.Simulator(bm.HopfStep(4, a=0.1), dt=0.1)


def test_the_program_of_the_initial_values_has_no_loop(monkeypatch):
    scan, spans = Program._scan, []
    monkeypatch.setattr(Program, "_scan", lambda self, span, *rest: spans.append(span) or scan(self, span, *rest))
    simulator().run(160.0, chunk=16.0, seed=0)
    assert spans == [ChunkShape(10, 0)]


def test_what_compiling_left_is_given_back_once(monkeypatch):
    calls, sim = [], simulator()
    monkeypatch.setattr(bm.simulation.run.compile_cache, "give_back", lambda: calls.append(None))
    for _ in range(3):
        sim.run(160.0, chunk=16.0, seed=0)
    assert len(calls) == 1  # of that of the initial values and that of all chunks together
    sim.run(160.0, chunk=16.0, seed=0, jit=False)
    assert len(calls) == 1
    sim.run(20.0, seed=0)  # one chunk: when it has run
    assert len(calls) == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process as Linux tells it")
def test_ten_minutes_need_no_more_than_one():
    (most, _), (most_of_ten, at_the_end) = memory(1), memory(10)
    assert most < 300
    assert most_of_ten < most + 12  # of processes alike, one takes some MB more than another
    if hasattr(ctypes.CDLL(None), "malloc_trim"):
        assert at_the_end < most_of_ten - 50

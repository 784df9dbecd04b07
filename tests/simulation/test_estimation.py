"""What a run will need, known before it is started."""

import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.run.memory import growth


def simulator():
    return bm.Simulator(bm.HopfStep(50, a=0.1), dt=0.1)


def test_what_is_recorded_is_counted():
    sim = simulator()
    sim.run(1.0, seed=3)
    clock, x = sim.model.clock, np.asarray(sim.model.x.value)
    found = bm.estimate(sim, 2000.0, ["x", "y"], chunk=100.0)
    assert found.recorded == 2 * 50 * 20_000 * 4
    assert found.memory == found.recorded + max(found.working, found.compiler or 0)
    assert 0 < found.working < found.recorded
    assert found.compiling > 0
    assert found.running > 0
    assert sim.model.clock == clock
    np.testing.assert_array_equal(sim.model.x.value, x)
    assert bm.estimate(sim, 4000.0, ["x", "y"], chunk=100.0).recorded == 2 * found.recorded


def test_a_transient_is_run_and_not_counted():
    found = bm.estimate(simulator(), 2000.0, "x", transient=1000.0, chunk=100.0)
    assert found.recorded == 50 * 10_000 * 4
    assert "2.0 MB for what is recorded" in str(found)
    assert repr(found) == str(found)


def test_what_run_refuses_is_refused():
    with pytest.raises(ValueError, match="unknown"):
        bm.estimate(simulator(), 10.0, "z")
    with pytest.raises(TypeError):
        bm.estimate(simulator(), 10.0, "x", colour="red")


def test_the_memory_that_something_takes_is_seen():
    with growth() as small:
        bytearray(1)
    with growth() as large:
        block = np.ones(2**25)
    del block
    if small.bytes is None:
        pytest.skip("this system does not say how much memory a process has")
    assert small.bytes < 2**26
    assert 2**27 < large.bytes < 2**29


def test_the_compiler_is_counted_where_the_system_says_what_it_takes():
    found = bm.Estimate(recorded=10**9, working=10**6, compiler=2 * 10**8, compiling=3.0, running=60.0)
    assert found.memory == 12 * 10**8
    assert str(found) == (
        "60 s after 3 s of compiling; up to 1.2 GB of memory: 1.0 GB for what is recorded, 1.0 MB to run, "
        "200 MB to compile"
    )
    unknown = found._replace(compiler=None)
    assert unknown.memory == 1_001_000_000
    assert "to compile" not in str(unknown)

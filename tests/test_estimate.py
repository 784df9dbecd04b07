"""What a run will need, known before it is started."""

import numpy as np
import pytest

import brainmass as bm


def simulator():
    return bm.Simulator(bm.HopfStep(50, a=0.1), dt=0.1)


def test_what_is_recorded_is_counted():
    sim = simulator()
    sim.run(1.0, seed=3)
    clock, x = sim.model.clock, np.asarray(sim.model.x.value)
    found = bm.estimate(sim, 2000.0, ["x", "y"], chunk=100.0)
    assert found.recorded == 2 * 50 * 20_000 * 4
    assert found.memory == found.recorded + found.working
    assert 0 < found.working < found.recorded
    assert found.compiling > 0
    assert found.running > 0
    assert sim.model.clock == clock
    np.testing.assert_array_equal(sim.model.x.value, x)
    assert bm.estimate(sim, 4000.0, ["x", "y"], chunk=100.0).recorded == 2 * found.recorded


def test_a_transient_is_run_and_not_counted():
    found = bm.estimate(simulator(), 2000.0, "x", transient=1000.0, chunk=100.0)
    assert found.recorded == 50 * 10_000 * 4
    assert "of which 1.91 MB are what is recorded" in str(found)


def test_what_run_refuses_is_refused():
    with pytest.raises(ValueError, match="unknown"):
        bm.estimate(simulator(), 10.0, "z")
    with pytest.raises(TypeError):
        bm.estimate(simulator(), 10.0, "x", colour="red")

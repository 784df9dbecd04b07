"""Runs that cannot fit into memory are refused before anything is compiled, and none that fits."""

import numpy as np
import pytest

import brainmass as bm
from brainmass.simulation.run import capacity
from brainmass.simulation.run.compile_cache import CompileCache


@pytest.fixture
def memory(monkeypatch):
    """Say how much memory there is."""
    return lambda size: monkeypatch.setattr(capacity, "_of_machine", lambda: size)


def test_a_batch_beyond_the_memory_is_refused_before_anything_is_compiled(memory, monkeypatch):
    monkeypatch.setattr(CompileCache, "chunk_program", lambda *args, **kwargs: pytest.fail("compiled"))
    memory(24 * 10**9)
    sim = bm.Simulator(bm.HopfStep(2), dt=0.1)
    with pytest.raises(
        ValueError,
        match=r"^a batch of 1000000000 simulations takes \d+ GB .* has 24 GB; give a batch_size, .* of \d+ or f",
    ):
        sim.run(1.0, batch_size=10**9)
    with pytest.raises(ValueError, match=r"^a batch of 2 simulations takes 32 GB .* record less, with sample_every="):
        sim.run(2e8, values={"a": np.zeros((2, 1))}, chunk=1e5)
    memory(10**9)
    with pytest.raises(ValueError, match=r"^the run takes 4\.0 GB of memory or more, and this machine has 1\.0 GB; r"):
        sim.run(5e7, chunk=1e5)


def delayed(n):
    weights = np.ones((n, n))
    return bm.Network(bm.HopfStep(n), conn=weights, delays=np.full((n, n), 50.0), k=0.01)


@pytest.mark.parametrize("node", [lambda: bm.HopfStep(3), lambda: delayed(20)], ids=["bank", "network"])
@pytest.mark.parametrize("batch", [None, 8, 1000])
def test_what_fits_is_not_refused(memory, node, batch):
    sim, options = bm.Simulator(node(), dt=0.1), dict(batch_size=batch, monitors=["x", "y"])
    known = bm.estimate(sim, 60.0, **options)
    memory(max(known.recorded, known.working))
    bm.estimate(sim, 60.0, **options)

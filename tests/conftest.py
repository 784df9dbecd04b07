"""Shared fixtures: every test starts without a global dt, from one random seed, in float32, and without a display."""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:  # of this session: no worker compiles what another one has compiled
    cache = tempfile.TemporaryDirectory(prefix="brainmass-tests-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = cache.name
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.5"

import brainstate
import jax
import pytest

from tests.tiny import shared, tiny  # noqa: F401  (fixtures)


@pytest.fixture(autouse=True)
def fresh_environment():
    brainstate.environ.pop("dt", None)
    brainstate.random.seed(0)
    yield
    brainstate.environ.pop("dt", None)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    if resident() > 5 * 2**30:  # programs of tests that are over: two workers must fit into a small machine
        jax.clear_caches()


def resident():
    """Bytes of memory that this process holds, 0 where the system does not say it."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


@pytest.fixture
def x64():
    """JAX in float64, switched long after the package was imported."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)

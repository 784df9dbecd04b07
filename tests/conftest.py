"""Shared fixtures: every test starts without a global dt, from one random seed, in float32, and without a display."""

import os
import tempfile

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


@pytest.fixture
def x64():
    """JAX in float64, switched long after the package was imported."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)

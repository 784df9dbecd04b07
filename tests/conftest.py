"""Shared fixtures: every test starts without a global dt, from one random seed, in float32, and without a display."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")

import brainstate
import jax
import pytest


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

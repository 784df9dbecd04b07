"""The benchmark cases: the same arrays for every contender, made from a seed and NumPy alone.

Nothing here imports JAX or brainmass at the top: the file is also read inside the peers' own environments.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

SPEED = 10.0  # mm/ms
A, W, K = 0.2, 0.3, 0.05  # Hopf growth and frequency (1/ms), coupling (1/ms)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One delayed Hopf network. `weights[target, source]`, lengths in mm, times in ms, rates in 1/ms."""

    weights: np.ndarray
    lengths: np.ndarray
    steps: np.ndarray
    dt: float
    x0: np.ndarray
    y0: np.ndarray
    speed: float = SPEED
    a: float = A
    w: float = W
    k: float = K


def hopf_problem(n_regions: int, dt: float, seed: int = 0) -> Problem:
    """Dense random weights on points spread evenly in an ellipsoid of the size of a brain.

    Simulators differ in how they round a delay (to nearest even, or up). The lengths are therefore moved
    to a quarter of a step below a whole number of steps, where all of them round alike.
    """
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(n_regions, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    radius = rng.uniform(size=(n_regions, 1)) ** (1 / 3)
    points = direction * radius * np.array([80.0, 62.0, 55.0])
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    weights = rng.lognormal(sigma=1.0, size=(n_regions, n_regions))
    np.fill_diagonal(weights, 0.0)
    weights /= weights.sum(1).mean()
    steps = np.rint(distance / (SPEED * dt)).astype(np.int32)
    lengths = np.maximum(steps - 0.25, 0.0) * (SPEED * dt)
    x0, y0 = rng.uniform(-0.5, 0.5, size=(2, n_regions))
    as_single = lambda array: array.astype(np.float32)  # noqa: E731  every contender starts from the same numbers
    return Problem(as_single(weights), lengths, steps, dt, as_single(x0), as_single(y0))


@dataclasses.dataclass(frozen=True)
class Case:
    """What is run: `build(self)` returns a callable that does the whole run once and returns its output."""

    name: str
    n_steps: int
    n_regions: int
    dt: float = 0.1
    n_sims: int = 1
    build: Callable[[Case, str], Callable[[], Any]] | None = None

    @property
    def problem(self) -> Problem:
        return hopf_problem(self.n_regions, self.dt)

    def shortened(self, factor: int) -> Case:
        return dataclasses.replace(self, n_steps=max(self.n_steps // factor, 1))


CASES = {
    case.name: case
    for case in (
        Case("hopf_delayed_80", 40_000, 80),
        Case("hopf_delayed_400", 5_000, 400),
        Case("hopf_delayed_80_dt1", 40_000, 80, dt=1.0),
        Case("hopf_delayed_400_dt1", 5_000, 400, dt=1.0),
    )
}

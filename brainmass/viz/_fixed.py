"""Fixed points of a plane: where both slopes vanish, and what becomes of a small deviation."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

_ROUND = 1e-6  # of the window: roots this close are one
_SMALL = 1e-9  # of the largest slope, or of the largest rate: as good as zero


class FixedPoint(NamedTuple):
    x: float
    y: float
    kind: str


def fixed_points(field: Any, xs: np.ndarray, ys: np.ndarray, slopes: np.ndarray) -> list[FixedPoint]:
    """Those within the grid of ``xs`` and ``ys``, where ``field`` of (2,) has the ``slopes`` (2, y, x).

    The search begins in every cell in which both slopes change their sign, so two that are about to merge, closer
    than the grid, may be missed.
    """
    from scipy.optimize import root

    low, width = np.array([xs[0], ys[0]]), np.array([np.ptp(xs), np.ptp(ys)])
    size = np.nanmax(np.abs(slopes), axis=(1, 2), initial=0.0, where=np.isfinite(slopes))
    size[size == 0] = 1.0
    jacobian, found = jax.jit(jax.jacfwd(field)), []
    for start in _crossings(xs, ys, slopes):
        solution = root(
            lambda z: np.asarray(field(low + z * width)) / size,
            (start - low) / width,
            jac=lambda z: np.asarray(jacobian(low + z * width)) * width / size[:, None],
            tol=1e-12,
        )
        inside = (np.abs(solution.x - 0.5) <= 0.5 + _ROUND).all()
        if inside and np.abs(solution.fun).max() < _SMALL and all(abs(solution.x - z).max() > _ROUND for z in found):
            found.append(solution.x)
    places = [low + z * width for z in found]
    return [FixedPoint(float(x), float(y), _kind(np.asarray(jacobian(np.array([x, y]))))) for x, y in places]


def _crossings(xs: np.ndarray, ys: np.ndarray, slopes: np.ndarray) -> Iterator[np.ndarray]:
    """The middle of each cell in which both slopes change their sign."""
    corners = np.stack([slopes[:, i : i - 1 or None, j : j - 1 or None] for i in (0, 1) for j in (0, 1)])
    for i, j in np.argwhere(((corners.min(0) <= 0) & (corners.max(0) >= 0)).all(0)):
        yield np.array([(xs[j] + xs[j + 1]) / 2, (ys[i] + ys[i + 1]) / 2])


def _kind(jacobian: np.ndarray) -> str:
    """What a small deviation does, by the eigenvalues of the ``jacobian``; left open where there is none."""
    if not np.isfinite(jacobian).all():
        return "fixed point"
    rates = np.linalg.eigvals(jacobian)
    small = _SMALL * np.abs(rates).max()
    growth = np.real(rates)
    grows, decays = growth > small, growth < -small
    if decays.all():
        return "stable fixed point"
    if grows.any():
        return "saddle" if decays.any() else "unstable fixed point"
    return "neutral fixed point"

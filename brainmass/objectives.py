"""What a fit makes small or large: builders of ``f(prediction, target)``, the first axis being time.

A prediction and a target are signals (time, region) or (time, batch, region). The result is one number, or one per
member of a batch; a target without a batch axis is compared with every member. All are differentiable, with finite
gradients also for constant regions and for a prediction that equals its target, and work under ``jit``, ``grad`` and
``vmap``. With ``as_loss=True`` a similarity s becomes the loss 1 − s.

What compares functional connectivities takes the matrices, too, ([batch,] region, region): what is symmetric with a
diagonal of 1 is a matrix. Another array of two equal axes is refused, as it could be either, and so is one that is
traced, whose values nobody sees: `metrics.fc_correlation` and `metrics.fc_rmse` take matrices alone, traced ones too.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass import metrics
from brainmass.dimensions import SIGNAL, arranged
from brainmass.metrics import (
    FCD_MIDPOINTS,
    STEP,
    WINDOW,
    correlation,
    distance,
    fcd_distribution,
    ks_distance,
    pairs,
    pearson,
    sliding,
    wasserstein_1d,
    windows,
)
from brainmass.names import with_named_arguments
from brainmass.numerics import (
    alike,
    check_same_regions,
    holds_correlations,
    number,
    real,
    root,
    series,
    signal_or_matrix,
)
from brainmass.units import UNITLESS, checked_switch, describe, numbers

__all__ = [
    "combine",
    "cosine_sim",
    "fc_corr",
    "fc_rmse",
    "fcd",
    "fcd_distribution",
    "fcd_ks",
    "fcd_wasserstein",
    "ks_distance",
    "timeseries_rmse",
    "wasserstein_1d",
]

Objective = Callable[..., Any]
_NAMES = "prediction", "target"


@with_named_arguments
def timeseries_rmse() -> Objective:
    """Root mean square difference over time and regions, a bare number in the unit of the prediction.

    Raises
    ------
    ValueError
        From the objective: units of different dimensions, or shapes that do not match.
    """

    def objective(prediction: Any, target: Any) -> Any:
        prediction, target = _signals(prediction, target)
        a, b = _flat(*alike(prediction, target, _NAMES))
        return root(((a - b) ** 2).mean(-1))

    return objective


@with_named_arguments
def cosine_sim(as_loss: bool = False, epsilon: float = 0.0) -> Objective:
    """Cosine of the angle between prediction and target, each flattened; 0 where one of them is 0 throughout.

    Units drop out. A norm smaller than ``epsilon`` counts as ``epsilon``.

    Raises
    ------
    ValueError
        From the objective: shapes that do not match.
    """

    epsilon = number(epsilon, UNITLESS, "epsilon")
    as_loss = checked_switch(as_loss, "as_loss")

    def objective(prediction: Any, target: Any) -> Any:
        prediction, target = _signals(prediction, target)
        a, b = _flat(real(prediction, "prediction"), real(target, "target"))
        return _as(as_loss, (_direction(a, epsilon) * _direction(b, epsilon)).sum(-1))

    return objective


@with_named_arguments
def fc_corr(as_loss: bool = False) -> Objective:
    """Pearson correlation of the functional connectivities above their diagonals.

    Raises
    ------
    ValueError
        From the objective: as `metrics.functional_connectivity` and `metrics.fc_correlation`.
    """
    as_loss = checked_switch(as_loss, "as_loss")

    def objective(prediction: Any, target: Any) -> Any:
        return _as(as_loss, pearson(*_connectivities(prediction, target, least=3)))

    return objective


@with_named_arguments
def fc_rmse() -> Objective:
    """Root mean square difference of the functional connectivities above their diagonals.

    Raises
    ------
    ValueError
        From the objective: as `metrics.functional_connectivity` and `metrics.fc_rmse`.
    """

    def objective(prediction: Any, target: Any) -> Any:
        return distance(*_connectivities(prediction, target, least=2))

    return objective


@with_named_arguments
def fcd(window_size: int = WINDOW, step_size: int = STEP, as_loss: bool = False) -> Objective:
    """Pearson correlation of the functional connectivity dynamics above their diagonals; without a target the matrix.

    Windows of ``window_size`` samples, ``step_size`` apart, by default those of
    `metrics.functional_connectivity_dynamics`. It compares window by window, so it suits signals that
    share their time course; for simulations of spontaneous activity see `fcd_ks` and `fcd_wasserstein`.

    Raises
    ------
    ValueError
        Windows that are no numbers of samples; from the objective: windows that do not fit, or signals of different
        lengths.
    """
    found, as_loss = _dynamics(window_size, step_size), checked_switch(as_loss, "as_loss")

    def objective(prediction: Any, target: Any = None) -> Any:
        if target is None:
            return found(prediction, "prediction")
        both = found(prediction, "prediction"), found(target, "target")
        if both[0].shape[-1] != both[1].shape[-1]:
            raise ValueError(
                f"prediction has {both[0].shape[-1]} windows and target {both[1].shape[-1]}; give signals of one "
                "length, or take fcd_ks or fcd_wasserstein."
            )
        return _as(as_loss, metrics.fc_correlation(*both))

    return objective


@with_named_arguments
def fcd_wasserstein(
    window_size: int = WINDOW,
    step_size: int = STEP,
    midpoints: Any = None,
    bw_method: str | float | None = None,
    n_diag: int = 1,
) -> Objective:
    """Wasserstein distance of the distributions of two functional connectivity dynamics; smooth, hence good for a fit.

    Parameters as for `fcd` and `fcd_distribution`, and so are the errors. Prediction and target need not be equally
    long.
    """
    found = _distribution(window_size, step_size, midpoints, bw_method, n_diag)
    grid = FCD_MIDPOINTS if midpoints is None else midpoints
    return lambda prediction, target: wasserstein_1d(found(prediction, "prediction"), found(target, "target"), grid)


@with_named_arguments
def fcd_ks(
    window_size: int = WINDOW,
    step_size: int = STEP,
    midpoints: Any = None,
    bw_method: str | float | None = None,
    n_diag: int = 1,
) -> Objective:
    """Kolmogorov–Smirnov distance of the distributions of two functional connectivity dynamics.

    Parameters as for `fcd` and `fcd_distribution`, and so are the errors. Prediction and target need not be equally
    long. The statistic of the entries themselves is `metrics.kolmogorov_smirnov`.
    """
    found = _distribution(window_size, step_size, midpoints, bw_method, n_diag)
    return lambda prediction, target: ks_distance(found(prediction, "prediction"), found(target, "target"))


def combine(*weighted: tuple[Any, Objective]) -> Objective:
    """The weighted sum of objectives, ``combine((1.0, fc_rmse()), (0.5, fcd_ks()))``.

    Raises
    ------
    TypeError
        Not pairs of a weight and an objective, or none; a weight that is no number.
    """
    for pair in weighted or (None,):
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and callable(pair[1]) and not callable(pair[0])):
            raise TypeError(f"combine takes pairs (weight, objective), but got {describe(pair)}.")
        if np.ndim(numbers(pair[0], UNITLESS, "weight")):
            raise ValueError(f"weight={describe(pair[0])} must be one number.")
    parts = [(numbers(weight, UNITLESS, "weight"), part) for weight, part in weighted]

    def objective(prediction: Any, target: Any = None) -> Any:
        return sum(weight * part(prediction, target) for weight, part in parts)

    return objective


def _as(loss: bool, similarity: Any) -> Any:
    return 1 - similarity if loss else similarity


def _signals(prediction: Any, target: Any) -> tuple[Any, Any]:
    """Two signals of the same regions, with the dimensions of tables in order."""
    prediction, target = arranged(prediction, SIGNAL, "prediction"), arranged(target, SIGNAL, "target")
    check_same_regions(prediction, target, _NAMES)
    return prediction, target


def _flat(a: Any, b: Any) -> tuple[Any, Any]:
    """([batch,] number) each."""
    shapes = [x.shape if x.ndim < 3 else (x.shape[0], x.shape[2]) for x in (a, b) if 0 < x.ndim < 4]
    members = {x.shape[1] for x in (a, b) if x.ndim == 3}
    if len(shapes) < 2 or shapes[0] != shapes[1] or len(members) > 1:
        raise ValueError(
            f"prediction is {a.shape} and target {b.shape}; give (time, region) or (time, batch, region) of one length."
        )
    a, b = (jnp.swapaxes(x, 0, 1).reshape(x.shape[1], -1) if x.ndim == 3 else x.ravel() for x in (a, b))
    return a, b


def _direction(flat: Any, epsilon: float) -> Any:
    peak = jax.lax.stop_gradient(jnp.abs(flat).max(-1, keepdims=True))
    scale = jnp.where(peak == 0, 1, peak)  # divided by it, squares neither overflow nor vanish
    norm = jnp.maximum(root(((flat / scale) ** 2).sum(-1, keepdims=True)), epsilon / scale)
    return flat / scale / jnp.where(norm == 0, 1, norm)


def _connectivities(prediction: Any, target: Any, least: int) -> tuple[Any, Any]:
    """The entries above the diagonals of those of the prediction and of the target, which may be matrices already."""
    prediction, target = signal_or_matrix(prediction, "prediction"), signal_or_matrix(target, "target")
    check_same_regions(prediction, target, _NAMES)
    return pairs(_connectivity(prediction, "prediction"), _connectivity(target, "target"), _NAMES, least)


def _connectivity(given: Any, name: str) -> Any:
    real(given, name)
    return given if holds_correlations(given, name) else correlation(series(given, name=name))


def _dynamics(window: Any, step: Any) -> Callable:
    window, step = windows(window, step, ("window_size", "step_size"))

    def found(signal: Any, name: str) -> Any:
        return sliding(series(signal, regions=2, name=name), window, step, (name, "window_size"))

    return found


def _distribution(window: Any, step: Any, midpoints: Any, bw_method: Any, n_diag: Any) -> Callable:
    dynamics = _dynamics(window, step)

    def found(signal: Any, name: str) -> Any:
        return fcd_distribution(dynamics(signal, name), midpoints, n_diag, bw_method)

    return found

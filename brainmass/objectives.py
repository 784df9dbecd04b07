"""What a fit makes small or large: builders of ``f(prediction, target)``, the first axis being time.

A prediction and a target are signals (time, region) or (time, batch, region). The result is one number, or one per
member of a batch; a target without a batch axis is compared with every member. All are differentiable, with finite
gradients also for constant regions and for a prediction that equals its target, and work under ``jit``, ``grad`` and
``vmap``. With ``as_loss=True`` a similarity s becomes the loss 1 − s.

A target of functional connectivity may also be the matrix, ([batch,] region, region). By its shape a target whose last
two axes both have the number of regions is a matrix; it is refused if it is not symmetric with a diagonal of 1 (which
cannot be seen of a traced one). Of a signal with as many samples as regions, give the matrix.
"""

from collections.abc import Callable
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass import metrics
from brainmass.metrics.densities import FCD_MIDPOINTS, fcd_distribution, ks_distance, wasserstein_1d
from brainmass.metrics.given import alike, real, root
from brainmass.units import describe, is_concrete

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


def timeseries_rmse() -> Objective:
    """Root mean square difference over time and regions, a bare number in the unit of the prediction.

    Raises
    ------
    ValueError
        From the objective: units of different dimensions, or shapes that do not match.
    """

    def objective(prediction: Any, target: Any) -> Any:
        a, b = _flat(*alike(prediction, target, ("prediction", "target")))
        return root(((a - b) ** 2).mean(-1))

    return objective


def cosine_sim(as_loss: bool = False, epsilon: float = 0.0) -> Objective:
    """Cosine of the angle between prediction and target, each flattened; 0 where one of them is 0 throughout.

    Units drop out. A norm smaller than ``epsilon`` counts as ``epsilon``.

    Raises
    ------
    ValueError
        From the objective: shapes that do not match.
    """

    def objective(prediction: Any, target: Any) -> Any:
        a, b = _flat(real(prediction, "prediction"), real(target, "target"))
        return _as(as_loss, (_direction(a, epsilon) * _direction(b, epsilon)).sum(-1))

    return objective


def fc_corr(as_loss: bool = False) -> Objective:
    """Pearson correlation of the functional connectivities above their diagonals.

    Raises
    ------
    ValueError
        From the objective: as `metrics.functional_connectivity` and `metrics.fc_correlation`.
    """

    def objective(prediction: Any, target: Any) -> Any:
        return _as(as_loss, metrics.fc_correlation(*_connectivities(prediction, target)))

    return objective


def fc_rmse() -> Objective:
    """Root mean square difference of the functional connectivities above their diagonals.

    Raises
    ------
    ValueError
        From the objective: as `metrics.functional_connectivity` and `metrics.fc_rmse`.
    """

    def objective(prediction: Any, target: Any) -> Any:
        return metrics.fc_rmse(*_connectivities(prediction, target))

    return objective


def fcd(window_size: int = 30, step_size: int = 5, as_loss: bool = False) -> Objective:
    """Pearson correlation of the functional connectivity dynamics above their diagonals; without a target the matrix.

    Windows of ``window_size`` samples, ``step_size`` apart. It compares window by window, so it suits signals that
    share their time course; for simulations of spontaneous activity see `fcd_ks` and `fcd_wasserstein`.

    Raises
    ------
    ValueError
        From the objective: windows that do not fit, or signals of different lengths.
    """

    def objective(prediction: Any, target: Any = None) -> Any:
        found = metrics.functional_connectivity_dynamics(prediction, window_size, step_size)
        if target is None:
            return found
        wanted = metrics.functional_connectivity_dynamics(target, window_size, step_size)
        return _as(as_loss, metrics.fc_correlation(found, wanted))

    return objective


def fcd_wasserstein(
    window_size: int = 30,
    step_size: int = 5,
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
    return lambda prediction, target: wasserstein_1d(found(prediction), found(target), grid)


def fcd_ks(
    window_size: int = 30,
    step_size: int = 5,
    midpoints: Any = None,
    bw_method: str | float | None = None,
    n_diag: int = 1,
) -> Objective:
    """Kolmogorov–Smirnov distance of the distributions of two functional connectivity dynamics.

    Parameters as for `fcd` and `fcd_distribution`, and so are the errors. Prediction and target need not be equally
    long. The statistic of the entries themselves is `metrics.kolmogorov_smirnov`.
    """
    found = _distribution(window_size, step_size, midpoints, bw_method, n_diag)
    return lambda prediction, target: ks_distance(found(prediction), found(target))


def combine(*weighted: tuple[Any, Objective]) -> Objective:
    """The weighted sum of objectives, ``combine((1.0, fc_rmse()), (0.5, fcd_ks()))``.

    Raises
    ------
    TypeError
        Not pairs of a weight and an objective, or none.
    """
    for pair in weighted or (None,):
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and callable(pair[1]) and not callable(pair[0])):
            raise TypeError(f"combine takes pairs (weight, objective), but got {describe(pair)}.")

    def objective(prediction: Any, target: Any = None) -> Any:
        return sum(weight * part(prediction, target) for weight, part in weighted)

    return objective


def _as(loss: bool, similarity: Any) -> Any:
    return 1 - similarity if loss else similarity


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
    norm = jnp.maximum(scale * root(((flat / scale) ** 2).sum(-1, keepdims=True)), epsilon)
    return flat / jnp.where(norm == 0, 1, norm)


def _connectivities(prediction: Any, target: Any) -> tuple[Any, Any]:
    """Those of the prediction and of the target, which may be one already."""
    found = metrics.functional_connectivity(prediction)
    given = u.get_mantissa(target)
    if np.shape(given)[-2:] != found.shape[-2:]:
        return found, metrics.functional_connectivity(given)
    if is_concrete(given):
        fc = np.asarray(given)
        ones, mirrored = np.diagonal(fc, axis1=-2, axis2=-1), np.swapaxes(fc, -1, -2)
        if not np.allclose(ones, 1, atol=1e-4) or not np.allclose(fc, mirrored, atol=1e-4, equal_nan=True):
            raise ValueError(
                f"target is {fc.shape} and so read as functional connectivity, but is not symmetric with a diagonal of "
                "1; of a signal with as many samples as regions, give functional_connectivity(target)."
            )
    return found, given


def _distribution(window: int, step: int, midpoints: Any, bw_method: Any, n_diag: int) -> Callable:
    def found(signal: Any) -> Any:
        matrix = metrics.functional_connectivity_dynamics(signal, window, step)
        return fcd_distribution(matrix, midpoints, n_diag, bw_method)

    return found

"""Whether an array is a signal, correlations or another matrix, where a function takes more than one of them."""

from typing import Any, Literal

import brainunit as u
import numpy as np

from brainmass.dimensions import MATRIX, SIGNAL, arranged, is_signal
from brainmass.units import is_concrete, plain

_ROUNDING = 1e-4  # of correlations in single precision, or written to a file with four digits

Kind = Literal["correlations", "matrix", "signal", "either"]


def kind_of(value: Any) -> Kind:
    """What an array is, by its last two axes.

    - "correlations": symmetric with a diagonal of 1, as ([batch,] region, region); a region without values has NaN
      throughout.
    - "matrix": symmetric without it, as correlations with a diagonal of 0 or NaN, covariances and weights are.
    - "signal": two axes that differ, or a batch that is not symmetric.
    - "either": two equal axes that are not symmetric, or traced, so that nobody sees what they hold. The same number
      throughout says nothing, either, but ones, which are the correlations of regions that move together.
    """
    host = on_host(value)
    shape = np.shape(u.get_mantissa(value)) if host is None else host.shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < 2:
        return "signal"
    if host is None:
        return "either"
    host, batch = host.astype(float), host.ndim > 2
    finite = host[np.isfinite(host)]
    spread = np.ptp(finite) if finite.size else 0.0
    diagonal = np.diagonal(host, axis1=-2, axis2=-1)
    ones = np.isclose(diagonal, 1, atol=_ROUNDING)
    if ones.any() and (ones | np.isnan(diagonal)).all() and _symmetric(host, _ROUNDING) and (spread or not batch):
        return "correlations"
    if spread and _symmetric(host, _ROUNDING * spread):
        return "matrix"
    return "signal" if batch and (spread or not ones.any()) else "either"


def _symmetric(matrix: np.ndarray, within: float) -> bool:
    return np.allclose(matrix, np.swapaxes(matrix, -1, -2), rtol=0, atol=within, equal_nan=True)


def check_signal(value: Any, name: str, instead: str) -> None:
    """Refuse, with a ValueError, a matrix in the place of a signal."""
    kind, shape = kind_of(value), np.shape(u.get_mantissa(value))
    if kind == "correlations":
        raise ValueError(
            f"{name} is symmetric with a diagonal of 1, correlations of {shape[-1]} regions and no signal; {instead}."
        )
    if kind == "matrix":
        raise ValueError(f"{name} is {shape} and symmetric, a matrix of {shape[-1]} regions and no signal; {instead}.")


def holds_correlations(value: Any, name: str) -> bool:
    """Whether it is correlations and no signal, where both are taken.

    Raises
    ------
    ValueError
        It could be either.
    """
    kind, shape = kind_of(value), np.shape(u.get_mantissa(value))
    if kind in ("correlations", "signal"):
        return kind == "correlations"
    if on_host(value) is None:
        raise ValueError(
            f"{name} is traced and {shape}, which signals or matrices could be; give metrics.fc_correlation or "
            "metrics.fc_rmse the functional_connectivity of the signals."
        )
    raise ValueError(
        f"{name} is {shape}, which a signal or functional connectivity could be, but not symmetric with a diagonal of "
        "1; give functional_connectivity of the signal, or the matrix with its diagonal."
    )


def on_host(value: Any) -> np.ndarray | None:
    """The bare values, None where they are traced. What is made of them inside of `jit` is traced, they are not."""
    bare = plain(value.mantissa if isinstance(value, u.Quantity) else value)
    return np.asarray(bare) if is_concrete(bare) else None


def signal_or_matrix(value: Any, name: str) -> Any:
    """A table of either with its dimensions in order, or anything else as it is."""
    return arranged(value, SIGNAL if is_signal(value) else MATRIX, name)

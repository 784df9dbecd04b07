"""The Laplacian of a connectome, as a function and as a parameter."""

from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np
from brainstate.nn import Param

from brainmass.network.coupling.functions import check_broadcasts
from brainmass.numerics import as_weights
from brainmass.units import checked_switch, describe, numbers, one_number, plain


def laplacian_connectivity(
    W: Any, *, normalize: str | None = None, eps: float = 1e-12, return_diag: bool = False
) -> Any:
    """W − D, D⁻¹W − I ("rw") or D^−½ W D^−½ − I ("sym"), with D the row sums of ``W``; (region, region).

    Raises
    ------
    ValueError
        ``normalize`` is none of None, "rw", "sym".
    """
    _check_normalization(normalize)
    W = numbers(as_weights(W), u.UNITLESS, "W")
    if np.ndim(W) != 2 or W.shape[0] != W.shape[1] or not W.size:
        raise ValueError(f"W has the shape {np.shape(W)}; it must be a square matrix (region, region).")
    if one_number(eps, u.UNITLESS, "eps") < 0:
        raise ValueError(f"eps={describe(eps)} must be zero or more.")
    strength, n = W.sum(-1), W.shape[-1]
    if normalize is None:
        laplacian = W - jnp.diag(strength)
    elif normalize == "rw":
        laplacian = W / (strength[:, None] + eps) - jnp.eye(n)
    else:
        root = 1.0 / jnp.sqrt(strength + eps)
        laplacian = root[:, None] * W * root[None, :] - jnp.eye(n)
    return (laplacian, strength) if checked_switch(return_diag, "return_diag") else laplacian


def _check_normalization(normalize: Any) -> None:
    if normalize is not None and not (isinstance(normalize, str) and normalize in ("rw", "sym")):
        raise ValueError(f"normalize={describe(normalize)} is unknown; use None, 'rw' or 'sym'.")


def _rebuilt(W: Any, mask: Any, normalize: str | None, eps: float, t: Any, reg: Any, fit: bool) -> Any:
    return LaplacianConnParam(np.asarray(W), mask=mask, normalize=normalize, eps=eps, t=t, reg=reg, fit=fit)


class LaplacianConnParam(Param):
    """A connectivity parameter whose value is the Laplacian of its (transformed, masked) weights.

    ``fit=True`` makes the weights trainable.
    """

    def __init__(self, W: Any, *, mask: Any = None, normalize: str | None = None, eps: float = 1e-12, **kwargs: Any):
        laplacian_connectivity(W, normalize=normalize, eps=eps)
        if mask is not None:
            mask = numbers(as_weights(mask), u.UNITLESS, "mask")
            check_broadcasts(np.shape(mask), np.shape(plain(W)), "mask")
        super().__init__(plain(W), **kwargs)
        self.mask, self.normalize, self.eps = mask, normalize, eps

    def as_arguments(self) -> dict[str, Any]:
        return dict(W=super().value(), mask=self.mask, normalize=self.normalize, eps=self.eps, fit=self.fit)

    def __reduce__(self) -> tuple:
        stored = super().value()
        return _rebuilt, (stored, self.mask, self.normalize, self.eps, self.t, self.reg, self.fit)

    def value(self) -> Any:
        W = jnp.asarray(super().value())  # NumPy and XLA sum in another order
        return laplacian_connectivity(W if self.mask is None else W * self.mask, normalize=self.normalize, eps=self.eps)

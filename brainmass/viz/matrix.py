"""Region-by-region matrices as images."""

import brainunit as u
import numpy as np

from ..metrics import functional_connectivity
from ._axes import axes, bare, names, thinned


def plot_connectivity(matrix, *, labels=None, ax=None, cmap="viridis", colorbar=True, **kw):
    """Draw a (target, source) matrix of weights or lengths; its unit stands beside the colour bar.

    ``kw`` goes to ``Axes.imshow``. Returns the Axes.
    """
    return _image(matrix, "source", "target", labels, ax, colorbar, None, cmap=cmap, **kw)


def plot_functional_connectivity(data, *, is_matrix=False, labels=None, ax=None, **kw):
    """Draw the correlations of a (time, region) signal, or with ``is_matrix=True`` the (region, region) matrix given.

    Colours run from -1 to 1; ``kw`` (``colorbar=``, ``cmap=``, ...) goes to the same place as in ``plot_connectivity``.
    Returns the Axes.
    """
    if not is_matrix:
        shape = np.shape(u.get_mantissa(data))
        if len(shape) != 2:
            raise ValueError(f"data must be (time, region), or a matrix with is_matrix=True, but has shape {shape}.")
        data = functional_connectivity(data)
    style = {"cmap": "RdBu_r", "colorbar": True} | ({} if "norm" in kw else {"vmin": -1, "vmax": 1}) | kw
    return _image(data, "region", "region", labels, ax, style.pop("colorbar"), "correlation", **style)


def _image(matrix, xlabel, ylabel, labels, ax, colorbar, quantity, **kw):
    matrix, unit = bare(matrix)
    if matrix.ndim != 2 or len(matrix) != matrix.shape[1]:
        raise ValueError(f"The matrix must be (region, region), but has shape {matrix.shape}.")
    n = len(matrix)
    labels = names(labels, n)
    ax = axes(ax)
    image = ax.imshow(matrix, **kw)
    shown, texts = thinned(labels, n)
    ax.set_xticks(shown, texts, rotation=90 if max(map(len, texts)) > 2 else 0)
    ax.set_yticks(shown, texts)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.04, label=quantity or unit)
    return ax

"""Region-by-region matrices as images."""

import inspect

from brainmass.dimensions import MATRIX, arranged
from brainmass.metrics import functional_connectivity
from brainmass.names import region_names, square_names
from brainmass.numerics import holds_correlations, signal_or_matrix
from brainmass.units import checked_switch
from brainmass.viz._axes import axes, bare, check_known, colours, names, thinned


def plot_connectivity(matrix, *, labels=None, ax=None, cmap="viridis", colorbar=True, **kw):
    """Draw a (target, source) matrix of weights or lengths; its unit stands beside the colour bar.

    Of a `Connectome` these are the weights, and its labels. ``kw`` goes to ``Axes.imshow``. Returns the Axes.
    """
    if hasattr(matrix, "weights"):
        labels = names(labels, len(matrix.labels), tuple(matrix.labels), "matrix")
        matrix = matrix.weights
    return _image("matrix", matrix, "source", "target", labels, ax, colorbar, None, cmap=cmap, **kw)


def plot_functional_connectivity(data, *, labels=None, ax=None, **kw):
    """Draw the correlations of a (time, region) signal, or a (region, region) matrix of them, symmetric with ones.

    Colours run from -1 to 1; ``kw`` (``colorbar=``, ``cmap=``, ...) goes to the same place as in ``plot_connectivity``.
    Returns the Axes.
    """
    data = signal_or_matrix(data, "data")
    array, _ = bare(data, "data")
    if array.ndim != 2 or not array.size:
        raise ValueError(f"data must be (time, region), or a matrix of correlations, but has shape {array.shape}.")
    if not holds_correlations(array, "data"):
        if len(array) < 2:
            raise ValueError(f"data has {len(array)} sample; two or more have correlations.")
        labels = names(labels, array.shape[1], region_names(data, "data"), "data")
        data = functional_connectivity(array)
    style = {"cmap": "RdBu_r", "colorbar": True} | ({} if "norm" in kw else {"vmin": -1, "vmax": 1}) | kw
    return _image("data", data, "region", "region", labels, ax, style.pop("colorbar"), "correlation", **style)


def _image(name, given, xlabel, ylabel, labels, ax, colorbar, quantity, *, cmap, **kw):
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    given = arranged(given, MATRIX, name)
    matrix, unit = bare(given, name)
    if matrix.ndim != 2 or len(matrix) != matrix.shape[1] or not matrix.size:
        raise ValueError(f"{name} must be (region, region), but has shape {matrix.shape}.")
    n = len(matrix)
    labels = names(labels, n, square_names(given, name), name)
    check_known(kw, AxesImage, inspect.signature(Axes.imshow).parameters)
    colorbar, cmap = checked_switch(colorbar, "colorbar"), colours(cmap)
    ax = axes(ax)
    image = ax.imshow(matrix, cmap=cmap, **kw)
    shown, texts = thinned(labels, n)
    ax.set_xticks(shown, texts, rotation=90 if max(map(len, texts)) > 2 else 0)
    ax.set_yticks(shown, texts)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.04, label=quantity or unit)
    return ax

"""What all plots share: the Axes to draw on, numbers without their unit, texts with it."""

import re

import numpy as np

from ..naming import check_once, meant, names_along
from ..units import describe, reals, unit_name, unit_of

COLOURS = 10  # of matplotlib's cycle: more regions than this are not told apart by colour
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def axes(ax, **figure):
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.subplots(layout="tight", **figure)[1]
    if not isinstance(ax, Axes):
        raise TypeError(f"ax={describe(ax)} must be an Axes of matplotlib, for example plt.subplots()[1].")
    return ax


def colours(cmap):
    """A colour map of matplotlib, itself or its name."""
    import matplotlib as mpl
    from matplotlib.colors import Colormap

    if isinstance(cmap, Colormap) or (isinstance(cmap, str) and cmap in mpl.colormaps):
        return cmap
    raise ValueError(
        f"cmap={describe(cmap)} is no colour map of matplotlib{meant(cmap, mpl.colormaps)}, for example 'viridis'."
    )


def bare(value, name="signal"):
    """``value`` as a NumPy array without its unit, NaN where it is masked, and the text of the unit, or ""."""
    if isinstance(value, dict):
        first = next((key for key in value if key != "ts"), "output")
        raise TypeError(f"{name} is a {type(value).__name__}; give one of its signals, for example result[{first!r}].")
    return np.asarray(reals(value, unit_of(value), name)), unit_text(unit_of(value))


def unit_text(unit):
    text = unit_name(unit)
    raised = re.sub(r"\^(-?\d+)(?!\.)", lambda power: power[1].translate(_RAISED), text)
    return "" if text == "1" else raised


def traces(name, value):
    """``value`` as a (time, region) array, and the text of its unit; a (time,) array is one region.

    What is masked or NaN leaves a gap.
    """
    array, unit = bare(value, name)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{name} must be (time,) or (time, region), but has shape {array.shape}.")
    return array.reshape(len(array), -1), unit


def titled(name, unit):
    return f"{name} ({unit})" if unit else name


def names(labels, n, table=None, name="signal"):
    """``labels`` as n strings, or else the names of the last axis of a table of pandas or xarray, or None."""
    given = name if labels is None else "labels"
    if labels is None:
        labels = names_along(table, getattr(table, "ndim", 1) - 1)
    if labels is None:
        return None
    listed = isinstance(labels, list | tuple) or getattr(labels, "ndim", 0) == 1
    if not listed or any(isinstance(label, list | tuple | np.ndarray) for label in labels):
        raise TypeError(f"labels={describe(labels)} must be a list of one name for each of the {n} regions.")
    if len(labels) != n:
        raise ValueError(f"labels must be one for each of the {n} regions, but there are {len(labels)}.")
    found = [str(label) for label in labels]
    check_once(found, given)
    return found


def thinned(labels, n, most=20):
    """At most ``most`` of n regions, evenly spaced, and their tick texts: the labels or the numbers."""
    shown = np.arange(0, n, -(-n // most))
    return shown, [str(i) if labels is None else labels[i] for i in shown]


def line_style(kw, **defaults):
    """``kw`` over ``defaults``, whichever of matplotlib's names (``lw``, ``linewidth``) the user takes."""
    from matplotlib import cbook, lines

    return defaults | cbook.normalize_kwargs(kw, lines.Line2D)

"""What all plots share: the Axes to draw on, numbers without their unit, texts with it."""

import re

import brainunit as u
import numpy as np

from ..units import unit_name

COLOURS = 10  # of matplotlib's cycle: more regions than this are not told apart by colour
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def axes(ax, **figure):
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="tight", **figure)[1]


def bare(value):
    """``value`` as a NumPy array without its unit, and the text of the unit, "" where there is none."""
    return np.asarray(u.get_mantissa(value)), unit_text(u.get_unit(value))


def unit_text(unit):
    text = unit_name(unit)
    raised = re.sub(r"\^(-?\d+)(?!\.)", lambda power: power[1].translate(_RAISED), text)
    return "" if text == "1" else raised


def traces(name, value):
    """``value`` as a (time, region) array, and the text of its unit; a (time,) array is one region."""
    array, unit = bare(value)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{name} must be (time,) or (time, region), but has shape {array.shape}.")
    return array.reshape(len(array), -1), unit


def titled(name, unit):
    return f"{name} ({unit})" if unit else name


def names(labels, n):
    """``labels`` as n strings, or None."""
    if labels is None:
        return None
    if len(labels) != n:
        raise ValueError(f"labels must be one for each of the {n} regions, but there are {len(labels)}.")
    return [str(label) for label in labels]


def thinned(labels, n, most=20):
    """At most ``most`` of n regions, evenly spaced, and their tick texts: the labels or the numbers."""
    shown = np.arange(0, n, -(-n // most))
    return shown, [str(i) if labels is None else labels[i] for i in shown]


def line_style(kw, **defaults):
    """``kw`` over ``defaults``, whichever of matplotlib's names (``lw``, ``linewidth``) the user takes."""
    from matplotlib import cbook, lines

    return defaults | cbook.normalize_kwargs(kw, lines.Line2D)

"""What all plots share: the Axes to draw on, numbers without their unit, texts with it."""

import re

import numpy as np

from brainmass.dimensions import TIMES, arranged
from brainmass.names import agreed, is_numbering, meant
from brainmass.units import describe, reals, unit_name, unit_of

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
    array, unit = bare(arranged(value, TIMES, name), name)
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{name} must be (time,) or (time, region), but has shape {array.shape}.")
    return array.reshape(len(array), -1), unit


def titled(name, unit):
    return f"{name} ({unit})" if unit else name


def names(labels, n, known=None, name="signal"):
    """``labels`` as n strings, which must be the names that are ``known`` of a table; else these, or None."""
    if labels is None:
        return None if known is None or is_numbering(known) else list(known)
    listed = isinstance(labels, list | tuple) or getattr(labels, "ndim", 0) == 1
    if not listed or any(isinstance(label, list | tuple | np.ndarray) for label in labels):
        raise TypeError(f"labels={describe(labels)} must be a list of one name for each of the {n} regions.")
    if len(labels) != n:
        raise ValueError(f"labels must be one for each of the {n} regions, but there are {len(labels)}.")
    found = tuple(str(label) for label in labels)
    agreed({"labels": found, f"the names of {name}": known})
    return list(found)


def thinned(labels, n, most=20):
    """At most ``most`` of n regions, evenly spaced, and their tick texts: the labels or the numbers."""
    shown = np.arange(0, n, -(-n // most))
    return shown, [str(i) if labels is None else labels[i] for i in shown]


def line_style(kw, **defaults):
    """``kw`` over ``defaults``, whichever of matplotlib's names (``lw``, ``linewidth``) the user takes."""
    from matplotlib import cbook, lines

    check_known(kw, lines.Line2D)
    return defaults | cbook.normalize_kwargs(kw, lines.Line2D)


def check_known(kw, artist, more=()):
    """Refuse, with a TypeError, what is no property of an artist of matplotlib and none of ``more``."""
    from matplotlib.artist import ArtistInspector

    inspector = ArtistInspector(artist)
    known = {*more, *inspector.get_setters(), *(alias for found in inspector.aliasd.values() for alias in found)}
    unknown = [name for name in kw if name not in known]
    if unknown:
        raise TypeError(f"{unknown[0]}= is no property of matplotlib's {artist.__name__}{meant(unknown[0], known)}.")

"""One variable against another."""

from brainmass.numerics import check_signal
from brainmass.viz._axes import axes, line_style, titled, traces


def plot_phase_portrait(x, y, *, ax=None, **kw):
    """Draw the path of ``y`` over ``x``, both (time,) or (time, region), one line per region.

    ``kw`` goes to ``Axes.plot``. Returns the Axes.
    """
    x, x_unit = traces("x", x)
    y, y_unit = traces("y", y)
    for name, given in (("x", x), ("y", y)):
        check_signal(given, name, "give the signal that it is of")
    if x.shape != y.shape:
        raise ValueError(f"x and y must have one shape, but came as {x.shape} and {y.shape}.")
    ax = axes(ax)
    ax.plot(x, y, **line_style(kw, linewidth=1.0))
    ax.set(xlabel=titled("x", x_unit), ylabel=titled("y", y_unit))
    return ax

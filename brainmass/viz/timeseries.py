"""Activity over time."""

import numpy as np

from brainmass.dimensions import TIMES, arranged
from brainmass.names import region_names
from brainmass.numerics import check_signal
from brainmass.viz._axes import COLOURS, axes, bare, line_style, names, thinned, titled, traces


def plot_timeseries(signal, ts=None, *, labels=None, ax=None, **kw):
    """Draw ``signal``, (time,) or (time, region), over ``ts`` (bare: ms), or over the sample number.

    The columns of a table are its labels. Up to ten regions share one axis, with a legend if there are ``labels``;
    more are stacked, the first on top.
    ``kw`` goes to ``Axes.plot``. Returns the Axes.
    """
    table, (signal, unit) = signal, traces("signal", signal)
    check_signal(signal, "signal", "take plot_functional_connectivity or plot_connectivity")
    n = signal.shape[1]
    labels = names(labels, n, region_names(arranged(table, TIMES, "signal"), "signal"))
    times, clock = _times(ts, len(signal))
    if n <= COLOURS:
        ax = axes(ax)
        lines = ax.plot(times, signal, **line_style(kw, linewidth=1.2))
        ax.set_ylabel(titled("signal", unit))
        if labels is not None:
            ax.legend(lines, labels, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    else:
        ax = axes(ax, figsize=(6.4, min(3 + 0.05 * n, 10)))
        _stack(ax, times, signal, unit, labels, kw)
    ax.set_xlabel(clock)
    ax.margins(x=0)
    return ax


def _stack(ax, times, signal, unit, labels, kw):
    known = np.ma.masked_invalid(signal)
    step = _one_digit(np.ma.filled(np.ma.median(np.ptp(known, axis=0)), 0.0))
    rows = -step * np.arange(signal.shape[1])
    ax.plot(times, signal - known.mean(0).filled(0.0) + rows, **line_style(kw, linewidth=0.6, color="#264a6e"))
    shown, texts = thinned(labels, signal.shape[1])
    ax.set_yticks(rows[shown], texts)
    ax.set_ylabel(f"region (one row is {step:g} {unit}".rstrip() + ")")
    ax.margins(y=0.02)


def _one_digit(x):
    """``x`` with one significant digit; 1 where no positive number came."""
    return float(f"{x:.0e}") if np.isfinite(x) and x > 0 else 1.0


def _times(ts, n):
    if ts is None:
        return np.arange(n), "sample"
    times, unit = bare(ts, "ts")
    if times.shape != (n,):
        raise ValueError(f"ts must be one time for each of the {n} samples, but has shape {times.shape}.")
    return times, titled("time", unit or "ms")

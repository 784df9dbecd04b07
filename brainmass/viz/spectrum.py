"""Power over frequency."""

import numpy as np

from brainmass.numerics import check_signal
from brainmass.time_steps import resolve_dt
from brainmass.units import checked_switch
from brainmass.viz._axes import COLOURS, axes, line_style, titled, traces

_SHORTEST = 256  # samples of a Welch segment, where the signal has as many


def plot_power_spectrum(signal, dt, *, ax=None, loglog=True, **kw):
    """Draw the power spectral density of ``signal``, (time,) or (time, region), with a sample every ``dt`` (bare: ms).

    Welch's method on half-overlapping Hann windows, a quarter of the signal each. With ``loglog`` both axes are
    logarithmic and the mean (0 Hz) is left out. ``kw`` goes to ``Axes.plot``. Returns the Axes.
    """
    from scipy.signal import welch

    signal, unit = traces("signal", signal)
    check_signal(signal, "signal", "give the signal that it is of")
    if not np.isfinite(signal).all():
        at = np.argwhere(~np.isfinite(signal))[0].tolist()
        raise ValueError(f"signal has no number at {at}; a spectrum needs one for every time.")
    n, regions = signal.shape
    if n < 2:
        raise ValueError(f"signal has {n} sample; a spectrum needs two or more.")
    interval, loglog = resolve_dt(dt), checked_switch(loglog, "loglog")
    segment = max(n // 4, min(n, _SHORTEST))
    frequency, power = welch(signal, 1e3 / interval, nperseg=segment, nfft=2 * segment, axis=0)
    ax = axes(ax)
    first = 1 if loglog else 0
    ax.plot(frequency[first:], power[first:], **line_style(kw, linewidth=1.0, alpha=1 if regions <= COLOURS else 0.4))
    if loglog:
        ax.set(xscale="log", yscale="log")
    ax.set(xlabel="frequency (Hz)", ylabel=titled("power", _density(unit)))
    ax.margins(x=0)
    return ax


def _density(unit):
    if not unit:
        return "1/Hz"
    return f"{f'({unit})' if '/' in unit else unit}²/Hz"

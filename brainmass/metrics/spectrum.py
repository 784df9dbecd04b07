"""Power and coherence over frequency by Welch's method (Welch 1967, doi:10.1109/TAU.1967.1161901).

A signal is cut into overlapping segments; each loses its mean, is tapered with a Hann window and Fourier transformed.
Frequencies are in Hz and stand on the last axis.
"""

from functools import partial
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.names import with_named_arguments
from brainmass.numerics import number, real, root, series
from brainmass.units import UNITLESS, describe, is_concrete, numbers


@with_named_arguments
def power_spectrum(signal: Any, dt: Any, window: Any = None, overlap: float = 0.5) -> tuple[np.ndarray, jax.Array]:
    """One-sided power spectral density.

    Parameters
    ----------
    signal
        (time, region) or (time, batch, region).
    dt
        Time between samples (bare: ms).
    window
        Length of a segment, a time (bare: ms), rounded to whole samples; a quarter of the signal if not given.
        Frequencies are 1/window apart.
    overlap
        The fraction of a segment that the next one shares.

    Returns
    -------
    frequencies, power
        (frequency,) in Hz and ([batch,] region, frequency) in signal²/Hz. Differentiable.

    Raises
    ------
    ValueError
        Another number of axes, times that are not positive, a window of less than two samples or longer than the
        signal, an overlap outside 0 to 1.
    """
    signal, step, samples, shift = _plan(signal, dt, window, overlap)
    return np.fft.rfftfreq(samples, step), density(_spectra(signal, samples, shift), samples, step).mean(0)


@with_named_arguments
def coherence(signal: Any, dt: Any, window: Any = None, overlap: float = 0.5) -> tuple[np.ndarray, jax.Array]:
    """Magnitude-squared coherence between regions, ``|S_jk|² / (S_jj S_kk)``, by the parameters of `power_spectrum`.

    Returns
    -------
    frequencies, coherence
        (frequency,) in Hz and ([batch,] region, region, frequency) from 0 to 1, with 1 on the diagonal. A region
        without power coheres 0 with the others. Differentiable.

    Raises
    ------
    ValueError
        As `power_spectrum`, and for fewer than two segments: the coherence of one is 1 whatever the signal.
    """
    signal, step, samples, shift = _plan(signal, dt, window, overlap)
    if len(signal) < samples + shift:
        raise ValueError(
            f"window={samples * step * 1e3:g} ms makes one segment of a signal of {len(signal) * step * 1e3:g} ms; "
            "coherence needs two or more, so give a shorter one."
        )
    return np.fft.rfftfreq(samples, step), _coherence(signal, samples, shift)


@with_named_arguments
def peak_frequency(frequencies: Any, power: Any, band: Any = None) -> jax.Array:
    """Frequency of the largest power in a band.

    ``peak_frequency(*power_spectrum(signal, dt), band=(8, 13))``. Between frequencies it is the top of the parabola
    through the logarithms of the largest power and its two neighbours, and so differentiable; where a neighbour is
    larger (a spectrum that falls throughout the band) it is the frequency itself. The top may lie half a spacing
    outside the band.

    Parameters
    ----------
    frequencies, power
        (frequency,) in Hz, evenly spaced, and (..., frequency).
    band
        (low, high) with low ≤ frequency < high (bare: Hz); all but 0 Hz if not given.

    Returns
    -------
    peak
        (...,) in Hz; NaN without any power in the band.

    Raises
    ------
    ValueError
        Shapes that do not match, or a band without frequencies.
    """
    frequencies, power, inside = _within(frequencies, power, band)
    return _peak(frequencies, power, inside if band is not None else inside & (frequencies > 0))


@with_named_arguments
def band_power(frequencies: Any, power: Any, band: Any = None) -> jax.Array:
    """Power in a band, the sum of the density over its frequencies times their spacing.

    ``band_power(*power_spectrum(signal, dt), band=(8, 13))``. Adjacent bands add up, and all frequencies together give
    the variance of the tapered segments. Differentiable.

    Parameters
    ----------
    frequencies, power
        (frequency,) in Hz, evenly spaced, and (..., frequency).
    band
        (low, high) with low ≤ frequency < high (bare: Hz); all frequencies if not given.

    Returns
    -------
    power
        (...,) in signal².

    Raises
    ------
    ValueError
        Shapes that do not match, or a band without frequencies.
    """
    frequencies, power, inside = _within(frequencies, power, band)
    return jnp.where(inside, power, 0).sum(-1) * (frequencies[1] - frequencies[0])


def _plan(signal: Any, dt: Any, window: Any, overlap: float) -> tuple[Any, float, int, int]:
    """The signal, the time between samples in s, and samples per segment and between segments."""
    signal, step = series(signal, samples=8 if window is None else 2), number(dt, u.ms, "dt")
    if not step:
        raise ValueError("dt=0 ms must be a positive time between samples.")
    n = len(signal)
    samples = n // 4 if window is None else round(number(window, u.ms, "window") / step)
    if not 2 <= samples <= n:
        raise ValueError(f"window={samples * step:g} ms must be {2 * step:g} to {n * step:g} ms, the whole signal.")
    overlap = number(overlap, UNITLESS, "overlap")
    if overlap >= 1:
        raise ValueError(f"overlap={overlap:g} must be a fraction of the window, from 0 to less than 1.")
    return signal, step / 1e3, samples, samples - int(overlap * samples + 1e-9)


def _hann(samples: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)


@partial(jax.jit, static_argnums=(1, 2))
def _spectra(signal: Any, samples: int, shift: int) -> Any:
    """Fourier transforms (segment, [batch,] region, frequency) of the tapered segments."""
    starts = jnp.arange(0, len(signal) - samples + 1, shift)
    segments = jax.vmap(lambda at: jax.lax.dynamic_slice_in_dim(signal, at, samples))(starts)
    return tapered_transform(jnp.moveaxis(segments, 1, -1))


def tapered_transform(segments: Any) -> Any:
    """The Fourier transform (..., frequency) of segments (..., sample), without their means and tapered."""
    moved = segments - segments[..., :1]  # a constant region becomes exactly zero
    centred = moved - moved.mean(-1, keepdims=True)
    return jnp.fft.rfft(centred * jnp.asarray(_hann(segments.shape[-1]), segments.dtype))


def density(spectra: Any, samples: int, step: float) -> Any:
    """The one-sided power density of transforms of ``samples`` samples, ``step`` s apart."""
    power = spectra.real**2 + spectra.imag**2
    return power * jnp.asarray(_sides(samples) * step / (_hann(samples) ** 2).sum(), power.dtype)


@partial(jax.jit, static_argnums=(1, 2))
def _coherence(signal: Any, samples: int, shift: int) -> Any:
    moved = signal - signal[0]
    peak = jax.lax.stop_gradient(jnp.abs(moved).max(0))
    spectra = _spectra(moved / jnp.where(peak == 0, 1, peak), samples, shift)
    power = (spectra.real**2 + spectra.imag**2).sum(0)
    normed = spectra / jnp.where(power == 0, 1, root(power))
    cross = jnp.einsum("s...jf,s...kf->...jkf", normed, normed.conj(), precision="highest")
    value = (cross.real**2 + cross.imag**2).clip(0, 1)
    return jnp.where(jnp.eye(value.shape[-2], dtype=bool)[..., None], 1, value)


def _sides(samples: int) -> np.ndarray:
    """2 where a negative frequency is counted with the positive one."""
    sides = np.full(samples // 2 + 1, 2.0)
    sides[0] = 1
    if samples % 2 == 0:
        sides[-1] = 1
    return sides


def _within(frequencies: Any, power: Any, band: Any) -> tuple[Any, Any, Any]:
    """The spectrum, checked, and which of its frequencies the band holds."""
    known = numbers(frequencies, u.Hz, "frequencies")
    grid, power = real(known, "frequencies"), real(power, "power")
    if grid.ndim != 1 or len(grid) < 3 or power.shape[-1:] != grid.shape:
        raise ValueError(
            f"frequencies is {grid.shape} and power {power.shape}; give (frequency,) and (..., frequency) with three "
            "frequencies or more."
        )
    steps = np.diff(known) if is_concrete(known) else np.ones(1)
    if steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=1e-3):
        raise ValueError("frequencies must increase evenly, as those of power_spectrum do.")
    if band is None:
        return grid, power, jnp.ones(len(grid), bool)
    several = isinstance(band, tuple | list | np.ndarray | jax.Array | u.Quantity)
    if not several or getattr(band, "ndim", 1) != 1 or len(band) != 2:
        raise ValueError(f"band={describe(band)} must be two frequencies, for example (8, 13).")
    low, high = (number(edge, u.Hz, "band") for edge in band)
    if is_concrete(known) and not _inside(np.asarray(known), low, high).any():
        raise ValueError(f"band=({low:g}, {high:g}) Hz holds no frequency of the spectrum; give (low, high) within it.")
    return grid, power, _inside(grid, low, high)


def _inside(frequencies: Any, low: float, high: float) -> Any:
    slack = 1e-3 * (frequencies[1] - frequencies[0])  # a frequency that rounding moved across an edge stays
    return (frequencies >= low - slack) & (frequencies < high - slack)


@jax.jit
def _peak(frequencies: Any, power: Any, inside: Any) -> Any:
    place = jnp.where(inside, power, -jnp.inf).argmax(-1)
    last = len(frequencies) - 1

    def at(where: Any) -> Any:
        return jnp.take_along_axis(power, where.clip(0, last)[..., None], -1)[..., 0]

    top = at(place)
    some = (top > 0) & inside.any()
    size, least = jnp.where(some, top, 1), jnp.finfo(power.dtype).tiny
    left, right = (jnp.log(jnp.maximum(at(place + side) / size, least)) for side in (-1, 1))  # of the top it is 0
    bend = left + right
    arched = (left <= 0) & (right <= 0) & (bend < 0) & (place > 0) & (place < last)
    offset = jnp.where(arched, 0.5 * (left - right) / jnp.where(arched, bend, 1), 0)
    return jnp.where(some, frequencies[place] + offset * (frequencies[1] - frequencies[0]), jnp.nan)

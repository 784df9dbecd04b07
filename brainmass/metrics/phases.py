"""Phases of oscillations and how far regions share them."""

from typing import Any

import jax
import jax.numpy as jnp

from brainmass.names import with_named_arguments
from brainmass.numerics import length, root, series, size_of


@with_named_arguments
def phase(signal: Any) -> jax.Array:
    """Phase of the analytic signal of each region about its mean, in radians from -π to π.

    (time, [batch,] region) -> the same. It means something where the signal oscillates in a narrow band: filter a
    broad-band one first. By a discrete Fourier transform, so the ends are read as if the signal were periodic.
    Differentiable; 0 for a region that never changes. ``ValueError`` for another number of axes.
    """
    return _angle(*_analytic(series(signal)))


@with_named_arguments
def envelope(signal: Any) -> jax.Array:
    """Amplitude of the analytic signal of each region about its mean, (time, [batch,] region) -> the same.

    Its functional connectivity is the amplitude envelope correlation. Differentiable. ``ValueError`` for another
    number of axes.
    """
    return length(*_analytic(series(signal)))


@jax.jit
def _analytic(signal: Any) -> tuple[Any, Any]:
    """Real and imaginary part: each frequency, and the same a quarter of a cycle later."""
    moved = signal - signal[0]
    centred = moved - moved.mean(0)
    spectrum = jnp.fft.rfft(centred, axis=0)
    n = len(signal)
    turning = jnp.arange(len(spectrum)).reshape(-1, *[1] * (signal.ndim - 1))
    turning = (turning > 0) & (2 * turning < n)  # the mean and the Nyquist frequency have no quadrature
    return centred, jnp.fft.irfft(jnp.where(turning, -1j * spectrum, 0), n, axis=0)


@jax.jit
def _angle(x: Any, y: Any) -> Any:
    still, size = (x == 0) & (y == 0), size_of(x, y)
    return jnp.where(still, 0, jnp.arctan2(y / size, jnp.where(still, 1, x / size)))


@with_named_arguments
def kuramoto_order(phase: Any) -> jax.Array:
    """Order parameter over time: how far the regions are in phase, from 0 to 1.

    ``R(t) = |mean over regions of exp(iθ)|``, (time, region) -> (time,); (time, batch, region) -> (time, batch).
    ``phase`` is in radians, not a signal: ``kuramoto_order(phase(signal))``. Differentiable. ``ValueError`` for another
    number of axes.
    """
    return _order(series(phase, samples=1, name="phase"))


@jax.jit
def _order(phase: Any) -> Any:
    return length(jnp.cos(phase).mean(-1), jnp.sin(phase).mean(-1))


@with_named_arguments
def synchrony(phase: Any) -> jax.Array:
    """Mean over time of the Kuramoto order parameter, (time, [batch,] region) -> () or (batch,).

    ``phase`` is in radians. Differentiable. ``ValueError`` for another number of axes.
    """
    return kuramoto_order(phase).mean(0)


@with_named_arguments
def metastability(phase: Any) -> jax.Array:
    """Standard deviation over time of the Kuramoto order parameter, (time, [batch,] region) -> () or (batch,).

    ``phase`` is in radians. Deco et al. 2017 (doi:10.1038/s41598-017-03073-5); Shanahan 2010 (doi:10.1063/1.3305451)
    has the variance. Differentiable, with the gradient 0 where it is 0. ``ValueError`` for another number of axes.
    """
    order = kuramoto_order(phase)
    moved = order - order[0]
    return root(moved.var(0))


@with_named_arguments
def phase_locking_value(phase: Any) -> jax.Array:
    """How constant the phase difference of each pair of regions is, ``|mean over time of exp(i(θ_j − θ_k))|``.

    (time, [batch,] region) -> ([batch,] region, region), from 0 to 1, with 1 on the diagonal. ``phase`` is in radians.
    Lachaux et al. 1999 (doi:10.1002/(SICI)1097-0193(1999)8:4<194::AID-HBM4>3.0.CO;2-C). Differentiable.
    ``ValueError`` for another number of axes.
    """
    return _locking(series(phase, samples=1, name="phase"))


@jax.jit
def _locking(phase: Any) -> Any:
    c, s = jnp.cos(phase), jnp.sin(phase)

    def mean(x: Any, y: Any) -> Any:
        return jnp.einsum("t...i,t...j->...ij", x, y, precision="highest") / len(phase)

    value = length(mean(c, c) + mean(s, s), mean(s, c) - mean(c, s)).clip(0, 1)
    return jnp.where(jnp.eye(value.shape[-1], dtype=bool), 1, value)

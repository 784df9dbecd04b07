"""Numbers that summarise simulated or recorded activity."""

import brainunit as u
import jax
import jax.numpy as jnp


def functional_connectivity(signal):
    """Pearson correlation between regions.

    (time, region) -> (region, region); (time, batch, region) -> (batch, region, region).
    Units drop out. A region that never changes correlates 0 with the others; the diagonal is 1; NaN stays NaN.
    Gradients are finite everywhere. ``ValueError`` for another number of axes or fewer than two samples.
    """
    signal = jnp.asarray(u.get_mantissa(signal))
    if signal.ndim not in (2, 3) or len(signal) < 2:
        raise ValueError(
            f"signal must be (time, region) or (time, batch, region) with at least two samples, but is {signal.shape}."
        )
    return _correlation(signal.astype(jnp.result_type(signal.dtype, float)))


@jax.jit
def _correlation(signal):
    moved = signal - signal[0]  # a constant region becomes exactly zero, however large its value
    centred = moved - moved.mean(0)
    peak = jax.lax.stop_gradient(jnp.abs(centred).max(0))  # divided by it, squares neither overflow nor vanish
    still = peak == 0
    scaled = centred / jnp.where(still, 1, peak)
    normed = scaled / jnp.sqrt(jnp.where(still, 1, (scaled**2).sum(0)))
    fc = jnp.einsum("t...i,t...j->...ij", normed, normed, precision="highest").clip(-1, 1)
    return jnp.where(jnp.eye(fc.shape[-1], dtype=bool), 1, fc)


def functional_connectivity_dynamics(signal, window, step=1):
    """Correlation between the functional connectivities of windows of ``window`` samples, ``step`` samples apart.

    (time, region) -> (window, window); (time, batch, region) -> (batch, window, window). Hansen et al. 2015
    (doi:10.1016/j.neuroimage.2014.11.001). Differentiable. ``ValueError`` for fewer than two regions or windows that
    do not fit.
    """
    signal = jnp.asarray(u.get_mantissa(signal))
    if signal.ndim not in (2, 3) or signal.shape[-1] < 2:
        raise ValueError(
            f"signal must be (time, region) or (time, batch, region) with two regions or more, but is {signal.shape}."
        )
    if not 2 <= window <= len(signal) or step < 1:
        raise ValueError(f"window={window} must be 2 to {len(signal)} samples, and step={step} 1 or more.")
    signal = signal.astype(jnp.result_type(signal.dtype, float))
    starts = jnp.arange(0, len(signal) - window + 1, step)
    edges = jax.lax.map(lambda at: upper_triangle(jax.lax.dynamic_slice_in_dim(signal, at, window)), starts)
    return fcd_of(edges)


def fcd_of(edges):
    """The correlation of windows, of vectors (window, [batch,] pair) -> ([batch,] window, window)."""
    return _correlation(jnp.swapaxes(edges, 0, -1))


def upper_triangle(signal):
    """The functional connectivity of a signal by pairs of regions, (time, [batch,] region) -> ([batch,] pair)."""
    fc = _correlation(signal)
    rows, columns = jnp.triu_indices(fc.shape[-1], 1)
    return fc[..., rows, columns]

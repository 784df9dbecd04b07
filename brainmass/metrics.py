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

"""Noise as a function of absolute time."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.numerics import normal, seed_key, threefry
from brainmass.stimulus.arguments import Amplitude, Duration, Instant, Weights
from brainmass.stimulus.exact_time import Steps, TurnsPerStep
from brainmass.stimulus.waveforms import Waveform
from brainmass.units import describe, is_whole


class Noise(Waveform):
    """Frozen Gaussian noise: a function of absolute time and ``seed``, the same in every run and simulation.

    Independent normal values at the onset and every ``timescale`` after it, mixed in between with the cosine and sine
    of a quarter turn, which keeps the standard deviation ``sd``. With ``weights``, one such series per region, times
    its weight. For noise that differs between runs and simulations attach an `OUProcess` to the node.
    """

    sd: Amplitude
    timescale: Duration
    seed: int
    onset: Instant = 0.0
    offset: Instant = None
    weights: Weights = None

    def __post_init__(self) -> None:
        super().__post_init__()
        traced = isinstance(self.seed, jax.Array) and jnp.issubdtype(self.seed.dtype, jnp.integer)
        whole = is_whole(self.seed)
        if not (traced or whole) or np.ndim(self.seed) or (whole and not -(2**63) <= self.seed < 2**64):
            raise TypeError(f"Noise: seed={describe(self.seed)} must be an integer of up to 64 bits.")

    def settings(self, dt: float) -> tuple:
        regions = np.arange(self.regions or 1, dtype=np.uint32)
        return (
            self.level,
            TurnsPerStep.of(dt / self.timescale),
            seed_key(self.seed),
            regions if self.regions else regions[0],
        )

    @staticmethod
    def shape(sd: Any, rate: TurnsPerStep, key: Any, regions: Any, elapsed: Steps) -> Any:
        knot, part = (x[..., None] if np.ndim(regions) else x for x in rate.turns(elapsed))
        before, after = (normal(threefry(key, (knot + n).astype(jnp.uint32), regions)[0]) for n in (0, 1))
        return sd * (before * jnp.cos(np.pi / 2 * part) + after * jnp.sin(np.pi / 2 * part))

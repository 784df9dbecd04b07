"""Statistics of a stream that are kept up to date, so that no series is stored."""

from typing import Any, NamedTuple, cast

import brainunit as u
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.metrics import STEP, WINDOW, density, fcd_of, tapered_transform, upper_triangle, windows
from brainmass.monitors.base import checked_source
from brainmass.monitors.signals import MonitorState, Signal, checked_period, steps_of
from brainmass.monitors.statistic import BlockFold, ChunkSamples, SlidingStatistic, Statistic, ended, framed
from brainmass.numerics import number
from brainmass.units import UNITLESS, describe, float_dtype

BLOCK = 64


class Moments(NamedTuple):
    """Number of samples (simulation,), the first one and the mean from it (region, simulation), co-moments."""

    count: Any
    first: Any
    mean: Any
    products: Any


def merged_moments(m: Moments, block: Any, weights: Any) -> Moments:
    """The moments with those of a block (sample, region, simulation) (Chan, Golub & LeVeque 1979)."""
    added = weights.sum()
    total = m.count + added
    first = jnp.where(m.count == 0, block[weights.argmax()], m.first)
    block = block - first  # a constant region becomes exactly zero, however large its value
    mean = jnp.einsum("k,kis->is", weights, block, precision="highest") / added
    centred = jnp.moveaxis((block - mean) * weights[:, None, None], -1, 0)
    inside = jnp.moveaxis(jnp.matmul(jnp.swapaxes(centred, 1, 2), centred, precision="highest"), 0, -1)
    apart = mean - m.mean
    between = apart[:, None] * apart[None] * (m.count * added / total)
    return Moments(total, first, m.mean + apart * (added / total), m.products + inside + between)


class StreamingFC(Statistic):
    """Functional connectivity: the Pearson correlation of regions over all samples after the transient.

    That of `functional_connectivity` of the stored series, in the memory of one matrix.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor, for example ``Bold("rE")``.
    """

    def __init__(self, what: Any):
        self.what = checked_source(what, "StreamingFC")

    def output_signal(self, signal: Signal) -> Signal:
        if len(signal.shape) != 1:
            raise ValueError(f"StreamingFC takes one number per region, not samples of the shape {signal.shape}.")
        return Signal((*signal.shape, *signal.shape), UNITLESS, signal.dt, signal.every)

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        return before | {f"other_{name}": at for name, at in before.items()}

    def begin(self, signal: Signal, simulations: int) -> MonitorState:
        n, dtype = signal.shape[0], float_dtype()
        shapes = (simulations,), (n, simulations), (n, simulations), (n, n, simulations)
        return BlockFold.empty(BLOCK, signal, simulations, Moments(*(jnp.zeros(shape, dtype) for shape in shapes)))

    def update(self, state: BlockFold, samples: ChunkSamples, signal: Signal) -> MonitorState:
        return state.update(samples, merged_moments)

    def result(self, state: BlockFold, signal: Signal) -> Any:
        products = state.end(merged_moments).products
        power = jnp.einsum("iis->is", products)
        still = power == 0
        inverse = jnp.where(still, 0.0, 1.0 / jnp.sqrt(jnp.where(still, 1.0, power)))  # the root of 0 has no slope
        fc = (products * inverse[:, None] * inverse[None]).clip(-1, 1)
        return jnp.where(jnp.eye(len(power), dtype=bool)[..., None], 1.0, fc)


class StreamingFCD(SlidingStatistic):
    """Functional connectivity dynamics: the correlation between the functional connectivities of sliding windows.

    That of `metrics.functional_connectivity_dynamics` of the stored series (Hansen et al. 2015,
    doi:10.1016/j.neuroimage.2014.11.001). It keeps one vector per window in place of the series.

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor, for example ``Bold("rE")``.
    window, step : int
        Length of a window and distance of two, in samples of ``what``; those of the function by default.
    """

    def __init__(self, what: Any, window: int = WINDOW, step: int = STEP):
        self.what = checked_source(what, "StreamingFCD")
        self.window, self.step = windows(window, step, ("StreamingFCD: window", "StreamingFCD: step"))

    def output_signal(self, signal: Signal) -> Signal:
        if len(signal.shape) != 1 or signal.shape[0] < 2:
            raise ValueError(f"StreamingFCD takes one number per region, not samples of the shape {signal.shape}.")
        return Signal((), UNITLESS, signal.dt, signal.every)

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        return {}

    def frame(self, samples: Any) -> Any:
        return jnp.moveaxis(upper_triangle(jnp.moveaxis(samples, -1, 1)), 0, -1)

    @staticmethod
    def finish(frames: Any) -> Any:
        return fcd_of(frames)


class Periodograms(NamedTuple):
    """The last samples (sample, region, simulation), the sum of periodograms (region, frequency, simulation), count."""

    last: Any
    total: Any
    count: Any


class StreamingPSD(Statistic):
    """Power spectral density by Welch's method, (region, frequency), in the memory of one segment.

    That of `metrics.power_spectrum` of the stored series (Welch 1967, doi:10.1109/TAU.1967.1161901).

    Parameters
    ----------
    what
        A name ("x"), a dotted path, a callable of the model, or another monitor.
    window
        Length of a segment, bare in ms; a whole number of samples. Frequencies are 1/window apart.
    overlap : float
        The fraction of a segment that the next one shares.
    """

    def __init__(self, what: Any, window: Any = 1000.0 * u.ms, overlap: float = 0.5):
        overlap = number(overlap, UNITLESS, "StreamingPSD: overlap")
        if overlap >= 1:
            raise ValueError(f"StreamingPSD: overlap={describe(overlap)} must be from 0 to less than 1.")
        self.what, self.overlap = checked_source(what, "StreamingPSD"), overlap
        self.window = checked_period(window, "StreamingPSD: window")

    def key(self) -> Any:
        return repr(self.window), self.overlap

    def output_signal(self, signal: Signal) -> Signal:
        samples, _ = self._segments(signal)
        if len(signal.shape) != 1 or samples < 2:
            raise ValueError(
                f"StreamingPSD takes one number per region and a window of two samples or more, not {samples} of the "
                f"shape {signal.shape}."
            )
        return Signal((*signal.shape, samples // 2 + 1), cast("u.Unit", signal.unit**2 / u.Hz), signal.dt, signal.every)

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        samples, _ = self._segments(signal)
        return before | {"frequency": u.Quantity(np.fft.rfftfreq(samples, signal.every * signal.dt / 1e3), u.Hz)}

    def least(self, signal: Signal) -> int:
        return self._segments(signal)[0]

    def begin(self, signal: Signal, simulations: int) -> MonitorState:
        samples, dtype = self._segments(signal)[0], float_dtype()
        last = jnp.zeros((samples, *signal.shape, simulations), dtype)
        total = jnp.zeros((*signal.shape, samples // 2 + 1, simulations), dtype)
        return Periodograms(last, total, jnp.zeros(simulations, dtype))

    def update(self, state: Periodograms, samples: ChunkSamples, signal: Signal) -> MonitorState:
        window, step = self._segments(signal)
        last, most, frame_at = framed(state.last, samples, window, step)
        low = jnp.int32(samples.low)
        number = ended(jnp.int32(samples.high), low, window, step) - ended(jnp.int32(samples.since), low, window, step)

        def add(total: Any, n: Any) -> tuple[Any, None]:
            spectra = tapered_transform(jnp.moveaxis(frame_at(n), 0, -1))  # (region, simulation, frequency)
            power = density(spectra, window, signal.every * signal.dt / 1e3)
            return jnp.where(n < number, total + jnp.moveaxis(power, -1, 1), total), None

        total, _ = lax.scan(add, state.total, jnp.arange(most))
        return Periodograms(last, total, state.count + number)

    def result(self, state: Periodograms, signal: Signal) -> Any:
        return state.total / state.count

    def _segments(self, signal: Signal) -> tuple[int, int]:
        """Samples per segment, and from one to the next."""
        samples = steps_of(self.window, signal, "StreamingPSD: window") // signal.every
        return samples, samples - int(self.overlap * samples + 1e-9)

"""Stimuli of one clock: the waveforms."""

import dataclasses
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import brainunit as u
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial

from brainmass.stimulus.arguments import Amplitude, Duration, Frequency, Instant, Phase, Weights
from brainmass.stimulus.base import Stimulus
from brainmass.stimulus.exact_time import FOREVER, Steps, TurnsPerStep
from brainmass.units import describe, is_concrete, mantissa, unit_of, with_unit

_BLOCK = 2**12  # steps; the square of a chirp's time is taken in blocks of them


class Waveform(Stimulus):
    """A stimulus with one clock, which starts at its onset where it has one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        onset, offset = (getattr(self, name, None) for name in ("onset", "offset"))
        if onset is not None and offset is not None and all(map(is_concrete, (onset, offset))) and offset <= onset:
            raise ValueError(
                f"{type(self).__name__}: offset={describe(offset)} must come after onset={describe(onset)}."
            )

    shape: ClassVar[Callable[..., Any]]
    """Of the settings and the time since the onset: values (), (time,) or (time, region)."""

    @abstractmethod
    def settings(self, dt: float) -> tuple:
        """What `shape` needs, for steps of ``dt`` ms."""

    def course(self, dt: float) -> Callable[[Steps], Any]:
        shape, weights = Partial(type(self).shape, *self.settings(dt)), getattr(self, "weights", None)
        onset, offset = (getattr(self, name, None) for name in ("onset", "offset"))
        if onset is not None:
            shape = Partial(_windowed, shape, Steps.of(onset, dt), FOREVER if offset is None else Steps.of(offset, dt))
        return shape if weights is None else Partial(_weighted, shape, weights)

    @property
    def unit(self) -> u.Unit:
        return unit_of(getattr(self, dataclasses.fields(self)[0].name))

    @property
    def regions(self) -> int | None:
        weights = getattr(self, "weights", None)
        return None if weights is None else len(weights)

    @property
    def level(self) -> Any:
        """The bare amplitude, which every kind has as its first field."""
        return u.get_mantissa(getattr(self, dataclasses.fields(self)[0].name))


def _windowed(shape: Callable, begin: Steps, end: Steps, clock: Steps) -> Any:
    elapsed = clock.since(begin)
    on = (elapsed.whole >= 0) & (clock.since(end).whole < 0)
    values = shape(elapsed._replace(whole=jnp.maximum(elapsed.whole, 0)))
    return jnp.where(on[..., None] if jnp.ndim(values) > on.ndim else on, values, 0)


def _weighted(shape: Callable, weights: Any, clock: Steps) -> Any:
    values = shape(clock)
    return (values if values.ndim > jnp.ndim(clock.whole) else values[..., None]) * weights


class Step(Waveform):
    """A constant between onset and offset."""

    amplitude: Amplitude
    onset: Instant = 0.0
    offset: Instant = None
    weights: Weights = None

    def settings(self, dt: float) -> tuple:
        return (self.level,)

    @staticmethod
    def shape(amplitude: Any, elapsed: Steps) -> Any:
        return amplitude


class PulseTrain(Waveform):
    """Rectangular pulses of ``width``, one every ``period``, the first at the onset.

    The period need not be a whole number of steps, and does not drift.
    """

    amplitude: Amplitude
    period: Duration
    width: Duration
    onset: Instant = 0.0
    offset: Instant = None
    weights: Weights = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if is_concrete(self.period) and is_concrete(self.width) and self.width >= self.period:
            raise ValueError(
                f"PulseTrain: width={describe(self.width)} must be less than period={describe(self.period)}; "
                "a Step is on all the time."
            )

    def settings(self, dt: float) -> tuple:
        return self.level, TurnsPerStep.of(dt / self.period), Steps.of(self.width, dt)

    @staticmethod
    def shape(amplitude: Any, rate: TurnsPerStep, width: Steps, elapsed: Steps) -> Any:
        rounding = np.uint32(64)  # more than the error of a word; a fiftieth of a step where the period is a million
        return jnp.where(rate.word_of(elapsed) + rounding < rate.word_of(width), amplitude, 0)


class Sine(Waveform):
    """``amplitude · sin(2π frequency (t − onset) + phase)``, the phase in radians. It does not drift."""

    amplitude: Amplitude
    frequency: Frequency
    phase: Phase = 0.0
    onset: Instant = 0.0
    offset: Instant = None
    weights: Weights = None

    def settings(self, dt: float) -> tuple:
        return self.level, TurnsPerStep.of(self.frequency * (dt / 1e3)), self.phase

    @staticmethod
    def shape(amplitude: Any, rate: TurnsPerStep, phase: Any, elapsed: Steps) -> Any:
        return amplitude * jnp.sin(2 * np.pi * rate.turns(elapsed)[1] + phase)


class Chirp(Waveform):
    """A sine whose frequency goes linearly from ``f0`` at the onset to ``f1`` at the offset; it starts at ``phase``."""

    amplitude: Amplitude
    f0: Frequency
    f1: Frequency
    onset: Instant
    offset: Instant
    phase: Phase = 0.0
    weights: Weights = None

    def settings(self, dt: float) -> tuple:
        first, last = self.f0 * (dt / 1e3), self.f1 * (dt / 1e3)
        half = (last - first) / (self.offset - self.onset) * (dt / 2)
        turns = first, half * _BLOCK**2, half * 2 * _BLOCK, half
        return self.level, tuple(map(TurnsPerStep.of, turns)), half, self.phase

    @staticmethod
    def shape(amplitude: Any, rates: tuple[TurnsPerStep, ...], half: Any, phase: Any, elapsed: Steps) -> Any:
        k, part = elapsed
        high, low = k // _BLOCK, k % _BLOCK  # k² in products that are integers of 32 bits, so that its turns are exact
        products = Steps(k, part), *(Steps(n, 0.0) for n in (high * high, high * low, low * low))
        turns = sum(rate.turns(n)[1] for rate, n in zip(rates, products, strict=True))
        turns = turns + half * part * (2 * k + part)
        return amplitude * jnp.sin(2 * np.pi * (turns - jnp.floor(turns)) + phase)


class Ramp(Waveform):
    """From ``start`` at the onset linearly to ``stop`` at the offset; zero before and after.

    To stay there: ``Ramp(0, 1, 100, 200).then(Step(1), at=200)``.
    """

    start: Amplitude
    stop: Amplitude
    onset: Instant
    offset: Instant
    weights: Weights = None

    def __post_init__(self) -> None:
        super().__post_init__()
        unit = unit_of(self.start if isinstance(self.start, u.Quantity) else self.stop)
        for name in ("start", "stop"):
            self._set(name, with_unit(mantissa(getattr(self, name), unit, f"Ramp: {name}"), unit))

    def settings(self, dt: float) -> tuple:
        return self.level, u.get_mantissa(self.stop), (self.offset - self.onset) / dt

    @staticmethod
    def shape(start: Any, stop: Any, duration: Any, elapsed: Steps) -> Any:
        return start + (stop - start) * (elapsed.float / duration)


class Gaussian(Waveform):
    """``amplitude · exp(−(t − centre)² / 2 sd²)``."""

    amplitude: Amplitude
    centre: Instant
    sd: Duration
    weights: Weights = None

    def settings(self, dt: float) -> tuple:
        return self.level, Steps.of(self.centre, dt), self.sd / dt

    @staticmethod
    def shape(amplitude: Any, centre: Steps, sd: Any, clock: Steps) -> Any:
        return amplitude * jnp.exp(-0.5 * (clock.since(centre).float / sd) ** 2)


class Alpha(Waveform):
    """An alpha function, ``amplitude · s exp(1 − s)`` with s = (t − onset)/tau: ``amplitude`` is its peak, at s = 1.

    Rall 1967 (doi:10.1152/jn.1967.30.5.1138).
    """

    amplitude: Amplitude
    tau: Duration
    onset: Instant = 0.0
    weights: Weights = None

    def settings(self, dt: float) -> tuple:
        return self.level, self.tau / dt

    @staticmethod
    def shape(amplitude: Any, tau: Any, elapsed: Steps) -> Any:
        s = elapsed.float / tau
        return amplitude * s * jnp.exp(1 - s)

"""What flows from a model to what is recorded: rows of values, window by window, through monitors with a state."""

from collections.abc import Callable, Hashable
from typing import Any, ClassVar, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.arguments import check_end
from brainmass.history import WINDOW
from brainmass.naming import with_named_arguments
from brainmass.spec.arguments import by_constructor
from brainmass.units import (
    checked_function,
    describe,
    float_dtype,
    is_concrete,
    numbers,
    one_time,
    resolve_dt,
    step_count,
    unit_of,
    with_unit,
)
from brainmass.warn import warn

Carry = Any


class Signal(NamedTuple):
    """What is known of a stream before a run: a sample every so many steps, of the last ``covers`` of them.

    Phases have the ``period`` after which they start anew.
    """

    shape: tuple[int, ...]
    unit: u.Unit
    dt: float
    every: int = 1
    covers: int = 1
    period: float | None = None

    def rows(self, of_rows: int = 1, spacing: int = 1) -> int:
        """The most samples that ``of_rows`` rows, ``spacing`` steps apart, can hold."""
        return -(-of_rows * spacing // self.every)


class Rows(NamedTuple):
    """The samples of one window, (row, *shape, simulation), the absolute steps after which they stand, and which count.

    Rows that do not count lie before the step ``begun`` of a run or after its last, or are not complete yet. ``end`` is
    the absolute step after the window, and ``whole`` whether the run goes on that far.
    """

    values: Any
    at: Any
    live: Any
    begun: Any
    end: Any
    whole: Any


class Afferent:
    """What a network's regions receive: the current of the coupling during the step that ends at each time.

    Parameters
    ----------
    target : str, optional
        The Input that it enters; the only one by default.
    """

    def __init__(self, target: str | None = None):
        if not isinstance(target, str | None):
            raise TypeError(f"Afferent: target={describe(target)} must be the name of an Input.")
        self.target = target

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return by_constructor(self)


class Monitor:
    """Base of everything that is recorded with a state of its own.

    A subclass is made from what it watches and its settings; ``what`` is a name, a dotted path, a callable of the
    model, or another monitor. Carried arrays end in an axis of simulations. One that ``draws`` finds among its values
    ``normals(steps, n)``, standard normals (row, n, simulation) that belong to absolute steps.
    """

    what: Any
    draws: bool = False
    takes_phases: bool = False
    """Whether it makes sense of phases, which jump where they start anew."""
    keeps_identity: ClassVar[bool] = True
    """One that is recorded and watched, or watched twice, is one: in `to_spec`, too."""
    complains: bool = False
    """Whether it may have a `complaint`."""

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = with_named_arguments(cls.__init__)

    def as_arguments(self) -> dict[str, Any]:
        """What the constructor is to be given to make the same again, by name; `to_spec` writes it down."""
        return by_constructor(self)

    def gives(self, given: Signal) -> Signal:
        """What it makes of a stream.

        Raises
        ------
        ValueError
            A period or a shape that does not fit.
        """
        raise NotImplementedError

    def averaged_over(self, given: Signal) -> int:
        """The steps over which it takes the mean of what it watches first; that mean is what all else here is given.

        Monitors that take the same mean share it.

        Raises
        ------
        ValueError
            A period that is no whole number of the samples it gets.
        """
        return given.every

    def key(self) -> Hashable:
        """The settings that a compiled program depends on, without ``what``."""
        return tuple(sorted((n, _frozen(v)) for n, v in vars(self).items() if n != "what"))

    def axes(self, given: Signal, before: dict[str, Any]) -> dict[str, Any]:
        """The coordinates of the last axes of what it gives, by their names, where they are not regions.

        ``before`` are those of what it watches.
        """
        return before

    def values(self, given: Signal) -> dict[str, Any]:
        """Bare arrays that enter the program as data, so that other ones compile nothing."""
        return {}

    def begin(self, given: Signal, simulations: int) -> Carry:
        """The state before the first sample."""
        return ()

    def push(self, carry: Carry, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Carry, Rows]:
        """Take the rows of a window; the new state, and the rows that it gives."""
        raise NotImplementedError

    def complaint(self, carry: Carry, given: Signal, labels: Any, simulations: Any = None) -> str | None:
        """What a state on the host, (..., simulation), says is wrong with what it was given since `acknowledged`."""
        return None

    def acknowledged(self, carry: Carry) -> Carry:
        """The state after its complaint was told."""
        return carry

    def of(self, series: Any, dt: Any) -> Any:
        """What it gives of a stored series in place of ``what``, of which the first sample stands at t = ``dt``.

        Parameters
        ----------
        series : array (time, ...)
            A Quantity or bare.
        dt
            Time between samples, bare in ms.

        Returns
        -------
        array or Quantity
            (sample, ...), at whole multiples of its period.

        Raises
        ------
        ValueError, TypeError
            No numbers (time, ...), a period that does not fit, or a monitor with noise, which belongs to a run.
        """
        if self.draws:
            raise ValueError(f"{type(self).__name__}.of: noise belongs to a run; leave it out.")
        unit = unit_of(series)
        bare = jnp.asarray(numbers(series, unit, f"{type(self).__name__}.of: series"), float_dtype())
        if not bare.ndim or not len(bare):
            raise ValueError(f"{type(self).__name__}.of: series={describe(series)} must be (time, ...) with samples.")
        given = Signal(bare.shape[1:], unit, resolve_dt(dt))
        every, steps = self.averaged_over(given), len(bare)
        stages, gives = [], given
        for monitor in (self,) if every == given.every else (Means(every), self):
            stages.append((monitor, gives, monitor.values(gives)))
            gives = monitor.gives(gives)
        padded = jnp.pad(bare, [(0, -steps % WINDOW)] + [(0, 0)] * (bare.ndim - 1))
        blocks = padded.reshape(-1, WINDOW, *bare.shape[1:], 1)

        def window(carries: list[Carry], x: tuple) -> tuple[list[Carry], tuple]:
            at = x[0] * np.uint32(WINDOW) + jnp.arange(1, WINDOW + 1, dtype=jnp.uint32)
            rows, after = Rows(x[1], at, at <= steps, np.uint32(0), at[-1], at[-1] <= steps), []
            for carry, (monitor, given, values) in zip(carries, stages, strict=True):
                carry, rows = monitor.push(carry, rows, given, values)
                after.append(carry)
            return after, rows.values[..., 0]

        order = jnp.arange(len(blocks), dtype=jnp.uint32)
        found: Any
        ends, found = lax.scan(window, [monitor.begin(given, 1) for monitor, given, _ in stages], (order, blocks))
        begun = np.arange(len(blocks))[:, None] * WINDOW
        at = (begun // gives.every + 1 + np.arange(found.shape[1])) * gives.every
        kept = np.flatnonzero(at <= np.minimum(begun + WINDOW, steps))
        if is_concrete(bare):
            self._warn_of(jax.tree.map(np.asarray, ends[-1]), stages[-1][1], gives, steps)
        return with_unit(found.reshape(-1, *found.shape[2:])[kept], gives.unit)

    def _warn_of(self, end: Carry, given: Signal, gives: Signal, steps: int) -> None:
        """Say what is wrong with a stored series of so many samples."""
        kind, dt = type(self).__name__, gives.dt
        short = (
            f"one sample comes every {gives.every * dt:g} ms, and the series has {steps * dt:g} ms: the result is empty"
        )
        for text in (self.complaint(end, given, None), short if steps < gives.every else None):
            if text is not None:
                warn(f"{kind}: {text}.")


def _frozen(value: Any) -> Hashable:
    if isinstance(value, np.ndarray | jax.Array):
        return value.shape, str(value.dtype)
    return value.key() if isinstance(value, Monitor) else value if isinstance(value, Hashable) else repr(value)


def checked_period(period: Any, label: str, least: float = 0.0) -> Any:
    """A period as it was given; bare, it must be ``least`` ms or more.

    Raises
    ------
    ValueError, TypeError
        No positive time, or one so short that it was meant in s.
    """
    time = one_time(period, label)
    if time <= 0:
        raise ValueError(f"{label}={describe(period)} must be a positive time, for example 100 * u.ms.")
    if time < least and not isinstance(period, u.Quantity):
        raise ValueError(
            f"{label}={describe(period)} is {time:g} ms where it comes bare; write the unit, {time:g} * u.second, or "
            f"{time:g} * u.ms if that is meant."
        )
    return period


def checked_source(what: Any, owner: str) -> Any:
    """What a monitor watches: a name, a callable of the model, or another monitor.

    Raises
    ------
    TypeError
        Anything else.
    """
    if isinstance(what, type) or not (isinstance(what, str | Monitor | Afferent) or callable(what)):
        came = f"the class {what.__name__}" if isinstance(what, type) else describe(what)
        raise TypeError(f"{owner}: what={came} must be a name, a callable of the model, or another monitor.")
    return checked_function(what, f"{owner}: what", "(model)") if callable(what) else what


def steps_of(period: Any, given: Signal, label: str) -> int:
    """A period in steps.

    Raises
    ------
    ValueError
        Not a whole number of the samples that it is made of.
    """
    steps = step_count(period, given.dt, label)
    if steps < 1 or steps % given.every:
        raise ValueError(
            f"{label}={describe(period)} must be a whole number of samples, of which one comes every "
            f"{given.every * given.dt:g} ms."
        )
    check_end(steps, given.dt, f"{label}={describe(period)}")
    return steps


def picked(rows: Rows, given: Signal, every: int) -> Rows:
    """The rows at whole multiples of ``every`` steps."""
    count, last = -(-len(rows.at) * given.every // every), len(rows.at) - 1
    at = _first(rows.at[0], every) + np.uint32(every) * jnp.arange(count, dtype=jnp.uint32)
    index = ((at - rows.at[0]) // np.uint32(given.every)).astype(jnp.int32)
    inside = jnp.minimum(index, last)
    return rows._replace(values=rows.values[inside], at=at, live=(index <= last) & rows.live[inside])


class Average(NamedTuple):
    """The state of means over periods: the sum of the open period before a window, its rest, the rows of that window.

    A window that a run left in the middle is summed up once more when it goes on, so that no bit depends on it.
    """

    total: Any
    rest: Any
    rows: Any


class Means(Monitor):
    """Means over periods of ``every`` steps: what stands between a stream and all monitors that average it first.

    Phases are averaged as points of a circle.
    """

    takes_phases = True

    def __init__(self, every: int):
        self.every = every

    def gives(self, given: Signal) -> Signal:
        return given._replace(every=self.every, covers=self.every - given.every + given.covers)

    def begin(self, given: Signal, simulations: int) -> Average:
        points = () if given.period is None else (2,)
        blank = jnp.zeros((*points, *given.shape, simulations), float_dtype())
        return Average(blank, blank, jnp.zeros((given.rows(WINDOW), *blank.shape), blank.dtype))

    def push(self, carry: Average, rows: Rows, given: Signal, values: dict[str, Any]) -> tuple[Average, Rows]:
        if given.period is None:
            return self._averaged(carry, rows, given)
        carry, means = self._averaged(carry, rows._replace(values=on_circle(rows.values, given.period, 1)), given)
        return carry, means._replace(values=phase_of(means.values, given.period, 1))

    def _averaged(self, carry: Average, rows: Rows, given: Signal) -> tuple[Average, Rows]:
        every, before = self.every, rows.at <= rows.begun
        known = jnp.where(_column(before, rows.values), carry.rows, rows.values)
        period, count = (rows.at - 1) // np.uint32(every), -(-len(rows.at) * given.every // every)
        closing = period[0] + jnp.arange(count, dtype=jnp.uint32)
        wanted = jnp.append(closing, rows.end // np.uint32(every))  # the last is the one that stays open
        mine = (rows.live | before) & (rows.at <= rows.end) & (period == wanted[:, None])
        parts = [jnp.where(_column(mine[:, j], known), known[j], 0.0) for j in range(len(rows.at))]
        sums = sum(parts[1:], parts[0])  # part by part: five times as fast as a reduction
        at = (closing + 1) * np.uint32(every)
        live = ((at[:, None] == rows.at) & rows.live).any(1)
        goes_on = wanted[-1] == period[0]  # a long period is summed with what rounding leaves (Kahan 1965)
        before, added = jnp.where(goes_on, carry.total, 0.0), sums[-1] + jnp.where(goes_on, carry.rest, 0.0)
        total = before + added
        rest = added - (total - before)
        kept = jnp.where(rows.whole, total, carry.total), jnp.where(rows.whole, rest, carry.rest)
        means = sums[:-1].at[0].add(carry.total + carry.rest) / (every // given.every)
        return Average(*kept, known), rows._replace(values=means, at=at, live=live)


def on_circle(phase: Any, period: float, axis: int) -> Any:
    """Cosine and sine of a phase, along a new axis."""
    angle = phase * (2 * np.pi / period)
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis)


def phase_of(points: Any, period: float, axis: int) -> Any:
    """The phase of points of a circle or within it, cosine and sine along ``axis``."""
    x, y = jnp.moveaxis(points, axis, 0)
    return jnp.arctan2(y, x) * (period / (2 * np.pi))


def _column(mask: Any, values: Any) -> Any:
    """A mask of the leading axes of values, with axes of 1 behind."""
    return mask.reshape(*mask.shape, *(1,) * (values.ndim - mask.ndim))


def folded(
    rows: Rows,
    given: Signal,
    every: int,
    carry: Carry,
    advance: Callable,
    read: Callable,
    reset: Callable | None = None,
) -> tuple[Carry, Rows]:
    """A sample after every ``every`` steps of a state that advances row by row.

    One row after another in the order of time, so that where a run is cut changes no bit.
    """
    count = -(-len(rows.at) * given.every // every)
    at = _first(rows.at[0], every) + np.uint32(every) * jnp.arange(count, dtype=jnp.uint32)
    found, live, found_live = None, rows.live, jnp.zeros(count, bool)
    for j in range(len(rows.at)):
        new, here = advance(carry, rows.values[j]), live[j]
        carry = jax.tree.map(lambda n, o, here=here: jnp.where(here, n, o), new, carry)
        slots = (at == rows.at[j]) & here  # at most one is true
        value = read(carry)
        found = jnp.zeros((count, *value.shape), value.dtype) if found is None else found
        found = jnp.where(_column(slots, found), value, found)
        found_live = found_live | slots
        if reset is not None:
            ended = slots.any()
            carry = jax.tree.map(lambda n, o, ended=ended: jnp.where(ended, n, o), reset(carry), carry)
    return carry, rows._replace(values=found, at=at, live=found_live)


def _first(at: Any, every: int) -> Any:
    """The first whole multiple of ``every`` that is not below ``at``."""
    return (at + np.uint32(every - 1)) // np.uint32(every) * np.uint32(every)

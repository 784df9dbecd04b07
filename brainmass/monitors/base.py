"""What every monitor is, and the means over periods that several of them share."""

from collections.abc import Hashable
from typing import Any, ClassVar, NamedTuple, Self

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from brainmass.display import warn
from brainmass.monitors.signals import MonitorState, Signal, WindowSamples, as_column, on_circle, phase_of
from brainmass.names import Names, agreed, region_names, with_named_arguments
from brainmass.network import WINDOW
from brainmass.spec import WithArguments
from brainmass.time_steps import resolve_dt
from brainmass.units import checked_function, describe, float_dtype, is_concrete, numbers, unit_of, with_unit


class Afferent(WithArguments):
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


class Monitor(WithArguments):
    """Base of everything that is recorded with a state of its own.

    A subclass is made from what it watches and its settings; ``what`` is a name, a dotted path, a callable of the
    model, or another monitor. Carried arrays end in an axis of simulations. One that ``draws`` finds among its values
    ``normals(steps, n)``, standard normals (row, n, simulation) that belong to absolute steps.
    """

    what: Any
    draws: bool = False
    takes_phases: bool = False
    """Whether it makes sense of phases, which jump where they start anew."""
    takes_jumps: bool = False
    """Whether it makes sense of what jumps there by more than one size, for it takes no mean."""
    keeps_identity: ClassVar[bool] = True
    """One that is recorded and watched, or watched twice, is one: in `to_spec`, too."""
    complains: bool = False
    """Whether it may have a `complaint`."""

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = with_named_arguments(cls.__init__)

    def traceable_arguments(self) -> dict[str, tuple[Any, u.Unit]]:
        """The bare values and units of arguments that enter a program as data: what `values` depends on."""
        return {}

    def parts(self) -> dict[str, "Monitor"]:
        """The monitor that it watches, if it is one, by the name of that argument."""
        return {"what": self.what} if isinstance(self.what, Monitor) else {}

    def with_arguments(self, given: dict[str, Any]) -> Self:
        """The same with other arguments, which may be traced."""
        return type(self)(**self.as_arguments() | given)

    def output_signal(self, signal: Signal) -> Signal:
        """What it makes of a stream.

        Raises
        ------
        ValueError
            A period or a shape that does not fit.
        """
        raise NotImplementedError

    def averaging_steps(self, signal: Signal) -> int:
        """The steps over which it takes the mean of what it watches first; that mean is what all else here is given.

        Monitors that take the same mean share it.

        Raises
        ------
        ValueError
            A period that is no whole number of the samples it gets.
        """
        return signal.every

    def key(self) -> Hashable:
        """The settings that a compiled program depends on, without ``what``."""
        return tuple(sorted((n, _frozen(v)) for n, v in vars(self).items() if n != "what"))

    def axes(self, signal: Signal, before: dict[str, Any]) -> dict[str, Any]:
        """The coordinates of the last axes of what it gives, by their names, where they are not regions.

        ``before`` are those of what it watches.
        """
        return before

    def named(self) -> dict[str, Names | None]:
        """The names with which its tables came of the regions that it watches, by what each is called in messages."""
        return {}

    def names_of(self, before: dict[str, Names | None]) -> dict[str, Names | None]:
        """Those of what it gives, where ``before`` are those of what it watches."""
        return before

    def check_names(self, regions: dict[str, Names | None]) -> dict[str, Names | None]:
        """The names of what it gives, of a model with these ``regions``.

        Raises
        ------
        ValueError
            A table has other names than what it watches.
        """
        before = self.what.check_names(regions) if isinstance(self.what, Monitor) else regions
        own = self.named()
        sizes = {len(names) for names in own.values() if names is not None}
        if not isinstance(self.what, str | Monitor | Afferent):  # a callable may give what are no regions
            before = {label: names for label, names in before.items() if len(names or ()) in sizes}
        agreed(own | before)
        return self.names_of(before)

    def values(self, signal: Signal) -> dict[str, Any]:
        """Bare arrays that enter the program as data, so that other ones compile nothing."""
        return {}

    def begin(self, signal: Signal, simulations: int) -> MonitorState:
        """The state before the first sample."""
        return ()

    def push(
        self, state: MonitorState, rows: WindowSamples, signal: Signal, values: dict[str, Any]
    ) -> tuple[MonitorState, WindowSamples]:
        """Take the rows of a window; the new state, and the rows that it gives."""
        raise NotImplementedError

    def complaint(self, state: MonitorState, signal: Signal, labels: Any, simulations: Any = None) -> str | None:
        """What a state on the host, (..., simulation), says is wrong with what it was given since `acknowledged`."""
        return None

    def acknowledged(self, state: MonitorState) -> MonitorState:
        """The state after its complaint was told."""
        return state

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
        agreed(self.named() | {f"{type(self).__name__}.of: series": region_names(series, "series")})
        signal = Signal(bare.shape[1:], unit, resolve_dt(dt))
        every, steps = self.averaging_steps(signal), len(bare)
        pipeline, output = [], signal
        for monitor in (self,) if every == signal.every else (PeriodMean(every), self):
            pipeline.append((monitor, output, monitor.values(output)))
            output = monitor.output_signal(output)
        padded = jnp.pad(bare, [(0, -steps % WINDOW)] + [(0, 0)] * (bare.ndim - 1))
        blocks = padded.reshape(-1, WINDOW, *bare.shape[1:], 1)

        def window(states: list[MonitorState], x: tuple) -> tuple[list[MonitorState], tuple]:
            at = x[0] * np.uint32(WINDOW) + jnp.arange(1, WINDOW + 1, dtype=jnp.uint32)
            rows, after = WindowSamples(x[1], at, at <= steps, np.uint32(0), at[-1], at[-1] <= steps), []
            for state, (monitor, signal, values) in zip(states, pipeline, strict=True):
                state, rows = monitor.push(state, rows, signal, values)
                after.append(state)
            return after, rows.values[..., 0]

        order = jnp.arange(len(blocks), dtype=jnp.uint32)
        found: Any
        ends, found = lax.scan(window, [monitor.begin(signal, 1) for monitor, signal, _ in pipeline], (order, blocks))
        starts = np.arange(len(blocks))[:, None] * WINDOW
        at = (starts // output.every + 1 + np.arange(found.shape[1])) * output.every
        kept = np.flatnonzero(at <= np.minimum(starts + WINDOW, steps))
        if is_concrete(bare):
            self._warn_of(jax.tree.map(np.asarray, ends[-1]), pipeline[-1][1], output, steps)
        return with_unit(found.reshape(-1, *found.shape[2:])[kept], output.unit)

    def _warn_of(self, end: MonitorState, signal: Signal, output: Signal, steps: int) -> None:
        """Say what is wrong with a stored series of so many samples."""
        kind, dt = type(self).__name__, output.dt
        every, lasts = output.every * dt, steps * dt
        short = f"one sample comes every {every:g} ms, and the series has {lasts:g} ms: the result is empty"
        for text in (self.complaint(end, signal, None), short if steps < output.every else None):
            if text is not None:
                warn(f"{kind}: {text}.")


def _frozen(value: Any) -> Hashable:
    if isinstance(value, np.ndarray | jax.Array):
        return value.shape, str(value.dtype)
    return value.key() if isinstance(value, Monitor) else value if isinstance(value, Hashable) else repr(value)


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


class Average(NamedTuple):
    """The state of means over periods: the sum of the open period before a window, its rest, the rows of that window.

    A window that a run left in the middle is summed up once more when it goes on, so that no bit depends on it.
    """

    total: Any
    rest: Any
    rows: Any


class PeriodMean(Monitor):
    """Means over periods of ``every`` steps: what stands between a stream and all monitors that average it first.

    Phases are averaged as points of a circle.
    """

    takes_phases = True

    def __init__(self, every: int):
        self.every = every

    def output_signal(self, signal: Signal) -> Signal:
        return signal._replace(every=self.every, covers=self.every - signal.every + signal.covers)

    def begin(self, signal: Signal, simulations: int) -> Average:
        points = () if signal.period is None else (2,)
        blank = jnp.zeros((*points, *signal.shape, simulations), float_dtype())
        return Average(blank, blank, jnp.zeros((signal.rows(WINDOW), *blank.shape), blank.dtype))

    def push(
        self, state: Average, rows: WindowSamples, signal: Signal, values: dict[str, Any]
    ) -> tuple[Average, WindowSamples]:
        if signal.period is None:
            return self._averaged(state, rows, signal)
        state, means = self._averaged(state, rows._replace(values=on_circle(rows.values, signal.period, 1)), signal)
        return state, means._replace(values=phase_of(means.values, signal.period, 1))

    def _averaged(self, state: Average, rows: WindowSamples, signal: Signal) -> tuple[Average, WindowSamples]:
        every, before = self.every, rows.at <= rows.run_start
        known = jnp.where(as_column(before, rows.values), state.rows, rows.values)
        period, count = (rows.at - 1) // np.uint32(every), -(-len(rows.at) * signal.every // every)
        closing = period[0] + jnp.arange(count, dtype=jnp.uint32)
        wanted = jnp.append(closing, rows.end // np.uint32(every))  # the last is the one that stays open
        mine = (rows.valid | before) & (rows.at <= rows.end) & (period == wanted[:, None])
        parts = [jnp.where(as_column(mine[:, j], known), known[j], 0.0) for j in range(len(rows.at))]
        sums = sum(parts[1:], parts[0])  # part by part: five times as fast as a reduction
        at = (closing + 1) * np.uint32(every)
        valid = ((at[:, None] == rows.at) & rows.valid).any(1)
        goes_on = wanted[-1] == period[0]  # a long period is summed with what rounding leaves (Kahan 1965)
        before, added = jnp.where(goes_on, state.total, 0.0), sums[-1] + jnp.where(goes_on, state.rest, 0.0)
        total = before + added
        rest = added - (total - before)
        kept = jnp.where(rows.whole, total, state.total), jnp.where(rows.whole, rest, state.rest)
        means = sums[:-1].at[0].add(state.total + state.rest) / (every // signal.every)
        return Average(*kept, known), rows._replace(values=means, at=at, valid=valid)

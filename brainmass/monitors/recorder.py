"""What one run records: observables step by step, and the graph of monitors that watch them."""

from collections.abc import Hashable
from typing import Any, NamedTuple

import jax.numpy as jnp

from brainmass.monitors.observe import Observable, numbers_of, observable, signal_of
from brainmass.monitors.stream import Carry, Monitor, Rows, Signal, Tape
from brainmass.statespace import Values
from brainmass.tree import States
from brainmass.units import mantissa, with_unit


class Stage(NamedTuple):
    """A monitor, what it watches (an observable or the number of an earlier stage), and the streams in and out."""

    monitor: Monitor
    source: Any
    given: Signal
    gives: Signal


class Recorder:
    """The recorded things of a run by name.

    ``each`` are observables that are recorded at every step; ``stages`` the monitors, each once however many names and
    other monitors use it, sources before those that watch them; ``outputs`` the number of the stage of each name.
    """

    def __init__(self, model: Any, found: dict[str, Any], dt: float, values: Values):
        self.names = list(found)
        self.each = {name: what for name, what in found.items() if isinstance(what, Observable)}
        self.numbers_per_step = sum(numbers_of(model, what, values) for what in self.each.values())
        self.stages: list[Stage] = []
        self.outputs: dict[str, int] = {}
        numbers: dict[int, int] = {}

        def add(monitor: Monitor) -> int:
            if id(monitor) not in numbers:
                if isinstance(monitor.what, Monitor):
                    source = add(monitor.what)
                    if self.stages[source].monitor.final:
                        watched, kind = type(monitor.what).__name__, type(monitor).__name__
                        raise ValueError(f"{kind} watches {watched}, which gives one value at the end and no samples.")
                    given = self.stages[source].gives
                else:
                    source = observable(model, monitor.what)
                    given = signal_of(model, source, values, dt)
                self.stages.append(Stage(monitor, source, given, monitor.gives(given)))
                numbers[id(monitor)] = len(self.stages) - 1
            return numbers[id(monitor)]

        for name, what in found.items():
            if isinstance(what, Monitor):
                self.outputs[name] = add(what)

    def key(self, model: Any, values: Values) -> Hashable:
        """What a compiled program depends on."""
        each = tuple((name, what.key(model, values)) for name, what in self.each.items())
        stages = []
        for monitor, source, given, _ in self.stages:
            watched = source.key(model, values) if isinstance(source, Observable) else source
            stages.append((type(monitor), monitor.key(), given, watched))
        return each, tuple(stages), tuple(self.outputs.items())

    def signal(self, name: str) -> Signal:
        """The stream of a monitor that is recorded."""
        return self.stages[self.outputs[name]].gives

    def is_final(self, name: str) -> bool:
        """Whether it is one value at the end of a run."""
        return name in self.outputs and self.stages[self.outputs[name]].monitor.final

    # -- values and states --------------------------------------------------------------------------------------------

    def values(self) -> list[Values]:
        """The data of every stage."""
        return [s.monitor.values(s.given) for s in self.stages]

    def begin(self, simulations: int) -> list[Carry]:
        return [s.monitor.begin(s.given, simulations) for s in self.stages]

    def tapes(self, steps: int, window: int) -> dict[str, Tape]:
        """The tapes of the recorded streams of ``steps`` steps that come in windows."""
        return {
            name: Tape(self.stages[i].gives, self._rows(i, window), steps)
            for name, i in self.outputs.items()
            if not self.is_final(name)
        }

    def _rows(self, number: int, window: int) -> int:
        """How many rows a stage gives in a window."""
        stage = self.stages[number]
        before = window if isinstance(stage.source, Observable) else self._rows(stage.source, window)
        return stage.gives.rows(before, stage.given.every)

    # -- inside a run -------------------------------------------------------------------------------------------------

    def push(self, model: Any, carries: list[Carry], seen: States, steps: Any, live: Any, setting: Any) -> tuple:
        """Take a window of states; the new states of the monitors, and the rows that each gives."""
        after, rows = [], []
        for stage, carry, values in zip(self.stages, carries, setting.watched, strict=True):
            if isinstance(stage.source, Observable):
                block = stage.source.block(model, seen, setting.values, setting.p)
                given = Rows(mantissa(block, stage.given.unit, "monitors"), steps + jnp.uint32(1), live)
            else:
                given = rows[stage.source]
            carry, gives = stage.monitor.push(carry, given, stage.given, values, setting.origin)
            after.append(carry)
            rows.append(gives)
        return after, rows

    def observe(self, model: Any, seen: States, setting: Any) -> Values:
        """The observables that are recorded at every step."""
        return {name: what.block(model, seen, setting.values, setting.p) for name, what in self.each.items()}

    def results(self, carries: list[Carry]) -> Values:
        """What the ``final`` monitors have found, (*shape, simulation)."""
        return {
            name: with_unit(self.stages[i].monitor.result(carries[i], self.stages[i].given), self.stages[i].gives.unit)
            for name, i in self.outputs.items()
            if self.is_final(name)
        }

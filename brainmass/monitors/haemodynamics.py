"""What stands between activity and the BOLD signal: a state that advances step by step and is read once per TR."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from brainmass.monitors.signals import MonitorState, Signal, WindowSamples
from brainmass.names import Names
from brainmass.state_space import Values


class Grid(NamedTuple):
    """Steps of ``step`` ms, of which each repetition time holds ``samples``; one is ``every`` steps of the run.

    Where the activity comes more slowly, one step is ``parts`` equal ones, for which it is held.
    """

    step: float
    samples: int
    every: int
    parts: int = 1


class Haemodynamics:
    """Base of the models of the BOLD signal; states are (*shape, simulation) or have more axes in front."""

    def key(self) -> Hashable:
        """What a compiled program depends on."""
        return type(self)

    def named(self) -> dict[str, Names]:
        """The names of regions with which values came, by parameter."""
        return {}

    def check(self, signal: Signal) -> None:
        """Refuse, with a ValueError, activity of a shape that does not fit."""

    def values(self, signal: Signal, grid: Grid) -> Values:
        """Bare arrays that enter the program as data."""
        raise NotImplementedError

    def begin(self, signal: Signal, simulations: int, grid: Grid) -> MonitorState:
        """The state at rest."""
        raise NotImplementedError

    def enter(self, activity: WindowSamples, values: Values, grid: Grid) -> WindowSamples:
        """What each row of activity gives to `advance`; the activity itself, if a subclass does not say otherwise."""
        return activity

    def advance(self, state: MonitorState, entered: Any, values: Values, grid: Grid) -> MonitorState:
        """The state one step later."""
        raise NotImplementedError

    def read(self, state: MonitorState, values: Values) -> Any:
        """The signal, (*shape, simulation)."""
        raise NotImplementedError

    def after(self, state: MonitorState) -> MonitorState:
        """The state after it was read."""
        return state

    def complaint(self, state: MonitorState, signal: Signal, labels: Any, simulations: Any = None) -> str | None:
        """As `Monitor.complaint`."""
        return None

    def acknowledged(self, state: MonitorState) -> MonitorState:
        """As `Monitor.acknowledged`."""
        return state

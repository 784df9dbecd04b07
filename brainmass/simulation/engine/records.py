"""What a program is called with, and what its trace shares: one typed record for each, so that no order can slip."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from brainmass.network import DelayPlan, EdgeGroupReader
from brainmass.numerics import Key
from brainmass.state_space import Values


class ChunkShape(NamedTuple):
    """The static shape of a chunk: its windows, and how many of them at the beginning are not recorded."""

    windows: int
    silent: int


class StepRange(NamedTuple):
    """The absolute steps from ``start`` to ``stop``, uint32; what monitors count begins after ``count_from``."""

    start: Any
    stop: Any
    count_from: Any


class SimulationState(NamedTuple):
    """Where a run stands: states by process, delay history, states of the monitors; None for what is still to be made.

    The absolute ``step`` is known to the host alone; a program gets it as the start of its `StepRange`.
    """

    states: Any = None
    history: Any = None
    monitor_states: Any = None
    step: Any = None


class RunData(NamedTuple):
    """What enters a run as data beside the values.

    ``series`` (time, *region or 1, 1) by the name of an Input or of a given noise, ``stimuli`` functions of absolute
    steps by the name of an Input, and the values of each of the ``monitors``; `EachSimulation` of what differs between
    simulations.
    """

    series: Values
    stimuli: dict[str, Any]
    monitors: list[Any]


class ProgramArguments(NamedTuple):
    """What a program is called with, all of it data: another one of any compiles nothing.

    ``delay_plan`` is None without delays, or where these are data; ``simulations`` are the numbers of the simulations,
    or that of the first.
    """

    values: Values
    delay_plan: DelayPlan | None
    key: Key
    simulations: Any
    steps: StepRange
    state: SimulationState
    data: RunData


@dataclass(frozen=True)
class RunContext:
    """What all steps of one run share inside its trace; arrays end in the axis of the simulations.

    ``simulations`` are their numbers, ``parameters`` those of each process by path, broadcast, ``values`` all by path,
    ``series`` those of `RunData` with room around them, ``keys`` those of the random streams by name. A network has
    ``coupling_parameters``, the sums over ``undelayed`` edges, the ``readers`` of its groups of delayed edges, of which
    the short ones reach back ``reach`` steps, and the ``recent`` columns that the first window knows already.
    """

    simulations: Any
    steps: StepRange
    parameters: dict[str, Values]
    values: Values
    series: Values
    stimuli: dict[str, Callable]
    monitors: list[Values]
    keys: dict[str, Key]
    coupling_parameters: SimpleNamespace | None = None
    undelayed: Callable[[Any], list[Any]] | None = None
    readers: tuple[EdgeGroupReader, ...] = ()
    reach: int = 0
    recent: Any = None

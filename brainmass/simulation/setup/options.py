"""The options of a run, checked once where they enter, and what they mean in steps."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.files import checked_path
from brainmass.names import meant
from brainmass.state_space import Values
from brainmass.time_steps import check_end, step_count
from brainmass.units import checked_switch, describe, is_concrete, is_count, is_whole

Time = u.Quantity | float
"""Bare in ms."""


class RunSteps(NamedTuple):
    """The steps of a run from the absolute step ``start`` on, of which the transient ones are not recorded."""

    start: int
    steps: int
    transient: int
    sample_every: int

    @property
    def record_start(self) -> int:
        """The absolute step after which it records."""
        return self.start + self.transient


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What is asked of a run, as `Simulator.run` describes it: what run, resume, estimate and function start from.

    How the run is to go is checked here; what depends on a model, where that is known.
    """

    duration: Time
    inputs: Any = None
    monitors: Any = None
    transient: Time | None = None
    sample_every: int | None = None
    batch_size: int | None = None
    init_states: bool = True
    simulations: Sequence[int] | None = None
    jit: bool = True
    seed: int | None = None
    values: Values | None = None
    chunk: Time | str = "auto"
    progress: bool = True
    on_divergence: str = "raise"
    checkpoint_every: Time | None = None
    devices: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        ways = "raise", "stop"
        if not isinstance(self.on_divergence, str) or self.on_divergence not in ways:
            near = meant(self.on_divergence, ways)
            raise ValueError(f'on_divergence={describe(self.on_divergence)} must be "raise" or "stop"{near}.')
        for name in ("jit", "progress", "init_states"):
            checked_switch(getattr(self, name), name)

    def items(self) -> list[tuple[str, Any]]:
        """Every option by name."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    def folder(self, checkpoint: Any) -> Path | None:
        """The folder of a run that is saved; a time between savings of one that is not is refused with a ValueError."""
        if checkpoint is None and self.checkpoint_every is not None:
            came = describe(self.checkpoint_every)
            raise ValueError(f"checkpoint_every={came} came without checkpoint; give the folder, too.")
        return None if checkpoint is None else checked_path(checkpoint, "checkpoint")

    def devices_for(self, size: int | None) -> tuple[Any, ...]:
        """The devices on which a batch of this size runs in parts; none where there is but one part.

        Raises
        ------
        TypeError, ValueError
            No list of different devices of one kind, or one simulation.
        """
        if self.devices is None:
            return ()
        given = isinstance(self.devices, list | tuple) or (
            isinstance(self.devices, np.ndarray) and self.devices.ndim == 1
        )
        listed = list(self.devices) if given else []
        if not listed or not all(isinstance(one, jax.Device) for one in listed) or len(set(listed)) < len(listed):
            raise TypeError(f"devices={describe(self.devices)} must be a list of different devices, as jax.devices().")
        if size is None:
            raise ValueError("devices share the simulations of a batch, and this is one; start it with batch_size=.")
        return () if listed[:size] == jax.devices()[:1] else tuple(listed[:size])

    def steps(self, dt: float, start: int = 0) -> RunSteps:
        """The steps of a run that begins at the absolute step ``start``.

        Raises
        ------
        ValueError
            A time that is no whole number of steps, too short or too long.
        """
        steps, transient = step_count(self.duration, dt), self.transient
        check_end(start + steps, dt, f"duration={describe(self.duration)}")
        if steps < 1:
            raise ValueError(f"duration={describe(self.duration)} is shorter than one step of dt={dt:g} ms.")
        if is_whole(transient) and transient != 0:
            raise ValueError(
                f"transient={transient} could mean steps or ms; give a time, for example {transient} * u.ms."
            )
        silent = 0 if transient is None else step_count(transient, dt, "transient")
        if silent >= steps:
            raise ValueError(
                f"transient={describe(transient)} must be shorter than the duration, {describe(self.duration)}, "
                "or nothing is recorded."
            )
        sample_every = 1 if self.sample_every is None else self.sample_every
        if not is_count(sample_every):
            raise ValueError(f"sample_every={describe(sample_every)} must be a positive whole number of steps.")
        return RunSteps(start, steps, silent, int(sample_every))

    def steps_between_savings(self, dt: float, steps: int) -> int:
        """The steps between two checkpoints of a run of ``steps``; a twentieth of it by default."""
        if self.checkpoint_every is None:
            return max(1, steps // 20)
        every = step_count(self.checkpoint_every, dt, "checkpoint_every")
        if every < 1:
            raise ValueError(
                f"checkpoint_every={describe(self.checkpoint_every)} must be at least one step of {dt:g} ms."
            )
        return every


def checked_simulation(simulation: Any) -> Any:
    """The number of a simulation, a uint32, or a traced integer.

    Raises
    ------
    TypeError
        Not one integer of zero or more.
    """
    traced = isinstance(simulation, jax.Array) and jnp.issubdtype(simulation.dtype, jnp.integer) and not simulation.ndim
    whole = is_whole(simulation)
    if not (traced or whole) or (is_concrete(simulation) and not 0 <= int(simulation) < 2**32):
        raise TypeError(f"simulation={describe(simulation)} must be one integer, the number of the first simulation.")
    return simulation if traced and not is_concrete(simulation) else np.uint32(int(simulation))


def check_simulations(first: Any, size: int, last: int) -> None:
    """Refuse, with a ValueError, simulations from the ``first`` on of which the noise would be that of others."""
    if is_concrete(first) and int(first) + size - 1 > last:
        raise ValueError(
            f"simulation={int(first)}, with a batch_size of {size} from there on, goes beyond {last}, the last whose "
            "noise is its own with so many regions; give smaller numbers, and another seed."
        )

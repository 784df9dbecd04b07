"""Where simulations stand, as a value: all from which a run goes on, whether a model holds it or a user does."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from brainmass.display import Card, WithCard, time_text
from brainmass.state_space import Values
from brainmass.units import describe, is_concrete

ONE = np.uint32(0)
"""The number of a simulation that is none of a batch."""
STATIC: Any = dict(metadata=dict(static=True))


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class MonitorsAtEnd:
    """The monitors at the end of a run, for one that records the same, which the ``key`` says.

    ``states`` are theirs, ``count_from`` the absolute step after which their samples begin, () or (simulation,), -1 for
    simulations that have gone on without them. ``frames`` are those of statistics that compare windows,
    (frame, [simulation,] ...) by name, the first ones of each simulation up to its step.
    """

    key: Hashable = field(**STATIC)
    states: Any
    count_from: Any
    frames: Values


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Place(WithCard):
    """Where the simulations of a model stand: `Simulator.start` makes it, `Simulator.advance` goes on from it.

    It is a value and a JAX pytree: nothing changes it, and it may be kept, copied, and gone on from more than once.
    Simulations of a batch may stand at different times.

    Attributes
    ----------
    states
        Bare arrays ``([simulation,] *in_size)`` by path of the process and name.
    history
        What a network with delays sent before, ([simulation,] channel · region, time); None without delays.
    monitors
        Those of the runs that came here, each with the simulations that have it.
    step
        The absolute step, an integer, () or (simulation,).
    seed
        That of the noise; None where no run has come here.
    simulations
        Their numbers, by which each has noise of its own, () or (simulation,).
    values
        Those that `Simulator.start` was given, bare, by path; the ``varying`` ones have a leading axis (simulation,).
    kinds
        The class of each process by path, of which the states are.
    dt
        Time step in ms.
    """

    states: Any
    history: Any = None
    monitors: tuple[MonitorsAtEnd, ...] = ()
    step: Any = 0
    seed: Any = None
    simulations: Any = ONE
    values: Values = field(default_factory=dict)
    varying: tuple[str, ...] = field(default=(), **STATIC)
    kinds: tuple[tuple[str, str], ...] = field(default=(), **STATIC)
    dt: float = field(**STATIC)

    @property
    def size(self) -> int | None:
        """How many simulations there are; None for one without an axis."""
        return len(self.simulations) if np.ndim(self.simulations) else None

    @property
    def first_step(self) -> int:
        """The absolute step of the first simulation."""
        return int(np.ravel(self.step)[0])

    @property
    def t(self) -> Any:
        """The time at which each simulation stands, a Quantity () or (simulation,)."""
        return u.Quantity(self.step * self.dt, u.ms)

    def card(self) -> Card:
        steps = np.unique(np.asarray(self.step)).tolist()
        first, last = (time_text(step * self.dt) for step in (steps[0], steps[-1]))
        what = "a simulation" if self.size is None else f"{self.size} simulation{'s' * (self.size > 1)}"
        return Card(f"Place of {what} at t = {first if len(steps) == 1 else f'{first} to {last}'}", [], [])

    def take(self, simulations: Any, *, numbers: Any = None) -> "Place":
        """The place of some simulations alone, in the order given.

        Parameters
        ----------
        simulations : list of int
            Their numbers.
        numbers : list of int, optional
            New numbers for them: with these, copies of one simulation have noise of their own from here on.

        Raises
        ------
        ValueError, TypeError
            There is no batch, a simulation is not in it, or two would have one number.
        """
        members = self.members(simulations, "take: simulations", again=numbers is not None)
        named = self.simulations[members] if numbers is None else _checked_numbers(numbers, "take: numbers")
        if len(named) != len(members):
            raise ValueError(f"take: numbers={describe(numbers)} must be {len(members)} numbers, one a simulation.")
        return replace(self.of_members(members), simulations=named)

    def members(self, simulations: Any, label: str = "simulations", *, again: bool = False) -> np.ndarray:
        """The indices of simulations that are given by number, ``again`` and again if that is allowed.

        Raises
        ------
        ValueError, TypeError
            There is no batch, or one is not in it.
        """
        if self.size is None:
            raise ValueError(f"{label} chooses among the members of a batch, and here is none; leave it out.")
        wanted, known = _checked_numbers(simulations, label, again=again).tolist(), self.simulations.tolist()
        unknown = set(wanted) - set(known)
        if unknown:
            raise ValueError(f"{label}={describe(simulations)}: {min(unknown)} is none of the present {known}.")
        return np.array([known.index(number) for number in wanted])

    def values_for(self, model_values: Values) -> Values:
        """Its values for a model that has these.

        Raises
        ------
        ValueError
            A value of the model has got or lost an axis since the place was made.
        """
        for path, value in self.values.items():
            now = model_values.get(path)
            if now is None or (path in self.varying) != (np.ndim(value) > np.ndim(now)):
                raise ValueError(
                    f"{path} of the model is {None if now is None else np.shape(now)} now, and was given as "
                    f"{np.shape(value)} to start; start anew, or give it again as values=."
                )
        return self.values

    def of_members(self, members: np.ndarray) -> "Place":
        """The place of the simulations with these indices."""
        return self._each(lambda axis, x: x[members] if axis == 0 else x[:, members])

    def with_members(self, members: np.ndarray, part: "Place") -> "Place":
        """This place where the simulations with these indices stand where those of ``part`` do.

        The other ones keep as much of the past as both have, and their monitors.
        """
        one, other = _of_one_length(self, part)
        monitors = _with_monitors(one.monitors, other.monitors, members, self.size or 1)
        found = replace(one, monitors=())._each(lambda axis, x, new: put(axis, x, new, members), other)
        return replace(found, monitors=monitors)

    def _each(self, change: Callable, *others: "Place") -> "Place":
        """The place with each array changed that has an axis of simulations: by ``change(axis, x, *of the others)``."""

        def along(axis: int, name: str, *of: Any) -> Any:
            return jax.tree.map(lambda *x: change(axis, *x), *(getattr(one, name) for one in of))

        data = {name: along(0, name, self, *others) for name in ("states", "history", "step", "simulations")}
        values = {
            path: change(0, value, *(other.values[path] for other in others)) if path in self.varying else value
            for path, value in self.values.items()
        }
        axes = {"states": 0, "count_from": 0, "frames": 1}
        monitors = tuple(replace(m, **{n: along(axis, n, m) for n, axis in axes.items()}) for m in self.monitors)
        return replace(self, **data, values=values, monitors=monitors)


def put(axis: int, x: Any, new: Any, members: np.ndarray) -> Any:
    """An array with other rows for these members, along their axis."""
    at = (slice(None),) * axis + (members,)
    if isinstance(x, jax.Array) or not is_concrete(new):
        return jnp.asarray(x).at[at].set(new)
    x = np.array(x)
    x[at] = new
    return x


def _with_monitors(
    known: tuple[MonitorsAtEnd, ...], new: tuple[MonitorsAtEnd, ...], members: np.ndarray, size: int
) -> tuple[MonitorsAtEnd, ...]:
    """The monitors of simulations of which these members have gone on with ``new`` ones, and so lost others."""
    lost = [replace(one, count_from=put(0, one.count_from, -1, members)) for one in known]
    found = {one.key: one for one in lost}
    for one in new:
        old = found.get(one.key) or replace(
            one,
            states=jax.tree.map(lambda x: np.zeros((size, *x.shape[1:]), x.dtype), one.states),
            count_from=np.full(size, -1),
            frames=jax.tree.map(lambda x: np.zeros((0, size, *x.shape[2:]), x.dtype), one.frames),
        )
        before, after = (jax.tree.map(_filled, a.frames, b.frames) for a, b in ((old, one), (one, old)))
        found[one.key] = MonitorsAtEnd(
            key=one.key,
            states=jax.tree.map(lambda x, y: put(0, x, y, members), old.states, one.states),
            count_from=put(0, old.count_from, one.count_from, members),
            frames=jax.tree.map(lambda x, y: put(1, x, y, members), before, after),
        )
    return tuple(one for one in found.values() if (one.count_from >= 0).any())


def _filled(x: Any, y: Any) -> Any:
    """Frames with room for as many as others are."""
    missing = [(0, max(len(y) - len(x), 0))] + [(0, 0)] * (x.ndim - 1)
    return (np if is_concrete(x) else jnp).pad(x, missing, constant_values=np.nan)


def first_numbers(size: int) -> np.ndarray:
    """The numbers of the simulations of a new batch."""
    return np.arange(size, dtype=np.uint32)


def _checked_numbers(given: Any, label: str, *, again: bool = False) -> np.ndarray:
    """Numbers of simulations, uint32; each once, if they may not come ``again``.

    Raises
    ------
    TypeError
        Anything else.
    """
    numbers = np.asarray(given)
    listed = numbers.ndim == 1 and numbers.size and numbers.dtype.kind in "iu"
    if not listed or not ((numbers >= 0) & (numbers < 2**32)).all():
        raise TypeError(f"{label}={describe(given)} must be a list of {'' if again else 'different '}integers.")
    if not again and len(set(numbers.tolist())) < len(numbers):
        raise TypeError(f"{label}={describe(given)} must be a list of different integers.")
    return numbers.astype(np.uint32)


def _of_one_length(one: Place, other: Place) -> tuple[Place, Place]:
    """Two places with pasts of one length, the newest of both."""

    def cut(axis: int, x: Any, y: Any) -> Any:
        extra = max(x.shape[axis] - y.shape[axis], 0)
        return x[(slice(None),) * (axis % x.ndim) + (slice(extra, None),)]

    def fitted(a: Place, b: Place) -> Place:
        states = jax.tree.map(lambda x, y: x if x.shape[1:] == y.shape[1:] else cut(1, x, y), a.states, b.states)
        history = None if b.history is None else jax.tree.map(lambda x: cut(-1, x, b.history), a.history)
        return replace(a, states=states, history=history)

    return fitted(one, other), fitted(other, one)

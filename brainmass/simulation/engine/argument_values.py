"""Values of arguments of stimuli and monitors for one run, in place of those with which these were made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from brainmass.monitors import Monitor
from brainmass.monitors.recording import EachSimulation
from brainmass.state_space import Values
from brainmass.stimulus import Stimulus
from brainmass.units import is_concrete, with_unit


@dataclass(frozen=True)
class ArgumentValues:
    """Bare values by path ("inputs.x_inp.onset"); the ``varying`` ones have a row for each of the ``size`` simulations.

    ``monitors`` are the paths of the monitors by their ``id``.
    """

    values: Values = field(default_factory=dict)
    varying: frozenset[str] = frozenset()
    size: int = 1
    monitors: dict[int, str] = field(default_factory=dict)

    def of_stimulus(self, name: str, stimulus: Stimulus, make: Callable[[Stimulus], Any]) -> Any:
        """What ``make`` gives of the stimulus of an Input with these values; `EachSimulation`, where they vary."""
        return self._made(f"inputs.{name}", stimulus, make, list(self.values))

    def of_monitor(self, monitor: Monitor, make: Callable[[Monitor], Any]) -> Any:
        """What ``make`` gives of a monitor with these values; `EachSimulation`, where they vary."""
        path = self.monitors.get(id(monitor))
        own = [known for known in self.values if path is not None and known.rpartition(".")[0] == path]
        return self._made(str(path), monitor, make, own)

    def _made(self, path: str, one: Any, make: Callable[[Any], Any], paths: list[str]) -> Any:
        """``make`` is called with concrete values wherever these are, and then in their own precision."""
        within = {p.removeprefix(f"{path}."): self.values[p] for p in paths if p.startswith(f"{path}.")}
        varying = {name: v for name, v in within.items() if f"{path}.{name}" in self.varying}
        if not within:
            return make(one)
        if not varying:
            return make(_remade(one, within))
        if not all(map(is_concrete, varying.values())):
            return EachSimulation(jax.vmap(lambda row: make(_remade(one, within | row)))(varying))
        rows = [make(_remade(one, within | {n: v[i] for n, v in varying.items()})) for i in range(self.size)]
        return EachSimulation(jax.tree.map(lambda *x: jnp.stack([jnp.asarray(row) for row in x]), *rows))


def _remade(one: Any, values: Values) -> Any:
    """A stimulus or monitor with other values, by name, those of its parts by path."""
    known, parts = one.traceable_arguments(), one.parts()
    given = {name: with_unit(v, known[name][1]) for name, v in values.items() if name in known}
    for name, part in parts.items():
        inner = {n.removeprefix(f"{name}."): v for n, v in values.items() if n.startswith(f"{name}.")}
        given |= {name: _remade(part, inner)} if inner else {}
    return one.with_arguments(given)

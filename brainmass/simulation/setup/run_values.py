"""All values of a run by path: those of the model, and of its stimuli and monitors, with the user's in their place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from brainmass.names import UnknownName, meant
from brainmass.network import parameter_refs
from brainmass.simulation.engine import ArgumentValues, Batch
from brainmass.simulation.setup.argument_paths import Argument, arguments_of, checked_arguments, is_argument_path
from brainmass.simulation.setup.model_state import read_values
from brainmass.simulation.setup.options import RunOptions
from brainmass.simulation.setup.parameter_values import batch_of, checked_values, traced_history_length, without_batch
from brainmass.simulation.setup.place import Place
from brainmass.spec import signature_of
from brainmass.state_space import Values
from brainmass.units import describe, with_unit

_ALWAYS = {"dt", "duration", "transient", "sample_every", "batch_size", "chunk", "devices", "jit"}
_NEVER = {"seed", "simulation", "simulations"}


class RunValues(NamedTuple):
    """The model's values, and all of a run, with those of the user.

    ``arguments`` are those of stimuli and monitors, ``coords`` the values that differ between simulations, with their
    units; ``history_length`` is as in `run_batch`.
    """

    model_values: Values
    values: Values
    arguments: ArgumentValues
    batch: Batch
    coords: Values
    history_length: int | None


@dataclass(frozen=True)
class KnownValues:
    """Every value that a run of a model with these inputs and monitors has, as it is now."""

    model: Any
    inputs: dict[Any, Any]
    monitors: dict[str, Any]
    model_values: Values
    arguments: dict[str, Argument]

    @classmethod
    def of(cls, model: Any, inputs: dict[Any, Any], monitors: dict[str, Any]) -> "KnownValues":
        return cls(model, inputs, monitors, read_values(model), arguments_of(model, inputs, monitors))

    @property
    def present(self) -> Values:
        """All as they are now, bare, by path."""
        return self.model_values | {path: argument.value for path, argument in self.arguments.items()}

    def paths(self, vary: Any) -> tuple[str, ...]:
        """The paths of values that shall be given later.

        Raises
        ------
        TypeError, KeyError
            No path or list of paths, or an unknown one.
        """
        if not isinstance(vary, Iterable):
            raise TypeError(f"vary={describe(vary)} must be a path or a list of paths.")
        paths = (vary,) if isinstance(vary, str) else tuple(vary)
        for path in [path for path in paths if not isinstance(path, str) or path not in self.present]:
            if self.is_static(path, "vary"):
                raise ValueError(
                    f"vary has the path {path!r}, for which a program is compiled; make another function for each "
                    f"value, or vary one of {', '.join(self.present)}."
                )
        return paths

    def is_static(self, path: Any, label: str = "is_static") -> bool:
        """Whether a program is compiled for this value, so that another one compiles again.

        Raises
        ------
        KeyError
            There is no such value.
        """
        if isinstance(path, str) and (path in self.present or path in _NEVER):
            return False
        roots = {"inputs": self.inputs, "monitors": self.monitors}
        static = {*_ALWAYS, *_argument_paths(self.model), *_argument_paths(roots)}
        if isinstance(path, str) and path in static:
            return True
        near, known = meant(path, [*self.present, *sorted(static)]), ", ".join(self.present)
        raise UnknownName(f"{label} has the path {describe(path)}{near}; use one of {known}, which may vary.")

    def checked(self, given: Values | None, allowed: Iterable[str] | None = None) -> Values:
        """The values of a user, bare; see `checked_values` and `checked_arguments`.

        Raises
        ------
        TypeError, KeyError, ValueError
            One that does not fit, or is not ``allowed``.
        """
        if not isinstance(given, dict | None):
            raise TypeError(f"values={describe(given)} must be a dict of values by path.")
        given, known, refs = given or {}, self.arguments, None
        if allowed is not None:
            known = {path: argument for path, argument in known.items() if path in allowed}
            refs = [path for path in allowed if path in self.model_values]
        of_model = {path: value for path, value in given.items() if not is_argument_path(path)}
        others = {path: value for path, value in given.items() if is_argument_path(path)}
        return checked_values(self.model, of_model, self.model_values, refs) | checked_arguments(
            self.model, known, others
        )

    def written(self, given: Values | None) -> Values:
        """The values of a user, `checked`, in shapes that cannot be taken for others when they are checked again."""
        refs: dict[str, Any] = parameter_refs(self.model) | self.arguments
        found, present = self.checked(given), self.present
        each = {p: v for p, v in found.items() if np.ndim(v) == 1 and not np.ndim(present[p])}
        return found | {path: v.reshape(-1, *(1,) * len(refs[path].regions)) for path, v in each.items()}

    def of_run(
        self, user_values: Values, options: RunOptions, place: Place | None, dt: float, open_values: Any = ()
    ) -> RunValues:
        """The values of a run, from a place if there is one, with the user's own, which have been `checked`.

        Raises
        ------
        ValueError
            Batches of different sizes.
        """
        present = self.present
        if place is not None:
            user_values = place.values_for(present) | user_values
        size = ... if place is None else place.size
        batch = batch_of(self.model, user_values, present, options.batch_size, size)
        batch = replace(batch, devices=options.devices_for(batch.size))
        everything = present | (user_values if batch.size else without_batch(user_values, present))
        values = {path: everything[path] for path in self.model_values}
        each = {path: batch.each(everything[path]) for path in sorted(batch.varying)}
        history_length = traced_history_length(self.model, values, self.model_values, batch, dt, open_values)
        own = {path: each.get(path, everything[path]) for path in user_values if path in self.arguments}
        arguments = ArgumentValues(own, batch.varying, batch.size or 1, self._monitors)
        return RunValues(self.model_values, values, arguments, batch, self._with_units(each), history_length)

    @property
    def _monitors(self) -> dict[int, str]:
        """The paths of the monitors by their ``id``."""
        return {id(argument.owner): path.rpartition(".")[0] for path, argument in self.arguments.items()}

    def _with_units(self, values: Values) -> Values:
        known: dict[str, Any] = parameter_refs(self.model) | self.arguments
        return {path: with_unit(value, known[path].unit) for path, value in values.items()}


def _argument_paths(one: Any, before: str = "") -> Iterator[str]:
    """The paths of all constructor's arguments of something declared, or of a dict or list of such things."""
    if isinstance(one, dict):
        parts = {f"{before}{name}": part for name, part in one.items()}
    elif isinstance(one, list | tuple):
        parts = {f"{before}{i}": part for i, part in enumerate(one)}
    else:
        known = signature_of(type(one)).parameters if hasattr(one, "as_arguments") else ()
        parts = {f"{before}{name}": getattr(one, name, None) for name in known}
        yield from parts
    for path, part in parts.items():
        yield from _argument_paths(part, f"{path}.")

"""Arguments of stimuli and monitors by path, as "inputs.x_inp.onset" and "monitors.bold.tau": those that may vary."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import brainunit as u
import numpy as np

from brainmass.dimensions import SENSORS, TIMES, VALUES, arranged
from brainmass.monitors import Monitor
from brainmass.names import UnknownName, check_agreement, meant, names_along
from brainmass.network import Network
from brainmass.simulation.setup.parameter_values import shaped
from brainmass.state_space import Values
from brainmass.stimulus import Stimulus
from brainmass.units import numbers

ROOTS = "inputs", "monitors"


class Argument(NamedTuple):
    """An argument of a stimulus or monitor that a program takes as data: its owner, name, bare value and unit."""

    owner: Any
    name: str
    value: Any
    unit: u.Unit
    regions: tuple[int, ...]


def arguments_of(model: Any, inputs: dict[Any, Any], monitors: dict[str, Any]) -> dict[str, Argument]:
    """Every such argument by path; a monitor that is recorded and watched, or watched twice, has one."""
    node = model.node if isinstance(model, Network) else model
    found: dict[str, Argument] = {}
    for name, one in inputs.items():
        if isinstance(one, Stimulus):
            found |= dict(_within(f"inputs.{name}", one, ()))
    for name, one in monitors.items():
        if isinstance(one, Monitor):
            owners = {id(argument.owner) for argument in found.values()}
            new = dict(_within(f"monitors.{name}", one, node.varshape))
            found |= {path: argument for path, argument in new.items() if id(argument.owner) not in owners}
    return found


def _within(path: str, one: Any, regions: tuple[int, ...]) -> Iterator[tuple[str, Argument]]:
    for name, (value, unit) in one.traceable_arguments().items():
        yield f"{path}.{name}", Argument(one, name, value, unit, regions if not np.ndim(value) else ())
    for name, part in one.parts().items():
        yield from _within(f"{path}.{name}", part, regions)


def is_argument_path(path: Any) -> bool:
    """Whether it is a path of an argument of a stimulus or monitor, and not of a model."""
    return isinstance(path, str) and path.split(".")[0] in ROOTS


def checked_arguments(model: Any, known: dict[str, Argument], given: Values) -> Values:
    """Bare values by path; one axis more than the argument's own value has, the leading one, is of a batch.

    Raises
    ------
    KeyError
        An unknown path, or one of an argument for which a program is compiled.
    ValueError, TypeError
        Another unit or shape, or a value that its owner refuses.
    """
    found = {}
    for path, value in given.items():
        label = f"values[{path!r}]"
        if path not in known:
            raise UnknownName(
                f"{label} is no value of a stimulus or monitor of this run{meant(path, known)}; use one of "
                f"{', '.join(known) or '(none)'}. All others are compiled in: make another stimulus or monitor."
            )
        one = known[path]
        value = _arranged(one, value, label)
        _check_names(model, one, value, label)
        bare = numbers(value, one.unit, label)
        found[path] = shaped(bare, np.shape(one.value), one.regions, label)
    return found


def _arranged(one: Argument, value: Any, label: str) -> Any:
    """A table of named dimensions in the order that the argument has."""
    tables = {2: SENSORS if isinstance(one.owner, Monitor) else TIMES}
    same = np.ndim(value) == np.ndim(one.value)
    return arranged(value, tables.get(np.ndim(one.value), VALUES), label) if same or not np.ndim(one.value) else value


def _check_names(model: Any, one: Argument, value: Any, label: str) -> None:
    """Refuse a table whose regions have other names than the model's, or its owner's, or stand in another order."""
    found = names_along(value, -1) if np.ndim(value) else None
    own = one.owner.named().values() if isinstance(one.owner, Monitor) else [one.owner.region_names]
    known = [("the labels of the Network", getattr(model, "regions", None))]
    for source, names in [*known, *(("the table before", names) for names in own)]:
        if found is not None and names is not None and len(names) == len(found):
            check_agreement(found, label, names, source)

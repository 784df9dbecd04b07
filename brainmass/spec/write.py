"""An object written down as data: what its constructor is to be given, where that differs from the default."""

from typing import Any, NamedTuple, cast

import brainunit as u
import numpy as np
from brainstate.nn import IdentityT, Param

from brainmass.spec.arguments import by_constructor, named
from brainmass.spec.arrays import INLINE, Arrays, array_as_data, is_array, is_one
from brainmass.spec.meaning import same
from brainmass.spec.names import class_name, function_name, has_spec, is_initializer
from brainmass.spec.problems import Problem, SpecError, below, sentence_of
from brainmass.spec.scalars import is_marked, number_as_data, quantity_as_text, unit_as_text
from brainmass.units import describe, is_concrete, is_whole

FORMAT = 1
"""The number of the form in which specs are written, which `format` says."""
TAGS = ("class", "function", "array", "file", "dataset", "text", "none", "param", "unit", "same", "mapping")
"""Keys by which a part of a spec says that it is something else than names and values."""


class Spec(dict[str, Any]):
    """A spec, which is a dict of plain data; ``arrays`` holds by name those that do not stand in it."""

    arrays: Arrays

    def __init__(self, data: dict[str, Any], arrays: Arrays | None = None):
        super().__init__(data)
        self.arrays = {} if arrays is None else arrays


def to_spec(obj: Any) -> Spec:
    """An object as plain data: what its constructor is to be given, by name, where that differs from the default.

    Everything that is declared can be written: node banks, noises, couplings, connectomes, networks, monitors, stimuli,
    kernels, simulators. States are not: what is written is what a run starts from.

    Parameters
    ----------
    obj
        The object; one of your own class is read back by the names of its constructor's arguments, which it keeps as
        attributes, or returns in a method ``as_arguments``.

    Returns
    -------
    Spec
        A dict of texts, numbers, lists and dicts, ready for JSON or TOML; its ``arrays`` are those of more than 64
        numbers, which `write_spec` puts into a file beside it.

    Raises
    ------
    SpecError
        A lambda, a traced value, or something else that has no form as data.
    """
    return spec_of(obj, "obj")


def spec_of(obj: Any, name: str) -> Spec:
    """As `to_spec`, of what messages call by a ``name``."""
    if not has_spec(type(obj)):
        raise SpecError(
            [Problem("", f"{name}={describe(obj)} cannot be written down; give a model, a Simulator, a monitor, ….")]
        )
    spec = Spec({"format": FORMAT})
    spec.update(as_data(obj, "", Page(spec.arrays, {})))
    return spec


class Page(NamedTuple):
    """What writing an object fills: the arrays by path, and the paths of the objects that may stand in two places."""

    arrays: Arrays
    shared: dict[int, str]


def as_data(value: Any, path: str, page: Page) -> Any:
    """Any value as data.

    Raises
    ------
    SpecError
        Says where it stands, and why it has no form as data.
    """
    try:
        return _as_data(value, path, page)
    except SpecError:
        raise
    except (TypeError, ValueError) as error:
        raise SpecError([Problem(path, sentence_of(error))]) from None


def _as_data(value: Any, path: str, page: Page) -> Any:
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value, path, page)
    if is_array(value):
        return array_as_data(value, None, path, page.arrays)
    if has_spec(type(value)):
        return _object_as_data(value, path, page)
    if isinstance(value, list | tuple):
        return _sequence(value, path, page)
    if callable(value) and not isinstance(value, type):
        return {"function": function_name(value)}
    raise TypeError(f"{describe(value)} is a {type(value).__name__}, which has no form as data.")


def _quantity(value: u.Quantity, path: str, page: Page) -> Any:
    number: Any = value.mantissa
    keeps_dtype = is_array(number) and number.dtype.name != "float64"
    if not is_concrete(number) or np.ndim(number) or keeps_dtype:
        return array_as_data(number, value.unit, path, page.arrays)
    one = int(number) if is_whole(number) else float(number)
    return number_as_data(one) if is_one(value.unit) else quantity_as_text(one, value.unit)


def _sequence(value: list | tuple, path: str, page: Page) -> Any:
    if value and _counted(value) > INLINE:
        return array_as_data(np.asarray(value), None, path, page.arrays)
    return [as_data(part, below(path, i), page) for i, part in enumerate(value)]


def _counted(value: Any) -> int:
    """How many numbers a nested list holds, 0 where it holds anything else."""
    if isinstance(value, list | tuple):
        counts = [_counted(part) for part in value]
        return sum(counts) if all(counts) else 0
    return int(isinstance(value, int | float | np.number) and not isinstance(value, bool))


def _mapping(value: dict, path: str, page: Page) -> dict[str, Any]:
    odd = next((key for key in value if not isinstance(key, str)), None)
    if odd is not None:
        raise TypeError(f"the key {describe(odd)} is no text.")
    written = {key: as_data(part, below(path, key), page) for key, part in value.items()}
    return {"mapping": written} if any(key in TAGS for key in written) else written


def _param(value: Param, path: str, page: Page) -> dict[str, Any]:
    """A Param; a transform or a regularization has no form as data."""
    check_plain(value)
    if has_spec(type(value)):
        return _object_as_data(value, path, page)
    held = cast("Any", value.val).value if value.fit else value.val
    return {"param": as_data(held, path, page), "fit": bool(value.fit)}


def check_plain(param: Param) -> None:
    """Refuse, with a TypeError, a Param of which more than its value and ``fit`` would have to be written."""
    for name, is_plain in (
        ("a transform", isinstance(param.t, IdentityT)),
        ("a regularization", param.reg is None),
        ("a precompute function", param.precompute is None),
    ):
        if not is_plain:
            raise TypeError(f"a Param with {name} cannot be written down; give its value, or a Param without.")


def _object_as_data(made: Any, path: str, page: Page) -> dict[str, Any]:
    kind = type(made)
    if getattr(kind, "keeps_identity", False):
        if id(made) in page.shared:
            return {"same": page.shared[id(made)]}
        page.shared[id(made)] = path
    written: dict[str, Any] = {"class": class_name(kind)}
    known = named(kind)
    for name, value in _arguments(made).items():
        default = known[name].default if name in known else ...
        if value is default:
            continue
        own = Page({}, dict(page.shared))
        found = as_data(value, below(path, name), own)
        if default is ... or not _is_default(found, default):
            written[name] = found
            page.arrays.update(own.arrays)
            page.shared.update(own.shared)
    return written


def _arguments(made: Any) -> dict[str, Any]:
    if is_initializer(type(made)):
        found = by_constructor(made)
        return {n: v for n, v in found.items() if not (n == "unit" and v == u.UNITLESS)}
    return made.as_arguments()


def _is_default(written: Any, default: Any) -> bool:
    """Whether a written value means that of a default, which need not have a form as data."""
    try:
        return same(written, as_data(default, "", Page({}, {})))
    except SpecError:
        return False


_WRITERS: tuple[tuple[Any, Any], ...] = (
    (type(None), lambda value, path, page: {"none": True}),
    (bool | np.bool_, lambda value, path, page: bool(value)),
    (int | np.integer, lambda value, path, page: int(value)),
    (float | np.float64, lambda value, path, page: number_as_data(float(value))),
    (str, lambda value, path, page: {"text": str(value)} if is_marked(value) else str(value)),
    (u.Quantity, _quantity),
    (u.Unit, lambda value, path, page: {"unit": unit_as_text(value)}),
    (Param, _param),
    (dict, _mapping),
)

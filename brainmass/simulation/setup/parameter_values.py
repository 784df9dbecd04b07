"""Parameter values given by path for one run: checked, in declared units, and which of them differ by simulation."""

from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.dimensions import MATRIX, VALUES, arranged
from brainmass.names import UnknownName, check_agreement, meant, names_along
from brainmass.network import Network, ParameterRef, join, parameter_refs, processes
from brainmass.numerics import as_weights
from brainmass.simulation.engine import DELAY_VALUES, EDGE_VALUES, Batch
from brainmass.state_space import Delayed, Values
from brainmass.units import UNITLESS, describe, is_concrete, is_count, numbers, reals


def checked_values(model: Any, user_values: Values, model_values: Values, allowed: Any = None) -> Values:
    """Bare values by path; a leading axis more than the model's own value has, or than regions have, is of a batch.

    Raises
    ------
    KeyError
        An unknown path, or one that is not in ``allowed``.
    ValueError
        Another unit or shape, one that could mean regions or simulations; weights, lengths or a speed that make no
        network.
    """
    if not isinstance(user_values, dict):
        raise TypeError(f"values={describe(user_values)} must be a dict of values by path.")
    refs = parameter_refs(model)
    known = refs if allowed is None else {p: refs[p] for p in allowed}
    found = {path: _checked(model, path, value, known, model_values) for path, value in user_values.items()}
    found = _of_one_size(found, model_values)
    return _with_all_lengths(model, found, model_values) if isinstance(model, Network) else found


def _checked(model: Any, path: str, value: Any, known: dict[str, ParameterRef], model_values: Values) -> Any:
    if path not in known:
        raise UnknownName(
            f"values has the path {path!r}{meant(path, known)}; use one of "
            f"{', '.join(known) or '(none: vary is empty)'}."
        )
    label = f"values[{path!r}]"
    value = arranged(value, MATRIX if path in EDGE_VALUES or np.ndim(model_values[path]) == 2 else VALUES, label)
    _check_names(model, value, label)
    is_network = isinstance(model, Network)
    if is_network and path == "delays" and not np.ndim(model_values[path]) and np.ndim(value) > 1:
        n = model.n_node
        raise ValueError(
            f"{label} has the shape {np.shape(value)}, and the Network was made with one delay for all edges; make it "
            f"with delays=np.full(({n}, {n}), ...) to give each edge its own."
        )
    may_be_missing = is_network and path in DELAY_VALUES
    bare = (reals if may_be_missing else numbers)(
        as_weights(value) if is_network and path == "conn" else value, known[path].unit, label
    )
    bare = shaped(bare, np.shape(model_values[path]), known[path].regions, label)
    _check_value(known[path], bare, label, bare=not isinstance(value, u.Quantity))
    if may_be_missing and is_concrete(bare):
        _check_delays(path, np.asarray(bare), label)
    if is_network and path == "conn" and not model.self_connection and not model.given_conn:
        bare = bare * (1.0 - np.eye(model.n_node))
    return bare


def _check_value(ref: ParameterRef, number: Any, label: str, *, bare: bool) -> None:
    """What the constructor refuses is refused here; weights, lengths and speed have checks of their own."""
    declaration = ref.owner.declared.get(ref.name)
    if ref.initial:
        declaration.check_within(number, label)
    elif declaration is not None and not isinstance(ref.owner, Network):
        ref.owner.check_value(declaration, number, label, bare=bare)


def shaped(bare: Any, want: tuple[int, ...], regions: tuple[int, ...], label: str) -> Any:
    """The value where its shape fits, by NumPy's rules, ``want`` or (batch, *regions).

    Raises
    ------
    ValueError
        It does not, or one number for each region could as well be one for each simulation.
    """
    shape = bare.shape
    _check_clear(shape, want, regions, label)
    if shape == want or (len(shape) == 1 + len(want) and shape[1:] == want and shape[0]):
        return bare
    if (
        regions
        and len(shape) == 1 + len(regions)
        and shape[0]
        and all(n in (1, m) for n, m in zip(shape[1:], regions, strict=True))
    ):
        alike = not want and all(n == 1 for n in shape[1:])  # one number for each simulation: the program that has it
        return bare.reshape(shape[0]) if alike else bare
    each = ("batch", *want) if want == regions or not regions else ("batch", *regions)
    ways = [f"{want or '()'}", f"{('batch', *want)} for a batch"]
    ways += [f"{each} for values of regions"] if each != ("batch", *want) else []
    raise ValueError(f"{label} has the shape {shape}; give {', or '.join(ways)}.")


def _check_clear(shape: tuple[int, ...], want: tuple[int, ...], regions: tuple[int, ...], label: str) -> None:
    """Refuse, with a ValueError, a shape that could be of regions or of simulations, and say how to write either."""
    if shape == want or not shape or shape[1:] != want or shape[0] == 1 or len(shape) > len(regions):
        return
    if want and shape[0] != regions[-len(shape)]:
        return
    if shape[0] not in regions:
        return
    n, axis = shape[0], -len(shape) if want else max(i for i, m in enumerate(regions) if m == shape[0]) - len(regions)
    ones = (1,) * len(regions)
    of_regions = (*ones[: len(regions) + axis], n, *want, *ones[: -axis - 1 - len(want)])
    of_simulations = (n, *ones[len(want) :], *want)
    along = "" if len(regions) == 1 else f" along an axis of {regions}"
    raise ValueError(
        f"{label} has the shape {shape}, which could mean {n} regions{along} or {n} simulations; give "
        f"{(1, *of_regions)} for one simulation with a value for each region, or {of_simulations} for {n} simulations."
    )


def _check_delays(path: str, host: np.ndarray, label: str) -> None:
    """Refuse negative lengths, and a speed that is no speed."""
    speed = path == "speed"
    if (host < 0).any() or (speed and not (host > 0).all()):
        limit = "greater than 0" if speed else "zero or more"
        raise ValueError(f"{label}={describe(host)} must be {limit}.")
    if host.ndim < 2 and not speed:
        numbers(host, UNITLESS, label)


def _check_names(model: Any, value: Any, label: str) -> None:
    """Refuse a table whose regions have other names than the model's, or stand in another order."""
    known = getattr(model, "regions", None) or ()
    axes = min(getattr(value, "ndim", 0), 2)
    for found in [names_along(value, axis) for axis in range(-axes, 0)]:
        if found is not None and len(found) == len(known):
            check_agreement(found, label, known, "the labels of the Network")


def _of_one_size(user_values: Values, model_values: Values) -> Values:
    """The values with a batch axis of 1 repeated for a batch that others are."""
    batched = [path for path, v in user_values.items() if np.ndim(v) > np.ndim(model_values[path])]
    size = max((user_values[path].shape[0] for path in batched), default=1)
    single = [path for path in batched if user_values[path].shape[0] == 1 < size]
    return user_values | {
        p: (np if is_concrete(user_values[p]) else jnp).repeat(user_values[p], size, 0) for p in single
    }


def _with_all_lengths(model: Network, user_values: Values, model_values: Values) -> Values:
    """The values with lengths for every edge that there is; those of edges that do not exist become 0."""
    weights = user_values.get("conn", model_values["conn"])
    lengths = {
        p: model.known_lengths(user_values[p], weights, f"values[{p!r}]")
        for p in ("distance", "delays")
        if p in user_values
    }
    if "conn" in user_values and not lengths:
        user_values = user_values | {"conn": model.known_weights(user_values["conn"])}
    return user_values | lengths


def check_batch_size(batch_size: Any) -> None:
    """Refuse, with a ValueError, what is no number of simulations."""
    if batch_size is not None and not is_count(batch_size):
        raise ValueError(f"batch_size={describe(batch_size)} must be a positive integer.")


def batch_of(
    model: Any, user_values: Values, model_values: Values, batch_size: int | None, present: Any = ...
) -> Batch:
    """The batch that the values, ``batch_size`` and the ``present`` States (a size, None, or ... for none) agree on.

    Values for one simulation go on with States without a batch; then there is none (see `without_batch`).

    Raises
    ------
    ValueError
        They disagree, or ``batch_size`` is not a positive integer.
    """
    check_batch_size(batch_size)
    varying = {path: v.shape[0] for path, v in user_values.items() if np.ndim(v) > np.ndim(model_values[path])}
    if present is None and batch_size is None and set(varying.values()) == {1}:
        varying = {}
    named = {f"values[{p!r}]": n for p, n in varying.items()}
    sizes = {name: n for name, n in (named | {"batch_size": batch_size}).items() if n is not None}
    if present is not ...:
        sizes["the present States"] = present
    if any(n is not None and n > 1 for n in sizes.values()):  # a value with a batch axis of 1 is for all
        sizes = {name: n for name, n in sizes.items() if name not in named or n > 1}
    if len(set(sizes.values())) > 1:
        named_sizes = [f"{name}: {'no batch' if n is None else n}" for name, n in sizes.items()]
        raise ValueError(f"batch sizes differ: {', '.join(named_sizes)}.")
    by_edge = isinstance(model, Network) and any(path == "k" or path.startswith("coupling.") for path in varying)
    by_edge = by_edge and bool(model.coupling.per_edge)
    separate = isinstance(model, Network) and (by_edge or bool(EDGE_VALUES & varying.keys()))
    return Batch(next(iter(sizes.values()), None), frozenset(varying), separate)


def without_batch(user_values: Values, model_values: Values) -> Values:
    """The values of one simulation, of which some have a batch axis of one."""
    return {path: v[0] if np.ndim(v) > np.ndim(model_values[path]) else v for path, v in user_values.items()}


def traced_history_length(
    model: Any, values: Values, model_values: Values, batch: Batch, dt: float, open_values: Any
) -> int | None:
    """Columns of history where delays are data (traced, or different by simulation); None where they are not.

    Concrete values say how many; for values still open, the delays may grow to four times the present longest.
    """
    if not isinstance(model, Network) or not model.has_delays:
        return None
    data = {p for p in DELAY_VALUES & values.keys() if p in batch.varying or p in open_values}
    data |= {p for p in DELAY_VALUES & values.keys() if not is_concrete(values[p])}
    if not data:
        return None
    if not all(is_concrete(model_values[p]) for p in DELAY_VALUES & model_values.keys()):
        raise ValueError("delays are traced: make the Simulator.function outside and pass them as values with vary=.")
    unknown = any(p in open_values or not is_concrete(values[p]) for p in data)
    if unknown:
        return model.history_length(4.0 * np.max(model.delay_times(model_values), initial=0.0), dt)
    worst = {
        p: (np.min if p == "speed" else np.max)(values[p], axis=0) if p in batch.varying else values[p]
        for p in values
        if p in DELAY_VALUES
    }
    return model.history_length(np.max(model.delay_times(worst), initial=0.0), dt)


def ring_lengths(
    model: Any, values: Values, model_values: Values, dt: float, open_values: Any, states: Any
) -> dict[str, int]:
    """The lengths of the rings of self-delays by path; a delay still open may grow to four times its present length.

    Raises
    ------
    ValueError
        A negative delay, or one that reaches back beyond the past kept in ``states``.
    """
    found = {}
    for path, process in processes(model).items():
        for name, d in process.declarations(Delayed).items():
            by = join(path, d.by)
            if not is_concrete(values[by]) and not is_concrete(model_values[by]):
                raise ValueError(f"{by} is traced: make the Simulator.function outside and pass it with vary=.")
            fixed = is_concrete(values[by]) and by not in open_values
            delay = values[by] if fixed else 4.0 * model_values[by]
            length = found[join(path, name)] = process.ring_length(name, delay, dt)
            if is_concrete(values[by]):
                process.ring_length(name, values[by], dt)  # refuses what is no delay
            kept = (states or {}).get(path, {}).get(name)
            if kept is not None and length > kept.shape[kept.ndim - len(process.varshape) - 1]:
                raise ValueError(
                    f"{by} has grown since the last run, beyond the past kept; start anew, as init_states=True and "
                    "Simulator.start do."
                )
    return found


def as_arrays(values: Values, dtype: Any) -> Values:
    return {path: v.astype(dtype) for path, v in values.items()}

"""Checks of what a user gives to wire a network: weights, lengths, speed, delays."""

from typing import Any

import brainunit as u
import numpy as np

from brainmass.display import warn
from brainmass.names import meant
from brainmass.numerics import as_weights
from brainmass.state_space import Input, Output, StateSpace, Variable
from brainmass.units import describe, is_concrete, numbers, plain, reals, unit_name


def bank_for(node: Any, conn: Any) -> StateSpace:
    """The node bank of a network; of a class one with as many systems as ``conn`` has regions.

    Raises
    ------
    TypeError, ValueError
        No bank of one dimension, or a class and no matrix that says how many.
    """
    if isinstance(node, type) and issubclass(node, StateSpace) and not node.is_noise:
        weights = getattr(conn, "weights", conn)
        shape = getattr(weights, "shape", None) or np.shape(weights)
        if len(shape) != 2:
            raise ValueError(
                f"Network: node={describe(node)} takes its size from a Connectome or a matrix, and conn is "
                f"{describe(conn)}; give {node.__name__}(in_size=8)."
            )
        node = node(int(shape[0]))
    if not isinstance(node, StateSpace) or len(node.varshape) != 1:
        came = f"{type(node).__name__} of in_size={node.varshape}" if isinstance(node, StateSpace) else describe(node)
        raise TypeError(f"Network: node={came} must be a bank of one dimension, for example HopfStep(in_size=8).")
    return node


def weights_and_distance(conn: Any, distance: Any, speed: Any, delays: Any) -> tuple[Any, Any]:
    """What a Connectome brings; lengths that make no delays, where nothing says how fast it conducts, are warned of."""
    if not hasattr(conn, "distances"):
        return conn, distance
    if conn.distances is not None and all(given is None for given in (distance, speed, delays)):
        warn(
            "Network: the lengths of the Connectome are not used, as there is no speed; give speed=5.0 (mm/ms), "
            "or speed=float('inf') where there shall be no delays."
        )
    return conn.weights, conn.distances if distance is None and speed is not None else distance


def checked_weights(conn: Any, n: int, *, self_connection: bool, name: str = "Network: conn") -> Any:
    """Weights (n, n) as float64, the diagonal zeroed unless ``self_connection``; tracers pass.

    An adjacency of True and False counts as 1 and 0. What is missing on a diagonal that is not read may be.

    Raises
    ------
    ValueError
        A unit, another shape, missing, NaN or infinite weights.
    """
    conn = as_weights(conn)
    is_float = isinstance(conn, np.ndarray) and conn.dtype.kind == "f"
    if is_float and conn.shape == (n, n) and not self_connection:
        conn = np.ma.where(np.eye(n, dtype=bool) & np.isnan(plain(conn)), 0.0, conn)
    conn = numbers(conn, u.UNITLESS, name)
    if conn.shape not in ((n, n), (n * n,)):
        raise ValueError(f"{name} has the shape {conn.shape}; {n} regions need weights of shape ({n}, {n}).")
    conn = conn.reshape(n, n)
    return conn if self_connection else conn * (1.0 - np.eye(n))


def checked_lengths(value: Any, unit: u.Unit, shape: tuple[int, ...], name: str) -> Any:
    """Bare lengths, times or a speed of ``shape`` in ``unit``, not negative; tracers pass.

    A speed may be infinite. Lengths and times of a matrix may be missing (NaN, infinite, masked):
    `Wiring.known_lengths` then says whether an edge needs them.

    Raises
    ------
    ValueError
        Another dimension or shape, negative values, or a speed of zero.
    """
    matrix, bare = len(shape) == 2, reals(value, unit, f"Network: {name}")
    if not is_concrete(bare):
        return bare
    if bare.shape != shape and not (name == "delays" and bare.shape == ()):
        raise ValueError(f"Network: {name} has the shape {bare.shape}; it must be {shape or 'one number'}.")
    if not (matrix and bare.ndim) and not (name == "speed" and np.isposinf(bare).all()):
        numbers(value, unit, f"Network: {name}")
    if name == "speed" and (bare <= 0).any():
        raise ValueError(f"Network: speed={describe(value)} must be greater than 0 {unit_name(unit)}.")
    if (bare < 0).any():
        raise ValueError(f"Network: {name} holds the negative value {bare.min():g}; give values of zero or more.")
    return bare


def check_longest(steps: float, n: int, dt: float) -> None:
    """Refuse a delay whose history could not be counted in 32 bits.

    Raises
    ------
    ValueError
        Says how long it is.
    """
    if n * (steps + 64) >= 2**31:
        raise ValueError(
            f"Network: the longest delay, {steps * dt:g} ms, is {steps:.3g} steps of dt={dt:g} ms, more than can be "
            f"kept, {2**31 // n}; check the units of distance and speed, of delays or longest_delay."
        )


def check_together(distance: Any, speed: Any, delays: Any) -> None:
    """Delays come as ``distance`` and ``speed``, or as ``delays``, or not at all.

    Raises
    ------
    ValueError
        Any other combination.
    """
    if delays is not None and not (distance is None and speed is None):
        raise ValueError("Network: delays came with distance or speed; give delays, or distance and speed.")
    if distance is None and speed is not None:
        raise ValueError(f"Network: speed={describe(speed)} came without distance; give both, or delays.")
    if speed is None and distance is not None:
        raise ValueError(f"Network: distance ({describe(distance)}) came without speed; give both, or delays.")


def coupling_targets(node: Any, coupled_var: Any, target: Any) -> dict[str, str]:
    """The target Input of each coupled variable.

    Raises
    ------
    TypeError, ValueError
        No names, one that the node does not have, or another number of targets than of variables.
    """
    if coupled_var is None:
        coupled_var = node.coupled or node.primary
    variables = _listed(coupled_var, "coupled_var")
    targets = [None] * len(variables) if target is None else _listed(target, "target")
    targets = targets * len(variables) if isinstance(target, str) else targets
    if len(targets) != len(variables):
        raise ValueError(f"Network: target={target!r} must name one input for each of {', '.join(variables)}.")
    if len(set(variables)) < len(variables):
        raise ValueError(f"Network: coupled_var={coupled_var!r} names a variable twice; name each once.")
    links = {}
    for variable, wanted in zip(variables, targets, strict=True):
        sent = node.declared[_chosen(node, "coupled_var", variable, (Variable, Output))]
        if isinstance(sent, Output) and sent.takes_inputs:
            raise ValueError(
                f"Network: coupled_var={variable!r} depends on the inputs of {type(node).__name__}, of which "
                f"the coupling is one; couple {node.primary!r} or another Variable."
            )
        own = f"{variable}_inp" if f"{variable}_inp" in node.declared else node.target
        default = own if len(variables) > 1 else node.target or own
        if not wanted and not default:
            raise ValueError(
                f"Network: coupled_var={variable!r} has no Input of its own in {type(node).__name__}; name one of "
                f"{', '.join(node.declarations(Input))} with target=."
            )
        links[variable] = _chosen(node, "target", wanted or default, (Input,))
    return links


def check_phases(node: Any, links: dict[str, str], coupling: Any) -> None:
    """Refuse a coupling of phases that jumps where they start anew.

    Raises
    ------
    ValueError
        What it sends or receives differs by a turn of the phase.
    """
    for variable in links:
        period = getattr(node.declared[variable], "period", None)
        if node.period_of(variable) is not None and not (period and coupling.is_periodic(period)):
            raise ValueError(
                f"Network: coupled_var={variable!r} is a phase, and {type(coupling).__name__} jumps where it starts "
                'anew; use coupling="kuramoto", or couple a function of the phase, such as its sine, as an Output.'
            )


def link_units(node: Any, links: dict[str, str]) -> tuple[u.Unit, u.Unit]:
    """The unit of what is sent and of what is received, the same for all links.

    Raises
    ------
    ValueError
        They differ.
    """
    pairs = {(node.unit_of(node.declared[v]), node.declared[target].unit) for v, target in links.items()}
    if len(pairs) > 1:
        raise ValueError(
            f"Network: coupled_var={tuple(links)} have different units, or their targets have; one k cannot fit them."
        )
    return next(iter(pairs))


def _listed(given: Any, argument: str) -> list[Any]:
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError(f"Network: {argument}={describe(given)} must be a name or a list of names.")
    return names


def _chosen(node: Any, argument: str, name: str, kinds: tuple[type, ...]) -> str:
    known = [n for kind in kinds for n in node.declarations(kind)]
    if name not in known:
        raise ValueError(
            f"Network: {argument}={name!r} is unknown to {type(node).__name__}{meant(name, known)}; "
            f"use one of {', '.join(known)}."
        )
    return name

"""Checks of what a user gives to wire a network: weights, lengths, speed, delays."""

from typing import Any

import brainunit as u
import jax.core
import numpy as np

from brainmass.units import describe, numbers, unit_name


def is_concrete(value: Any) -> bool:
    return not isinstance(value, jax.core.Tracer)


def checked_weights(conn: Any, n: int, *, self_connection: bool) -> Any:
    """Weights (n, n) as float64, the diagonal zeroed unless ``self_connection``; tracers pass.

    Raises
    ------
    ValueError
        A unit, another shape, NaN or infinite weights.
    """
    conn = numbers(conn, u.UNITLESS, "Network: conn")
    if conn.shape not in ((n, n), (n * n,)):
        raise ValueError(f"Network: conn has the shape {conn.shape}; {n} regions need weights of shape ({n}, {n}).")
    conn = conn.reshape(n, n)
    return conn if self_connection else conn * (1.0 - np.eye(n))


def checked_lengths(value: Any, unit: u.Unit, shape: tuple[int, ...], name: str) -> Any:
    """Bare lengths, times or a speed of ``shape`` in ``unit``, finite and not negative; tracers pass.

    Raises
    ------
    ValueError
        Another dimension or shape, NaN, infinite or negative values, or a speed of zero.
    """
    bare = numbers(value, unit, f"Network: {name}")
    if not is_concrete(bare):
        return bare
    if bare.shape != shape and not (name == "delays" and bare.shape == ()):
        raise ValueError(f"Network: {name} has the shape {bare.shape}; it must be {shape or 'one number'}.")
    if name == "speed" and bare <= 0:
        raise ValueError(f"Network: speed={describe(value)} must be greater than 0 {unit_name(unit)}.")
    if (bare < 0).any():
        raise ValueError(f"Network: {name} holds the negative value {bare.min():g}; give values of zero or more.")
    return bare


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

"""Arithmetic that knows no model: functions with finite slopes, random numbers, checked arrays."""

from brainmass.numerics.array_kinds import check_signal, holds_correlations, signal_or_matrix
from brainmass.numerics.callable_key import fingerprint
from brainmass.numerics.checked_arrays import (
    alike,
    check_batches,
    check_complete,
    check_same_regions,
    length,
    number,
    real,
    root,
    series,
    size_of,
    square,
)
from brainmass.numerics.edge_matrices import absent, as_weights, check_lengths_known
from brainmass.numerics.functions import clamp, compiled_apart, logistic
from brainmass.numerics.random_numbers import Generator, Key, checked_seed, normal, normals, seed_key, streams, threefry
from brainmass.numerics.taylor import Taylor

__all__ = [
    "Generator",
    "Key",
    "Taylor",
    "absent",
    "alike",
    "as_weights",
    "check_batches",
    "check_complete",
    "check_lengths_known",
    "check_same_regions",
    "check_signal",
    "checked_seed",
    "clamp",
    "compiled_apart",
    "fingerprint",
    "holds_correlations",
    "length",
    "logistic",
    "normal",
    "normals",
    "number",
    "real",
    "root",
    "seed_key",
    "series",
    "signal_or_matrix",
    "size_of",
    "square",
    "streams",
    "threefry",
]

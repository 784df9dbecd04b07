"""A list with an entry for each region, whatever it came as."""

from typing import Any

import numpy as np


def array_of(given: Any) -> np.ndarray:
    """A list, tuple, array or table of one dimension as an array; an empty one of objects of anything else."""
    values = given.to_numpy() if hasattr(given, "to_numpy") else given
    if isinstance(values, list | tuple):
        alike = {type(one) for one in values}
        return np.array(values) if alike <= {bool, np.bool_} or alike <= {str, np.str_} else np.array([], object)
    if isinstance(values, np.ndarray) and not np.ma.is_masked(values):
        return np.asarray(values)
    return np.array([], object)

"""The settings of a stimulus: what a number means, and what is refused."""

from typing import Annotated, Any, NamedTuple

import brainunit as u
import jax.numpy as jnp
import numpy as np

from brainmass.units import UNITLESS, as_printed, describe, is_concrete, numbers, unit_of, with_unit


class Kind(NamedTuple):
    unit: u.Unit | None  # None: any; it becomes that of the stimulus
    axes: tuple[int, ...] = (0,)
    least: float | None = None
    most: float | None = None


Amplitude = Annotated[Any, Kind(None)]
Samples = Annotated[Any, Kind(None, (1, 2))]
Instant = Annotated[Any, Kind(u.ms)]
Duration = Annotated[Any, Kind(u.ms, least=1e-9)]
Frequency = Annotated[Any, Kind(u.Hz, most=1e9)]
Phase = Annotated[Any, Kind(UNITLESS)]
Weights = Annotated[Any, Kind(UNITLESS, (1,))]
_AXES = {0: "one number", 1: "an array (region,)", 2: "an array (time,) or (time, region)"}


def checked(value: Any, kind: Kind, name: str) -> Any:
    unit = unit_of(value) if kind.unit is None else kind.unit
    bare = numbers(value, unit, name)
    if np.ndim(bare) not in kind.axes or 0 in np.shape(bare):
        raise ValueError(f"{name}={describe(value)} must be {_AXES[kind.axes[-1]]}.")
    if not is_concrete(bare):
        bare = bare.astype(jnp.result_type(bare, float))
    elif kind.unit is not None and kind.axes == (0,):
        bare = np.float64(as_printed(value, unit, name))
    if kind.least is not None and is_concrete(bare) and bare < kind.least:
        raise ValueError(
            f"{name}={describe(value)} must be positive" + (f", {kind.least:g} ms or more." if bare > 0 else ".")
        )
    if kind.most is not None and is_concrete(bare) and abs(bare) > kind.most:
        raise ValueError(f"{name}={describe(value)} must be {kind.most:g} Hz or less.")
    return bare if kind.unit is not None else with_unit(bare, unit)

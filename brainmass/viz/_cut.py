"""A plane cut out of the state space of a model: two variables that go on, the others held."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from brainmass.state_space import Variable
from brainmass.units import describe, numbers, one_number
from brainmass.viz._bank import check_model, constants, first_region, home, known, rest

_MARGIN = 0.04  # of the span, on each side: what lies at its edge is seen

Ends = tuple[float, float]


class Cut(NamedTuple):
    """Bare values in declared units: the pair on the axes, their ends, the other variables, the inputs."""

    model: Any
    pair: tuple[str, str]
    windows: tuple[Ends, Ends]
    others: dict[str, float]
    drive: dict[str, float]

    def field(self) -> Any:
        """A function of the points (2, ...) that gives the slopes (2, ...) of the pair."""
        p = first_region(self.model)

        @jax.jit
        def slopes(at: Any) -> Any:
            s = {name: jnp.full(at[0].shape, value) for name, value in self.others.items()}
            found = self.model.bare_drift(s | dict(zip(self.pair, at, strict=True)), p, self.drive)
            return jnp.stack([jnp.broadcast_to(found[name], at[0].shape) for name in self.pair])

        return slopes


def cut(model: Any, x: Any, y: Any, held: Any, inputs: Any, xlim: Any, ylim: Any) -> Cut:
    """Check what the user gives, and fill in the rest from the declarations."""
    check_model(model)
    pair = _pair(model, x, y)
    windows = _window(model, pair[0], xlim, "xlim"), _window(model, pair[1], ylim, "ylim")
    return Cut(model, pair, windows, _held(model, pair, {} if held is None else held), constants(model, inputs))


def _pair(model: Any, x: Any, y: Any) -> tuple[str, str]:
    names, kind = list(model.declarations(Variable)), type(model).__name__
    given = [known(model, Variable, name, axis).name for axis, name in (("x", x), ("y", y)) if name is not None]
    if len(names) < 2:
        raise ValueError(f"{kind} has no two variables to span a plane; use plot_bifurcation or plot_timeseries.")
    if len(names) > 2 and len(given) < 2:
        raise ValueError(f"{kind} has {len(names)} variables; choose two with x= and y= among {', '.join(names)}.")
    if x is not None and x == y:
        raise ValueError(f"x and y are both {x!r}; give two variables.")
    free = sorted((name for name in names if name not in given), key=lambda name: name != model.primary)
    first, second = (name if name is not None else free.pop(0) for name in (x, y))
    return first, second


def _window(model: Any, name: str, given: Any, argument: str) -> Ends:
    """The ends of an axis: those given, or where the variable lives and a margin."""
    d = model.declared[name]
    if given is None:
        low, high = home(model, name, f"give {argument}=(low, high)")
        margin, (least, most) = _MARGIN * (high - low), d.bounds or (-np.inf, np.inf)
        return max(low - margin, least), min(high + margin, most)
    ends = np.asarray(numbers(given, model.unit_of(d), argument), float)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"{argument}={describe(given)} must be (low, high).")
    return float(ends[0]), float(ends[1])


def _held(model: Any, pair: tuple[str, str], held: Any) -> dict[str, float]:
    others = {name: d for name, d in model.declarations(Variable).items() if name not in pair}
    if not isinstance(held, dict) or not held.keys() <= others.keys():
        raise ValueError(f"held={describe(held)} must be a dict of values of {', '.join(others) or 'no variable'}.")
    return {
        name: float(one_number(held[name], model.unit_of(d), f"held: {name}")) if name in held else rest(model, name)
        for name, d in others.items()
    }

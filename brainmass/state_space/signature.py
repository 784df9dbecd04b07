"""The constructor that declarations make: its arguments, and what is refused there."""

import inspect
import math
from typing import Any

from brainmass.state_space.declarations import Added, Input, Parameter, Variable
from brainmass.state_space.parameters import argument
from brainmass.units import describe, is_count


def constructor_signature(kind: Any) -> inspect.Signature:
    """The arguments of a class, in the order of its table."""
    needed = [option for option in kind.options if option.default is option.empty]
    named = [d.argument for d in kind.declarations(Input).values() if not isinstance(d, Added)]
    return inspect.Signature(
        [argument("in_size", None) if kind.is_noise and not needed else argument("in_size"), *needed]
        + [argument(name, d.default) for name, d in kind.declarations(Parameter).items()]
        + [argument(name, None) for name in named]
        + [argument(d.argument, d.value) for d in kind.declarations(Variable).values()]
        + [argument(name, None) for name in kind.noise_arguments() if name not in named]
        + [option for option in kind.options if option not in needed]
        + [argument("method", kind.default_method), argument("name", None)]
    )


def check_arguments(kind: Any) -> None:
    """Refuse, with a ValueError, arguments of the constructor that go by the name of something else."""
    taken = {*kind.declared, "in_size", "method", "name"}
    for name, d in kind.declared.items():
        used = dict(init=d.argument, noise=d.noise_argument) if isinstance(d, Variable) else {}
        used |= dict(noise=d.argument) if isinstance(d, Input) else {}
        for option, wanted in used.items():
            if wanted in taken:
                raise ValueError(f"{kind.__name__}: {option}={wanted!r} of {name} is taken already; use another name.")


def with_added(declared: dict[str, Any], variables: dict[str, Variable]) -> dict[str, Any]:
    """The declarations, with what may be added to the derivative of each of the variables."""
    own = {n: d for n, d in declared.items() if not isinstance(d, Added)}
    taken = {d.argument for d in own.values() if isinstance(d, Input) and d.additive}
    added = [Added(d) for d in variables.values() if d.noise_argument not in taken]
    return own | {d.name: d for d in added if d.name not in own}


def checked_size(in_size: Any, owner: str) -> tuple[int, ...]:
    sizes = in_size if isinstance(in_size, list | tuple) else (in_size,)
    if not sizes or not all(map(is_count, sizes)):
        raise ValueError(f"{owner}: in_size={describe(in_size)} must be a positive integer, or a tuple of them.")
    if math.prod(map(int, sizes)) >= 2**31:
        raise ValueError(f"{owner}: in_size={describe(in_size)} is more than can be counted in 32 bits; give fewer.")
    return tuple(int(n) for n in sizes)

"""A key for what a user's callable does: those that compute the same share one compiled program, none is ever stale."""

from collections.abc import Callable, Hashable, Iterator
from types import CodeType, FunctionType
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal


def fingerprint(call: Callable, trace: Callable[[], Any]) -> Hashable:
    """Equal for callables that compute the same.

    A function that sees nothing but its arguments is known by its code. Any other may read what has changed since, so
    its key is the program that ``trace`` (a nullary ``jax.make_jaxpr`` of it) finds now, with its constants.
    """
    if isinstance(call, FunctionType) and _is_closed(call):
        return _code(call.__code__)
    closed, shape = trace()
    return str(closed.jaxpr), tuple(map(_constant, _constants(closed))), str(shape)


def _is_closed(call: FunctionType) -> bool:
    outside = call.__closure__ or call.__defaults__ or call.__kwdefaults__
    return not outside and not _names(call.__code__) & call.__globals__.keys()


def _code(code: CodeType) -> Hashable:
    constants = tuple(_code(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts)
    return code.co_code, constants, code.co_names, code.co_varnames


def _names(code: CodeType) -> set[str]:
    inner = [_names(c) for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*inner)


def _constants(found: Any) -> Iterator[Any]:
    """The constants of a program, and those of the programs within it (of an inner jit, scan, cond, ...), in order."""
    if isinstance(found, ClosedJaxpr):
        yield from found.consts
        yield from _constants(found.jaxpr)
    elif isinstance(found, Jaxpr):
        for equation in found.eqns:
            yield from (x.val for x in equation.invars if isinstance(x, Literal))
            yield from _constants(list(equation.params.values()))
        yield from (x.val for x in found.outvars if isinstance(x, Literal))
    elif isinstance(found, tuple | list):
        for each in found:
            yield from _constants(each)
    elif isinstance(found, np.ndarray | jax.Array):
        yield found


def _constant(value: Any) -> Hashable:
    if isinstance(value, jax.core.Tracer):
        return object()  # like no other: it lives in one trace
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    array = np.asarray(jax.device_get(value))
    return array.shape, str(array.dtype), array.tobytes()

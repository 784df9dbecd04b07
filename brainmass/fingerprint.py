"""A key for what a user's callable does, so that the same lambda written twice is compiled once."""

from collections.abc import Hashable
from types import CodeType, FunctionType
from typing import Any


class Same:
    """Equal only to itself, by identity, for values that cannot be hashed; keeps them alive."""

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def fingerprint(what: Any) -> Hashable:
    """Equal for two functions of equal code that see the same closed-over, default and global values."""
    if isinstance(what, FunctionType):
        cells = tuple(_value(c.cell_contents) for c in what.__closure__ or ())
        defaults = tuple(_value(v) for v in what.__defaults__ or ())
        names = sorted(_names(what.__code__) & what.__globals__.keys())
        seen = tuple((n, _value(what.__globals__[n])) for n in names)
        return (what.__code__.co_code, _constants(what.__code__), what.__code__.co_names, cells, defaults, seen)
    if isinstance(what, dict):
        return tuple((k, fingerprint(v)) for k, v in what.items())
    if isinstance(what, list | tuple):
        return (type(what), *(fingerprint(v) for v in what))
    return _value(what)


def _value(value: Any) -> Hashable:
    return (type(value), value) if isinstance(value, str | int | float | bool | type(None)) else Same(value)


def _names(code: CodeType) -> set[str]:
    inner = [_names(c) for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*inner)


def _constants(code: CodeType) -> tuple:
    return tuple(
        (c.co_code, _constants(c), c.co_names) if isinstance(c, CodeType) else _value(c) for c in code.co_consts
    )

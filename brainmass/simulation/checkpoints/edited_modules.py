"""Whether a module is still what its file holds: a checksum of the file says nothing of what was loaded before."""

import ast
import time
from collections.abc import Iterator
from contextlib import suppress
from inspect import unwrap
from pathlib import Path
from threading import Lock
from types import CodeType, FunctionType, ModuleType
from typing import Any

_BEGUN = time.time()  # what was written before was loaded as it is
_ONE_BY_ONE = Lock()  # CPython counts the depth of syntax trees for all threads at once


def parsed(content: bytes) -> ast.Module:
    """The syntax tree of a source, in any thread."""
    with _ONE_BY_ONE:
        return ast.parse(content)


def _compiled(tree: ast.Module, file: str) -> CodeType:
    with _ONE_BY_ONE:
        return compile(tree, file, "exec", dont_inherit=True)


def is_edited(module: ModuleType, file: str) -> bool:
    """Whether functions or constants of a module are others than its file holds now."""
    if Path(file).stat().st_mtime < _BEGUN:
        return False
    try:
        tree = parsed(Path(file).read_bytes())
        there = {_form(code) for code in _codes(_compiled(tree, file))}
    except (SyntaxError, ValueError):  # no source, or one that is half written
        return True
    if any(vars(module).get(name, value) != value for name, value in _constants(tree)):
        return True
    loaded = (f.__code__ for f in _functions(vars(module)))
    return any(_form(code) not in there for code in loaded if code.co_filename == file)


def _functions(names: Any) -> Iterator[FunctionType]:
    """The functions of a module and of its classes, and those inside of decorators."""
    for value in list(names.values()):
        if isinstance(value, type):
            yield from _functions({n: x for n, x in vars(value).items() if not isinstance(x, type)})
        with suppress(Exception):  # whatever an object does that is asked for an attribute
            inner = unwrap(getattr(value, "__func__", getattr(value, "fget", value)))
            if isinstance(inner, FunctionType):
                yield inner


def _constants(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Names of a module that are numbers or text."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _form(code: CodeType) -> tuple:
    """What a function does, wherever it stands in its file."""
    consts = tuple(_form(x) if isinstance(x, CodeType) else _text(x) for x in code.co_consts)
    return code.co_qualname, code.co_code, code.co_names, code.co_varnames, code.co_freevars, consts


def _text(constant: Any) -> Any:
    return tuple(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)

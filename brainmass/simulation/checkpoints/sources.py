"""The sources of what a run holds by name alone: with others, it would go on with another model."""

import ast
import dis
import importlib.util
import io
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.machinery import all_suffixes
from inspect import unwrap
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from brainmass.simulation.checkpoints.edited_modules import is_edited, parsed

# Of these the version says which source it is; of this package, all of its own files do.
_VERSIONED = {"brainmass", "brainstate", "brainunit", "saiunit", "braintools", "brainevent", "jax", "jaxlib", "numpy"}
_VERSIONED |= {"cloudpickle"}
_STANDARD = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
_INSTALLED = {"site-packages", "dist-packages"}
Sources = dict[str, dict[str, Any]]


def pickled_with_names(content: Any) -> tuple[bytes, list[Any]]:
    """A pickle, and the classes, functions and modules that it holds, be it by name or whole."""
    import cloudpickle

    named: list[Any] = []

    class Watching(cloudpickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(inner := _unwrapped(obj), type | FunctionType | ModuleType):
                named.append(inner)
            return super().reducer_override(obj)

    file = io.BytesIO()
    Watching(file).dump(content)
    return file.getvalue(), named


def sources_of(named: list[Any]) -> Sources:
    """Of each module outside of the package that these are in: its file, a checksum of it, and what is used.

    The users' own modules that such a module imports, anywhere in it, are among them.

    Raises
    ------
    ValueError
        One was edited after it was loaded.
    """
    found: Sources = {}
    waiting = [(_module(thing), _name(thing)) for thing in named]
    waiting += [(name, "") for thing in named for name in _inside(thing) if _is_own_module(name)]
    while waiting:
        module, name = waiting.pop()
        file = _file(module)
        if file is None:
            continue
        known = found.get(module)
        if known is None:
            loaded = sys.modules.get(module)
            if loaded is not None and is_edited(loaded, file):
                raise ValueError(
                    f"the module {module} ({file}) was edited after it was imported; start Python anew, or reload it"
                )
            known = found[module] = dict(file=file, sha256=_checksum(file), names=[])
            waiting += [(other, "") for other in _imports(module, file) if _is_own_module(other)]
        if name and name not in known["names"]:
            known["names"].append(name)
    return found


def changed(then: Sources) -> dict[str, str]:
    """What the modules of these sources hold that is another source now, in words by module.

    Raises
    ------
    ModuleNotFoundError
        One that cannot be imported here.
    """
    found = {}
    for module, source in then.items():
        what = f"{' and '.join(source['names']) or 'module'} ({source['file']})"
        if (file := _found(module)) is None:
            raise ModuleNotFoundError(
                f"it needs {what}, and there is no module {module} here; start Python where {module} can be imported, "
                "or set PYTHONPATH",
                name=module,
            )
        if _checksum(file) != source["sha256"]:
            found[module] = what
    return found


@cache
def own_checksum() -> str:
    """A checksum of this package's sources."""
    files = sorted(Path(__file__).parents[2].rglob("*.py"))
    return sha256("".join(map(_checksum, map(str, files))).encode()).hexdigest()


def _unwrapped(thing: Any) -> Any:
    """The function inside of what was made of it, as ``jax.jit`` does."""
    if not callable(thing) or isinstance(thing, type | FunctionType):
        return thing
    with suppress(Exception):  # whatever an object does that is asked for an attribute
        return unwrap(thing)
    return thing


def _module(thing: Any) -> str:
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
    return name if isinstance(name, str) else ""


def _name(thing: Any) -> str:
    return "" if isinstance(thing, ModuleType) else thing.__qualname__


def _file(module: str) -> str | None:
    """The file of a module that is held by name and no version says."""
    if not module or module.split(".")[0] in _VERSIONED or module == "__main__":
        return None
    file = _found(module)
    return None if file is None or _is_standard(file) else file


def _found(module: str) -> str | None:
    """The file from which a module was or would be imported; nothing is, not even the packages that it is in."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file:
        first, *inner = module.split(".")
        origin, places = _top(first)
        bases = [Path(place, *inner) for place in places]
        names = [f"{base}{end}{suffix}" for base in bases for end in ("/__init__", "") for suffix in all_suffixes()]
        file = next((name for name in names if Path(name).is_file()), None) if inner else origin
    return file if file and Path(file).is_file() else None


def _top(name: str) -> tuple[str | None, list[str]]:
    """The file of a module or package that is in no other one, and the folders of what is in it."""
    with suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(name)
        if spec is not None:
            return spec.origin, list(spec.submodule_search_locations or ())
    return None, []


def _is_standard(file: str) -> bool:
    path = Path(file).resolve()
    return not _INSTALLED & set(path.parts) and any(path.is_relative_to(folder) for folder in _STANDARD)


def _is_own_module(name: str) -> bool:
    """Whether a module is of the user's own, or within such a package; asks without importing it."""
    first = name.split(".")[0]
    if not first or first in _VERSIONED:
        return False
    origin, inside = _top(first)
    places = [place for place in (origin, *inside) if place and Path(place).exists()]
    return bool(places) and not any(_is_standard(p) or _INSTALLED & set(Path(p).parts) for p in places)


def _inside(thing: Any) -> Iterator[str]:
    """What a function imports when it is called; one of a script or a notebook is pickled without its module."""
    waiting = [thing.__code__] if isinstance(thing, FunctionType) else []
    while waiting:
        code = waiting.pop()
        waiting += [x for x in code.co_consts if hasattr(x, "co_code")]
        for at in dis.get_instructions(code):
            if at.opname == "IMPORT_NAME":
                yield at.argval


def _imports(module: str, file: str) -> Iterator[str]:
    """What a module of the user's own imports, at its top or anywhere else; and perhaps names that are no modules."""
    if _INSTALLED & set(Path(file).parts):
        return
    package = getattr(sys.modules.get(module), "__package__", None) or module.rpartition(".")[0]
    try:
        nodes = list(ast.walk(parsed(Path(file).read_bytes())))
    except (SyntaxError, ValueError, RecursionError):  # no Python source
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Call) and _called(node.func) in ("__import__", "import_module"):
            yield from (x.value for x in node.args[:1] if isinstance(x, ast.Constant) and isinstance(x.value, str))


def _called(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _checksum(file: str) -> str:
    """Of the program that a file holds: comments and blank lines are no part of it."""
    content = Path(file).read_bytes()
    with suppress(SyntaxError, ValueError, RecursionError):  # no Python source
        content = ast.dump(parsed(content)).encode()
    return sha256(content).hexdigest()

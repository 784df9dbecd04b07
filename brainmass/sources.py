"""The sources of what a pickle holds by name alone: with others, a run would go on with another model."""

import ast
import importlib.util
import io
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

# Of these the version says which source it is; of this package, all of its own files do.
_VERSIONED = {"brainmass", "brainstate", "brainunit", "saiunit", "braintools", "brainevent", "jax", "jaxlib", "numpy"}
_VERSIONED |= {"cloudpickle", *sys.stdlib_module_names}
Sources = dict[str, dict[str, Any]]


def pickled_with_sources(content: Any) -> tuple[bytes, Sources]:
    """A pickle, and of each module outside of the package that it names: its file, a checksum of it, what is used."""
    import cloudpickle

    named: list[Any] = []

    class Watching(cloudpickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, type | FunctionType | ModuleType):
                named.append(obj)
            return super().reducer_override(obj)

    file = io.BytesIO()
    Watching(file).dump(content)
    return file.getvalue(), sources_of(named)


def sources_of(named: list[Any]) -> Sources:
    """The modules of classes, functions and modules, and of the users' own modules that those see."""
    found: Sources = {}
    waiting = [(_module(thing), _name(thing)) for thing in named]
    while waiting:
        module, name = waiting.pop()
        file = _file(module)
        if file is None:
            continue
        known = found.get(module)
        if known is None:
            known = found[module] = dict(file=file, sha256=_checksum(file), names=[])
            waiting += [(_module(value), "") for value in vars(sys.modules[module]).values()] if _is_own(file) else []
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
        what = f"{' and '.join(source['names']) or 'a module'} ({source['file']})"
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
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return sha256("".join(map(_checksum, map(str, files))).encode()).hexdigest()


def _module(thing: Any) -> str:
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
    return name if isinstance(name, str) and isinstance(thing, type | FunctionType | ModuleType) else ""


def _name(thing: Any) -> str:
    return "" if isinstance(thing, ModuleType) else thing.__qualname__


def _file(module: str) -> str | None:
    """The file of a module that a pickle holds by name and no version says."""
    if module.split(".")[0] in _VERSIONED or module == "__main__":
        return None
    file = getattr(sys.modules.get(module), "__file__", None)
    return file if file and Path(file).is_file() else None


def _found(module: str) -> str | None:
    """The file from which a module would be imported."""
    loaded = getattr(sys.modules.get(module), "__file__", None)
    if loaded:
        return loaded if Path(loaded).is_file() else None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec.origin if spec is not None and spec.origin and Path(spec.origin).is_file() else None


def _is_own(file: str) -> bool:
    return not {"site-packages", "dist-packages"} & set(Path(file).parts)


def _checksum(file: str) -> str:
    """Of the program that a file holds: comments and blank lines are no part of it."""
    content = Path(file).read_bytes()
    with suppress(SyntaxError, ValueError, RecursionError):  # no Python source
        content = ast.dump(ast.parse(content)).encode()
    return sha256(content).hexdigest()

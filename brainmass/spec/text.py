"""The data of a spec as JSON and as TOML that people read and that differ by what changed: a row of numbers a line."""

import json
from typing import Any

from brainmass.spec.write import TAGS

_WIDTH = 100


def as_json(data: Any, indent: str = "") -> str:
    """JSON; what fits into a line stands on one."""
    text = _json(data, "")
    return f"{text}\n"


def _json(data: Any, indent: str) -> str:
    flat = json.dumps(data, ensure_ascii=False, allow_nan=False)
    if not isinstance(data, dict | list) or not data or (len(flat) <= _WIDTH and not _has_class(data)) or _is_row(data):
        return flat
    inner = f"{indent}  "
    if isinstance(data, list):
        return "[\n" + ",\n".join(f"{inner}{_json(part, inner)}" for part in data) + f"\n{indent}]"
    names = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_json(part, inner)}" for key, part in data.items()]
    return "{\n" + ",\n".join(names) + f"\n{indent}}}"


def _has_class(data: Any) -> bool:
    return isinstance(data, dict) and ("class" in data or any(isinstance(part, dict) for part in data.values()))


def _is_row(data: Any) -> bool:
    return isinstance(data, list) and not any(isinstance(part, dict | list) for part in data)


def as_toml(data: dict[str, Any]) -> str:
    """TOML, with a table for each object."""
    import tomlkit

    document = tomlkit.document()
    for key, part in _plain_first(data):
        document.add(key, _item(part))
    return tomlkit.dumps(document)


def _plain_first(table: dict[str, Any]) -> list[tuple[str, Any]]:
    """The parts of a table, those last which are tables of their own: in TOML nothing can come after them."""
    return sorted(table.items(), key=lambda pair: _is_table(pair[1]))


def _is_table(part: Any) -> bool:
    if isinstance(part, list):
        return bool(part) and all(isinstance(one, dict) and "class" in one for one in part)
    return isinstance(part, dict) and ("class" in part or not any(tag in part for tag in TAGS))


def _item(part: Any) -> Any:
    import tomlkit

    if isinstance(part, dict) and _is_table(part):
        table = tomlkit.table()
        for key, inner in _plain_first(part):
            table.add(key, _item(inner))
        return table
    if isinstance(part, list) and _is_table(part):
        tables = tomlkit.aot()
        for inner in part:
            tables.append(_item(inner))
        return tables
    return _inline(part)


def _inline(part: Any) -> Any:
    import tomlkit

    if isinstance(part, dict):
        table = tomlkit.inline_table()
        for key, inner in part.items():
            table.add(key, _inline(inner))
        return table
    if isinstance(part, list):
        array = tomlkit.array()
        for inner in part:
            array.append(_inline(inner))
        return array.multiline(any(isinstance(inner, list | dict) for inner in part))
    return part

"""An inferred document as a person would write it: YAML with a comment where a number comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from datagen.schema.layout import WIDTH, filled_line

Place = tuple[str, ...]
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_RESERVED = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def written(document: Mapping[str, Any], comments: Mapping[Place, str]) -> str:
    """The document as YAML text. The `description` of a generator becomes a comment behind it."""
    return "\n".join(part for line in _lines(document, (), comments) for part in filled_line(line)) + "\n"


def _lines(value: Mapping[str, Any], place: Place, comments: Mapping[Place, str], depth: int = 0) -> Iterator[str]:
    pad = "  " * depth
    for key, one in value.items():
        at = (*place, str(key))
        inner, comment = _without_description(one, at, comments)
        end = f"  # {comment}" if comment else ""
        head = f"{pad}{_scalar(key)}:"
        if _is_short(inner, at, len(head)):
            yield f"{head} {_flow(inner)}{end}"
        elif isinstance(inner, Mapping) and _is_flat(inner):
            yield from _folded(head, end, inner, "  " * (depth + 1))
        elif isinstance(inner, Mapping):
            yield head + end.replace("  #", " #", 1)
            yield from _lines(inner, at, comments, depth + 1)
        elif not any(isinstance(item, Mapping | list | tuple) for item in inner):
            yield f"{head} {_flow(inner)}{end}"
        elif all(_is_short(item, at, len(pad)) for item in inner):
            yield head + end
            yield from (f"{pad}  - {_flow(item)}" for item in inner)
        else:
            yield head + end
            yield from _items(inner, at, comments, depth + 1)


def _items(values: Any, place: Place, comments: Mapping[Place, str], depth: int) -> Iterator[str]:
    """The items of a list, of which some are objects that are longer than a line."""
    for value in values:
        first = True
        for line in _lines(value, place, comments, depth + 1) if isinstance(value, Mapping) else [_flow(value)]:
            yield "  " * depth + "- " + line.lstrip() if first else line
            first = False


def _is_short(value: Any, place: Place, used: int) -> bool:
    """Whether a value stands on one line: tables and their columns do not."""
    if not isinstance(value, Mapping | list | tuple) or not value:
        return True
    named = place == ("tables",) or (len(place) == 2 and place[0] == "tables") or place[2:] == ("columns",)
    return not named and used + len(_flow(value)) < WIDTH


def _is_flat(value: Mapping[str, Any]) -> bool:
    return len(value) > 1 and not any(isinstance(one, Mapping | list | tuple) for one in value.values())


def _folded(head: str, end: str, value: Mapping[str, Any], pad: str) -> Iterator[str]:
    """An object of plain values over several lines."""
    if "type" in value:
        yield head + end.replace("  #", " #", 1)
        yield from (f"{pad}{_scalar(key)}: {_scalar(one)}" for key, one in value.items())
    else:
        yield f"{head} {_flow(value)}{end}"


def _without_description(value: Any, at: Place, comments: Mapping[Place, str]) -> tuple[Any, str]:
    """A value without its own description, and the comment for it."""
    if isinstance(value, Mapping) and "type" in value and isinstance(value.get("description"), str):
        rest = {key: one for key, one in value.items() if key != "description"}
        return rest, comments.get(at, value["description"])
    return value, comments.get(at, "")


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        value, _ = _without_description(value, (), {})
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _WORD.match(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)

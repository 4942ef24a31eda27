"""The differences between two documents by place, for refused resumes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from datagen.errors import json_path

_MAX_DIFFERENCES = 3
_MAX_CHARACTERS = 40


def differences(existing: Any, requested: Any) -> str:
    """The first places at which two documents differ, with both values; empty if they are equal."""
    found = list(islice(_differing(existing, requested, ()), _MAX_DIFFERENCES + 1))
    more = "; and more" if len(found) > _MAX_DIFFERENCES else ""
    return "; ".join(found[:_MAX_DIFFERENCES]) + more


def _differing(existing: Any, requested: Any, keys: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(existing, Mapping) and isinstance(requested, Mapping):
        yield from _differing_objects(existing, requested, keys)
    elif isinstance(existing, list) and isinstance(requested, list) and len(existing) == len(requested):
        for index, (one, other) in enumerate(zip(existing, requested, strict=True)):
            yield from _differing(one, other, (*keys, index))
    elif existing != requested:
        yield f"{json_path(*keys)} was {_short(existing)} and is {_short(requested)}"


def _differing_objects(
    existing: Mapping[Any, Any], requested: Mapping[Any, Any], keys: tuple[str | int, ...]
) -> Iterator[str]:
    if existing.keys() == requested.keys() and list(existing) != list(requested):
        yield f"{json_path(*keys)} is in another order"
    for key in dict.fromkeys([*existing, *requested]):
        at = (*keys, str(key))
        if key not in requested:
            yield f"{json_path(*at)} is gone"
        elif key not in existing:
            yield f"{json_path(*at)} is new"
        else:
            yield from _differing(existing[key], requested[key], at)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 3] + "..."

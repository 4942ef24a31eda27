"""The differences between two documents by place, for refused resumes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from datagen.errors import json_path

_MOST = 3
_LONG = 40


def differences(begun: Any, requested: Any) -> str:
    """The first places at which two documents differ, with both values; empty if they are equal."""
    found = list(islice(_differing(begun, requested, ()), _MOST + 1))
    more = "; and more" if len(found) > _MOST else ""
    return "; ".join(found[:_MOST]) + more


def _differing(begun: Any, requested: Any, keys: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(begun, Mapping) and isinstance(requested, Mapping):
        yield from _differing_objects(begun, requested, keys)
    elif isinstance(begun, list) and isinstance(requested, list) and len(begun) == len(requested):
        for index, (one, other) in enumerate(zip(begun, requested, strict=True)):
            yield from _differing(one, other, (*keys, index))
    elif begun != requested:
        yield f"{json_path(*keys)} was {_short(begun)} and is {_short(requested)}"


def _differing_objects(
    begun: Mapping[Any, Any], requested: Mapping[Any, Any], keys: tuple[str | int, ...]
) -> Iterator[str]:
    if begun.keys() == requested.keys() and list(begun) != list(requested):
        yield f"{json_path(*keys)} is in another order"
    for key in dict.fromkeys([*begun, *requested]):
        at = (*keys, str(key))
        if key not in requested:
            yield f"{json_path(*at)} is gone"
        elif key not in begun:
            yield f"{json_path(*at)} is new"
        else:
            yield from _differing(begun[key], requested[key], at)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."

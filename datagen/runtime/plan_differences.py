"""The differences between two documents by place, for refused resumes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from datagen.errors import json_path

_MOST = 3
_LONG = 40


def differences(begun: Any, wanted: Any) -> str:
    """The first places at which two documents differ, with both values; empty if they are equal."""
    found = list(islice(_differing(begun, wanted, ()), _MOST + 1))
    more = "; and more" if len(found) > _MOST else ""
    return "; ".join(found[:_MOST]) + more


def _differing(begun: Any, wanted: Any, keys: tuple[str | int, ...]) -> Iterator[str]:
    if begun == wanted:
        return
    if isinstance(begun, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys([*begun, *wanted]):
            at = (*keys, str(key))
            if key not in wanted:
                yield f"{json_path(*at)} is gone"
            elif key not in begun:
                yield f"{json_path(*at)} is new"
            else:
                yield from _differing(begun[key], wanted[key], at)
    elif isinstance(begun, list) and isinstance(wanted, list) and len(begun) == len(wanted):
        for index, (one, other) in enumerate(zip(begun, wanted, strict=True)):
            yield from _differing(one, other, (*keys, index))
    else:
        yield f"{json_path(*keys)} was {_short(begun)} and is {_short(wanted)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."

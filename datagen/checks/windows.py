"""A document without a window, though something in it happens over time."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.house import House
from datagen.errors import Problem
from datagen.schema.unread import UnreadBehavior


def windows(house: House) -> Iterator[Problem]:
    """What happens over time needs to know when the dataset begins and ends."""
    if house.document.window is not None or ("window",) in house.schema.unread:
        return
    reason = next(_reasons(house), None)
    if reason:
        hint = 'write "window": {"start": "2024-01-01", "end": "2025-01-01"}, for example'
        yield Problem("missing", ("window",), f"'window' is missing, but {reason}", hint)


def _reasons(house: House) -> Iterator[str]:
    for facts in house.tables.values():
        if facts.marks and facts.stands_alone is not None:
            yield f"the rows of '{facts.name}' come over time ({facts.rows.type})"
        for behavior in facts.behaviors:
            if behavior.timed and not isinstance(behavior, UnreadBehavior):
                yield f"'{facts.name}' has a behavior over time ({behavior.type})"

"""One change that a repair made: where, from what, to what, why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is a JSONPath of the document, or a line of the text that was given; `before` and
    `after` are shortened.
    """

    place: str
    before: str
    after: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.before or 'nothing'} -> {self.after or 'nothing'} ({self.reason})"


def shown(value: Any) -> str:
    """A value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + "..."


def at_line(line: int, before: str, after: str, reason: str) -> Change:
    """A change of the text, in a line counted from 1."""
    return Change(f"line {line}", before.strip()[:MOST_SHOWN], after.strip()[:MOST_SHOWN], reason)

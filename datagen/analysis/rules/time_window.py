"""A document in which something happens over time has a window."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.schema.reading.placeholders import InvalidBehavior
from datagen.time_units import HOUR, LONGEST, YEAR_HOURS, parse_instant

FIRST, LAST = parse_instant("0001-01-02"), parse_instant("9900-01-01")
"""Calendars and time zones are supported between these."""


def time_window(model: SemanticModel) -> Iterator[Problem]:
    """Events and behaviors over time need a window."""
    window, reason = model.document.window, next(_reasons(model), None)
    if ("window",) in model.schema.unparsed or not reason:
        return
    if window is None:
        hint = 'write "window": {"start": "2024-01-01", "end": "2025-01-01"}, for example'
        yield Problem("missing", ("window",), f"'window' is missing, but {reason}", hint)
        return
    years = (window.end - window.start) / YEAR_HOURS / HOUR
    if window.end - window.start > LONGEST:
        message = f"the window is {years:,.0f} years long, but {reason}, which needs a calendar of hours"
        yield Problem("range", ("window",), message, "choose at most 300 years")
    elif window.start - _history(model) < FIRST or window.end > LAST:
        message = f"the window with its history is outside the years 1 to 9900, but {reason}"
        yield Problem("range", ("window",), message, "choose another century")


def _history(model: SemanticModel) -> int:
    """The longest history of the tables before the window, microseconds."""
    return max((min(facts.rows.reaches_back, LONGEST) for facts in model.tables.values()), default=0)


def _reasons(model: SemanticModel) -> Iterator[str]:
    for facts in model.tables.values():
        if facts.row_times and facts.is_root is not None:
            yield f"the rows of '{facts.name}' are created over time ({facts.rows.type})"
        for behavior in facts.behaviors:
            if behavior.timed and not isinstance(behavior, InvalidBehavior):
                yield f"'{facts.name}' has a behavior over time ({behavior.type})"

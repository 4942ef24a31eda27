"""The calendar in `truth.json`: dates of holidays, and the multiplier of each day for each rate."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import fsum
from typing import Any

import numpy as np

from datagen.engine.program import Program
from datagen.time_units import DAY, format_instant

MOST_DAYS = 4000
MOST_GROUPS = 32
_DIGITS = 6


def calendar(program: Program) -> dict[str, Any]:
    """Holidays and time zones resolved while planning, and the mean multiplier of each day of the window."""
    window = program.model.document.window
    if window is None:
        return {}
    first, last = window.start // DAY, (window.end - 1) // DAY
    frozen = {name: _resolved(what, first, last) for name, what in sorted(program.frozen.items())}
    rates = {table: found for table in program.model.tables if (found := _rate(program, table, first, last))}
    return {"resolved": frozen, "rates": rates}


def _resolved(what: Any, first: int, last: int) -> Any:
    """Days since 1970 by name as dates within the window; other values unchanged."""
    if not isinstance(what, Mapping):
        return what
    return {
        name: _resolved(inner, first, last) if isinstance(inner, Mapping) else _dates(inner, first, last)
        for name, inner in what.items()
    }


def _dates(days: Any, first: int, last: int) -> Any:
    if not isinstance(days, list) or not all(isinstance(day, int) for day in days):
        return days
    return [format_instant(day * DAY) for day in days if first <= day <= last]


def _rate(program: Program, table: str, first: int, last: int) -> dict[str, Any] | None:
    """The daily multipliers of a table's rate, a list for each group of entities with its own calendar."""
    rate = program.effects.rate(table)
    calendars = rate.calendars
    if last - first >= MOST_DAYS or len(calendars) > MOST_GROUPS or all((cells == 1).all() for cells in calendars):
        return None
    days, widths = rate.grid.days, rate.grid.widths
    bounds = np.searchsorted(days, np.arange(first, last + 2)).tolist()
    weighted = [(cells * widths).tolist() for cells in calendars]
    daily = [[round(fsum(cells[a:b]) / 24, _DIGITS) for a, b in pairwise(bounds)] for cells in weighted]
    return {"first_day": format_instant(first * DAY), "unit": "mean multiplier of a day (UTC)", "groups": daily}

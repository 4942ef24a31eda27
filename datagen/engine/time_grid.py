"""The grid of times on which calendars are tabulated, from before the first arrival to after the window."""

from __future__ import annotations

from collections.abc import Iterable

from datagen.analysis.semantic_model import SemanticModel
from datagen.point_process.grid import Grid
from datagen.point_process.nhpp import PERIOD_HOURS, period_begin, periods
from datagen.time_units import DAY, HOUR


def grid_of(model: SemanticModel, tables: Iterable[str] | None = None) -> Grid:
    """The whole hours of these tables and their ancestors (of all tables by default).

    The start never depends on the window's end, nor does any hour that two windows share. It does not depend on
    unrelated tables either, so that another table changes no value of theirs.
    """
    window = model.document.window
    if window is None:
        return Grid(0, 1)
    named = model.tables if tables is None else {above for name in tables for above in model.tables[name].lineage}
    history = max((getattr(model.tables[name].rows, "history", 0) for name in named), default=0)
    start = (window.start - history) // DAY * DAY // HOUR
    longest = PERIOD_HOURS[0]
    end = period_begin(periods(window.start, window.end, longest).stop, longest) // HOUR
    return Grid(start, end - start)

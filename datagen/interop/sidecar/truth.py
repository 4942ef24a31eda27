"""Makes `_truth/truth.json`: the declared parameters with all defaults.

truth               version of this layout: 1
units               the units of numbers
tables              per table: rows, row source, columns, behaviors with their targets, hidden columns and their folder,
                    the folder of a hidden table
calendar            holidays and time zones as they were resolved, and the multiplier of each day for every table's rate
counterfactuals     the declarations that are switched off; empty if there are none
answer_keys         answers to questions about the data; empty if there are none
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.analysis.table_info import TableInfo
from datagen.analysis.total_pushdown import pushed_down
from datagen.engine.program import Program
from datagen.interop.sidecar.declared_parameters import planted
from datagen.kinds.generators.base import Generator
from datagen.runtime.storage.texts import to_json
from datagen.time_units import DAY, format_instant

if TYPE_CHECKING:
    from datagen.planning.plan import Plan
    from datagen.runtime.manifest import Manifest

VERSION = 1
UNITS = {
    "time": "UTC; instants as ISO 8601, durations with their unit (us, ms, s, min, h, d, w, mo, y)",
    "month": "730.5 hours, a twelfth of a year of 365.25 days",
    "mean_per_hour, mean_per_day, mean_per_week, mean_per_month, mean_per_year": (
        "events per parent and that time at multiplier 1"
    ),
    "multipliers": "factors of a rate or a value; 1 is no effect, several on one target are multiplied",
    "growth_per_year": "relative: 0.25 is a quarter more after a year",
    "numbers of a column": "in the units of the column; with `decimals` rounded to so many",
}
MOST_DAYS = 4000
MOST_GROUPS = 32
_DIGITS = 6


def truth(plan: Plan, program: Program, manifest: Manifest) -> str:
    """The text of the file."""
    window = program.model.document.window
    span = {"start": format_instant(window.start), "end": format_instant(window.end)} if window else None
    rows = manifest.rows_of
    tables = {facts.name: _table(program, facts, rows[facts.name]) for facts in program.model.tables.values()}
    head = {
        "truth": VERSION,
        "name": plan.name,
        "seed": plan.seed,
        "scale": plan.scale,
        "plan_id": plan.id,
    }
    body = {"window": span, "units": UNITS, "tables": tables, "calendar": calendar(program)}
    off = program.model.document.without
    counterfactuals = {"without": list(off)} if off else {}
    return to_json({**head, **body, "counterfactuals": counterfactuals, "answer_keys": {}})


def _table(program: Program, facts: TableInfo, rows: int) -> dict[str, Any]:
    shown = {name: g for name, g in facts.columns.items() if not g.hidden}
    hidden = {name: g for name, g in facts.columns.items() if g.hidden}
    made: dict[str, Any] = {
        "parent": facts.parent,
        "key": facts.key,
        "row_count": rows,
        "rows": planted(facts.rows),
        "columns": {name: _column(program, facts.name, name, g) for name, g in shown.items()},
        "behaviors": [_behavior(program, facts, number) for number in range(len(facts.behaviors))],
    }
    if facts.hidden:
        made["hidden_table"] = f"_truth/{facts.name}"
    if hidden:
        columns = {name: _column(program, facts.name, name, g) for name, g in hidden.items()}
        made["hidden"] = {"folder": f"_truth/{facts.name}", "key": facts.key, "columns": columns}
    return made


def _column(program: Program, table: str, name: str, generator: Generator) -> dict[str, Any]:
    model = program.model
    return {
        "type": str(model.type_of(table, name)),
        "nullable": model.nullable(table, name),
        "planted": planted(generator),
    }


def _behavior(program: Program, facts: TableInfo, number: int) -> dict[str, Any]:
    """A behavior with the resolved target of each target: a total is resolved to the column that scales it."""
    model, behavior = program.model, facts.behaviors[number]
    targets = sorted(behavior.targets(model.behavior(facts.name, number)))
    return {"planted": planted(behavior), "multiplies": {target: pushed_down(model, target) for target in targets}}


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

"""Small documents whose behavior is known, and what validation finds of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datagen
from datagen.validation.metrics.base import Finding
from datagen.validation.report.report import Report
from tests.validation.worlds import Tables, tables_of, written

WINDOW = {"start": "2023-01-01", "end": "2025-01-01"}


def document(
    behaviors: list[dict[str, Any]] | None = None,
    visits: Mapping[str, Any] | None = None,
    users: Mapping[str, Any] | None = None,
    **columns: Any,
) -> dict[str, Any]:
    """Users who visit; `behaviors` are those of the users, `visits` and `users` are further keys of the tables
    beside.
    """
    users = {"rows": {"type": "arrivals", "count": 4000, "before_window": 0.3}, **(users or {})}
    visits = {"rows": {"type": "events", "mean_per_month": 1.5}, **(visits or {})}
    plan = {"type": "choice", "values": {"free": 6, "plus": 3, "pro": 1}}
    mine = {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}, "plan": plan}
    theirs = {"visit_id": {"type": "key"}, "user_id": {"type": "parent_key"}, "visited_at": {"type": "event_time"}}
    users["columns"] = {**mine, **users.get("columns", {})}
    users["behaviors"] = [*users.get("behaviors", []), *(behaviors or [])]
    visits["columns"] = {**theirs, **columns}
    return {
        "datagen": 1, "name": "planted", "seed": 11, "window": WINDOW,
        "tables": {"users": users, "visits": {"parent": "users", **visits}},
    }  # fmt: skip


def judged(schema: dict[str, Any], folder: Path, **choices: Any) -> Report:
    """The report on what datagen makes of a document."""
    datagen.generate(schema, folder / "made", overwrite=True, **choices)
    return datagen.validate(schema, folder / "made")


def foreign(schema: dict[str, Any], folder: Path, change: Any = lambda tables: tables) -> Report:
    """The report on the same data as files that anybody could have written, changed in some way."""
    tables, schemas = tables_of(datagen.generate(schema, folder / "made", overwrite=True))
    return datagen.validate(schema, written(change(tables), schemas, folder / "flat"))


def about(report: Report, *words: str) -> list[Finding]:
    """The findings beside constraints and signs that speak of all of these words, in subject, measure,
    table or column.
    """
    found = []
    for finding in report.findings:
        title = f"{finding.table}.{finding.column} {finding.measure} {finding.subject}"
        if finding.group not in ("constraint", "realism") and all(word in title for word in words):
            found.append(finding)
    return found


def one(report: Report, *words: str) -> Finding:
    """The only finding about these words."""
    found = about(report, *words)
    assert len(found) == 1, [f.subject for f in found] or [f.subject for f in report.findings if f.planted is not None]
    return found[0]


def wrong(report: Report) -> list[str]:
    """What was not found as planted."""
    bad = [f for f in about(report) if f.verdict in ("fail", "not recovered")]
    return [f"{f.table}.{f.column} {f.subject}: {f.message}" for f in bad]


__all__ = ["Tables", "about", "document", "foreign", "judged", "one", "wrong"]

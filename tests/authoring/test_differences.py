"""Two documents are compared by what they declare and by the values that change."""

from __future__ import annotations

import json
from typing import Any

from datagen.authoring.differences import differences


def document(rows: int = 20, sd: float = 1.0, **columns: Any) -> str:
    things = {
        "id": {"type": "key"},
        "x": {"type": "normal", "mean": 5, "sd": sd},
        "y": {"type": "uniform", "min": 0, "max": 1},
        **columns,
    }
    parts = {"id": {"type": "key"}, "thing_id": {"type": "parent_key"}}
    tables = {
        "things": {"rows": rows, "columns": things},
        "parts": {"parent": "things", "rows": {"type": "per_parent", "count": 2}, "columns": parts},
    }
    return json.dumps({"datagen": 1, "name": "a", "tables": tables})


def test_a_changed_parameter_changes_its_column_only() -> None:
    found = differences(document(), document(sd=2.0))
    assert [str(change) for change in found.declarations] == ["$.tables.things.columns.x.sd: 1.0 -> 2.0 (changed)"]
    assert [(one.table, one.changed, one.added) for one in found.tables] == [("things", ("x",), ())]


def test_new_rows_and_columns_are_reported_and_change_no_other_value() -> None:
    found = differences(document(), document(30, z={"type": "uuid"}))
    assert [(one.table, one.rows_before, one.rows_after, one.added, one.changed) for one in found.tables] == [
        ("things", 20, 30, ("z",), ()),
        ("parts", 40, 60, (), ()),
    ]


def test_the_same_document_differs_in_nothing() -> None:
    assert differences(document(), document()) == differences(document(3), document(3))

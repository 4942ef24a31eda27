from __future__ import annotations

import datagen
from tests.promises.documents import tables


def document(**more: object) -> dict:
    return {
        "datagen": 1,
        "name": "lines",
        "tables": {
            "orders": {"rows": 40, "columns": {"order_id": {"type": "key"}}},
            "lines": {
                "parent": "orders",
                "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 3, "min": 1}},
                "primary_key": ["order_id", "line"],
                "columns": {"order_id": {"type": "parent_key"}, "line": {"type": "ordinal", **more}},
            },
        },
    }


def test_lines_are_numbered_below_each_parent_and_make_a_primary_key() -> None:
    assert datagen.check(document()) == ()
    seen: dict[int, list[int]] = {}
    for row in tables(document(start=0))["lines"].to_pylist():
        seen.setdefault(row["order_id"], []).append(row["line"])
    assert all(lines == list(range(len(lines))) for lines in seen.values())


def test_a_table_without_a_parent_has_no_ordinals() -> None:
    wrong = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": {"x": {"type": "ordinal"}}}}}
    assert [problem.code for problem in datagen.check(wrong)] == ["no-parent"]

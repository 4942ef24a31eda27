"""The number of children, and of items of a list, is that of a column."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

import datagen
from tests.promises.documents import tables


def theatre(**rows: Any) -> dict[str, Any]:
    def count(column: str, most: int) -> dict[str, Any]:
        return {"type": "from_column", "column": column, "max": most}

    seats = {"type": "poisson", "mean": 3, "max": 6, "modifiers": [{"type": "nulls", "share": 0.1}]}
    shows = {"show_id": {"type": "key"}, "capacity": {"type": "uniform", "min": 5, "max": 40, "decimals": 0}}
    bookings = {
        "booking_id": {"type": "key"},
        "show_id": {"type": "parent_key"},
        "seats": seats,
        "names": {"type": "list", "length": count("seats", 6), "of": {"type": "choice", "values": ["x", "y"]}},
    }
    tickets = {"ticket_id": {"type": "key"}, "booking_id": {"type": "parent_key"}}
    tickets_rows = {"type": "per_parent", "count": count("seats", 6), **rows}
    return {
        "datagen": 1,
        "name": "theatre",
        "tables": {
            "shows": {"rows": 60, "columns": shows},
            "bookings": {
                "parent": "shows",
                "rows": {"type": "per_parent", "count": count("capacity", 40)},
                "columns": bookings,
            },
            "tickets": {"parent": "bookings", "rows": tickets_rows, "columns": tickets},
        },
    }


def test_every_parent_has_as_many_as_its_column_says_in_any_partition() -> None:
    whole, parts = tables(theatre()), tables(theatre(), partition_rows=50)
    assert whole == parts
    found = Counter(whole["tickets"]["booking_id"].to_pylist())
    seats = {row["booking_id"]: row["seats"] or 0 for row in whole["bookings"].to_pylist()}
    assert found == Counter(seats)
    assert all(len(row["names"]) == (row["seats"] or 0) for row in whole["bookings"].to_pylist())
    assert 0 in seats.values() and sum(row["capacity"] for row in whole["shows"].to_pylist()) == len(seats)


def test_validation_finds_parents_with_other_numbers(tmp_path: Path) -> None:
    made = tables(theatre())
    judged = {name: _verdict(tmp_path / "whole", made, name) for name in ("shows", "bookings")}
    assert judged == {"shows": "pass", "bookings": "pass"}
    fewer = {**made, "tickets": made["tickets"].slice(0, len(made["tickets"]) - 1)}
    assert _verdict(tmp_path / "fewer", fewer, "bookings") == "fail"


def _verdict(folder: Path, made: dict[str, pa.Table], table: str) -> str:
    folder.mkdir(exist_ok=True)
    for name, rows in made.items():
        parquet.write_table(rows, folder / f"{name}.parquet")
    findings = datagen.validate(theatre(), folder).findings
    (found,) = (one for one in findings if one.measure == "RowConsistency" and one.table == table)
    return found.verdict


def test_a_number_that_is_not_there_or_too_large_is_a_problem() -> None:
    def only(**count: Any) -> str:
        (problem,) = datagen.check(theatre(count={"type": "from_column", "max": 6, **count}))
        return f"{problem.place}: {problem.message}; {problem.hint}"

    place = "$.tables.tickets.rows.count"
    assert only(column="seat") == f"{place}.column: 'bookings' has no column 'seat'; did you mean 'seats'?"
    assert only(column="names").startswith(f"{place}.column: 'names' is a column of type list<")
    assert only(column="seats", max=5).startswith(f"{place}.max: 'seats' can be 6, more than max 5")
    (problem,) = datagen.check(theatre(none_share=0.5))
    assert "a count of type from_column already sets the share" in problem.message


def test_behaviors_multiply_the_number() -> None:
    document = theatre()
    kind = {"type": "choice", "values": ["a", "b"]}
    document["tables"]["bookings"]["columns"]["kind"] = kind
    document["tables"]["bookings"]["behaviors"] = [
        {"type": "segments", "column": "kind", "multiply": {"b": {"tickets": 2.0}}}
    ]
    made = tables(document)
    due = sum((row["seats"] or 0) * (2 if row["kind"] == "b" else 1) for row in made["bookings"].to_pylist())
    assert len(made["tickets"]) == due

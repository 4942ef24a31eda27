"""Row filters: only rows that satisfy the condition are made, and everything that counts rows knows it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

import datagen
from datagen.kinds.row_sources.base import RowSource
from tests.promises.documents import tables
from tests.validation.folders import failed, put, rewrite, table

DESK: dict[str, Any] = {
    "datagen": 1,
    "name": "desk",
    "window": {"start": "2024-01-01", "end": "2024-06-01"},
    "tables": {
        "users": {
            "rows": 300,
            "columns": {
                "user_id": {"type": "key"},
                "segment": {"type": "choice", "values": {"vip": 1, "standard": 3}},
                "tickets": {"type": "count_of", "table": "tickets"},
            },
            "behaviors": [{"type": "segments", "column": "segment", "multiply": {"vip": {"tickets.cost": 2}}}],
        },
        "tickets": {
            "parent": "users",
            "rows": {"type": "events", "mean_per_month": 2, "where": "cost > 0.5 OR users.segment = 'vip'"},
            "columns": {
                "ticket_id": {"type": "key"},
                "user_id": {"type": "parent_key"},
                "opened_at": {"type": "event_time"},
                "number": {"type": "ordinal"},
                "kind": {"type": "choice", "values": {"a": 1, "b": 2}},
                "cost": {"type": "lognormal", "median": 0.4, "sigma": 0.5, "decimals": 2},
            },
        },
        "notes": {
            "parent": "tickets",
            "rows": {"type": "per_parent", "count": 3, "where": "tickets.kind = 'b' AND urgent"},
            "columns": {"note_id": {"type": "key"}, "ticket_id": {"type": "parent_key"}, "urgent": {"type": "boolean"}},
        },
    },
}


def changed(where: str | None, of: str = "tickets", **columns: Any) -> dict[str, Any]:
    document = copy.deepcopy(DESK)
    document["tables"][of]["rows"]["where"] = where
    document["tables"][of]["columns"] |= columns
    return document


def test_the_rows_that_satisfy_it_are_those_of_the_document_without_it() -> None:
    """Cells do not change; keys and ordinals are dense among the rows that are made."""
    every, some = tables(changed(None)), tables(DESK)
    segments = every["users"].column("segment").take(pc.subtract(every["tickets"]["user_id"], 1))
    expected = every["tickets"].filter(pc.or_(pc.greater(every["tickets"]["cost"], 0.5), pc.equal(segments, "vip")))
    columns = ["user_id", "opened_at", "kind", "cost"]
    assert some["tickets"].select(columns).equals(expected.select(columns))
    assert 0 < len(some["tickets"]) < len(every["tickets"])
    assert some["tickets"]["ticket_id"].to_pylist() == list(range(1, len(some["tickets"]) + 1))
    assert pc.sum(some["users"]["tickets"]).as_py() == len(some["tickets"])
    assert set(some["notes"]["urgent"].to_pylist()) == {True}
    kinds = some["tickets"]["kind"].take(pc.subtract(some["notes"]["ticket_id"], 1))
    assert set(kinds.to_pylist()) == {"b"}


def test_the_plan_counts_what_is_made_and_the_cut_changes_nothing(tmp_path: Path) -> None:
    datagen.generate(DESK, tmp_path / "one")
    datagen.generate(DESK, tmp_path / "cut", partition_rows=300)
    made = {name: len(table(tmp_path / "one", name)) for name in DESK["tables"]}
    assert {name: datagen.plan(DESK).tables[name].rows for name in made} == made
    assert datagen.fingerprint(tmp_path / "one") == datagen.fingerprint(tmp_path / "cut")


def test_validation_judges_what_the_filter_leaves(tmp_path: Path) -> None:
    datagen.generate(DESK, tmp_path / "out")
    report = datagen.validate(DESK, tmp_path / "out")
    assert report.passed, report.failed
    assert report.score == 100
    rows = table(tmp_path / "out", "notes")
    rewrite(tmp_path / "out", "notes", put(rows, "urgent", [False, *rows["urgent"].to_pylist()[1:]]))
    assert ("notes", None, "RowFilter") in failed(datagen.validate(DESK, tmp_path / "out"))


TAKES = {"type": "exponential", "mean": "9m"}


@pytest.mark.parametrize("where, columns, message", [
    ("cost", {}, "the expression has type decimal(2), not bool"),
    ("prize > 3", {}, "there is no column 'prize'"),
    ("1 > 0", {}, "the condition is the same for every row"),
    ("number > 1", {}, "depend on the number of the row or on rows beside it"),
    ("ticket_id > 10", {}, "depend on the number of the row or on rows beside it"),
    *(
        ("more IS NOT NULL", {"takes": TAKES, "more": column}, "depend on the number of the row or on rows beside it")
        for column in (
            {"type": "random_walk", "start": 1, "sd": 1},
            {"type": "autoregressive", "mean": 1, "sd": 1, "phi": 0.5},
            {"type": "expression", "expression": "LAG(cost) OVER ()"},
            {"type": "queue", "arrival": "opened_at", "service": "takes"},
        )
    ),
    ("notes > 1", {"notes": {"type": "count_of", "table": "notes"}}, "depends on itself: tickets -> notes.note_id"),
    ("users.tickets > 2", {}, "depends on itself"),
    ("LAG(cost) OVER () > 2", {}, "the rows are made before their columns"),
])  # fmt: skip
def test_problems(where: str, columns: dict[str, Any], message: str) -> None:
    (problem, *_) = datagen.check(changed(where, **columns))
    assert message in str(problem)


def test_a_root_table_has_no_filter() -> None:
    document = copy.deepcopy(DESK)
    document["tables"]["users"]["rows"] = {"type": "count", "count": 300, "where": "segment = 'vip'"}
    (problem,) = datagen.check(document)
    assert problem.code == "unknown-key"
    assert "filter the rows of a table below it" in problem.hint


def filterable(name: str) -> tuple[dict[str, Any], str]:
    """An example of a row source, and its table."""
    kind = RowSource.member(name)
    assert kind is not None
    document = copy.deepcopy(kind.examples[0])
    (table,) = [
        table
        for table, declared in document["tables"].items()
        if isinstance(declared["rows"], dict) and declared["rows"]["type"] == name
    ]
    return document, table


@pytest.mark.parametrize("name", ["stays", "transitions", "periods", "runs", "versions", "credits"])
def test_every_source_below_a_parent_can_be_filtered(name: str, tmp_path: Path) -> None:
    document, of = filterable(name)
    columns = document["tables"][of]["columns"]
    columns["kept"] = {"type": "boolean", "share": 0.6}
    every = tables(document)[of]
    document["tables"][of]["rows"]["where"] = "kept"
    some = tables(document)[of]
    same = [column for column, declared in columns.items() if declared["type"] != "key"]
    assert 0 < len(some) < len(every)
    assert some.select(same).equals(every.filter(every["kept"]).select(same))
    datagen.generate(document, tmp_path / "out", workers=1)
    report = datagen.validate(document, tmp_path / "out")
    assert report.passed, report.failed


def test_members_of_a_cascade_are_not_left_out() -> None:
    document, members = filterable("cascade")
    document["tables"][members]["rows"]["where"] = "generation > 1"
    assert ["members bring others" in problem.hint for problem in datagen.check(document)] == [True]

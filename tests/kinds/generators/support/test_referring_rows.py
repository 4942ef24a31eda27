"""Roll-ups over references are what a join and GROUP BY find, however the rows are cut; nothing else is made."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datagen
from datagen.engine import recompute
from tests.promises.documents import tables
from tests.validation.folders import failed, put, rewrite, table

FIGURES = {
    "spend": {"type": "sum_of", "expression": "cost"},
    "from_x": {"type": "count_of", "filter": "users.side = 'x'"},
    "first_click": {"type": "min_of", "expression": "clicked_at"},
    "dearest": {"type": "max_of", "expression": "cost", "filter": "kind <> 'a'"},
    "first_kind": {"type": "first_of", "expression": "kind"},
    "last_kind": {"type": "last_of", "expression": "kind || users.side", "order_by": "clicked_at"},
}
ADS: dict[str, Any] = {
    "datagen": 1,
    "name": "ads",
    "window": {"start": "2024-01-01", "end": "2024-06-01"},
    "tables": {
        "campaigns": {
            "rows": 30,
            "columns": {
                "campaign_id": {"type": "key"},
                **{name: {**one, "table": "clicks", "through": "campaign_id"} for name, one in FIGURES.items()},
            },
        },
        "users": {
            "rows": 400,
            "columns": {
                "user_id": {"type": "key"},
                "side": {"type": "choice", "values": ["x", "y"]},
                "praised": {"type": "count_of", "table": "clicks", "through": "friend_id"},
            },
        },
        "clicks": {
            "parent": "users",
            "rows": {"type": "events", "mean_per_month": 1},
            "columns": {
                "click_id": {"type": "key"},
                "user_id": {"type": "parent_key"},
                "campaign_id": {
                    "type": "reference",
                    "table": "campaigns",
                    "popularity": {"type": "zipf", "exponent": 2},
                    "null_share": 0.1,
                },
                "friend_id": {"type": "reference", "table": "users"},
                "clicked_at": {"type": "event_time"},
                "kind": {"type": "choice", "values": ["a", "b", "c"]},
                "cost": {"type": "lognormal", "median": 0.4, "sigma": 0.5, "decimals": 2},
            },
        },
    },
}
JOINED = """
SELECT campaigns.campaign_id,
  round(coalesce(sum(cost), 0), 2), count(*) FILTER (side = 'x'), min(clicked_at),
  max(cost) FILTER (kind <> 'a'), arg_min(kind, click_id), arg_max(kind || side, clicked_at)
FROM campaigns LEFT JOIN (clicks JOIN users USING (user_id)) USING (campaign_id)
GROUP BY ALL ORDER BY ALL"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ads") / "out"
    datagen.generate(ADS, out)
    return out


def test_they_are_what_a_join_finds(folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    campaigns, clicks, users = (table(folder, name) for name in ("campaigns", "clicks", "users"))
    expected = duckdb.sql(JOINED).fetchall()
    names = ", ".join(("campaign_id", *FIGURES)).replace("spend", "round(spend, 2)")
    assert duckdb.sql(f"SELECT {names} FROM campaigns ORDER BY ALL").fetchall() == expected
    assert any(row[3] is None for row in expected), "a campaign without clicks has no first one"
    praised = (
        "SELECT count(*) FROM users u WHERE praised <> (SELECT count(*) FROM clicks c WHERE c.friend_id = u.user_id)"
    )
    assert duckdb.sql(praised).fetchall() == [(0,)], "of one family too"
    assert len(clicks) and len(campaigns) and len(users)


def test_the_cut_into_partitions_changes_nothing(folder: Path, tmp_path: Path) -> None:
    datagen.generate(ADS, tmp_path / "cut", partition_rows=500)
    assert datagen.fingerprint(tmp_path / "cut") == datagen.fingerprint(folder)


def test_keys_may_be_of_any_type() -> None:
    duckdb = pytest.importorskip("duckdb")
    document = copy.deepcopy(ADS)
    columns = document["tables"]["campaigns"]["columns"]
    document["tables"]["campaigns"]["columns"] = {**columns, "campaign_id": {"type": "uuid"}}
    made = tables(document)
    campaigns, clicks, users = (made[name] for name in ("campaigns", "clicks", "users"))
    assert campaigns.schema.field("campaign_id").type == pa.string()
    names = ", ".join(("campaign_id", *FIGURES)).replace("spend", "round(spend, 2)")
    assert duckdb.sql(f"SELECT {names} FROM campaigns ORDER BY ALL").fetchall() == duckdb.sql(JOINED).fetchall()
    assert len(clicks) and len(users)


@pytest.mark.parametrize("parent, hint", [
    ("users", "leave out 'through': 'clicks' is a child of 'users'"),
    ("visits", "aggregate in the table between them first"),
])  # fmt: skip
def test_copied_keys_of_parents_are_no_numbers(parent: str, hint: str) -> None:
    document = copy.deepcopy(ADS)
    document["tables"]["users"]["columns"] |= {
        "user_id": {"type": "uuid"},
        "clicks": {"type": "count_of", "table": "clicks", "through": "user_id"},
    }
    document["tables"]["visits"] = {
        "parent": "users",
        "rows": {"type": "per_parent", "count": 2},
        "columns": {"visit_id": {"type": "key"}},
    }
    document["tables"]["clicks"]["parent"] = parent
    document["tables"]["clicks"]["columns"]["user_id"] = {"type": "parent_key", "table": "users"}
    (problem,) = datagen.check(document)
    assert (problem.code, problem.hint) == ("type", hint)
    assert problem.message == "'clicks.user_id' copies a key of 'users' that is no number"


def test_a_table_of_parts_rolls_up_what_refers_to_them(tmp_path: Path) -> None:
    """The table with the roll-up may have a parent, and a reference of its own may read the figure."""
    document = copy.deepcopy(ADS)
    document["tables"]["advertisers"] = {"rows": 6, "columns": {"advertiser_id": {"type": "key"}}}
    document["tables"]["campaigns"] |= {"parent": "advertisers", "rows": {"type": "per_parent", "count": 5}}
    document["tables"]["reviews"] = {
        "rows": 50,
        "columns": {
            "it": {"type": "reference", "table": "campaigns"},
            "spend": {"type": "lookup", "through": "it", "column": "spend"},
        },
    }
    datagen.generate(document, tmp_path / "out", partition_rows=100)
    report = datagen.validate(document, tmp_path / "out")
    assert report.passed, report.failed


@pytest.mark.parametrize("column", ["spend", "from_x", "first_kind"])
def test_validation_finds_a_wrong_figure(column: str, folder: Path, tmp_path: Path) -> None:
    datagen.generate(ADS, tmp_path / "out")
    assert datagen.validate(ADS, tmp_path / "out").passed
    rows = table(tmp_path / "out", "campaigns")
    cells = rows.column(column).to_pylist()
    at = next(i for i, cell in enumerate(cells) if cell is not None)
    wrong = {"a": "b", "b": "c", "c": "a"}[cells[at]] if isinstance(cells[at], str) else cells[at] + 1
    cells[at] = wrong
    rewrite(tmp_path / "out", "campaigns", put(rows, column, cells))
    assert ("campaigns", column, "RowConsistency") in failed(datagen.validate(ADS, tmp_path / "out"))


def test_validation_finds_a_row_that_no_figure_knows(tmp_path: Path) -> None:
    datagen.generate(ADS, tmp_path / "out")
    rows = table(tmp_path / "out", "clicks")
    rewrite(tmp_path / "out", "clicks", put(rows, "cost", [c + 1 for c in rows.column("cost").to_pylist()]))
    assert ("campaigns", "spend", "RowConsistency") in failed(datagen.validate(ADS, tmp_path / "out"))


def test_a_table_that_no_worker_can_go_through_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "MOST_SCANNED", 100)
    (first, *_) = datagen.check(ADS)
    assert (first.code, str(first).split(":")[0]) == ("unplannable", "$.tables.campaigns.columns.spend")
    assert "goes through all its" in first.message


@pytest.mark.parametrize("change, message", [
    ({"through": "user_id"}, "'clicks.user_id' holds no keys of 'campaigns'; known: campaign_id"),
    ({"through": "campain_id"}, "'clicks' has no column 'campain_id'; did you mean 'campaign_id'?"),
    ({"table": "klicks"}, "there is no table 'klicks'; did you mean 'clicks'?"),
    ({"through": None}, ("'clicks' is not below 'campaigns', but its column 'campaign_id' refers to it; write "
                         "\"through\": \"campaign_id\"")),
])  # fmt: skip
def test_problems(change: dict[str, Any], message: str) -> None:
    document = copy.deepcopy(ADS)
    document["tables"]["campaigns"]["columns"] = {
        "campaign_id": {"type": "key"},
        "spend": {**FIGURES["spend"], "table": "clicks", "through": "campaign_id", **change},
    }
    (problem,) = datagen.check(document)
    assert message in str(problem)


def test_a_figure_that_its_rows_read_is_a_cycle() -> None:
    document = copy.deepcopy(ADS)
    document["tables"]["clicks"]["columns"]["cost"] = {"type": "lookup", "through": "campaign_id", "column": "spend"}
    assert [problem.code for problem in datagen.check(document)] == ["cycle"]

"""Keys of any type can be referred to: UUIDs, codes, several columns; the files, the DDL and the checks agree on every
foreign key.
"""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import datagen
from datagen.analysis import analyze_or_raise
from datagen.analysis.foreign_keys import ForeignKey, foreign_keys
from datagen.interop.export.registry import export
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.discovery import found as found_in
from datagen.validation.slicing.external import foreign
from datagen.validation.slicing.file_slice import FileSlice
from tests.recovery.worlds import frames

CASES = Path(__file__).parents[1] / "cases"
FOREIGN = {
    "orders": [("customer_id",), ("product",)],
    "lines": [("order_no",), ("product",), ("buyer",)],
    "remarks": [("order_no", "product")],
    "calls": [("customer_id",), ("code",), ("order_no", "product")],
}


def case(name: str = "keys_of_any_type") -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    return document


def test_every_foreign_key_of_the_document_is_known() -> None:
    model = analyze_or_raise(case())
    found = {table: [key.columns for key in foreign_keys(model, table)] for table in model.tables}
    assert {table: keys for table, keys in found.items() if keys} == FOREIGN
    assert foreign_keys(model, "calls")[1] == ForeignKey(("code",), "agents", ("badge",))


def test_the_tables_load_into_a_database_that_enforces_every_key(tmp_path: Path) -> None:
    datagen.generate(case(), tmp_path / "out")
    made = duckdb.connect()
    made.execute(export(case(), "ddl", dialect="duckdb"))
    for table in ("customers", "products", "agents", "orders", "lines", "remarks", "calls"):
        made.execute(f"INSERT INTO {table} SELECT * FROM read_parquet('{tmp_path}/out/{table}/*.parquet')")
        assert made.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] > 0  # type: ignore[index]
    looked_up = "SELECT COUNT(*) FROM orders o JOIN products p ON o.product = p.product_code WHERE o.price <> p.price"
    assert made.execute(looked_up).fetchone() == (0,)


def test_behaviors_reach_a_row_through_a_key_that_is_text() -> None:
    made = frames(case(), 3)
    calls = made["calls"].merge(made["customers"], on="customer_id")
    medians = calls.groupby(calls["segment"].astype(str))["minutes"].median()
    assert medians["vip"] / medians["plain"] == pytest.approx(3, rel=0.25)


def test_any_cut_gives_the_same_cells() -> None:
    assert datagen.fingerprint(case()) == datagen.fingerprint(case(), partition_rows=100)


@pytest.mark.parametrize("format_", ["parquet", "csv"])
@pytest.mark.parametrize("seen", ["all of it", "without truth"])
def test_validation_joins_by_any_key_with_and_without_hidden_columns(tmp_path: Path, format_: str, seen: str) -> None:
    document = {**case(), "output": {"type": format_}}
    datagen.generate(document, tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    if seen == "without truth":
        for name in document["tables"]:
            shutil.move(tmp_path / "out" / name, tmp_path / "elsewhere" / name)
    report = datagen.validate(document, tmp_path / ("elsewhere" if seen == "without truth" else "out"))
    assert report.passed and report.score >= 95
    integrity = [one for one in report.findings if one.measure == "ReferentialIntegrity"]
    resolved = [one for one in integrity if one.column in document["tables"][one.table]["columns"]]
    assert len(resolved) >= 10 and {one.verdict for one in resolved} == {"pass"}


def test_a_large_family_is_divided_by_keys_of_any_type(tmp_path: Path) -> None:
    datagen.generate(case(), tmp_path / "out")
    model = analyze_or_raise(case())
    view = View.of(case(), found_in(tmp_path / "out", model.tables))
    (tmp_path / "scratch").mkdir()
    parts = [FileSlice(view, piece) for piece in foreign(view, tmp_path / "scratch", most=1000)]
    assert len(parts) > 5
    for table in ("orders", "lines", "remarks"):
        blocks = [part.block(table) for part in parts]
        assert sum(len(block) for block in blocks if block is not None) == view.source.rows[table]
        assert not any(len(part.orphans(table)) for part in parts)


@pytest.mark.parametrize(
    ("table", "column", "measure"),
    [("orders", "customer_id", "ReferentialIntegrity"), ("calls", "code", "ReferentialIntegrity")],
)
def test_a_key_that_is_not_there_is_found(tmp_path: Path, table: str, column: str, measure: str) -> None:
    datagen.generate(case(), tmp_path)
    file = next((tmp_path / table).glob("*.parquet"))
    changed = f"SELECT * REPLACE (CASE WHEN row_number() OVER () = 5 THEN 'nobody' ELSE {column} END AS {column})"
    duckdb.execute(f"COPY ({changed} FROM '{file}') TO '{tmp_path}/changed.parquet' (FORMAT parquet)")
    shutil.move(tmp_path / "changed.parquet", file)
    report = datagen.validate(case(), tmp_path)
    failed = {(one.table, one.column, one.measure) for one in report.findings if one.verdict == "fail"}
    assert (table, column, measure) in failed


def test_a_lookup_of_a_key_through_a_hidden_reference_is_a_foreign_key_everywhere() -> None:
    document = case("hidden_key")
    ddl = export(document, "ddl", dialect="postgres")
    assert 'PRIMARY KEY ("customer_id")' in ddl
    assert 'FOREIGN KEY ("customer_id") REFERENCES "customers" ("customer_id")' in ddl
    assert "ref('customers')" in export(document, "dbt")
    assert '"customers" ||--o{ "tickets" : "customer_id"' in export(document, "mermaid")


PROBLEMS = [
    (
        "calls",
        "order_no",
        {"type": "reference", "table": "lines"},
        "the key of 'lines' has 2 columns: order_no, product",
    ),
    ("calls", "code", {"type": "reference", "table": "agents", "key": "bagde"}, "'agents' has no column 'bagde'"),
    ("remarks", "order_no", {"type": "parent_key"}, "the key of 'lines' has 2 columns: order_no, product"),
    ("remarks", "order_no", {"type": "parent_key", "key": "x"}, "'lines' has no column 'x'"),
    (
        "calls",
        "code",
        {"type": "case", "column": "minutes", "cases": {"1": {"type": "reference", "table": "customers"}}},
        "'customers.customer_id' is not of type 'key', and this reference is part of another generator",
    ),
]


@pytest.mark.parametrize(("table", "column", "declared", "words"), PROBLEMS)
def test_what_cannot_be_a_key_is_a_problem(table: str, column: str, declared: dict[str, Any], words: str) -> None:
    document = copy.deepcopy(case())
    document["tables"][table]["columns"][column] = declared
    assert any(problem.message.startswith(words) for problem in datagen.check(document)), datagen.check(document)


PEOPLE = {
    "rows": {"type": "arrivals", "count": 300},
    "primary_key": ["token"],
    "columns": {
        "token": {"type": "uuid"},
        "at": {"type": "arrival_time"},
        "city": {"type": "choice", "values": {"a": 1, "b": 2}},
        "limit": {"type": "uniform", "min": 0, "max": 9, "modifiers": [{"type": "nulls", "share": 0.2}]},
    },
}


def looked_up(through: str, column: str) -> dict[str, str]:
    return {"type": "lookup", "through": through, "column": column}


def test_lookups_follow_a_parent_key_that_is_text(tmp_path: Path) -> None:
    """Of the parent, of the parent of the parent, and of a table whose key is such a parent key."""
    key, parent = {"type": "key"}, {"type": "parent_key"}
    visits = {"id": key, "person": parent, "city": looked_up("person", "city"), "limit": looked_up("person", "limit")}
    profiles = {"person": parent, "score": {"type": "uniform", "min": 0, "max": 9}}
    calls = {"id": key, "profile": {"type": "reference", "table": "profiles"}, "score": looked_up("profile", "score")}
    one = {"type": "per_parent", "count": 1}
    tables = {
        "people": PEOPLE,
        "visits": {"parent": "people", "rows": {"type": "per_parent", "count": 3}, "columns": visits},
        "lines": {
            "parent": "visits",
            "rows": one,
            "columns": {"visit": parent, "city": looked_up("visits.person", "city")},
        },
        "profiles": {"parent": "people", "primary_key": ["person"], "rows": one, "columns": profiles},
        "calls": {"rows": 500, "columns": calls},
    }
    document = {
        "datagen": 1,
        "name": "tokens",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": tables,
    }
    assert datagen.check(document) == ()
    made = frames(document, 3)
    for table, through, other, column in (
        ("visits", "person", "people", "city"),
        ("visits", "person", "people", "limit"),
        ("calls", "profile", "profiles", "score"),
    ):
        target = made[other].set_index("token" if other == "people" else "person")[column]
        expected = target.reindex(made[table][through]).reset_index(drop=True)
        assert expected.equals(made[table][column].reset_index(drop=True))
    lines = made["lines"].merge(made["visits"], left_on="visit", right_on="id")
    assert len(lines) == 900 and (lines["city_x"].astype(str) == lines["city_y"].astype(str)).all()
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert report.passed and report.score == 100


def test_a_hidden_key_is_not_what_others_refer_to() -> None:
    columns = {"number": {"type": "key", "hidden": True}, "badge": {"type": "formatted_key", "format": "E-{number:3}"}}
    rows = {"type": "per_parent", "count": 1}
    shifts = {"badge": {"type": "parent_key"}, "deputy": {"type": "reference", "table": "people"}}
    tables = {
        "people": {"rows": 20, "primary_key": "badge", "columns": columns},
        "shifts": {"parent": "people", "rows": rows, "columns": shifts},
    }
    document = {"datagen": 1, "name": "shifts", "tables": tables}
    made = datagen.preview(document, rows=20)
    badges = made["people"]["badge"].to_pylist()
    assert made["shifts"]["badge"].to_pylist() == badges and set(made["shifts"]["deputy"].to_pylist()) <= set(badges)
    found = foreign_keys(analyze_or_raise(document), "shifts")
    assert [(key.columns, key.keys) for key in found] == [(("badge",), ("badge",)), (("deputy",), ("badge",))]

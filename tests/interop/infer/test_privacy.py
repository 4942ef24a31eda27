"""What is inferred keeps nothing that fewer than k persons share, and no day or key of a single row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.interop.infer import infer

PERSONS = 200


def columns(tables: dict[str, Any], name: str, k: int = 20) -> dict[str, Any]:
    """The columns of an inferred table."""
    made = infer({one: pd.DataFrame(table) for one, table in tables.items()}, "x", k)
    assert made.problems == ()
    found: dict[str, Any] = made.document["tables"][name]["columns"]
    return found


def visits(**more: Any) -> dict[str, Any]:
    """A table of 6 visits of each person."""
    return {"visit_id": range(6 * PERSONS), "patient_id": [n % PERSONS + 1 for n in range(6 * PERSONS)], **more}


def of_one_person(value: Any, other: Any, rows: int = 6 * PERSONS) -> list[Any]:
    """`value` in the rows of persons 1 to 8 (48 rows), `other` elsewhere."""
    return [value if n % PERSONS < 8 else other for n in range(rows)]


def test_a_value_in_many_rows_of_few_persons_is_rare() -> None:
    """The patients are those of a table, or what a column tells that is called like their key."""
    table = visits(ward=[one if n % 3 else "south" for n, one in enumerate(of_one_person("secret", "north"))])
    with_patients = {"patients": {"patient_id": range(1, PERSONS + 1)}, "visits": table}
    for tables in (with_patients, {"visits": table}):
        assert set(columns(tables, "visits")["ward"]["values"]) == {"north", "south"}
    rows = {"visits": {key: value for key, value in table.items() if key != "patient_id"}}
    assert "secret" in columns(rows, "visits")["ward"]["values"]


def test_bounds_are_those_of_persons_and_not_of_their_rows() -> None:
    weights = [60.0 + n % 7 + n % 11 / 10 for n in range(6 * PERSONS)]
    heavy = [987.0 if person else weight for person, weight in zip(of_one_person(1, 0), weights, strict=True)]
    assert "987" not in json.dumps(columns({"visits": visits(weight=heavy)}, "visits"))


def test_items_of_one_row_are_those_of_one_person(tmp_path: Path) -> None:
    tags = [["secret"] * 30 if n == 7 else [f"t{n % 3}"] for n in range(300)]
    pq.write_table(pa.table({"id": range(300), "tags": tags}), tmp_path / "people.parquet")
    made = infer(tmp_path)
    assert set(made.document["tables"]["people"]["columns"]["tags"]["of"]["values"]) == {"t0", "t1", "t2"}


def test_fields_and_shapes_of_few_rows_are_left_out(tmp_path: Path) -> None:
    extra = [{"a": n % 2, "vip": "X-99-Z" if n < 5 else None} for n in range(300)]
    codes = [f"K/{n:04d}" if n < 15 else None for n in range(300)]
    pq.write_table(pa.table({"id": range(300), "extra": extra, "code": codes}), tmp_path / "people.parquet")
    made = infer(tmp_path)
    found = made.document["tables"]["people"]["columns"]
    assert set(found["extra"]["fields"]) == {"a"} and "extra.vip" in "\n".join(made.notes)
    assert found["code"]["pattern"] == "????????"


def test_groups_with_shares_of_missing_cells_have_k_entities() -> None:
    ward = ["north" if n % 10 else "south" for n in range(600)]  # 60 rows in the south
    table = {"id": range(600), "ward": ward, "x": [None if w == "south" else n * 1.5 for n, w in enumerate(ward)]}
    assert "by" in columns({"stays": table}, "stays", 50)["x"]["modifiers"][0]
    assert "south" not in json.dumps(columns({"stays": table}, "stays", 80))


@pytest.mark.parametrize(
    ("days", "k", "start", "end"),
    [(300, 20, "2023-01-01", "2023-12-01"), (30, 20, "2023-01-16", "2023-02-20"), (30, 1, "2023-01-18", "2023-02-17")],
)
def test_the_window_has_whole_months_or_weeks(days: int, k: int, start: str, end: str) -> None:
    at = pd.date_range("2023-01-18 07:33", periods=days)
    window = infer({"events": pd.DataFrame({"event_id": range(days), "at": at})}, "x", k).document["window"]
    assert window == {"start": start, "end": end}


def test_the_first_key_has_one_digit() -> None:
    table = {"customer_id": range(38_471, 38_971), "x": [n % 7 for n in range(500)]}
    assert columns({"customers": table}, "customers")["customer_id"] == {"type": "key", "start": 30_000}
    assert columns({"customers": table}, "customers", 1)["customer_id"] == {"type": "key", "start": 38_471}


@pytest.mark.parametrize("most", [1_000_000, 100])
def test_the_first_row_of_a_file_without_a_header_gives_no_names(most: int, tmp_path: Path) -> None:
    rows = "\n".join(
        f"{n},Anna Secret{n},{'north' if n % 2 else 'south'},2023-01-{n % 28 + 1:02d}" for n in range(1, 400)
    )
    (tmp_path / "people.csv").write_text(rows + "\n")
    made = infer(tmp_path, most_rows=most)
    assert "Secret" not in json.dumps(made.document)
    table = made.document["tables"]["people"]
    assert set(table["columns"]) >= {f"column_{n}" for n in range(1, 5)}
    assert (table["rows"]["count"], table["columns"]["column_1"]) == (399, {"type": "key"})
    assert set(table["columns"]["column_3"]["values"]) == {"north", "south"}


@pytest.mark.parametrize("header", ["country,2019,2020", "id,name,score", "Straße,Größe in m,x"])
def test_a_header_is_one(header: str, tmp_path: Path) -> None:
    rows = "".join(f"{'ab'[n % 2]},{n},{n * 2}\n" for n in range(50))
    (tmp_path / "t.csv").write_text(f"{header}\n{rows}")
    made = infer(tmp_path)
    assert "column_1" not in made.document["tables"]["t"]["columns"]
    assert made.document["tables"]["t"]["rows"] == 50

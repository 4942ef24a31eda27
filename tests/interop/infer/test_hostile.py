"""Odd data gives a sound document or a note that says what is not inferred."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.errors import DataError
from datagen.interop.infer import Inferred, infer

N = 400


def inferred(tmp_path: Path, **tables: Any) -> Inferred:
    for name, table in tables.items():
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
    made = infer(tmp_path, "odd")
    assert made.problems == ()
    datagen.preview(made.document, rows=3)
    return made


def columns(made: Inferred, table: str = "t") -> dict[str, Any]:
    return made.document["tables"][table]["columns"]  # type: ignore[no-any-return]


def test_nested_columns_become_nested_generators(tmp_path: Path) -> None:
    made = inferred(tmp_path, t={
        "s": [{"n": i % 3, "c": {"d": "xy"[i % 2]}} if i % 10 else None for i in range(N)],
        "l": [["a", "b", "c"][: i % 4] for i in range(N)],
        "fixed": [[{"p": i * 0.5}] * 2 for i in range(N)],
        "m": pa.array([[("k1", 1.5), ("k2", 2.0)][: 1 + i % 2] for i in range(N)], pa.map_(pa.string(), pa.float64())),
        "b": [b"x"] * N,
    })  # fmt: skip
    found = columns(made)
    assert found["s"]["modifiers"] == [{"type": "nulls", "share": 0.1}]
    assert (
        found["s"]["fields"]["n"]["type"] == "choice" and found["s"]["fields"]["c"]["fields"]["d"]["type"] == "choice"
    )
    assert found["l"]["length"]["mean"] == 1.5 and found["l"]["of"]["values"]["a"] == 50
    assert found["fixed"]["length"] == 2 and found["fixed"]["of"]["fields"]["p"]["type"] == "uniform"
    assert found["m"]["keys"] == {"k1": 1.0, "k2": 0.5}
    assert made.notes == ("t.b: a column of type binary is not inferred",)


def test_columns_without_values_are_left_out_and_told(tmp_path: Path) -> None:
    made = inferred(tmp_path, t={"id": list(range(N)), "a": [None] * N, "b": pa.array([None] * N, pa.timestamp("us"))})
    assert list(columns(made)) == ["id"]
    assert made.notes == tuple(f"t.{name}: has no value in any row, and is left out" for name in "ab")


def test_a_source_without_a_value_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [None, None]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="no tables with a value"):
        infer(tmp_path)


def test_constants_and_single_rows(tmp_path: Path) -> None:
    made = inferred(tmp_path, many={"a": [5.0] * N, "b": ["x"] * N, "c": [True] * N},
                    one={"id": [1], "a": [41.25], "b": ["secret"], "d": pa.array([19050], pa.date32())})  # fmt: skip
    assert [one["value"] for one in columns(made, "many").values()] == [5.0, "x", True]
    text = json.dumps(made.document["tables"]["one"])
    assert "secret" not in text and "41" not in text and "2022-02" not in text


def test_a_table_without_rows_keeps_its_types(tmp_path: Path) -> None:
    made = inferred(tmp_path, t={"a": pa.array([], pa.string()), "d": pa.array([], pa.timestamp("us"))}, u={"x": [1]})
    assert made.document["tables"]["t"]["rows"] == 0 and list(columns(made)) == ["a", "d"]


def test_dates_times_and_money_as_text(tmp_path: Path) -> None:
    money = np.random.default_rng(1).lognormal(7, 1, N)
    made = inferred(tmp_path, t={
        "day": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(N)],
        "us": [f"{1 + i % 12}/{1 + i % 28}/2024" for i in range(N)],
        "at": [f"2024-{1 + i % 12:02d}-01T10:{i % 60:02d}:00Z" for i in range(N)],
        "price": [f"${one:,.2f}" for one in money],
        "zip": [f"{i * 137 % 99999:05d}" for i in range(N)],
        "mixed": ["12" if i % 2 else f"abc{i}" for i in range(N)],
        "bad": ["2024-02-31"] * (N - 3) + ["2024-02-30", "2024-02-29", "2024-02-28"],
    })  # fmt: skip
    found = columns(made)
    assert found["day"]["as"] == found["us"]["as"] == "date"
    assert found["price"]["median"] == pytest.approx(np.exp(7), rel=0.15) and found["price"]["decimals"] == 2
    assert found["at"]["type"] == "arrival_time" and found["zip"]["pattern"] == "#####"
    assert found["mixed"]["type"] == "pattern" and found["bad"]["type"] in ("pattern", "constant", "choice")


def test_names_that_no_document_has(tmp_path: Path) -> None:
    table = {
        "ключ id": list(range(N)),
        "a.b": [0.5, 1.5] * 200,
        "a_b": [1, 2] * 200,
        "": [1, 2] * 200,
        "1": [1, 2] * 200,
    }
    made = inferred(tmp_path, **{"Größe Tab.": table, "grosse_tab": {"x": [1, 2] * 20}})
    assert set(made.document["tables"]) == {"Grosse_Tab", "grosse_tab_2"} or set(made.document["tables"]) == {
        "Grosse_Tab_2", "grosse_tab"}  # fmt: skip
    wide = next(one["columns"] for one in made.document["tables"].values() if len(one["columns"]) == 5)
    assert list(wide) == ["ключ id", "a_b_2", "a_b", "t", "1"]
    assert any("'a.b' is called a_b_2" in note for note in made.notes)


def test_composite_keys_and_many_to_many(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    made = inferred(
        tmp_path,
        students={"student_id": list(range(1, 101))},
        courses={"course_id": list(range(1, 61))},
        enrolments={"student_id": np.repeat(np.arange(1, 101), 6),
                    "course_id": np.concatenate([rng.permutation(60)[:6] + 1 for _ in range(100)])},
        lines={"student_id": np.repeat(np.arange(1, 101), 4), "line_no": np.tile(np.arange(1, 5), 100)},
    )  # fmt: skip
    tables = made.document["tables"]
    assert tables["enrolments"]["primary_key"] == ["student_id", "course_id"]
    assert columns(made, "enrolments")["course_id"] == {"type": "reference", "table": "courses", "distinct": True}
    assert tables["lines"]["primary_key"] == ["student_id", "line_no"]
    assert columns(made, "lines")["line_no"] == {"type": "ordinal"}


def test_a_key_that_is_the_key_of_another_table(tmp_path: Path) -> None:
    made = inferred(
        tmp_path, accounts={"account_id": list(range(1, 301))}, holders={"account_id": list(range(1, 300, 3))}
    )
    assert made.document["tables"]["holders"]["parent"] == "accounts"


def test_wide_tables_and_odd_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    wide = {f"c{i}": rng.normal(size=60) for i in range(300)}
    odd = {
        "inf": np.where(np.arange(N) % 7 == 0, np.inf, rng.normal(size=N)),
        "big": rng.integers(-(2**62), 2**62, N),
        "tiny": rng.normal(size=N) * 1e-12,
        "zeros": np.where(rng.random(N) < 0.6, 0, rng.lognormal(3, 1, N)),
    }
    made = inferred(tmp_path, wide=wide, t=odd)
    assert len(columns(made, "wide")) == 300 and "correlations" not in made.document["tables"]["wide"]
    zeros = columns(made)["zeros"]["parts"]
    assert zeros[0] == {"weight": pytest.approx(60, abs=6), "value": 0} and zeros[1]["value"]["type"] == "lognormal"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_columns_of_one_name_are_numbered(suffix: str, tmp_path: Path) -> None:
    table = pa.table([pa.array(range(N)), pa.array(["u", "v"] * 200), pa.array([1.5, 2.5] * 200)], ["id", "x", "x"])
    if suffix == "parquet":
        pq.write_table(table, tmp_path / "t.parquet")
    else:
        lines = [
            "id,x,x",
            *(",".join(map(str, row)) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)),
        ]
        (tmp_path / "t.csv").write_text("\n".join(lines))
    made = infer(tmp_path)
    assert list(columns(made)) == ["id", "x", "x_2"]
    assert made.notes == ("t.x: there is another column of this name; it is called x_2",)

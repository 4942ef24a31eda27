"""What is inferred is sound, finds every key, keeps no value of a person, and comes back from the data
that it makes.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import sqlalchemy

import datagen
from datagen.authoring.repair.tree import formatted
from datagen.authoring.starters import starters
from datagen.errors import DataError
from datagen.interop.infer import Inferred, infer
from datagen.interop.infer.distributions import DISTRIBUTIONS
from tests.interop.infer.databases import KEYS, MUSIC, MUSIC_DDL, RARE, music, statements
from tests.postgres_server import postgres

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return music(tmp_path_factory.mktemp("music") / "out")


def keys(made: Inferred) -> set[tuple[str, str, str]]:
    """Every column that holds keys of a table: (table, column, other table)."""
    found = set()
    for name, table in made.document["tables"].items():
        for column, generator in table["columns"].items():
            if generator["type"] == "parent_key":
                found.add((name, column, table["parent"]))
            elif generator["type"] == "reference":
                found.add((name, column, generator["table"]))
            elif generator["type"] == "hierarchy":
                found.add((name, column, name))
    return found


UNNAMED = {("customer", "support_rep_id", "employee")}
"""Keys whose columns do not name their table: found where they are declared."""


def assert_music(made: Inferred, *, declared: bool = True) -> None:
    """The document of the music shop, wherever it comes from."""
    assert made.problems == () and datagen.check(made.document) == ()
    assert keys(made) == (KEYS if declared else KEYS - UNNAMED)
    found = made.document["tables"]
    assert found["customer"]["rows"]["type"] == "arrivals"
    assert found["invoice"]["rows"]["mean_per_month"] == pytest.approx(0.5, rel=0.15)
    assert found["invoice"]["behaviors"][0]["weekday"]["sat"] == pytest.approx(14 / 9, rel=0.15)
    assert found["invoice_line"]["rows"]["count"] == {
        "type": "geometric",
        "mean": pytest.approx(2.5, rel=0.05),
        "min": 1,
    }
    assert found["track"]["rows"]["count"] == {"type": "poisson", "mean": pytest.approx(9, rel=0.05)}
    assert found["invoice"]["columns"]["total"] == {
        "type": "sum_of",
        "table": "invoice_line",
        "expression": "unit_price * quantity",
    }
    assert found["invoice_line"]["columns"]["unit_price"] == {
        "type": "lookup",
        "through": "track_id",
        "column": "unit_price",
    }
    assert found["track"]["columns"]["milliseconds"]["median"] == pytest.approx(240_000, rel=0.05)
    assert found["invoice_line"]["columns"]["quantity"]["values"]["2"] == pytest.approx(20, rel=0.15)


def test_a_folder_of_parquet_files(tables: Tables, tmp_path: Path) -> None:
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    assert_music(infer(tmp_path, "music"), declared=False)


def test_a_folder_of_csv_files(tables: Tables, tmp_path: Path) -> None:
    for name, table in tables.items():
        plain = pa.table(
            {
                n: c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c
                for n, c in zip(table.column_names, table.columns, strict=True)
            }
        )
        pyarrow.csv.write_csv(plain, tmp_path / f"{name}.csv")
    assert_music(infer(tmp_path, "music"), declared=False)


def test_sqlite(tables: Tables, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "music.sqlite") as connection:
        connection.executescript(MUSIC_DDL)
        for statement, rows in statements(tables):
            texts = [tuple(str(cell) if hasattr(cell, "year") else cell for cell in row) for row in rows]
            connection.executemany(f"{statement} ({', '.join('?' * len(rows[0]))})", texts)
    connection.close()
    assert_music(infer(tmp_path / "music.sqlite"))


def test_duckdb(tables: Tables, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(tmp_path / "music.duckdb")) as connection:
        connection.execute(MUSIC_DDL)
        for name, table in tables.items():
            connection.register("rows_", table)
            for row in range(table.num_rows if name == "employee" else 1):  # a boss is there before
                only = f"LIMIT 1 OFFSET {row}" if name == "employee" else ""
                connection.execute(f"INSERT INTO {name} SELECT * FROM rows_ {only}")
    assert_music(infer(tmp_path / "music.duckdb"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres() as url:
        yield url


SCHEMAS_DDL = """
CREATE SCHEMA sales; CREATE SCHEMA hr;
CREATE TABLE hr.people (id int PRIMARY KEY, unit text);
CREATE TABLE sales.people (id int PRIMARY KEY, kind text);
CREATE TABLE sales.calls (id int PRIMARY KEY, people_id int REFERENCES sales.people (id));
INSERT INTO hr.people SELECT i, 'u' || (i % 3) FROM generate_series(1, 100) AS t(i);
INSERT INTO sales.people SELECT i, 'k' || (i % 3) FROM generate_series(1, 100) AS t(i);
INSERT INTO sales.calls SELECT i, 1 + i % 100 FROM generate_series(1, 300) AS t(i);
"""
ACROSS_DDL = """
CREATE TABLE hr.visits (id int PRIMARY KEY, seller int REFERENCES sales.people (id));
INSERT INTO hr.visits SELECT i, 1 + i % 100 FROM generate_series(1, 300) AS t(i);
"""
CALLS = ("calls", "people_id", "sales_people")


def test_schemas_of_postgresql_without_tables_in_the_search_path() -> None:
    psycopg = pytest.importorskip("psycopg")
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute(SCHEMAS_DDL + ACROSS_DDL)
        made = infer(url, "firm")
        assert set(made.document["tables"]) == {"hr_people", "sales_people", "calls", "visits"}
        assert {"unit", "kind"} <= {c for table in made.document["tables"].values() for c in table["columns"]}
        assert keys(made) == {CALLS, ("visits", "seller", "sales_people")}
        assert not any("left out" in note for note in made.notes)


def test_schemas_of_postgresql_beside_the_search_path_are_named() -> None:
    psycopg = pytest.importorskip("psycopg")
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres() as url:
        with psycopg.connect(url) as connection:
            connection.execute(SCHEMAS_DDL + "CREATE TABLE stock (id int PRIMARY KEY); INSERT INTO stock VALUES (1);")
        made = infer(url, "firm")
        assert set(made.document["tables"]) == {"stock"}
        (note,) = [note for note in made.notes if "left out" in note]
        chosen = infer(f"{url}?{note.rpartition(' ')[2]}", "firm")
        assert set(chosen.document["tables"]) == {"hr_people", "sales_people", "calls", "stock"}
        assert keys(chosen) == {CALLS}


def test_schemas_of_a_duckdb_file(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(tmp_path / "firm.duckdb")) as connection:
        connection.execute(SCHEMAS_DDL)
    made = infer(tmp_path / "firm.duckdb")
    assert set(made.document["tables"]) == {"hr_people", "sales_people", "calls"}
    assert keys(made) == {CALLS}


def test_postgresql(tables: Tables, server: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute(MUSIC_DDL)
        for name, table in tables.items():
            with cursor.copy(f"COPY {name} ({', '.join(table.column_names)}) FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    copy.write_row(row)
    assert_music(infer(server, "music"))
    cursors: set[str] = set()

    def executed(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "track.milliseconds" in statement:
            cursors.add(type(cursor).__name__)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)
    made = infer(server, "music", most_rows=1000)
    sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", executed)
    assert made.problems == () and keys(made) == KEYS
    assert cursors == {"ServerCursor"} and any("are a sample" in note for note in made.notes)


def test_ddl_alone_gives_tables_and_every_key(tmp_path: Path) -> None:
    (tmp_path / "music.sql").write_text(MUSIC_DDL)
    made = infer(tmp_path / "music.sql")
    assert made.problems == ()
    assert keys(made) == KEYS
    datagen.preview(made.document, rows=2)


def test_constraints_of_ddl_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('open', 'done')), born DATE);"
        "CREATE TABLE u (t_id BIGINT NOT NULL, n INT); ALTER TABLE u ADD FOREIGN KEY (t_id) REFERENCES t (id);"
    )
    found = infer(tmp_path / "a.sql").document["tables"]
    assert found["t"]["columns"]["state"] == {"type": "choice", "values": ["open", "done"]}
    assert found["t"]["columns"]["born"]["modifiers"][0]["type"] == "nulls"
    assert found["u"]["parent"] == "t"


@pytest.mark.parametrize("name", ["shop", "clinic", "insurance", "bank"])
def test_what_is_made_of_it_is_inferred_again(name: str, tmp_path: Path) -> None:
    datagen.generate(starters()[name].text, tmp_path / "first", scale=0.5)
    one = infer(tmp_path / "first", name)
    assert one.problems == ()
    made = datagen.generate(one.document, tmp_path / "second")
    report = datagen.validate(one.document, tmp_path / "second")
    assert report.passed and report.score >= 95, report.losses
    first = datagen.validate(starters()[name].text, tmp_path / "first").rows
    for table, rows in first.items():
        assert made.table(table).rows == pytest.approx(rows, rel=0.15, abs=20), table
    two = infer(tmp_path / "second", name)
    assert keys(two) == keys(one)
    assert kinds(two) == kinds(one)


def kinds(made: Inferred) -> dict[tuple[str, str], str]:
    """The kind of each column; the laws of numbers, of which two may be equally near, are one kind."""
    found = {
        (name, column): generator["type"]
        for name, table in made.document["tables"].items()
        for column, generator in table["columns"].items()
    }
    return {place: "number" if kind in DISTRIBUTIONS else kind for place, kind in found.items()}


def test_no_value_of_a_person_and_no_rare_value_is_kept(tables: Tables, tmp_path: Path) -> None:
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    made = infer(tmp_path, "music")
    text = json.dumps(made.document)
    customers = tables["customer"].to_pydict()
    assert RARE in customers["country"]
    assert RARE not in text and any(note.startswith("customer.country: a value that fewer") for note in made.notes)
    for column in ("first_name", "last_name", "email"):
        assert not [value for value in set(customers[column]) if json.dumps(value) in text]
    assert str(max(tables["track"]["milliseconds"].to_pylist())) not in text
    assert RARE in json.dumps(infer(tmp_path, "music", k=1).document)


def test_the_yaml_reads_like_a_page_and_says_what_the_json_says(tables: Tables, tmp_path: Path) -> None:
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    made = infer(tmp_path, "music")
    text = made.to_yaml()
    assert max(map(len, text.splitlines())) < 260 and len(text.splitlines()) < 80
    assert "      customer_id: {type: key}\n" in text
    assert re.search(r"milliseconds: \{.*\}  # Kolmogorov distance 0\.0\d\d; runner-up: gamma", text)
    assert datagen.check(text) == ()
    (tmp_path / "music.yaml").write_text(text)
    assert datagen.plan(tmp_path / "music.yaml").total_rows == datagen.plan(made.document).total_rows


def test_privacy_lists_every_value_that_is_kept(tables: Tables, tmp_path: Path) -> None:
    pq.write_table(tables["customer"], tmp_path / "customer.parquet")
    told = "\n".join(infer(tmp_path, "music").kept)
    assert "customer.country: 3 values that at least 20 rows or entities have each: USA, Brazil, France" in told
    assert "window: 2021-" in told and "last_name" not in told


def test_the_row_above_is_a_tree_where_its_column_says_so() -> None:
    """One boss, seven below, all others below those: few low numbers, which look like categories."""
    rng = np.random.default_rng(1)
    above = pd.array([None, *[1] * 7, *rng.integers(2, 9, 192)], dtype="Int64")
    staff = pd.DataFrame({"employee_id": range(1, 201), "manager_id": above, "priority_id": rng.integers(1, 5, 200)})
    columns = infer({"staff": staff}).document["tables"]["staff"]["columns"]
    assert columns["manager_id"] == {"type": "hierarchy", "span": 14}
    assert columns["priority_id"]["type"] == "choice"


def test_rows_that_are_mostly_on_top_refer_to_earlier_ones() -> None:
    answered = [None if row % 5 or row < 50 else row - 40 for row in range(1, 2001)]
    posts = pd.DataFrame({"post_id": range(1, 2001), "in_reply_to": pd.array(answered, dtype="Int64")})
    found = infer({"posts": posts}).document["tables"]["posts"]["columns"]["in_reply_to"]
    assert found == {"type": "reference", "table": "posts", "null_share": pytest.approx(0.8, abs=0.01)}


def test_numbers_that_end_like_the_key_refer_to_earlier_rows() -> None:
    """`sponsor_no` names no table. A line number ends alike and counts."""
    rng = np.random.default_rng(1)
    sponsors = pd.array([None if row % 3 or row < 50 else rng.integers(1, row) for row in range(1, 2001)], "Int64")
    lines = pd.array([None if row < 20 else row % 19 + 1 for row in range(1, 2001)], "Int64")
    members = pd.DataFrame({"member_no": range(1, 2001), "sponsor_no": sponsors, "line_no": lines})
    found = infer({"members": members}).document["tables"]["members"]["columns"]
    assert (found["sponsor_no"]["type"], found["sponsor_no"]["table"]) == ("reference", "members")
    assert found["line_no"]["type"] not in ("reference", "hierarchy")


def test_shapes_of_texts_are_kept_and_not_the_texts(tmp_path: Path) -> None:
    codes = [f"AB-{number:04d}" for number in range(5000, 5400)]
    free = [f"note {number} about something else {'x' * (number % 9)}" for number in range(400)]
    pq.write_table(pa.table({"code": codes, "note": free}), tmp_path / "t.parquet")
    columns = infer(tmp_path).document["tables"]["t"]["columns"]
    assert columns["code"]["pattern"] == "??-####"
    assert set(columns["note"]["pattern"]) == {"?"}


def test_missing_cells_that_depend_on_another_column_are_found(tmp_path: Path) -> None:
    state = ["open", "done"] * 500
    pq.write_table(
        pa.table({"state": state, "x": [None if s == "open" else i * 1.5 for i, s in enumerate(state)]}),
        tmp_path / "t.parquet",
    )
    (nulls,) = infer(tmp_path).document["tables"]["t"]["columns"]["x"]["modifiers"]
    assert nulls["by"] == "state" and nulls["shares"] == {"open": 1.0, "done": 0.0}


def test_tables_that_refer_to_each_other_lose_one_key(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(
        "CREATE TABLE a (id INT PRIMARY KEY, b_id INT REFERENCES b (id)); CREATE TABLE b (id INT PRIMARY KEY, "
        "a_id INT REFERENCES a (id));"
    )
    made = infer(tmp_path / "a.sql")
    assert made.problems == ()
    assert len(keys(made)) == 1 and any("refers back" in note for note in made.notes)


@pytest.mark.parametrize(
    "source", ["none", "none.sqlite", "none.sql", "sqlite:///none/none.db", "postgresql://127.0.0.1:1/x", "nobody://x"]
)
def test_a_source_that_cannot_be_read_is_reported(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError):
        infer(source)


@pytest.mark.parametrize("rest", ["h:abc/x", "[::1/x", "secret@h/x", "127.0.0.1:1/x"])
def test_the_error_for_a_database_does_not_show_its_password(rest: str) -> None:
    user = "me:secret"
    with pytest.raises(DataError) as raised:
        infer(f"postgresql://{user}@{rest}")
    assert "secret" not in str(raised.value)


def test_odd_names_become_names_of_a_document(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a.b": list(range(50)), "größe": [1.5, 2.5] * 25}), tmp_path / "Order Items 2024.parquet")
    made = infer(tmp_path, "a")
    assert made.problems == ()
    assert list(made.document["tables"]["Order_Items_2024"]["columns"]) == ["a_b", "größe"]


def test_the_document_of_the_tests_is_sound() -> None:
    assert datagen.check(MUSIC) == ()


def test_what_is_written_is_in_the_layout_of_fmt(tmp_path: Path) -> None:
    datagen.generate(starters()["hr"].text, tmp_path / "hr", scale=0.3)
    text = infer(tmp_path / "hr", "hr").to_yaml()
    assert formatted(text, yaml=True) == text

"""Databases in PostgreSQL shaped like Pagila and Northwind: every key is found, nothing rare is kept, and what is made
of the schema gives the schema again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.interop.export import export
from datagen.interop.infer import Inferred, infer
from datagen.interop.infer.keys import singular
from tests.interop.infer.northwind import NORTHWIND, NORTHWIND_DDL, NORTHWIND_KEYS
from tests.interop.infer.test_infer import keys
from tests.postgres_server import postgres
from tests.promises.test_dvd_rental import EXAMPLE, FOREIGN_KEYS

pytestmark = pytest.mark.integration

psycopg = pytest.importorskip("psycopg")
CIRCLE = {("staff", "store_id", "store"), ("store", "manager_staff_id", "staff")}
"""Of keys that refer to each other a document has one."""
PAGILA_KEYS = {*FOREIGN_KEYS, ("payment", "customer_id", "customer")} - CIRCLE


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("there is no PostgreSQL here")
    with postgres() as url:
        yield url


def database(server: str, name: str, ddl: str, tables: dict[str, pa.Table]) -> str:
    """The URL of a database with these tables."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = server.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(ddl)
        cursor.execute("SET session_replication_role = replica")
        for table, rows in tables.items():
            with cursor.copy(f"COPY {table} ({', '.join(rows.column_names)}) FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                    copy.write_row(row)
    return url


def rare_values(tables: dict[str, pa.Table], k: int = 20) -> Iterator[tuple[str, str, str]]:
    """Texts that fewer than k rows of a table have, with their table and column."""
    for name, table in tables.items():
        for field, column in zip(table.schema, table.columns, strict=True):
            kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
            if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                for one in pc.value_counts(column.cast(pa.string())).to_pylist():
                    if one["counts"] < k and one["values"] is not None:
                        yield name, field.name, one["values"]


def assert_sound(made: Inferred, tables: dict[str, pa.Table], folder: Path) -> None:
    """No rare text is kept, and data of the document follows it and has its tables and keys."""
    assert made.problems == ()
    shown = {name: table["columns"] for name, table in made.document["tables"].items()}
    rare = list(rare_values(tables))
    assert len(rare) > 500
    assert not [one for one in rare if f'"{one[2]}"' in json.dumps(shown[one[0]].get(one[1]))]
    datagen.generate(made.document, folder)
    report = datagen.validate(made.document, folder)
    assert report.passed and report.score >= 95, report.losses
    again = infer(folder, made.document["name"])
    named = {key for key in keys(made) if key[1] == singular(key[2]) + "_id" and report.rows[key[0]] >= 20}
    assert again.problems == () and keys(again) >= named
    for name, table in made.document["tables"].items():
        assert list(again.document["tables"][name]["columns"]) == list(table["columns"])
        assert report.rows[name] == pytest.approx(tables[name].num_rows, rel=0.2, abs=20), name


def test_northwind(server: str, tmp_path: Path) -> None:
    tables = datagen.generate(NORTHWIND, tmp_path / "data").tables
    rows = {name: pq.read_table(tmp_path / "data" / name) for name in tables}
    made = infer(database(server, "northwind", NORTHWIND_DDL, rows), "northwind")
    found = made.document["tables"]
    assert keys(made) == NORTHWIND_KEYS
    assert found["order_details"]["primary_key"] == ["order_id", "product_id"]
    assert found["employee_territories"]["primary_key"] == ["employee_id", "territory_id"]
    assert found["order_details"]["columns"]["unit_price"] == {
        "type": "lookup",
        "through": "product_id",
        "column": "unit_price",
    }
    assert found["orders"]["behaviors"][0]["weekday"]["sun"] == 0
    assert any("picture" in note for note in made.notes)
    assert_sound(made, rows, tmp_path / "again")


@pytest.mark.slow
def test_pagila(server: str, tmp_path: Path) -> None:
    tables = datagen.generate(EXAMPLE, tmp_path / "data", scale=0.4).tables
    rows = {name: pq.read_table(tmp_path / "data" / name) for name in tables}
    ddl = export(EXAMPLE, "ddl")
    made = infer(database(server, "pagila", ddl, rows), "pagila")
    assert keys(made) >= PAGILA_KEYS and len(keys(made) & CIRCLE) == 1
    assert sum("refers back; it is left out as a key" in note for note in made.notes) == 1
    assert_sound(made, rows, tmp_path / "again")

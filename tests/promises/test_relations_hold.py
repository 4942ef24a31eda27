"""Promise 3: every key resolves and no child precedes its parent, as a database with constraints sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import datagen
from tests.promises.documents import busy, tables

EXAMPLES = Path(__file__).parents[2] / "examples"


def keys_of(document: dict[str, Any], table: str) -> tuple[str | None, dict[str, tuple[str, str]]]:
    """The primary key column and the foreign key columns of a table."""
    found = document["tables"][table]
    primary = {
        name: next((c for c, g in t["columns"].items() if g["type"] == "key"), None)
        for name, t in document["tables"].items()
    }
    foreign = {}
    for column, generator in found["columns"].items():
        other = (
            found.get("parent")
            if generator["type"] == "parent_key"
            else generator.get("table")
            if generator["type"] == "reference"
            else None
        )
        if other:
            foreign[column] = (other, primary[other])
    return primary[table], foreign


def load_with_constraints(document: dict[str, Any], made: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """The tables in DuckDB, primary and foreign keys declared. It refuses a row that violates one."""
    database = duckdb.connect()
    open_tables = list(document["tables"])
    done: set[str] = set()
    while open_tables:
        table = next(t for t in open_tables if all(o in done or o == t for o, _ in keys_of(document, t)[1].values()))
        open_tables.remove(table)
        create(database, document, table, made[table])
        done.add(table)
    return database


def create(database: duckdb.DuckDBPyConnection, document: dict[str, Any], table: str, data: pa.Table) -> None:
    primary, foreign = keys_of(document, table)
    plain = pa.table(
        {
            f.name: data[f.name].cast(pa.string()) if pa.types.is_dictionary(f.type) else data[f.name]
            for f in data.schema
        }
    )
    database.register("incoming", plain)
    shapes = {name: type_ for name, type_, *_ in database.execute("describe incoming").fetchall()}
    parts = [f'"{name}" {type_}' for name, type_ in shapes.items()]
    if primary:
        parts.append(f'primary key ("{primary}")')
    # a table that refers to itself cannot be loaded in one statement with that key declared: its keys are counted
    # instead
    parts += [f'foreign key ("{c}") references "{t}" ("{k}")' for c, (t, k) in foreign.items() if t != table]
    database.execute(f'create table "{table}" ({", ".join(parts)})')
    database.execute(f'insert into "{table}" select * from incoming')
    for column, (_, key) in ((c, k) for c, k in foreign.items() if k[0] == table):
        lost = f'select count("{column}") from "{table}" where "{column}" not in (select "{key}" from "{table}")'
        assert database.execute(lost).fetchall() == [(0,)]
    database.unregister("incoming")


def test_every_key_resolves_in_a_real_engine() -> None:
    document = busy()
    database = load_with_constraints(document, tables(document))
    assert database.execute("select count(*) from remarks").fetchone()[0] > 1000


@pytest.mark.parametrize("name", ["simple_users_events", "bank"])
def test_every_key_of_an_example_resolves_in_a_real_engine(name: str) -> None:
    document = datagen.read(EXAMPLES / f"{name}.json").raw
    made = tables(document)
    database = load_with_constraints(document, made)
    loaded = {name: database.execute(f'select count(*) from "{name}"').fetchone() for name in made}
    assert loaded == {name: (table.num_rows,) for name, table in made.items()}


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    made = tables(busy())
    database = duckdb.connect()
    for name, table in made.items():
        database.register(name, table)
    return database


def count(database: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(database.execute(f"select count(*) from {sql}").fetchone()[0])


def test_no_child_precedes_its_parent(database: duckdb.DuckDBPyConnection) -> None:
    assert count(database, "visits v join people p using (person_id) where v.came_at < p.joined_at") == 0
    assert count(database, "visits where left_at < came_at") == 0


def test_nothing_happens_outside_the_window(database: duckdb.DuckDBPyConnection) -> None:
    assert count(database, "visits where came_at < '2023-01-01' or came_at >= '2024-03-10'") == 0


def test_an_earlier_row_of_its_own_table_is_chosen_and_none_for_the_first(database: duckdb.DuckDBPyConnection) -> None:
    assert count(database, "people where friend_id >= person_id") == 0
    assert count(database, "people where friend_id is null") == 1


def test_only_entities_that_existed_then_are_chosen(database: duckdb.DuckDBPyConnection) -> None:
    late = (
        "remarks r join visits v using (visit_id) join people p on p.person_id = r.by_id where p.joined_at > v.came_at"
    )
    assert count(database, late) == 0


def test_totals_equal_the_sum_of_their_lines(database: duckdb.DuckDBPyConnection) -> None:
    sums = "(select person_id, sum(fee) s from visits group by all)"
    assert (
        count(database, f"people p left join {sums} t using (person_id) where abs(p.spent - coalesce(t.s, 0)) > 1e-6")
        == 0
    )
    notes = "(select visit_id, count(*) n from remarks group by all)"
    assert count(database, f"visits v left join {notes} t using (visit_id) where v.notes <> coalesce(t.n, 0)") == 0


def test_keys_are_dense_and_rows_of_one_parent_lie_in_the_order_of_time() -> None:
    visits = tables(busy(), partition_rows=100)["visits"]
    assert visits["visit_id"].to_pylist() == list(range(1, visits.num_rows + 1))
    pairs = list(zip(visits["person_id"].to_pylist(), visits["came_at"].to_pylist(), strict=True))
    assert pairs == sorted(pairs)

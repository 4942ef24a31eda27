"""Tables in PostgreSQL have the rows of the files, once, with their keys."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

import datagen
from datagen.columnar.nested import from_python
from datagen.engine.content_hash import ContentHash
from datagen.errors import RunError
from datagen.kinds.formats.postgresql import ADDRESS, PostgreSql
from datagen.runtime.task import OutputSite
from tests.postgres_server import INSTALLED, postgres
from tests.promises.documents import busy

pytestmark = [pytest.mark.integration, pytest.mark.skipif(not INSTALLED, reason="PostgreSQL is not installed")]

CIRCLE: dict[str, Any] = {
    "datagen": 1,
    "name": "circle",
    "seed": 2,
    "tables": {
        "teams": {
            "rows": 50,
            "columns": {"team_id": {"type": "key"}, "lead_id": {"type": "reference", "table": "people"}},
        },
        "people": {
            "rows": 500,
            "columns": {"person_id": {"type": "key"}, "team_id": {"type": "reference", "table": "teams"}},
        },
    },
}

NULLS = {"type": "nulls", "share": 0.2}
USER = "me:secret"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of its own, which the environment names."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE test")
        monkeypatch.setenv(ADDRESS, server.rpartition("/")[0] + "/test")
        yield server.rpartition("/")[0] + "/test"
        admin.execute("DROP DATABASE test WITH (FORCE)")


def fingerprint(url: str, made: datagen.Dataset, namespace: str = "public") -> dict[str, str]:
    """The content hashes of the rows in the database."""
    found = {}
    with psycopg.connect(url) as connection:
        for name in made.tables:
            schema, content = made[name].schema, ContentHash()
            rows = connection.execute(f'SELECT * FROM "{namespace}"."{name}"'.encode()).fetchall()
            columns = list(zip(*rows, strict=True)) or [()] * len(schema)
            plain = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in schema]
            orders = [_first(made[name], one) if pa.types.is_map(one.type) else [] for one in schema]
            cells = [[_ordered(c, o) for c in cs] if o else [*cs] for cs, o in zip(columns, orders, strict=True)]
            content.add(pa.table([from_python(c, t) for c, t in zip(cells, plain, strict=True)], names=schema.names))
            found[name] = content.digest()
    return found


def _first(table: Any, field: pa.Field) -> list[str]:
    """The order of the keys of a map, which jsonb does not keep."""
    cells = table.to_arrow([field.name])[field.name].to_pylist()
    return [key for key, _ in max((cell for cell in cells if cell), key=len)]


def _ordered(cell: dict[str, Any] | None, order: list[str]) -> dict[str, Any] | None:
    return None if cell is None else {key: cell[key] for key in order if key in cell}


def constraints(url: str) -> set[str]:
    """The keys that the database has validated, without those of its own records."""
    query = """SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'f', 'u') AND convalidated
        AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_datagen%'"""
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(query)}


def test_the_rows_are_those_of_the_files_and_the_keys_hold(url: str, tmp_path: Path) -> None:
    made = datagen.generate(busy(), tmp_path / "out", format="postgresql", partition_rows=800)
    assert len(made["people"].files) > 2
    assert fingerprint(url, made) == datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(busy())
    found = constraints(url)
    assert "PRIMARY KEY (person_id)" in found
    assert "FOREIGN KEY (person_id) REFERENCES people(person_id)" in found


def test_tables_with_copied_rows_have_no_key_and_no_foreign_key_leads_to_them(url: str, tmp_path: Path) -> None:
    document = busy() | {"faults": {"people": [{"type": "duplicate", "rate": 0.2}]}}
    made = datagen.generate(document, tmp_path / "out", format="postgresql")
    assert fingerprint(url, made) == datagen.fingerprint(tmp_path / "out")
    assert not any("REFERENCES people" in one or one == "PRIMARY KEY (person_id)" for one in constraints(url))


def test_instants_of_zones_with_seconds_are_exact(url: str, tmp_path: Path) -> None:
    """Berlin was 53 minutes and 28 seconds ahead before 1893."""
    at = {"type": "time_between", "from": "1891-01-01", "to": "1892-01-01", "zone": "Europe/Berlin"}
    columns = {"birth_id": {"type": "key"}, "at": at}
    old = {"datagen": 1, "name": "old", "tables": {"births": {"rows": 50, "columns": columns}}}
    made = datagen.generate(old, tmp_path / "out", format="postgresql")
    assert fingerprint(url, made) == datagen.fingerprint(old)


def test_lists_of_scalars_are_arrays(url: str, tmp_path: Path) -> None:
    many = {"type": "poisson", "mean": 2}
    hard = {"type": "choice", "values": ['a "b"', "c\\d", "e, {f}", "NULL", " ", "ü"], "modifiers": [NULLS]}
    items = {
        "texts": hard,
        "numbers": {"type": "uniform", "min": -5, "max": 5, "decimals": 0, "modifiers": [NULLS]},
        "floats": {"type": "normal", "mean": 0, "sd": 1},
        "flags": {"type": "boolean"},
        "days": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01", "as": "date"},
        "times": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01"},
    }
    columns = {name: {"type": "list", "length": many, "of": item, "modifiers": [NULLS]} for name, item in items.items()}
    columns["pairs"] = {"type": "list", "length": many, "of": {"type": "struct", "fields": {"x": hard}}}
    table = {"rows": 300, "columns": {"thing_id": {"type": "key"}, **columns}}
    document = {"datagen": 1, "name": "arrays", "tables": {"things": table}}
    made = datagen.generate(document, tmp_path / "out", format="postgresql")
    with psycopg.connect(url) as connection:
        kinds = connection.execute("SELECT column_name, data_type FROM information_schema.columns").fetchall()
    assert {name: dict(kinds)[name] for name in columns} == {**dict.fromkeys(items, "ARRAY"), "pairs": "jsonb"}
    assert fingerprint(url, made) == datagen.fingerprint(document)


def test_keys_of_tables_that_refer_to_each_other_are_deferrable(url: str, tmp_path: Path) -> None:
    made = datagen.generate(CIRCLE, tmp_path / "out", format="postgresql")
    assert fingerprint(url, made) == datagen.fingerprint(CIRCLE)
    foreign = {one for one in constraints(url) if one.startswith("FOREIGN")}
    assert len(foreign) == 2 and all(one.endswith("DEFERRABLE INITIALLY DEFERRED") for one in foreign)


def test_a_partition_is_loaded_once_whatever_is_repeated(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, calls = OutputSite.put_text, []

    def failing(site: OutputSite, key: str, text: str) -> None:
        if "receipts" in key:
            calls.append(key)
            if len(calls) == 3:  # its rows are loaded, its receipt is not there
                raise OSError(5, "the disk is gone")
        publish(site, key, text)

    monkeypatch.setattr(OutputSite, "put_text", failing)
    with pytest.raises(RunError, match="the disk is gone"):
        datagen.generate(busy(), tmp_path / "out", format="postgresql", partition_rows=800)
    assert not constraints(url)
    made = datagen.generate(busy(), tmp_path / "out", format="postgresql", partition_rows=800, resume=True)
    assert fingerprint(url, made) == datagen.fingerprint(busy())
    (tmp_path / "out" / "_SUCCESS").unlink()
    made = datagen.generate(busy(), tmp_path / "out", format="postgresql", partition_rows=800, resume=True)
    assert fingerprint(url, made) == datagen.fingerprint(busy())


def test_drivers_that_are_killed_lose_and_double_no_row(url: str, tmp_path: Path) -> None:
    out, source = tmp_path / "out", tmp_path / "busy.json"
    source.write_text(json.dumps(busy()))
    words = [sys.executable, "-m", "datagen", "generate", str(source), "--out", str(out), "--format", "postgresql"]
    words += ["--partition-rows", "200", "--resume=auto", "--workers", "1"]
    killed = 0
    for receipts in (2, 8):
        driver = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        while driver.poll() is None and len(list(out.glob("_run/receipts/*.json"))) < receipts:
            time.sleep(0.005)
        driver.kill()
        killed += driver.wait() == -9
    assert killed
    subprocess.run(words, check=True, capture_output=True)
    assert fingerprint(url, datagen.Dataset(out)) == datagen.fingerprint(busy())


def test_the_server_notices_within_minutes_that_the_machine_of_a_worker_is_lost(url: str) -> None:
    """Its unfinished transaction keeps the partition from being loaded again."""
    with PostgreSql(url=url)._transaction() as cursor:
        names = ("idle", "interval", "count")
        found = [cursor.execute(f"SHOW tcp_keepalives_{name}".encode()).fetchall()[0][0] for name in names]
    idle, interval, count = map(int, found)
    assert 0 < idle + interval * count <= 120


def test_a_database_that_was_lost_is_loaded_from_the_files(url: str, tmp_path: Path) -> None:
    made = datagen.generate(CIRCLE, tmp_path / "out", format="postgresql", partition_rows=100)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    datagen.generate(CIRCLE, tmp_path / "out", format="postgresql", partition_rows=100, resume=True)
    assert fingerprint(url, made) == datagen.fingerprint(CIRCLE)


def test_tables_of_another_run_are_kept_unless_an_overwrite_is_asked_for(url: str, tmp_path: Path) -> None:
    datagen.generate(CIRCLE, tmp_path / "one", format="postgresql")
    other = {**CIRCLE, "seed": 9}
    with pytest.raises(RunError, match=r"has the tables of another run .*; name another one with 'namespace'"):
        datagen.generate(other, tmp_path / "two", format="postgresql")
    assert not (tmp_path / "two").exists()
    made = datagen.generate(other, tmp_path / "two", format={"type": "postgresql", "namespace": "second"})
    assert fingerprint(url, made, "second") == datagen.fingerprint(other)
    made = datagen.generate(other, tmp_path / "one", format="postgresql", overwrite=True)
    assert fingerprint(url, made) == datagen.fingerprint(other)


def test_workers_load_side_by_side(url: str, tmp_path: Path) -> None:
    made = datagen.generate(busy(), tmp_path / "out", format="postgresql", partition_rows=800, workers=2)
    assert fingerprint(url, made) == datagen.fingerprint(busy())


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://host/db?password=secret",
        "postgresql://host/db?passw%6Frd=secret",
        f"postgresql://{USER}@host/db",
        f"postgresql://{USER.replace('e', '#')}@host/db",
        f"postgresql://{USER}@[::1/db",
        "host=there password=secret",
    ],
)
def test_a_password_is_never_in_the_document(address: str) -> None:
    (problem,) = datagen.check({**CIRCLE, "output": {"type": "postgresql", "url": address}})
    assert problem.place == "$.output.url" and "PGPASSWORD" in problem.hint
    with pytest.raises(datagen.PlanError) as raised:
        datagen.plan(CIRCLE, format={"type": "postgresql", "url": address})
    assert "has a password" in str(raised.value) and "cret" not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://{USER}@[::1/db",
        f"postgresqll://{USER}@host/db",
        f"postgresql://{USER}%zz@host/db",
        f"postgresql://{USER}@secret@host/db",
        f"postgresql://{USER}/hard@host/db",
        "password='hard secret host=there",
    ],
)
def test_the_error_for_a_malformed_address_does_not_show_it(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, address)
    with pytest.raises(RunError, match=f"address in {ADDRESS} cannot be read") as raised:
        datagen.generate(CIRCLE, tmp_path / "out", format="postgresql")
    assert not re.search("secret|hard|zz", str(raised.value))


def test_an_address_that_nobody_answers_at_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"^PostgreSQL: .*(refused|failed)"):
        datagen.generate(CIRCLE, tmp_path / "out", format=PostgreSql(url="postgresql://127.0.0.1:1/x").model_dump())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option, value, place",
    [("url", "nonsense", "url"), ("url", "http://host/db", "url"), ("namespace", "pg_shop", "namespace"),
     ("namespace", "information_schema", "namespace")],
)  # fmt: skip
def test_what_postgresql_will_refuse_is_a_problem_of_the_document(option: str, value: str, place: str) -> None:
    (problem,) = datagen.check({**CIRCLE, "output": {"type": "postgresql", option: value}})
    assert problem.place == f"$.output.{place}" and problem.hint


@pytest.mark.parametrize("url", ["", "postgresql://me@host/db", "postgres:///db", "host=there dbname=shop"])
def test_the_addresses_of_libpq_are_taken(url: str) -> None:
    assert not datagen.check({**CIRCLE, "output": {"type": "postgresql", "url": url}})

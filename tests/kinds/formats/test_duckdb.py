"""A DuckDB file has the rows of the files, with their keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import datagen
from datagen.engine.content_hash import ContentHash
from datagen.errors import RunError
from tests.kinds.formats.test_postgresql import CIRCLE
from tests.promises.documents import busy


def fingerprint(made: datagen.Dataset) -> dict[str, str]:
    """The content hashes of the rows in the database."""
    found = {}
    with duckdb.connect(made.folder / "dataset.duckdb", read_only=True) as database:
        for name in made.tables:
            content = ContentHash()
            content.add(database.sql(f'SELECT * FROM "{name}"').to_arrow_table())
            found[name] = content.digest()
    return found


def test_the_rows_are_those_of_the_files_and_the_keys_hold(tmp_path: Path) -> None:
    made = datagen.generate(busy(), tmp_path / "out", format="duckdb", partition_rows=800)
    assert fingerprint(made) == datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(busy())
    with duckdb.connect(made.folder / "dataset.duckdb") as database:
        keys = {row[0] for row in database.sql("SELECT constraint_text FROM duckdb_constraints()").fetchall()}
        assert {"PRIMARY KEY(person_id)", "FOREIGN KEY (person_id) REFERENCES people(person_id)"} <= keys
        with pytest.raises(duckdb.ConstraintException, match="primary key"):
            database.execute("INSERT INTO people SELECT * FROM people LIMIT 1")


def test_the_command_prints_no_leaks_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "circle.json").write_text(json.dumps(CIRCLE))
    words = [sys.executable, "-m", "datagen", "generate", "circle.json", "--format", "duckdb"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "leaked" not in done.stderr and len(done.stderr.splitlines()) < 2


def test_too_little_memory_is_an_error_that_says_what_helps(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="more memory than 10MB: start again with --overwrite and a larger 'memory'"):
        datagen.generate(busy(), tmp_path / "out", format={"type": "duckdb", "memory": "10MB"})
    assert not (tmp_path / "out" / "dataset.duckdb").exists()


def test_cycles_of_tables_are_made_without_the_keys_of_the_cycle(tmp_path: Path) -> None:
    made = datagen.generate(CIRCLE, tmp_path / "out", format="duckdb")
    assert fingerprint(made) == datagen.fingerprint(CIRCLE)


def test_tables_with_copied_rows_have_no_key_and_no_foreign_key_leads_to_them(tmp_path: Path) -> None:
    document = busy() | {"faults": {"people": [{"type": "duplicate", "rate": 0.2}]}}
    made = datagen.generate(document, tmp_path / "out", format="duckdb")
    assert fingerprint(made) == datagen.fingerprint(tmp_path / "out")
    with duckdb.connect(made.folder / "dataset.duckdb", read_only=True) as database:
        named = database.sql("SELECT table_name, constraint_text FROM duckdb_constraints()").fetchall()
    assert not any("REFERENCES people" in text or (name, text[:7]) == ("people", "PRIMARY") for name, text in named)


def test_a_repeated_commit_and_an_overwrite_leave_one_database_or_none(tmp_path: Path) -> None:
    made = datagen.generate(CIRCLE, tmp_path / "out", format={"type": "duckdb", "keys": False})
    (tmp_path / "out" / "_SUCCESS").unlink()
    datagen.generate(CIRCLE, tmp_path / "out", format={"type": "duckdb", "keys": False}, resume=True)
    assert fingerprint(made) == datagen.fingerprint(CIRCLE)
    datagen.generate(CIRCLE, tmp_path / "out", overwrite=True)
    assert not (tmp_path / "out" / "dataset.duckdb").exists()


def test_columns_of_folders_are_columns_of_the_database(tmp_path: Path) -> None:
    document = {
        **CIRCLE,
        "tables": {
            "order": {
                "rows": 100,
                "columns": {
                    "row_id": {"type": "key"},
                    "kind": {"type": "choice", "values": {"a": 2, "b": 1}},
                    "wait": {"type": "uniform", "min": 1, "max": 9},
                },
            }
        },
    }
    made = datagen.generate(document, tmp_path / "out", format={"type": "duckdb", "partition_by": "kind"})
    assert fingerprint(made) == datagen.fingerprint(document)

"""Tables divided into Hive folders are read by the tools of the field, resumed by hash, and hold the same rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

import datagen
from datagen.engine.planner import SMALL_FILE
from datagen.errors import OutputError, PlanError

EVENTS: dict[str, Any] = {
    "datagen": 1,
    "name": "events",
    "seed": 3,
    "window": {"start": "2024-01-01", "end": "2024-02-01"},
    "tables": {
        "users": {
            "rows": {"type": "arrivals", "count": 400, "before_window": 0.5},
            "columns": {
                "user_id": {"type": "key"},
                "plan": {
                    "type": "choice",
                    "values": {"free & easy": 5, "pro/team": 1},
                    "modifiers": [{"type": "nulls", "share": 0.1}],
                },
            },
        },
        "events": {
            "parent": "users",
            "rows": {"type": "events", "mean_per_month": 8},
            "columns": {
                "event_id": {"type": "key"},
                "user_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "event_date": {"type": "expression", "expression": "CAST(at AS DATE)"},
                "mobile": {"type": "choice", "values": {"true": 1, "false": 1}},
                "amount": {"type": "normal", "mean": 5, "sd": 1},
            },
        },
    },
}
BY_DAY: dict[str, Any] = {"type": "parquet", "partition_by": ["event_date", "plan"]}
ROWS = 1000
"""Rows of a partition: there are several."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> datagen.Dataset:
    return datagen.generate(EVENTS, tmp_path_factory.mktemp("plain") / "out", partition_rows=ROWS)


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> datagen.Dataset:
    return datagen.generate(EVENTS, tmp_path_factory.mktemp("hive") / "out", format=BY_DAY, partition_rows=ROWS)


def test_each_value_has_a_folder_and_its_column_is_not_in_the_files(divided: datagen.Dataset) -> None:
    folders = {file.parent.name for file in map(Path, divided["events"].files)}
    assert len(folders) == 31 and "event_date=2024-01-31" in folders
    assert {file.parent.name for file in map(Path, divided["users"].files)} == {
        "plan=free%20%26%20easy", "plan=pro%2Fteam", "plan=__HIVE_DEFAULT_PARTITION__",
    }  # fmt: skip
    assert "event_date" not in ds.dataset(divided["events"].files[0]).schema.names


def test_the_content_is_that_of_undivided_files(divided: datagen.Dataset, plain: datagen.Dataset) -> None:
    assert datagen.fingerprint(divided.folder) == datagen.fingerprint(plain.folder) == datagen.fingerprint(EVENTS)
    assert divided["users"].to_arrow(["plan"]).schema == plain["users"].to_arrow(["plan"]).schema
    assert datagen.validate(EVENTS, divided.folder).passed


@pytest.mark.parametrize("table", ["users", "events"])
def test_the_readers_of_the_field_find_the_columns_of_the_folders(
    divided: datagen.Dataset, plain: datagen.Dataset, table: str
) -> None:
    column, key = ("plan", "user_id") if table == "users" else ("event_date", "event_id")
    expected = dict(zip(*(plain[table].to_arrow()[name].to_pylist() for name in (key, column)), strict=True))
    folder = divided.folder / table
    arrow = ds.dataset(folder, partitioning="hive").to_table([key, column])
    assert _same(arrow[key].to_pylist(), arrow[column].to_pylist(), expected)
    rows = duckdb.sql(f"SELECT {key}, {column} FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    assert _same(*map(list, zip(*rows.fetchall(), strict=True)), expected)
    if table == "users":  # Dask infers types from a single path and cannot read one of missing cells
        return
    frame = dd.read_parquet(folder, columns=[key, column]).compute()
    assert _same(frame[key].tolist(), frame[column].tolist(), expected)


def _same(keys: list[int], cells: list[Any], expected: dict[int, Any]) -> bool:
    return {k: None if c is None else str(c) for k, c in zip(keys, cells, strict=True)} == {
        k: None if c is None else str(c) for k, c in expected.items()
    }


NAMES: dict[str, Any] = {
    "datagen": 1,
    "name": "names",
    "seed": 1,
    "tables": {
        "places": {
            "rows": 90,
            "columns": {
                "place_id": {"type": "key"},
                "Straßen Art": {
                    "type": "choice",
                    "values": {"große Allee": 2, "a/b=c%20+d": 1, "日本": 1, "..": 1},
                    "modifiers": [{"type": "nulls", "share": 0.2}],
                },
            },
        }
    },
}
"""A column and values with spaces and letters beyond ASCII."""


def test_names_and_values_beyond_ascii_are_found_by_every_reader(tmp_path: Path) -> None:
    """Also by Hive and Spark, which decode each percent sign as one character."""
    column = "Straßen Art"
    made = datagen.generate(NAMES, tmp_path / "plain")["places"].to_arrow()
    expected = dict(zip(made["place_id"].to_pylist(), made[column].to_pylist(), strict=True))
    split = {"type": "delta", "partition_by": column}
    folder = datagen.generate(NAMES, tmp_path / "out", format=split).folder / "places"
    assert (folder / f"{column}=große%20Allee").is_dir() and (folder / f"{column}=日本").is_dir()
    pattern = f"{folder}/{column}=*/*.parquet"
    found = [
        ds.dataset(folder, partitioning="hive", exclude_invalid_files=True).to_table(["place_id", column]),
        duckdb.sql(f"SELECT place_id, \"{column}\" FROM read_parquet('{pattern}', hive_partitioning = true)"),
        pytest.importorskip("polars").read_parquet(pattern, hive_partitioning=True),
        DeltaTable(folder).to_pyarrow_table(columns=["place_id", column]),
    ]
    for rows in map(pa.table, found):
        assert dict(zip(rows["place_id"].to_pylist(), rows[column].to_pylist(), strict=True)) == expected
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(NAMES)


def test_a_damaged_file_is_made_again_and_an_overwrite_leaves_nothing(divided: datagen.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(divided.folder, folder)
    hurt = folder / Path(divided["events"].files[5]).relative_to(divided.folder)
    whole = hurt.read_bytes()
    hurt.write_bytes(whole[:-1] + b"x")
    datagen.generate(EVENTS, folder, format=BY_DAY, partition_rows=ROWS, resume=True)
    assert hurt.read_bytes() == whole
    datagen.generate(EVENTS, folder, partition_rows=ROWS, overwrite=True)
    assert not list(folder.rglob("*=*"))


def test_a_file_of_others_among_the_folders_is_not_overwritten(divided: datagen.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(divided.folder, folder)
    other = folder / "events" / "event_date=2024-01-05" / "mine.parquet"
    other.write_text("mine")
    with pytest.raises(OutputError, match=r"event_date=2024-01-05/mine\.parquet"):
        datagen.generate(EVENTS, folder, format=BY_DAY, overwrite=True)
    assert other.exists()


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    tables = {**EVENTS["tables"], "users": {**EVENTS["tables"]["users"], "rows": 0}}
    made = datagen.generate({**EVENTS, "tables": tables}, tmp_path / "out", format=BY_DAY)
    assert made["events"].to_arrow().num_rows == 0
    assert made["events"].schema.field("event_date").type == made["events"].to_arrow().schema.field("event_date").type
    assert [Path(file).parent.name for file in made["events"].files] == ["event_date=__HIVE_DEFAULT_PARTITION__"]


def test_partitions_are_larger_so_that_the_files_of_the_folders_are_not_small() -> None:
    document = {**EVENTS, "window": {"start": "2024-01-01", "end": "2025-01-01"}}
    large = datagen.plan(document, scale=50_000, format=BY_DAY)
    plain = datagen.plan(document, scale=50_000)
    files = len(large.partitions) * 366
    assert large.tables["events"].bytes / files > SMALL_FILE / 2
    assert len(large.partitions) < len(plain.partitions)


def test_delta_tables_know_the_columns_of_their_folders(tmp_path: Path, plain: datagen.Dataset) -> None:
    lake = datagen.generate(EVENTS, tmp_path / "out", format={**BY_DAY, "type": "delta"}, partition_rows=ROWS)
    table = DeltaTable(lake.folder / "users")
    assert table.metadata().partition_columns == ["plan"]
    found = table.to_pyarrow_dataset().to_table().sort_by("user_id")
    assert found["plan"].to_pylist() == plain["users"].to_arrow().sort_by("user_id")["plan"].to_pylist()
    assert datagen.fingerprint(lake.folder) == datagen.fingerprint(plain.folder)


@pytest.mark.parametrize(
    "columns, place, words",
    [
        (["amount"], "$.output.partition_by", "may have any number of values"),
        (["event_id"], "$.output.partition_by", "may "),
        (["event_date", "evnt"], "$.output.partition_by[1]", "no table has a column 'evnt'"),
        (["event_date", "event_date"], "$.output.partition_by", "named twice"),
    ],
)
def test_columns_with_too_many_values_are_refused(columns: list[str], place: str, words: str) -> None:
    (problem,) = datagen.check({**EVENTS, "output": {"type": "parquet", "partition_by": columns}})
    assert problem.place == place and words in problem.message


def test_a_hidden_column_divides_no_files() -> None:
    hidden = {**NAMES["tables"]["places"]["columns"], "secret": {"type": "boolean", "hidden": True}}
    tables = {"places": {"rows": 9, "columns": hidden}}
    asked = {"type": "parquet", "partition_by": "secret"}
    (problem,) = datagen.check({**NAMES, "tables": tables, "output": asked})
    assert problem.place == "$.output.partition_by" and "'secret' is hidden" in problem.message


def test_a_table_keeps_a_column_in_its_files() -> None:
    users = {"rows": 50, "columns": {"word": {"type": "choice", "values": {"x": 1, "y": 2}}}}
    document = {**EVENTS, "tables": {"users": users}, "output": {"type": "parquet", "partition_by": "word"}}
    (problem,) = datagen.check(document)
    assert "all columns of 'users' would be folders" in problem.message


def test_an_empty_text_divides_no_delta_table_where_it_is_a_missing_cell(tmp_path: Path) -> None:
    words = {"type": "choice", "values": {"": 1, "x": 2}}
    document = {**EVENTS, "tables": {"users": {"rows": 50, "columns": {"id": {"type": "key"}, "word": words}}}}
    (problem,) = datagen.check({**document, "output": {"type": "delta", "partition_by": "word"}})
    assert problem.place == "$.output.partition_by" and "may be an empty text" in problem.message
    datagen.generate(document, tmp_path / "out", format={"type": "parquet", "partition_by": "word"})
    read = ds.dataset(tmp_path / "out" / "users", partitioning="hive").to_table()
    assert set(read["word"].to_pylist()) == {"", "x"}


def test_a_table_with_faults_is_refused() -> None:
    faults = {"users": [{"type": "typo", "columns": ["plan"], "rate": 0.1}]}
    (problem,) = datagen.check({**EVENTS, "faults": faults, "output": {"type": "parquet", "partition_by": "plan"}})
    assert problem.place == "$.output.partition_by" and "has faults" in problem.message
    assert "--clean" in problem.hint
    with pytest.raises(PlanError, match="has faults"):
        datagen.plan({**EVENTS, "faults": faults}, format={"type": "parquet", "partition_by": "plan"})


@pytest.mark.parametrize("column", ["event_date", "mobile"])
def test_lazy_frames_are_written_by_the_values_of_a_column(tmp_path: Path, plain: datagen.Dataset, column: str) -> None:
    frame = datagen.to_dask(EVENTS, partition_rows=ROWS)["events"]
    frame.to_parquet(tmp_path / "out", partition_on=[column], write_index=False)
    found = ds.dataset(tmp_path / "out", partitioning="hive", exclude_invalid_files=True).to_table()
    assert found.num_rows == plain["events"].rows
    assert sorted(found["event_id"].to_pylist()) == sorted(plain["events"].to_arrow()["event_id"].to_pylist())

"""Options of formats change the files, never the values; table formats are committed once, by the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow.parquet as pq
import pytest

import datagen
from datagen.errors import OutputError, PlanError
from datagen.kinds.formats.base import CommitSite, FinishedTable, Sink
from datagen.kinds.formats.parquet import Parquet
from datagen.kinds.stores.local import LocalStore

DOCUMENT: dict[str, Any] = {
    "datagen": 1,
    "name": "files",
    "seed": 5,
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "people": {"rows": 2000, "columns": {"person_id": {"type": "key"}, "name": {"type": "person_name"}}},
        "visits": {
            "parent": "people",
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 5}},
            "columns": {
                "visit_id": {"type": "key"},
                "paid": {"type": "lognormal", "median": 9, "sigma": 1, "decimals": 2},
            },
        },
    },
}
SOME_MISSING = {"modifiers": [{"type": "nulls", "share": 0.2}]}
EVERY_TYPE: dict[str, Any] = {
    "datagen": 1,
    "name": "every_type",
    "seed": 9,
    "window": {"start": "2024-01-01", "end": "2024-04-01"},
    "tables": {
        "Odd": {
            "rows": 300,
            "columns": {
                "id": {"type": "key", "precision": 38},
                "Full Name": {"type": "person_name"},
                "select": {
                    "type": "choice",
                    "values": ["a,b", 'q"', "two\nlines", "NULL", "ü🎈", "'; --", "\\N", " lead", "tab\t", "=1+1"],
                    **SOME_MISSING,
                },
                "a - b": {"type": "pattern", "pattern": "A-####"},
                "ORDER": {"type": "uniform", "min": -5, "max": 90, "decimals": 0, **SOME_MISSING},
                "Ordnung_für-ALLES": {"type": "exponential", "mean": 0.01},
                "big": {"type": "uniform", "min": -9e10, "max": 9e10, "decimals": 4, "precision": 38, **SOME_MISSING},
                "tiny": {"type": "uniform", "min": 0, "max": 9, "decimals": 2, "precision": 5},
                "flag": {"type": "boolean", "share": 0.3, **SOME_MISSING},
                "day": {"type": "uniform", "min": "1931-01-01", "max": "2024-01-01", "as": "date"},
                "at": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01", **SOME_MISSING},
                "there": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01", "zone": "Europe/Berlin"},
                "raw": {"type": "regex", "regex": "[0-9a-f]{32}"},
                "json": {"type": "json", "fields": {"a": "ORDER", "b": "Full Name", "c": "at"}},
                "nest": {
                    "type": "struct",
                    "fields": {
                        "w": {"type": "uniform", "min": 10, "max": 90, "decimals": 1},
                        "when": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01"},
                    },
                    **SOME_MISSING,
                },
                "tags": {
                    "type": "list",
                    "of": {"type": "choice", "values": ["red", "bl,ue"]},
                    "length": {"type": "poisson", "mean": 2},
                },
                "m": {
                    "type": "map",
                    "keys": {"k1": 0.7, "k 2": 0.5},
                    "values": {"type": "uniform", "min": 0, "max": 9, "decimals": 0},
                },
                "wait": {"type": "exponential", "mean": "3h"},
            },
        }
    },
}


@pytest.mark.parametrize(
    "form",
    [
        "parquet",
        "csv",
        {"type": "csv", "separator": ";", "decimal": ",", "bom": True, "quoting": "minimal"},
        "jsonl",
        "arrow",
        "delta",
        "iceberg",
        "duckdb",
        "xlsx",
    ],
    ids=str,
)
def test_every_type_and_odd_names_come_back_from_every_format(form: Any, tmp_path: Path) -> None:
    datagen.generate(EVERY_TYPE, tmp_path, format=form, partition_rows=100)
    assert datagen.fingerprint(tmp_path) == datagen.fingerprint(EVERY_TYPE)
    report = datagen.validate(EVERY_TYPE, tmp_path)
    assert not [one.message for one in report.findings if one.verdict == "fail" and one.group == "constraint"]


def test_whole_numbers_and_times_have_an_encoding_that_every_reader_of_parquet_knows(tmp_path: Path) -> None:
    """DuckDB before 2.0 reads byte-stream-split of floats only."""
    made = datagen.generate(EVERY_TYPE, tmp_path)
    group = pq.ParquetFile(tmp_path / "Odd" / made["Odd"].files[0].name).metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    split = {one.physical_type for one in columns if "BYTE_STREAM_SPLIT" in one.encodings}
    assert split == {"DOUBLE"}


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_cell_that_does_not_fit_does_not_hide_the_others_of_its_file(decimal: str, tmp_path: Path) -> None:
    """Numbers of any length, and decimals of any size, are read in a file that has to be read as text."""
    document = {**EVERY_TYPE, "output": {"type": "csv", "separator": ";", "decimal": decimal, "quoting": "minimal"}}
    made = datagen.generate(document, tmp_path)
    file = tmp_path / "Odd" / made["Odd"].files[0].name
    head, first, rest = file.read_text().split("\n", 2)
    file.write_text("\n".join((head, first.replace("1;", "one;", 1), rest)))
    findings = [one for one in datagen.validate(document, tmp_path).findings if one.measure == "ColumnType"]
    assert {one.column: one.count for one in findings if one.verdict == "fail"} == {"id": 1}


def test_a_table_whose_only_plain_column_has_nulls_is_judged(tmp_path: Path) -> None:
    """No other column could predict which cells are missing."""
    columns = {"id": {"type": "key"}, "x": {"type": "uniform", "min": 0, "max": 1, **SOME_MISSING}}
    document = {"datagen": 1, "name": "alone", "tables": {"t": {"rows": 1000, "columns": columns}}}
    datagen.generate(document, tmp_path)
    [found] = [one for one in datagen.validate(document, tmp_path).findings if one.measure == "RandomNulls"]
    assert "there is no other column" in found.message


@pytest.mark.parametrize(
    "option",
    [
        {"type": "csv", "separator": ";", "decimal": ",", "bom": True},
        {"type": "csv", "separator": "tab", "quoting": "minimal"},
        {"type": "parquet", "codecs": {"name": "zstd"}, "row_group_rows": 1000, "file_size": "20kB"},
        {"type": "jsonl", "file_size": 100_000},
    ],
    ids=lambda option: "-".join(map(str, option.values())),
)
def test_values_and_validation_are_the_same_with_every_option(option: dict[str, Any], tmp_path: Path) -> None:
    made = datagen.generate(DOCUMENT, tmp_path, format=option)
    assert datagen.fingerprint(tmp_path) == datagen.fingerprint(DOCUMENT)
    report = datagen.validate(DOCUMENT, tmp_path)
    assert not [one for one in report.findings if one.verdict == "fail" and one.group != "realism"]
    assert (len(made["visits"].files) > 1) == ("file_size" in option)


def test_files_have_about_the_size_that_is_asked_for(tmp_path: Path) -> None:
    document = {**DOCUMENT, "output": {"type": "parquet", "file_size": "50kB"}}
    made = datagen.generate(document, tmp_path)
    sizes = [file.bytes for file in made["visits"].contents.files[:-1]]
    assert min(sizes) > 20_000 and max(sizes) < 100_000


def test_a_large_run_has_large_files_and_enough_partitions_to_share_out() -> None:
    """Sizes by the types of the columns, so within a factor of two of what is written."""
    partitions = [len(datagen.plan(DOCUMENT, scale=scale).partitions) for scale in (10, 10_000, 1_000_000)]
    assert partitions[0] == 1
    assert 64 < partitions[1] <= 130
    large = datagen.plan(DOCUMENT, scale=1_000_000)
    files = sum(partition.family == "people" for partition in large.partitions)
    assert 128_000_000 < large.tables["visits"].bytes / files < 512_000_000
    assert large.memory < 2_000_000_000


def test_columns_of_codecs_must_be_there(tmp_path: Path) -> None:
    codecs = {"type": "parquet", "codecs": {"nmae": "zstd"}}
    (problem,) = datagen.check({**DOCUMENT, "output": codecs})
    assert (problem.code, problem.place, problem.hint) == (
        "unknown-column",
        "$.output.codecs.nmae",
        "did you mean 'name'?",
    )
    with pytest.raises(PlanError, match="no table has a column 'nmae'; did you mean 'name'"):
        datagen.generate(DOCUMENT, tmp_path / "out", format=codecs)
    with pytest.raises(PlanError, match="is not a size"):
        datagen.plan(DOCUMENT, format={"type": "parquet", "file_size": "large"})


@pytest.fixture
def logged() -> Iterator[type[Sink]]:
    """A table format whose log is one file, rewritten by each commit."""

    class Logged(Parquet):
        log_folders: ClassVar[tuple[str, ...]] = ("_log",)
        type: Literal["logged"] = "logged"  # type: ignore[assignment]

        def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
            store = site.store
            assert isinstance(store, LocalStore)
            assert not store.path("_SUCCESS").exists()
            for table in tables:
                assert all(store.path(key).exists() for key, _ in table.files)
                log = store.path(f"{table.folder}/_log/{len(table.files):020d}.json")
                log.write_text(str(sum(rows for _, rows in table.files)))

    yield Logged
    del Sink.members["logged"]


def test_a_table_format_is_committed_when_every_file_is_there_and_its_log_is_the_runs_own(
    logged: type[Sink], tmp_path: Path
) -> None:
    log = tmp_path / "visits" / "_log"
    made = datagen.generate(DOCUMENT, tmp_path, format="logged", partition_rows=2000)
    assert [file.read_text() for file in log.iterdir()] == [str(made["visits"].rows)]
    (tmp_path / "_SUCCESS").unlink()
    datagen.generate(DOCUMENT, tmp_path, format="logged", partition_rows=2000, resume=True)
    assert len(list(log.iterdir())) == 1
    datagen.generate(DOCUMENT, tmp_path, format="logged", overwrite=True)
    assert [int(file.stem) for file in log.iterdir()] == [1]
    datagen.generate(DOCUMENT, tmp_path, overwrite=True)
    assert not log.exists()


def test_a_log_in_the_way_is_not_taken_for_a_runs_own(tmp_path: Path) -> None:
    datagen.generate(DOCUMENT, tmp_path)
    (tmp_path / "visits" / "_log").mkdir()
    (tmp_path / "visits" / "_log" / "mine.json").write_text("{}")
    with pytest.raises(OutputError, match="visits/_log"):
        datagen.generate(DOCUMENT, tmp_path, overwrite=True)


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "xlsx"])
def test_times_of_the_first_and_the_last_year_are_read_as_they_were_made(kind: str, tmp_path: Path) -> None:
    """Also those of zones whose offsets had seconds then."""
    columns: dict[str, Any] = {
        "first": {"type": "uniform", "min": "0001-01-02", "max": "0001-01-04"},
        "last": {"type": "uniform", "min": "9999-12-29", "max": "9999-12-31"},
    }
    for name in ("first", "last"):
        columns[f"{name}_there"] = {"type": "expression", "expression": f"{name} AT TIME ZONE 'Asia/Kolkata'"}
    tables = {"t": {"rows": 20, "columns": {"id": {"type": "key"}, **columns}}}
    document = {"datagen": 1, "name": "edges", "output": {"type": kind}, "tables": tables}
    datagen.generate(document, tmp_path / "out")
    assert datagen.validate(document, tmp_path / "out").score == 100

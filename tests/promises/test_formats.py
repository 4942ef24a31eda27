"""Options of formats change the files, never the values; table formats are committed once, by the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

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

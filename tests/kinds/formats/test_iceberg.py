"""Iceberg tables are read back by the library of their field, and a commit that is repeated changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyiceberg.table import StaticTable

import datagen
from datagen.engine.content_hash import ContentHash
from datagen.kinds.formats.support import avro
from tests.kinds.formats.test_hive_folders import BY_DAY, EVENTS
from tests.promises.documents import busy


def fingerprint(made: datagen.Dataset) -> dict[str, str]:
    """The content hashes of the rows that pyiceberg reads."""
    found = {}
    for name in made.tables:
        content, table = ContentHash(), StaticTable.from_metadata(str(metadata(made.folder, name)))
        content.add(table.scan().to_arrow().select(made[name].schema.names))
        found[name] = content.digest()
    return found


def metadata(folder: Path, table: str) -> Path:
    return folder / table / "metadata" / "v1.metadata.json"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> datagen.Dataset:
    folder = tmp_path_factory.mktemp("iceberg") / "out"
    return datagen.generate(busy(), folder, format="iceberg", partition_rows=800)


def test_the_tables_are_those_of_plain_parquet(lake: datagen.Dataset) -> None:
    assert fingerprint(lake) == datagen.fingerprint(lake.folder) == datagen.fingerprint(busy())
    table = StaticTable.from_metadata(str(metadata(lake.folder, "people")))
    assert len(table.inspect.files()) == len(lake["people"].files) > 1
    assert sum(table.inspect.files()["record_count"].to_pylist()) == lake["people"].rows


def test_a_filter_prunes_the_files_of_other_folders(tmp_path: Path) -> None:
    made = datagen.generate(EVENTS, tmp_path / "out", format={**BY_DAY, "type": "iceberg"}, partition_rows=1000)
    assert fingerprint(made) == datagen.fingerprint(EVENTS)
    table = StaticTable.from_metadata(str(metadata(made.folder, "events")))
    read = table.scan(row_filter="event_date = '2024-01-05'")
    assert {Path(task.file.file_path).parent.name for task in read.plan_files()} == {"event_date=2024-01-05"}
    assert set(map(str, read.to_arrow()["event_date"].to_pylist())) == {"2024-01-05"}


def test_a_commit_that_is_repeated_leaves_the_same_metadata_and_an_overwrite_none(
    lake: datagen.Dataset, tmp_path: Path
) -> None:
    options = {"format": "iceberg", "partition_rows": 800}
    logs = {path: path.read_bytes() for path in lake.folder.rglob("metadata/*")}
    assert len(logs) >= 4 * len(lake.tables)
    (lake.folder / "_SUCCESS").unlink()
    datagen.generate(busy(), lake.folder, resume=True, **options)
    assert {path: path.read_bytes() for path in lake.folder.rglob("metadata/*")} == logs
    made = datagen.generate(EVENTS, tmp_path / "out", format="iceberg")
    datagen.generate(EVENTS, made.folder, overwrite=True)
    assert not list(made.folder.rglob("metadata"))


def test_it_is_validated_like_any_other(lake: datagen.Dataset) -> None:
    assert datagen.validate(busy(), lake.folder).passed


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(0, "00"), (-1, "01"), (1, "02"), (-64, "7f"), (64, "8001"), (2**63 - 1, "feffffffffffffffff01")],
)
def test_numbers_are_zigzag_and_of_variable_length(number: int, encoded: str) -> None:
    assert avro.long(number).hex() == encoded

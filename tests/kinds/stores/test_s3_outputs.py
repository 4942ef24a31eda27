"""Folders of values, table formats and databases in an object store are those of a local folder."""

from __future__ import annotations

import duckdb
import pytest
from pyiceberg.table import StaticTable

import datagen
from datagen.kinds.stores.base import store_at
from datagen.runtime.storage.layout import data_files
from tests.interop.test_replay import played
from tests.kinds.formats.test_hive_folders import BY_DAY, EVENTS
from tests.kinds.stores.servers import Proxy

pytestmark = pytest.mark.integration


def test_folders_of_values_are_written_resumed_and_removed(prefix: str) -> None:
    options = {"format": BY_DAY, "partition_rows": 2000}
    made = datagen.generate(EVENTS, f"{prefix}/hive", **options)
    assert datagen.fingerprint(f"{prefix}/hive") == datagen.fingerprint(EVENTS)
    assert len(played(made)) == made["events"].rows
    store = store_at(f"{prefix}/hive")
    lost = next(entry.key for entry in data_files(store, "events") if "event_date=2024-01-05" in entry.key)
    store.delete(lost)
    datagen.generate(EVENTS, f"{prefix}/hive", resume=True, **options)
    assert store.entry(lost) is not None
    datagen.generate(EVENTS, f"{prefix}/hive", overwrite=True)
    assert not [entry.key for entry in data_files(store, "events") if "=" in entry.key]


def test_an_iceberg_table_is_read_where_it_lies(s3: Proxy, prefix: str) -> None:
    made = datagen.generate(EVENTS, f"{prefix}/lake", format="iceberg", partition_rows=1000)
    place = {"s3.endpoint": s3.url, "s3.access-key-id": "testing", "s3.secret-access-key": "testing"}
    table = StaticTable.from_metadata(f"{prefix}/lake/events/metadata/v1.metadata.json", place)
    assert table.scan().to_arrow().num_rows == made["events"].rows


def test_a_database_file_is_published_whole(prefix: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = datagen.generate(EVENTS, f"{prefix}/db", format="duckdb")
    copy = tmp_path_factory.mktemp("copy") / "x.duckdb"
    copy.write_bytes(store_at(f"{prefix}/db").get("dataset.duckdb"))
    with duckdb.connect(copy, read_only=True) as database:
        assert database.sql("SELECT count(*) FROM events").fetchall() == [(made["events"].rows,)]

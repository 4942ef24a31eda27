from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from datagen.kinds.formats.parquet import Parquet

SCHEMA = pa.schema([("i", pa.int64()), ("note", pa.string())])


def rows(start: int, count: int) -> pa.Table:
    return pa.table({"i": range(start, start + count), "note": ["x" * 40] * count}, schema=SCHEMA)


def written(sink: Parquet, path: Path, *sizes: int, spare: int = 2**26) -> pq.FileMetaData:
    writer, start = sink.open(path, SCHEMA, {}, spare), 0
    for size in sizes:
        writer.write(rows(start, size))
        start += size
    writer.close()
    assert pq.read_table(path)["i"].to_pylist() == list(range(start))
    return pq.ParquetFile(path).metadata


def group_sizes(metadata: pq.FileMetaData) -> list[int]:
    return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]


def test_row_groups_have_the_rows_that_are_asked_for_whatever_the_blocks(tmp_path: Path) -> None:
    sink = Parquet(row_group_rows=5000)
    assert group_sizes(written(sink, tmp_path / "a", 7000, 7000, 2500)) == [5000, 5000, 5000, 1500]
    assert group_sizes(written(sink, tmp_path / "b", 16500)) == [5000, 5000, 5000, 1500]


def test_row_groups_are_smaller_where_memory_is_short(tmp_path: Path) -> None:
    metadata = written(Parquet(row_group_rows=100_000), tmp_path / "a", 4000, 4000, 4000, spare=300_000)
    assert group_sizes(metadata) == [8000, 4000]


def test_columns_have_their_own_codec(tmp_path: Path) -> None:
    metadata = written(Parquet(codecs={"note": "zstd"}), tmp_path / "a", 1000)
    assert [metadata.row_group(0).column(i).compression for i in range(2)] == ["SNAPPY", "ZSTD"]


def test_a_level_without_zstd_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing is compressed with it"):
        Parquet(level=3)
    with pytest.raises(ValidationError, match="nothing is compressed with it"):
        Parquet(level=3, codecs={"i": "none"})
    assert Parquet(level=3, codecs={"i": "zstd"}).level == Parquet(level=3, compression="zstd").level == 3

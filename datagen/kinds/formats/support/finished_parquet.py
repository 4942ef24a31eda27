"""The rows of finished Parquet files, for formats that load them somewhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from datagen.kinds.formats.support.hive import restored, values_of
from datagen.kinds.stores.base import Store

ROWS = 65_536
"""Rows read at once."""
_NUMBER = re.compile(r"part-(\d+)\.")


def batches(store: Store, key: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a file in pieces, in the types of `schema`, with the columns of its Hive folders."""
    folders = values_of(key)
    inside = pa.schema([one for one in schema if one.name not in folders])
    with store.open(key) as source, pq.ParquetFile(source) as file:
        for batch in file.iter_batches(ROWS, columns=inside.names):
            rows = pa.Table.from_batches([batch]).cast(inside)
            yield restored(rows, folders, schema) if folders else rows


def partition_of(key: str) -> int:
    """The partition that wrote a file."""
    match = _NUMBER.search(key.rpartition("/")[2])
    return int(match[1]) if match else 0

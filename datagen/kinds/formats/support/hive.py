"""Hive folders: the path holds the cells of some columns, `event_date=2024-01-31/part-00000.parquet`, and the file does
not.

Source: the layout of Apache Hive, which Spark, Arrow, DuckDB and Dask read. ASCII characters of values are
percent-encoded where they are special. Others are not, because Hive and Spark decode byte by byte. Names are not,
because DuckDB and Polars do not decode them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote

import pyarrow as pa

NULL = "__HIVE_DEFAULT_PARTITION__"
"""The folder of missing cells."""

_ASCII = re.compile(r"[\x00-\x7f]+")

Values = Mapping[str, str | None]
"""Column -> the text of its cells, None where they are missing."""


def folder_of(names: Sequence[str], cells: Iterable[str | None]) -> str:
    """The folder of the rows that have these cells, one level for each column."""
    texts = (NULL if cell is None else _ASCII.sub(lambda found: quote(found[0], safe=""), cell) for cell in cells)
    return "/".join(f"{name}={text}" for name, text in zip(names, texts, strict=True))


def values_of(address: str) -> Values:
    """The cells that the folders right above a file give; empty for a file outside such folders."""
    found: dict[str, str | None] = {}
    for part in reversed(address.split("/")[:-1]):
        name, equals, text = part.partition("=")
        if not equals:
            break
        found[unquote(name)] = None if text == NULL else unquote(text)
    return dict(reversed(found.items()))


def restored(table: pa.Table, values: Values, schema: pa.Schema) -> pa.Table:
    """The rows of a file with the columns of its folders, in the order and the types of `schema`."""
    columns = [
        _repeated(values[field.name], field.type, table.num_rows) if field.name in values else table[field.name]
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _repeated(cell: str | None, type_: pa.DataType, rows: int) -> pa.Array:
    if cell is None:
        return pa.nulls(rows, type_)
    if pa.types.is_dictionary(type_):
        return pa.DictionaryArray.from_arrays(pa.repeat(0, rows).cast(type_.index_type), pa.array([cell]))
    return pa.repeat(pa.array([cell]).cast(type_)[0], rows)


__all__ = ["NULL", "Values", "folder_of", "restored", "values_of"]

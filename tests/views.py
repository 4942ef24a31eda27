"""The tables of a dataset, or of a folder of files, as views of DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb


def views(folder: Path, tables: Iterable[str], files: str = "{}/*.parquet") -> duckdb.DuckDBPyConnection:
    """A database with a view of each table; `files` is the pattern of its files below the folder."""
    database = duckdb.connect()
    for table in tables:
        database.execute(f"""CREATE VIEW "{table}" AS SELECT * FROM '{folder / files.format(table)}'""")
    return database

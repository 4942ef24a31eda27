"""Tables of a live database by SQLAlchemy (PostgreSQL, SQLite and others), or of a DuckDB file. Nothing is written
there.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceKey, SourceTable, source_table

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Table

_BATCH = 50_000


def read_database(url: str, most: int) -> list[SourceTable]:
    """The tables of a database with their keys, of each the first `most` rows. Raises DataError."""
    if url.startswith("duckdb:"):
        return _duckdb(Path(url.removeprefix("duckdb:").lstrip("/") if url.startswith("duckdb:///") else url[7:]), most)
    try:
        import sqlalchemy as sa  # an optional extra
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise DataError(
            "the package sqlalchemy is not installed; install it with: pip install 'datagen[databases]'"
        ) from None
    try:
        engine = sa.create_engine(_address(url))
        with engine.connect() as connection:
            metadata = sa.MetaData()
            metadata.reflect(connection)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", sa.exc.SAWarning)  # tables that refer to each other have no order
                tables = metadata.sorted_tables
            return [_read(connection, table, most) for table in tables]
    except (SQLAlchemyError, ImportError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise DataError(f"cannot read the database: {reason}") from None
    finally:
        if "engine" in locals():
            engine.dispose()


def _address(url: str) -> URL:
    """The parsed URL, of PostgreSQL by psycopg 3 where no driver is named. Raises DataError for a malformed one."""
    import sqlalchemy as sa

    try:
        found = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        found = None
    if found is None or "@" in (found.host or ""):
        raise DataError(
            "the URL of the database cannot be read; write NAME://USER@HOST:PORT/DATABASE, and special characters "
            "as %40 for @"
        )
    return found.set(drivername="postgresql+psycopg") if found.drivername in ("postgres", "postgresql") else found


def _read(connection: Connection, table: Table, most: int) -> SourceTable:
    import sqlalchemy as sa

    rows = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    keys = [column.name for column in table.primary_key.columns]
    chosen = sa.select(table).limit(most)
    if keys:
        chosen = chosen.order_by(*table.primary_key.columns)
    batches = connection.execution_options(yield_per=_BATCH).execute(chosen)
    names = [column.name for column in table.columns]
    cells: dict[str, list[Any]] = {name: [] for name in names}
    for batch in batches.partitions():
        for name, column in zip(names, zip(*batch, strict=True), strict=True):
            cells[name].extend(column)
    arrow = pa.table({name: _array(column) for name, column in cells.items()})
    made = source_table(table.name, arrow, rows)
    made.primary_key = tuple(keys)
    for constraint in table.foreign_key_constraints:
        if len(constraint.elements) == 1:
            element = constraint.elements[0]
            made.foreign_keys.append(SourceKey(element.parent.name, element.column.table.name, element.column.name))
    return made


def _array(cells: list[Any]) -> pa.Array:
    """Cells of a driver as an array; what Arrow has no type for, such as UUIDs, as text."""
    try:
        return pa.array(cells)
    except CONVERSION_ERRORS:
        return pa.array([None if cell is None else str(cell) for cell in cells])


def _duckdb(path: Path, most: int) -> list[SourceTable]:
    try:
        import duckdb  # an optional extra
    except ImportError:
        raise DataError("the package duckdb is not installed; install it with: pip install duckdb") from None
    if not path.is_file():
        raise DataError(f"there is no file '{path}'")
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [
            row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_oid").fetchall()
        ]
        tables = {}
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            count = connection.execute(f"SELECT count(*) FROM {quoted}").fetchall()  # noqa: S608 - the name is quoted
            arrow = connection.sql(f"SELECT * FROM {quoted} LIMIT {int(most)}").to_arrow_table()  # noqa: S608
            tables[name] = source_table(name, arrow, count[0][0])
        _duckdb_keys(connection, tables)
    return list(tables.values())


def _duckdb_keys(connection: Any, tables: dict[str, SourceTable]) -> None:
    query = (
        "SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names "
        "FROM duckdb_constraints()"
    )
    for name, kind, columns, other, keys in connection.execute(query).fetchall():
        if kind == "PRIMARY KEY":
            tables[name].primary_key = tuple(columns)
        elif kind == "FOREIGN KEY" and len(columns) == 1 and other:
            tables[name].foreign_keys.append(SourceKey(columns[0], other, keys[0]))

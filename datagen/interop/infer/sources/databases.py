"""Tables of a live database by SQLAlchemy (PostgreSQL, SQLite and others), or of a DuckDB file. Nothing is written
there.
"""

from __future__ import annotations

import datetime as dt
import decimal
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.errors import DataError
from datagen.interop.infer.file_parts import BATCH, ArrowPart, TablePart, here
from datagen.interop.infer.large_tables import LargeTable, sampled
from datagen.interop.infer.source_table import SourceKey, SourceTable, plain_cells, source_table

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Select, Table

_ROWS = 16_384
"""Rows of a driver that are held at once."""
_MEMORY = "512MB"
"""What DuckDB may hold of a file."""
_ARROW = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), decimal.Decimal: pa.float64(), str: pa.string(),
          dt.date: pa.date32(), dt.datetime: pa.timestamp("us")}  # fmt: skip


_SCHEMAS = (
    "SELECT DISTINCT table_schema, table_schema = ANY (current_schemas(false)) FROM information_schema.tables "
    "WHERE table_type <> 'VIEW' AND table_schema NOT IN ('pg_catalog', 'information_schema') "
    "AND table_schema NOT LIKE 'pg\\_%' ORDER BY 1"
)
"""The schemas of a PostgreSQL database with tables that the user may see, and whether they are in the search path."""


def read_database(url: str, most: int, notes: list[str]) -> list[SourceTable]:
    """The tables of a database with their keys; of those with more than `most` rows, and of their families, a sample
    with the summaries of all rows, read a batch at a time. Of PostgreSQL those in the schemas of the search path, or in
    all schemas if these have none; `notes` name the others. Raises DataError.
    """
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
            tables = _tables(connection, notes)
            return _held([_read(connection, tables, table, most) for table in tables], most)
    except (SQLAlchemyError, ImportError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise DataError(f"cannot read the database: {reason}") from None
    finally:
        if "engine" in locals():
            engine.dispose()


def _tables(connection: Connection, notes: list[str]) -> dict[Table, str]:
    """The tables of a database, and the name of each: with that of its schema where several have the same."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    for schema in _schemas(connection, notes):
        metadata.reflect(connection, schema=schema)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # tables that refer to each other have no order
        tables = metadata.sorted_tables
    times = Counter(table.name for table in tables)
    return {one: one.fullname if times[one.name] > 1 else one.name for one in tables}


def _schemas(connection: Connection, notes: list[str]) -> list[str | None]:
    """The schemas to read; None for the default of a database that is not PostgreSQL."""
    import sqlalchemy as sa

    if connection.dialect.name != "postgresql":
        return [None]
    found = [(str(name), bool(searched)) for name, searched in connection.execute(sa.text(_SCHEMAS))]
    connection.execute(sa.text("SET search_path = ''"))  # of this session: every foreign key then names a schema
    searched = [name for name, here in found if here]
    others = [name for name, here in found if not here]
    if searched and others:
        listed = ", ".join(f"'{name}'" for name in others)
        notes.append(
            f"tables in other schemas of the database ({listed}) are left out if no table that is read refers to them; "
            f"to read all, give the URL the parameter options=-csearch_path={','.join(searched + others)}"
        )
    return [*(searched or others)] or [None]


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


@dataclass(slots=True)
class RowsPart:
    """All rows of a table in a database. `schema` begins as declared; rows that do not fit it widen it."""

    rows: Callable[[], Iterable[Sequence[Sequence[Any]]]]
    schema: pa.Schema
    index: int = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a batch at a time, in the types of the schema. Raises `_WiderTypes` where a later batch changes
        them.
        """
        asked = self.schema
        for rows in self.rows():
            columns = list(zip(*rows, strict=True))
            arrays = [_array(cells) for cells in columns]
            found = zip(self.schema, arrays, strict=True)
            self.schema = pa.schema([_wider(field, array.type) for field, array in found])
            if self.schema != asked:
                raise _WiderTypes
            typed = zip(arrays, columns, self.schema.types, strict=True)
            fitting = [one if one.type == kind else _array(cells, kind) for one, cells, kind in typed]
            yield pa.RecordBatch.from_arrays(fitting, schema=self.schema)


class _WiderTypes(Exception):
    """A column has cells of more types than were known."""


def settled(function: Callable[[TablePart], Any], part: TablePart) -> Any:
    """The result of a function for a part, once the types of its columns are known."""
    while True:
        try:
            return function(part)
        except _WiderTypes:
            continue


def _read(connection: Connection, names: Mapping[Table, str], table: Table, most: int) -> SourceTable | LargeTable:
    import sqlalchemy as sa

    rows = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    chosen = sa.select(table).order_by(*table.primary_key.columns)
    fields = [pa.field(column.name, _declared(column)) for column in table.columns]
    part = RowsPart(partial(_batches, connection, chosen), pa.schema(fields))
    keys = tuple(column.name for column in table.primary_key.columns)
    elements = [constraint.elements[0] for constraint in table.foreign_key_constraints if len(constraint.elements) == 1]
    foreign = [SourceKey(one.parent.name, names[one.column.table], one.column.name) for one in elements]
    if rows > most:
        return LargeTable(names[table], [part], rows, keys, foreign)
    made = source_table(names[table], settled(_whole, part), rows)
    made.primary_key, made.foreign_keys = keys, foreign
    return made


def _batches(connection: Connection, chosen: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows by a cursor of the server, where the driver has one."""
    with connection.execution_options(yield_per=_ROWS).execute(chosen) as result:
        yield from result.partitions()


def _whole(part: TablePart) -> pa.Table:
    batches = list(part.batches())
    return pa.Table.from_batches(batches, part.schema)


def _held(tables: list[SourceTable | LargeTable], most: int) -> list[SourceTable]:
    """All tables, samples of those that are too large to hold."""
    return sampled(
        {table.name: table for table in tables},
        most,
        lambda function, parts: here(partial(settled, function), parts),
    )


def _declared(column: Any) -> pa.DataType:
    """The type of cells that the type of a column promises; null where it says nothing."""
    try:
        return _ARROW.get(column.type.python_type, pa.null())
    except RuntimeError:  # SQLAlchemy does not know
        return pa.null()


def _wider(field: pa.Field, found: pa.DataType) -> pa.Field:
    """The field of cells of both types: that of texts, if they have nothing in common."""
    if found in (field.type, pa.null()):
        return field
    try:
        fields = [pa.schema([field]), pa.schema([field.with_type(found)])]
        return pa.unify_schemas(fields, promote_options="permissive").field(0)
    except pa.ArrowException:
        return field.with_type(pa.string())


def _array(cells: Sequence[Any], kind: pa.DataType | None = None) -> pa.Array:
    """Cells of a driver as an array of a plain type, or of a given one; what Arrow has no type for, such as UUIDs, as
    text.
    """
    try:
        made = pa.array(cells)
        plain = plain_cells(made) if not pa.types.is_null(made.type) else None
        made = made if plain is None else plain
        return made if kind in (None, made.type) else made.cast(kind, safe=False)
    except CONVERSION_ERRORS:
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _duckdb(path: Path, most: int) -> list[SourceTable]:
    try:
        import duckdb  # an optional extra
    except ImportError:
        raise DataError("the package duckdb is not installed; install it with: pip install duckdb") from None
    if not path.is_file():
        raise DataError(f"there is no file '{path}'")
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        listed = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY table_oid"
        found = connection.execute(listed).fetchall()
        times = Counter(name for _, name in found)
        names = {one: ".".join(one) if times[one[1]] > 1 else one[1] for one in found}
        tables: dict[str, SourceTable | LargeTable] = {}
        for one, name in names.items():
            quoted = ".".join('"' + word.replace('"', '""') + '"' for word in one)
            counted = connection.execute(f"SELECT count(*) FROM {quoted}").fetchall()  # noqa: S608 - the name is quoted
            rows = int(counted[0][0])
            rowset = partial(connection.sql, f"SELECT * FROM {quoted}")  # noqa: S608
            if rows > most:
                schema = rowset().to_arrow_reader(BATCH).schema
                tables[name] = LargeTable(name, [ArrowPart(schema, partial(_arrow_batches, rowset))], rows)
            else:
                tables[name] = source_table(name, rowset().to_arrow_table(), rows)
        _duckdb_keys(connection, names, tables)
        return _held(list(tables.values()), most)


def _arrow_batches(rows: Callable[[], Any]) -> Iterator[pa.RecordBatch]:
    yield from rows().to_arrow_reader(BATCH)


def _duckdb_keys(
    connection: Any, names: Mapping[tuple[str, str], str], tables: dict[str, SourceTable | LargeTable]
) -> None:
    """Keys of the tables; those that refer to others do so within a schema."""
    query = (
        "SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, "
        "referenced_column_names FROM duckdb_constraints()"
    )
    for schema, name, kind, columns, other, keys in connection.execute(query).fetchall():
        table = tables.get(names.get((schema, name), ""))
        if table is None:
            continue
        if kind == "PRIMARY KEY":
            table.primary_key = tuple(columns)
        elif kind == "FOREIGN KEY" and len(columns) == 1 and (schema, other) in names:
            table.foreign_keys.append(SourceKey(columns[0], names[schema, other], keys[0]))

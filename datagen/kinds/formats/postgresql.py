"""PostgreSQL: the workers load each partition by COPY, the driver adds the keys after all rows are loaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.csv as arrow_csv
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from datagen.columnar.nested import array_cells, json_cells
from datagen.errors import RunError
from datagen.kinds.formats.parquet import Parquet
from datagen.kinds.formats.support.finished_parquet import batches, partition_of
from datagen.kinds.formats.support.slices import slices
from datagen.kinds.formats.support.sql_tables import columns, foreign_key, is_array, keys, listed, plain, quoted
from datagen.locations import without_password

if TYPE_CHECKING:
    import psycopg

    from datagen.kinds.formats.base import CommitSite, FinishedTable
    from datagen.kinds.stores.base import Store

ADDRESS = "DATAGEN_POSTGRESQL_URL"
"""The environment variable with the address of the database."""
_RECORDS = b"""
CREATE TABLE IF NOT EXISTS _datagen_run (plan_id text PRIMARY KEY, tables text[] NOT NULL, finished boolean NOT NULL);
CREATE TABLE IF NOT EXISTS _datagen_parts (partition integer PRIMARY KEY, plan_id text NOT NULL)
"""
"""The tables that say which run a database schema belongs to, and which of its partitions are loaded."""
_SETTINGS = b"""
SELECT set_config('search_path', %s, false), set_config('tcp_keepalives_idle', '60', false),
       set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '6', false)
"""
"""Settings of a session. The server ends the transaction of a machine that was lost after two minutes. By default that
takes it more than two hours, in which the next attempt to load the same partition waits.
"""


class PostgreSql(Parquet):
    """Tables of a PostgreSQL database with primary, unique and foreign keys; the output keeps Parquet files of the same
    rows.

    Each partition is one transaction with its own receipt in the database, so that it is loaded once, however often a
    run is resumed. Foreign keys within a cycle of tables are deferrable. Durations are whole microseconds, lists of
    scalars are arrays, other nested cells JSON.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "warehouse",
            "seed": 1,
            "output": {"type": "postgresql", "namespace": "shop"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )
    synonyms: ClassVar[tuple[str, ...]] = ("postgres", "postgre", "pg", "psql")
    loads: ClassVar[bool] = True
    most_columns: ClassVar[int | None] = 1_600
    reserved: ClassVar[frozenset[str]] = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
    type: Literal["postgresql"] = "postgresql"  # type: ignore[assignment]
    url: str = Field(
        "",
        max_length=500,
        description="the address of the database, without a password; left out: the environment variable "
        f"{ADDRESS}, or those of PostgreSQL (PGHOST, PGUSER, PGPASSWORD ...)",
    )
    namespace: str = Field("public", min_length=1, max_length=63, description="the database schema of the tables")

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if any(without_password(text) != text for text in (url, unquote(url))):
            message = "the address has a password, which would be written to the output"
            hint = "leave it out, and set PGPASSWORD in the environment of the driver and the workers"
            raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": hint})
        if url and "=" not in url and not url.startswith(("postgresql://", "postgres://")):
            message = f"'{url[:60]}' is no address of a database"
            hint = "write postgresql://user@host:5432/database, or host=... dbname=..."
            raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": hint})
        return url

    @field_validator("namespace")
    @classmethod
    def _not_of_the_system(cls, namespace: str) -> str:
        if namespace.startswith("pg_") or namespace == "information_schema":
            message = f"'{namespace}' belongs to the system: PostgreSQL refuses names that begin with pg_"
            raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": "choose another name"})
        return namespace

    def prepare(self, run: str, tables: Sequence[FinishedTable], *, overwrite: bool) -> None:
        with self._transaction() as cursor:
            cursor.execute(b"SELECT pg_advisory_xact_lock(hashtext(%s))", [f"datagen {self.namespace}"])
            self._make_records(cursor)
            found = _rows(cursor, "SELECT plan_id, tables FROM _datagen_run")
            if found and not overwrite:
                self._check_same(found[0][0], run)
                return
            for _, there in found:
                cursor.execute(f"DROP TABLE IF EXISTS {listed(there)}".encode())
            _create(cursor, run, [table for table in tables if not table.hidden])

    def load(self, run: str, store: Store, partition: int, tables: Sequence[FinishedTable]) -> None:
        with self._transaction() as cursor:
            once = "INSERT INTO _datagen_parts SELECT %s, plan_id FROM _datagen_run WHERE plan_id = %s"
            again = "ON CONFLICT (partition) DO NOTHING RETURNING partition"
            if not _rows(cursor, f"{once} {again}", [partition, run]):
                self._check_owner(cursor, run)
                return
            for table in tables:
                if not table.hidden:
                    _copy(cursor, quoted(table.folder), store, table)

    def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
        with self._transaction() as cursor:
            ((run, finished),) = _rows(cursor, "SELECT plan_id, finished FROM _datagen_run")
            loaded = {row[0] for row in _rows(cursor, "SELECT partition FROM _datagen_parts")}
        for partition, files in sorted(_by_partition(tables).items()):
            if partition not in loaded:  # its files are of a run into another database
                self.load(run, site.store, partition, files)
        if not finished:
            with self._transaction() as cursor:
                for statement in self._constraints([table for table in tables if not table.hidden]):
                    cursor.execute(statement.encode())
                cursor.execute(b"UPDATE _datagen_run SET finished = true")

    def _make_records(self, cursor: psycopg.Cursor) -> None:
        if not _rows(cursor, "SELECT 1 FROM pg_namespace WHERE nspname = %s", [self.namespace]):
            cursor.execute(f"CREATE SCHEMA {quoted(self.namespace)}".encode())
        cursor.execute(_RECORDS)

    def _check_same(self, plan_id: str, run: str) -> None:
        if plan_id != run:
            where = f"the schema '{self.namespace}' of the database has the tables of another run (plan {plan_id[:16]})"
            raise RunError(f"{where}; name another one with 'namespace', or use --overwrite")

    def _check_owner(self, cursor: psycopg.Cursor, run: str) -> None:
        if not _rows(cursor, "SELECT 1 FROM _datagen_run WHERE plan_id = %s", [run]):
            raise RunError(f"another run has taken over the schema '{self.namespace}' of the database")

    def _constraints(self, tables: Sequence[FinishedTable]) -> Iterator[str]:
        """The statements that add, and so validate, all keys: those that others refer to first."""
        named = {table.folder: quoted(table.folder) for table in tables}
        for table in tables:
            for constraint in keys(table):
                yield f"ALTER TABLE {named[table.folder]} ADD {constraint}"
        for table in tables:
            for one in table.keys.references:
                deferred = " DEFERRABLE INITIALLY DEFERRED" if one.circular else ""
                yield f"ALTER TABLE {named[table.folder]} ADD {foreign_key(one, named)}{deferred}"

    def _address(self) -> str:
        """The address of the database. Raises RunError for a malformed one, whose parts libpq would print."""
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        address = self.url or os.environ.get(ADDRESS, "")
        with suppress(ProgrammingError):
            parts = conninfo_to_dict(address)
            if "@" not in f"{parts.get('host')}" and re.fullmatch(r"[\d,]*", f"{parts.get('port', '')}"):
                return address
        raise RunError(
            f"the address in {'the format' if self.url else ADDRESS} cannot be read; write "
            "postgresql://USER@HOST:PORT/DATABASE, and special characters as %40 for @"
        )

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor]:
        """A connection of its own, committed if the block ends without an error."""
        try:
            import psycopg  # an optional extra
        except ImportError:
            raise RunError(
                "the format postgresql needs the package psycopg: pip install 'datagen[databases]'"
            ) from None
        try:
            with psycopg.connect(self._address()) as connection, connection.cursor() as cursor:
                cursor.execute(_SETTINGS, [quoted(self.namespace)])
                yield cursor
        except psycopg.Error as error:
            raise RunError(f"PostgreSQL: {' '.join(str(error).split())[:300]}") from None


def _create(cursor: psycopg.Cursor, run: str, tables: Sequence[FinishedTable]) -> None:
    """Create empty tables, and record the run that they belong to."""
    for table in tables:
        made = ", ".join(columns(table.schema, "postgres"))
        cursor.execute(f"CREATE TABLE {quoted(table.folder)} ({made})".encode())
    cursor.execute(b"TRUNCATE _datagen_run, _datagen_parts")
    cursor.execute(b"INSERT INTO _datagen_run VALUES (%s, %s, false)", [run, [table.folder for table in tables]])


def _rows(cursor: psycopg.Cursor, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return cursor.execute(statement.encode(), values).fetchall()


def _copy(cursor: psycopg.Cursor, name: str, store: Store, table: FinishedTable) -> None:
    """Append the rows of the files to a table."""
    schema, options = plain(table.schema), arrow_csv.WriteOptions(include_header=False)
    with cursor.copy(f"COPY {name} ({listed(schema.names)}) FROM STDIN (FORMAT csv)".encode()) as copy:
        for key, _ in table.files:
            for rows in (piece for found in batches(store, key, table.schema) for piece in slices(found)):
                text = pa.BufferOutputStream()
                arrow_csv.write_csv(_flat(rows, schema), text, options)
                copy.write(memoryview(text.getvalue()))


def _flat(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The rows for COPY: lists of scalars are array literals, other nested cells JSON text."""
    columns = [_cells(column, field.type) for column, field in zip(rows.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema.names)


def _cells(column: pa.Array, type_: pa.DataType) -> pa.Array:
    if is_array(column.type):
        return array_cells(column)
    if pa.types.is_nested(column.type):
        return json_cells(column)
    if pa.types.is_timestamp(type_) and type_.tz is not None:
        return column.cast(pa.timestamp("us", "UTC"))  # offsets before about 1900 have seconds, their text has not
    return column.cast(type_)


def _by_partition(tables: Sequence[FinishedTable]) -> Mapping[int, list[FinishedTable]]:
    """The tables of each partition, with its files only."""
    found: dict[int, dict[str, FinishedTable]] = {}
    for table in tables:
        for file in table.files:
            tables_of = found.setdefault(partition_of(file[0]), {})
            known = tables_of.get(table.folder, replace(table, files=()))
            tables_of[table.folder] = replace(known, files=(*known.files, file))
    return {partition: list(named.values()) for partition, named in found.items()}

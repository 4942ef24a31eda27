"""DuckDB: the driver reads the finished Parquet files into one database file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from datagen.errors import RunError
from datagen.kinds.formats.parquet import Parquet
from datagen.kinds.formats.support.finished_parquet import batches
from datagen.kinds.formats.support.sql_tables import columns, foreign_key, keys, plain, quoted

if TYPE_CHECKING:
    import duckdb

    from datagen.kinds.formats.base import CommitSite, FinishedTable, KeyReference

FILE = "dataset.duckdb"
"""The database, at the root of the output."""
_SIZE = r"^\d{2,6} ?[MG]B$|^\dGB$"


def _memory(text: str) -> str:
    """A size that DuckDB reads."""
    if not re.match(_SIZE, text):
        message, hint = f"'{text[:40]}' is not a size for DuckDB", "write one such as 512MB or 4GB"
        raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": hint})
    return text


class DuckDb(Parquet):
    """One DuckDB file, `dataset.duckdb`, with all tables and their keys; the Parquet files that it is made from are
    kept.

    The driver makes it when all partitions are complete, in a bounded part of memory, and publishes it in one step.
    Foreign keys within a cycle of tables, or of a table to itself, are left out, because DuckDB checks them row by
    row. Durations are whole microseconds.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "analysis",
            "seed": 1,
            "output": {"type": "duckdb", "memory": "512MB"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )
    synonyms: ClassVar[tuple[str, ...]] = ("duck", "duck_db")
    loads: ClassVar[bool] = True
    root_files: ClassVar[tuple[str, ...]] = (FILE,)
    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    memory: Annotated[str, AfterValidator(_memory)] = Field(
        "1GB", json_schema_extra={"pattern": _SIZE}, description="the most memory that DuckDB uses"
    )
    keys: bool = Field(True, description="declare keys, whose indexes take memory; large databases may do without")

    def prepare(self, run: str, tables: Sequence[FinishedTable], *, overwrite: bool) -> None:
        _library()

    def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
        with site.scratch() as folder:
            draft = folder / FILE
            _clear(draft)
            with _errors(self.memory), closing(self._opened(draft)) as database:
                for table in _parents_first([table for table in tables if not table.hidden]):
                    _fill(database, site, table, keyed=self.keys)
                database.execute("CHECKPOINT")
            site.store.put(FILE, draft)

    def _opened(self, path: Path) -> duckdb.DuckDBPyConnection:
        spill = path.with_name(f"{FILE}.tmp")
        settings = {"memory_limit": self.memory, "temp_directory": str(spill), "preserve_insertion_order": "true"}
        opened: duckdb.DuckDBPyConnection = _library().connect(str(path), config=settings)
        return opened


def _library() -> Any:
    try:
        import duckdb  # an optional extra
    except ImportError:
        raise RunError("the format duckdb needs the package duckdb: pip install 'datagen[databases]'") from None
    return duckdb


@contextmanager
def _errors(memory: str) -> Iterator[None]:
    """Turn an error of DuckDB into a RunError that says what helps."""
    try:
        yield
    except _library().Error as error:
        text = " ".join(str(error).split())
        if "allocate" in text or "memory" in text.lower():
            way = "start again with --overwrite and a larger 'memory', or with 'keys: false'"
            raise RunError(f"DuckDB needs more memory than {memory}: {way}") from None
        raise RunError(f"DuckDB: {text[:300]}; continue with --resume") from None


def _clear(draft: Path) -> None:
    """Remove what an earlier attempt left."""
    for path in (draft, draft.with_name(f"{FILE}.wal")):
        path.unlink(missing_ok=True)


def _fill(database: duckdb.DuckDBPyConnection, site: CommitSite, table: FinishedTable, *, keyed: bool) -> None:
    """Create a table and append the rows of its files, some thousands at a time."""
    named = {one.table: quoted(one.table) for one in table.keys.references}
    constraints = [*keys(table), *(foreign_key(one, named) for one in _checkable(table))] if keyed else []
    made = ", ".join([*columns(table.schema, "duckdb"), *constraints])
    database.execute(f"CREATE TABLE {quoted(table.folder)} ({made})")
    for key, _ in table.files:
        for rows in batches(site.store, key, table.schema):
            database.from_arrow(rows.cast(plain(table.schema))).insert_into(table.folder)


def _checkable(table: FinishedTable) -> list[KeyReference]:
    """The foreign keys that hold for each row when it is inserted."""
    return [one for one in table.keys.references if not one.circular and one.table != table.folder]


def _parents_first(tables: Sequence[FinishedTable]) -> Iterator[FinishedTable]:
    """Every table after those that its foreign keys name; circular ones are left out."""
    named = {table.folder: table for table in tables}
    above = {name: {one.table for one in _checkable(table)} for name, table in named.items()}
    return (named[name] for name in TopologicalSorter(above).static_order())

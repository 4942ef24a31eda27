"""The base class of file formats: they write Arrow tables to files, read them, and may commit the finished files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, ClassVar, Literal, Protocol

import pyarrow as pa
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from datagen.byte_sizes import size_of
from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store

Encoding = Literal["delta", "dictionary", "byte_stream_split", "plain"]
Encodings = Mapping[str, str]
"""Column name -> `Encoding`. Other columns are written plain. Formats without encodings ignore it."""
SPARE = 64 * 2**20
"""Bytes of rows that the open files of one task may buffer in total."""


def _bytes(value: Any) -> Any:
    """A number of bytes, or a size such as "256MB"."""
    size = size_of(value) if isinstance(value, str) else value
    if size is None:
        message = f"'{str(value)[:40]}' is not a size"
        raise PydanticCustomError(
            "invalid-value", "{message}", {"message": message, "hint": "write a size such as 256MB"}
        )
    return size


FileSize = Annotated[int, BeforeValidator(_bytes, json_schema_input_type=int | str), Field(ge=10_000, le=10**12)]


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A foreign key: `columns` have the values of `keys` of a row of `table`, in this order. A `circular` one leads
    back
    to its own table through others.
    """

    columns: tuple[str, ...]
    table: str
    keys: tuple[str, ...]
    circular: bool = False


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The primary key of a table (empty if it has none), its other unique columns and its foreign keys."""

    key: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    references: tuple[KeyReference, ...] = ()


@dataclass(frozen=True, slots=True)
class FinishedTable:
    """A table of which every file is complete; `files` are keys of the store with the rows of each, in the order of the
    rows. Only formats that load a database get its `keys`.
    """

    folder: str
    schema: pa.Schema
    files: Sequence[tuple[str, int]]
    keys: TableKeys = TableKeys()

    @property
    def hidden(self) -> bool:
        """Whether it is ground truth: hidden columns, or a hidden table."""
        return self.folder.startswith("_truth/")


class CommitSite(Protocol):
    """Where a commit writes."""

    @property
    def store(self) -> Store:
        """Holds the finished files."""

    def put_text(self, key: str, text: str | Iterable[str]) -> None:
        """Publish a text, or the pieces of one, in one step, replacing an existing one."""

    def put(self, key: str, file: Path) -> None:
        """Publish a finished file of the scratch folder in one step, replacing an existing one."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A local folder for unfinished files, from which `put` publishes them."""


class Writer(Protocol):
    """An open file of one table."""

    def write(self, table: pa.Table) -> None:
        """Append rows; the table has the schema of the file."""

    def close(self) -> None:
        """Write buffered rows and close the file, whose bytes are complete only now. Closing twice is allowed."""


class Sink(Kind, family="formats"):
    """An output format. The bytes of a file depend only on the sink, the schema and the tables written."""

    extension: ClassVar[str]
    """The extension of files, without the dot: lower-case letters only."""
    inflation: ClassVar[float] = 1.0
    """How large a file is compared with Parquet, roughly."""
    most_rows: ClassVar[int | None] = None
    """The most rows that a table can have; None where there is no limit."""
    most_columns: ClassVar[int | None] = None
    """The most columns that a table can have; None where there is no limit."""
    reserved: ClassVar[frozenset[str]] = frozenset()
    """Names that no column can have."""
    most_text: ClassVar[int | None] = None
    """The most characters that a text can have; None where there is no limit."""
    empty_is_missing: ClassVar[bool] = False
    """Whether an empty text is a missing cell in a column whose values are folders."""
    loads: ClassVar[bool] = False
    """Whether it loads a database: `prepare` and `load` are called, with the keys of tables."""
    root_files: ClassVar[tuple[str, ...]] = ()
    """Files at the root of the output that `commit` publishes (`dataset.duckdb`); a run that overwrites removes
    them.
    """
    log_folders: ClassVar[tuple[str, ...]] = ()
    """Folders below that of a table which `commit` writes to (`_delta_log`); a run that overwrites removes their files.
    """

    file_size: FileSize | None = Field(
        None,
        description=(
            "about how large the files of the largest table are, such as 256MB; left out: by the size of the run"
        ),
    )

    time_zone: Literal["UTC"] | None = Field(
        None, description="the zone that times are written with; left out: times have no zone, and are those of UTC"
    )

    def in_zone(self, schema: pa.Schema) -> pa.Schema:
        """The schema of a file, whose times have the zone of the format."""
        zone = self.time_zone
        if zone is None:
            return schema
        return pa.schema(
            [f.with_type(pa.timestamp("us", zone)) if pa.types.is_timestamp(f.type) else f for f in schema]
        )

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        """`"csv"` is short for `{"type": "csv"}`."""
        return {"type": data} if isinstance(data, str) else data

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> Writer:
        """A new file at `path`, truncated if it exists, that buffers at most `spare` bytes of rows. Raises OSError."""
        raise TypeError(f"{type(self).__name__} has no way to open a file")

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a file (a path, or an open file) written with `schema`: all or the named columns, in the types of
        `schema`.
        """
        raise TypeError(f"{type(self).__name__} has no way to read a file")

    @classmethod
    def read_all(cls, source: BinaryIO) -> pa.Table:  # noqa: ARG003 - for the formats
        """The rows of a file whose schema is not known, in the types of the file; all columns as text if it has none.

        `datagen validate` reads files with an extension that no other format has by this method.
        """
        raise TypeError(f"{cls.__name__} has no way to read a file without its schema")

    def unknown_columns(self, columns: frozenset[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Options that name a column which no table has: the place below the format, and the name."""
        return iter(())

    @property
    def splits(self) -> bool:
        """Whether files of some table may be divided into Hive folders."""
        return False

    def split_by(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Those columns of a table by whose values its files are divided into Hive folders. They are not in the
        files.
        """
        return ()

    def prepare(self, run: str, tables: Sequence[FinishedTable], *, overwrite: bool) -> None:
        """Make a database ready for the tables of a run, which have no files yet, before any partition is made; `run`
        is
        the id of its plan.

        The driver calls it, again if the run is resumed. Raises RunError.
        """

    def load(self, run: str, store: Store, partition: int, tables: Sequence[FinishedTable]) -> None:
        """Load the finished files of one partition into a database, before its receipt is written.

        A worker calls it. It may be called again with the same files, which must not be loaded twice. Raises RunError.
        """

    def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
        """Make the finished files of each table one table, for table formats (Delta, Iceberg). Raises OSError.

        The driver calls it when every file is complete, before `_SUCCESS`. A run that is resumed calls it again: what
        was committed before must not be added twice. Formats of plain files have nothing to commit.
        """

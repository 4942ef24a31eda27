"""The base class of file formats: they write Arrow tables to a file and read them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, Protocol

import pyarrow as pa

from datagen.registry import Kind

Encoding = Literal["delta", "dictionary", "byte_stream_split", "plain"]
Encodings = Mapping[str, str]
"""Column name -> `Encoding`; a column that is not named is written plain. Formats without encodings ignore it."""
SPARE = 64 * 2**20
"""Bytes of rows that the files of one task may hold back between them."""


class Writer(Protocol):
    """An open file of one table."""

    def write(self, table: pa.Table) -> None:
        """Append rows; the table has the schema that the file was opened with."""

    def close(self) -> None:
        """Write what is held back and close the file; the bytes are complete only now. Closing twice is harmless."""


class Sink(Kind, family="formats"):
    """An output format. The bytes of a file depend on the sink, the schema and the tables written, on nothing else."""

    extension: ClassVar[str]
    """What file names end with, without the dot: lower case letters only."""

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        """`"csv"` stands for `{"type": "csv"}`."""
        return {"type": data} if isinstance(data, str) else data

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> Writer:
        """A new file at `path`, truncated if it exists, that holds back at most `spare` bytes of rows. Raises OSError."""
        raise TypeError(f"{type(self).__name__} has no way to open a file")

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a file (a path, or an open file) written with `schema`, all columns or those named, in the types of `schema`."""
        raise TypeError(f"{type(self).__name__} has no way to read a file")

"""A format of another package: Apache ORC files. Their extension is new, so it reads them for validation, too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
from pyarrow import orc

from datagen.kinds.formats.base import SPARE, Encodings, Sink


class Orc(Sink):
    """Apache ORC files."""

    extension: ClassVar[str] = "orc"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "stripes",
            "output": {"type": "orc"},
            "tables": {"points": {"rows": 100, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    type: Literal["orc"] = "orc"

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> OrcFile:
        return OrcFile(orc.ORCWriter(str(path)), schema)

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        selected = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        return orc.read_table(source).select(selected.names).cast(selected)

    @classmethod
    def read_all(cls, source: BinaryIO) -> pa.Table:
        return orc.read_table(source)


class OrcFile:
    """An open ORC file, in which a category is text."""

    def __init__(self, writer: orc.ORCWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = pa.schema([f.with_type(pa.string()) if pa.types.is_dictionary(f.type) else f for f in schema])
        self._writer.write(self._schema.empty_table())

    def write(self, table: pa.Table) -> None:
        self._writer.write(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()

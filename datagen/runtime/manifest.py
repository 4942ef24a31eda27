"""`manifest.json`: all files of a finished dataset, without times or machine names, so equal runs have equal text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.runtime.receipt import Receipt, WrittenFile
from datagen.runtime.storage.texts import LazySequence, json_lines

if TYPE_CHECKING:
    from datagen.runtime.run_record import Record


@dataclass(frozen=True)
class TableFiles:
    """One table (or the hidden columns of one): its files by partition and its Arrow schema."""

    schema: pa.Schema
    files: Sequence[WrittenFile]

    @cached_property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @cached_property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A dataset: its origin and its files. `rows` counts tables only, `bytes` every file."""

    name: str
    seed: int
    plan_id: str
    datagen: str
    sink: Mapping[str, Any]
    tables: Mapping[str, TableFiles]

    @property
    def rows(self) -> int:
        return sum(table.rows for name, table in self.tables.items() if not name.startswith("_truth/"))

    @property
    def rows_of(self) -> dict[str, int]:
        """Rows by table, including hidden tables."""
        return {name.removeprefix("_truth/"): table.rows for name, table in self.tables.items()}

    @property
    def bytes(self) -> int:
        return sum(table.bytes for table in self.tables.values())

    @property
    def files(self) -> int:
        return sum(len(table.files) for table in self.tables.values())

    @classmethod
    def of(cls, record: Record, files: Callable[[str], Sequence[WrittenFile]]) -> Manifest:
        """The manifest of a run with these files of each table."""
        tables = {name: TableFiles(_schema(text), files(name)) for name, text in record.tables.items()}
        return cls(record.name, record.seed, record.plan_id, record.versions["datagen"], record.sink, tables)

    @classmethod
    def partial(cls, record: Record, receipts: Iterable[Receipt]) -> Manifest:
        """The manifest of the partitions with these receipts."""
        files: dict[str, list[WrittenFile]] = defaultdict(list)
        for receipt in receipts:
            for file in receipt.files:
                files[file.table].append(file)
        return cls.of(record, lambda table: tuple(files[table]))

    def lines(self) -> Iterator[str]:
        """The text in pieces: no more of it is in memory."""
        head = {"manifest": 1, "name": self.name, "seed": self.seed, "plan_id": self.plan_id}
        body = {"datagen": self.datagen, "sink": dict(self.sink), "rows": self.rows, "bytes": self.bytes}
        return json_lines({**head, **body, "tables": {name: _table(t) for name, t in self.tables.items()}})

    @classmethod
    def parse(cls, data: Any) -> Manifest:
        """The manifest in `data`. Raises ValueError, KeyError, TypeError or AttributeError if it is invalid."""
        tables = {
            name: TableFiles(_schema(t["arrow_schema"]), tuple(WrittenFile(table=name, **f) for f in t["files"]))
            for name, t in data["tables"].items()
        }
        return cls(data["name"], data["seed"], data["plan_id"], data["datagen"], data["sink"], tables)


def _table(table: TableFiles) -> dict[str, Any]:
    return {
        "rows": table.rows,
        "bytes": table.bytes,
        "columns": {f.name: str(f.type) + ("" if f.nullable else " not null") for f in table.schema},
        "arrow_schema": table.schema.serialize().to_pybytes().hex(),
        "files": LazySequence(len(table.files), lambda: map(_file, table.files)),
    }


def _file(file: WrittenFile) -> dict[str, Any]:
    return {"name": file.name, "rows": file.rows, "bytes": file.bytes, "xxh3": file.xxh3}


def _schema(text: str) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(bytes.fromhex(text)))

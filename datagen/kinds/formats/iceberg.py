"""Apache Iceberg tables: the workers write Parquet files, the driver commits each table once."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pyarrow as pa

from datagen.kinds.formats.base import SPARE, Encodings
from datagen.kinds.formats.parquet import Parquet, ParquetFile
from datagen.kinds.formats.support import avro
from datagen.kinds.formats.support.hive import values_of
from datagen.kinds.formats.support.iceberg_schema import fields, last_number, numbered, simple

if TYPE_CHECKING:
    from datagen.kinds.formats.base import CommitSite, FinishedTable
    from datagen.kinds.stores.base import Store

_NAMESPACE = uuid.UUID("0b8a4f43-3f0d-5b5e-9a55-0d6f8f1c2b77")
_PARTITION_ID = 1000
"""The first number of a partition field."""


class Iceberg(Parquet):
    """Apache Iceberg, format version 2: Parquet files and `metadata/`, which makes them one table with one snapshot.

    Open a table by its metadata file, `metadata/v1.metadata.json`, or register it in a catalog. The metadata holds the
    absolute addresses of the files, as Iceberg wants, but no times of the run. Durations are whole microseconds.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "iceberg",
            "seed": 1,
            "output": {"type": "iceberg"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )
    synonyms: ClassVar[tuple[str, ...]] = ("apache_iceberg", "apache iceberg")
    log_folders: ClassVar[tuple[str, ...]] = ("metadata",)
    type: Literal["iceberg"] = "iceberg"  # type: ignore[assignment]

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> ParquetFile:
        numbers = {name: number for number, name in enumerate(schema.names, start=1)}
        return super().open(path, numbered(schema, numbers), encodings, spare)

    def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
        for table in tables:
            _Snapshot.of(site.store, table, self.split_by(table.schema.names)).publish(site)

    def _options(self, schema: pa.Schema, encodings: Encodings) -> dict[str, Any]:
        # Iceberg has neither durations nor dictionaries; without Arrow's own schema they are read as numbers and texts.
        return {**super()._options(schema, encodings), "store_schema": False}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The only snapshot of a table. Columns are numbered from 1: those in the files first, then those of folders."""

    store: Store
    table: FinishedTable
    by: tuple[str, ...]
    id: int

    @classmethod
    def of(cls, store: Store, table: FinishedTable, by: tuple[str, ...]) -> _Snapshot:
        by = () if table.hidden else by
        content = (table.folder, table.schema.to_string(), tuple(table.files))
        digest = hashlib.blake2b(repr(content).encode(), digest_size=8)
        return cls(store, table, by, int.from_bytes(digest.digest()) >> 1)

    def publish(self, site: CommitSite) -> None:
        """Write the manifest, the list of manifests, the metadata, and last the hint that names the metadata."""
        manifest = self._manifest()
        _put(site, self._key(f"{self.id:019d}-m0.avro"), manifest)
        _put(site, self._key(f"snap-{self.id:019d}.avro"), self._manifest_list(len(manifest)))
        site.put_text(self._key("v1.metadata.json"), json.dumps(self._metadata(), indent=1) + "\n")
        site.put_text(self._key("version-hint.text"), "1")

    def _key(self, name: str) -> str:
        return f"{self.table.folder}/metadata/{name}"

    @property
    def _numbers(self) -> Mapping[str, int]:
        names = [name for name in self.table.schema.names if name not in self.by]
        return {name: number for number, name in enumerate([*names, *self.by], start=1)}

    @property
    def _schema(self) -> dict[str, Any]:
        """The columns; those of folders are not in the files, and readers refuse a file without a required one."""
        nullable = [one.with_nullable(True) if one.name in self.by else one for one in self.table.schema]
        return {"type": "struct", "schema-id": 0, "fields": fields(numbered(pa.schema(nullable), self._numbers))}

    def _spec(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "transform": "identity", "source-id": self._numbers[name], "field-id": _PARTITION_ID + i}
            for i, name in enumerate(self.by)
        ]

    def _manifest(self) -> bytes:
        """The data files, each with its partition."""
        parts = [
            avro.field(name, simple(self.table.schema.field(name).type)[1], _PARTITION_ID + i, optional=True)
            for i, name in enumerate(self.by)
        ]
        file = avro.record(
            "r2",
            [
                avro.field("content", "int", 134),
                avro.field("file_path", "string", 100),
                avro.field("file_format", "string", 101),
                avro.field("partition", avro.record("r102", parts), 102),
                avro.field("record_count", "long", 103),
                avro.field("file_size_in_bytes", "long", 104),
            ],
        )
        entry = avro.record(
            "manifest_entry",
            [
                avro.field("status", "int", 0),
                avro.field("snapshot_id", "long", 1, optional=True),
                avro.field("sequence_number", "long", 3, optional=True),
                avro.field("file_sequence_number", "long", 4, optional=True),
                avro.field("data_file", file, 2),
            ],
        )
        about = {
            "schema": json.dumps(self._schema), "schema-id": "0", "partition-spec": json.dumps(self._spec()),
            "partition-spec-id": "0", "format-version": "2", "content": "data",
        }  # fmt: skip
        return avro.container(entry, (self._entry(key, rows) for key, rows in self.table.files), about)

    def _entry(self, key: str, rows: int) -> bytes:
        entry = self.store.entry(key)
        cells = values_of(key)
        added = avro.long(1) + avro.optional(avro.long(self.id)) + 2 * avro.optional(avro.long(1))
        parts = b"".join(_cell(cells[name], self.table.schema.field(name).type) for name in self.by)
        path = avro.long(0) + avro.text(_uri(self.store, key)) + avro.text("PARQUET")
        return added + path + parts + avro.long(rows) + avro.long(0 if entry is None else entry.size)

    def _manifest_list(self, length: int) -> bytes:
        files, rows = len(self.table.files), sum(rows for _, rows in self.table.files)
        path = _uri(self.store, self._key(f"{self.id:019d}-m0.avro"))
        values: dict[tuple[str, str, int], str | int] = {
            ("manifest_path", "string", 500): path, ("manifest_length", "long", 501): length,
            ("partition_spec_id", "int", 502): 0, ("content", "int", 517): 0, ("sequence_number", "long", 515): 1,
            ("min_sequence_number", "long", 516): 1, ("added_snapshot_id", "long", 503): self.id,
            ("added_files_count", "int", 504): files, ("existing_files_count", "int", 505): 0,
            ("deleted_files_count", "int", 506): 0, ("added_rows_count", "long", 512): rows,
            ("existing_rows_count", "long", 513): 0, ("deleted_rows_count", "long", 514): 0,
        }  # fmt: skip
        schema = avro.record("manifest_file", [avro.field(*named) for named in values])
        entry = b"".join(avro.text(v) if isinstance(v, str) else avro.long(v) for v in values.values())
        about = {"snapshot-id": str(self.id), "sequence-number": "1", "format-version": "2"}
        return avro.container(schema, [entry], about)

    def _metadata(self) -> dict[str, Any]:
        schema, spec = self._schema, self._spec()
        rows = sum(rows for _, rows in self.table.files)
        summary = {"operation": "append", "added-data-files": str(len(self.table.files)), "added-records": str(rows)}
        snapshot = {
            "snapshot-id": self.id, "sequence-number": 1, "timestamp-ms": 0, "schema-id": 0, "summary": summary,
            "manifest-list": _uri(self.store, self._key(f"snap-{self.id:019d}.avro")),
        }  # fmt: skip
        return {
            "format-version": 2,
            "table-uuid": str(uuid.uuid5(_NAMESPACE, f"{self.table.folder} {self.id}")),
            "location": _uri(self.store, self.table.folder),
            "last-sequence-number": 1, "last-updated-ms": 0, "last-column-id": last_number(schema["fields"]),
            "current-schema-id": 0, "schemas": [schema],
            "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": spec}],
            "last-partition-id": _PARTITION_ID - 1 + len(spec),
            "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}],
            "properties": {}, "current-snapshot-id": self.id, "snapshots": [snapshot],
            "refs": {"main": {"snapshot-id": self.id, "type": "branch"}},
            "snapshot-log": [{"snapshot-id": self.id, "timestamp-ms": 0}], "metadata-log": [],
        }  # fmt: skip


def _put(site: CommitSite, key: str, content: bytes) -> None:
    with site.scratch() as folder:
        draft = folder / key.rpartition("/")[2]
        draft.write_bytes(content)
        site.put(key, draft)


def _uri(store: Store, key: str) -> str:
    address = store.path_or_url(key)
    return address if "://" in address else f"file://{address}"


def _cell(cell: str | None, type_: pa.DataType) -> bytes:
    """The value of a partition field: a text, a date, a number or a boolean."""
    if cell is None:
        return avro.optional(None)
    if simple(type_)[0] == "string":
        return avro.optional(avro.text(cell))
    if pa.types.is_boolean(type_):
        return avro.optional(bytes([cell == "true"]))
    number = pa.array([cell]).cast(type_)
    return avro.optional(avro.long((number.cast(pa.int32()) if pa.types.is_date(type_) else number)[0].as_py()))

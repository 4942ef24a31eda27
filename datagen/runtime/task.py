"""The task of a run: generate one partition, publish its files, then its receipt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.errors import OUT_OF_MEMORY, RunError
from datagen.kinds.formats.base import SPARE, FinishedTable, TableKeys
from datagen.kinds.stores.base import file_hash
from datagen.planning import answer_key
from datagen.runtime.partition_contents import files_of, folders_of, schema_of
from datagen.runtime.receipt import Receipt, WrittenFile
from datagen.runtime.split_files import SplitWriter, writer_of
from datagen.runtime.storage.layout import part_name, receipt_key, table_folder
from datagen.runtime.storage.texts import LazySequence, store_errors

if TYPE_CHECKING:
    from datagen.kinds.formats.base import Writer
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.manifest import Manifest

Make = Callable[["Plan", "Partition"], Iterator[dict[str, pa.Table]]]
"""Generates a partition block by block: table name (or `_truth/` and the name) -> the rows of the block."""
Keys = Callable[["Plan"], Mapping[str, TableKeys]]
"""The keys of the tables of a plan, for formats that load a database."""
Documents = Callable[["Plan", "Manifest", "Store"], Mapping[str, str | Iterable[str]]]
"""Sidecar files of a finished dataset: file name (one of `layout.SIDECARS`) -> its text."""


def no_keys(_plan: Plan) -> Mapping[str, TableKeys]:
    """No keys."""
    return {}


def no_documents(_plan: Plan, _manifest: Manifest, _store: Store) -> Mapping[str, str | Iterable[str]]:
    """No sidecar files."""
    return {}


@dataclass(frozen=True, slots=True)
class Work:
    """A plan and the functions of its run: module-level functions, so that they can be pickled."""

    plan: Plan
    make: Make
    documents: Documents = no_documents
    keys: Keys = no_keys


@dataclass(frozen=True, slots=True)
class OutputSite:
    """The output of tasks: the store, and the name of this attempt of the driver."""

    store: Store
    attempt: str

    def put_text(self, key: str, text: str | Iterable[str]) -> None:
        """Publish a text, or the pieces of one, atomically."""
        with self._draft(key, text) as draft:
            self.put(key, draft)

    def put(self, key: str, file: Path) -> None:
        """Publish a finished file of the scratch folder atomically. Raises OutputError if another driver has taken over
        and has written the file.
        """
        self.store.publish(key, file, self.attempt)

    def replace_text(self, key: str, text: str) -> None:
        """Publish a text, whatever is there."""
        with self._draft(key, text) as draft:
            self.store.put(key, draft)

    def put_new_text(self, key: str, text: str) -> None:
        """Like `put_text`, but raises FileExistsError if the key exists."""
        with self._draft(key, text) as draft:
            self.store.put_if_absent(key, draft)

    def scratch(self) -> AbstractContextManager[Path]:
        """A local folder for unfinished files."""
        return self.store.scratch(self.attempt)

    @contextmanager
    def _draft(self, key: str, text: str | Iterable[str]) -> Iterator[Path]:
        with self.scratch() as folder:
            draft = folder / f"{key.rpartition('/')[2]}.{os.getpid()}.{os.urandom(4).hex()}"
            with draft.open("w", encoding="utf-8") as file:
                file.writelines([text] if isinstance(text, str) else text)
            yield draft


def run_partition(
    work: Work,
    partition: Partition,
    site: OutputSite,
    publishing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Receipt:
    """Generate one partition, publish its files, then its receipt.

    Files that are complete are published within `publishing()`, where the task mostly waits for the store and another
    one can use the processor. Two concurrent runs of a partition write the same bytes, so that either may win. On an
    error nothing is published except possibly complete files without a receipt. Raises RunError with the path if the
    store fails.
    """
    with store_errors(site.store), _memory_errors(partition), site.store.scratch(site.attempt) as scratch:
        writer = PartitionWriter(work.plan, partition, site, scratch)
        try:
            blocks = _GeneratedBlocks(work.make(work.plan, partition))
            for tables in blocks:
                writer.write(tables)
                del tables  # one block in memory: release this one before the next is made
            writer.finish()
            with publishing() if writer.complete else nullcontext():
                receipt = replace(writer.publish(), seen=blocks.seen)
                _load(work.plan, site.store, receipt)
                site.put_text(receipt_key(partition.index), receipt.text())
                return receipt
        finally:
            writer.clear()


def _load(plan: Plan, store: Store, receipt: Receipt) -> None:
    """Load the files of a partition into the database of the format, if it has one."""
    if plan.output.loads:
        names = sorted({file.table for file in receipt.files})
        files = {name: [file for file in receipt.files if file.table == name] for name in names}
        tables = [finished_table(name, schema_of(plan, name)[0], own) for name, own in files.items()]
        plan.output.load(plan.id, store, receipt.partition, tables)


def finished_table(
    folder: str, schema: pa.Schema, files: Sequence[WrittenFile], keys: TableKeys | None = None
) -> FinishedTable:
    """A table for its format, with the keys and rows of its files."""
    prefix = table_folder(folder)
    keyed = LazySequence(len(files), lambda: ((f"{prefix}/{file.name}", file.rows) for file in files))
    return FinishedTable(folder, schema, keyed, keys or TableKeys())


@contextmanager
def _memory_errors(partition: Partition) -> Iterator[None]:
    """Turn a MemoryError into a RunError that names the partition."""
    try:
        yield
    except MemoryError:
        raise RunError(f"partition {partition.index}: {OUT_OF_MEMORY}") from None


@dataclass(slots=True)
class _GeneratedBlocks:
    """The blocks of a partition, and the return value of their generator."""

    blocks: Any
    seen: Any = None

    def __iter__(self) -> Iterator[dict[str, pa.Table]]:
        self.seen = yield from self.blocks


@dataclass(slots=True)
class _OpenFile:
    """One file being written."""

    path: Path
    writer: Writer
    rows: int = 0


@dataclass(slots=True)
class PartitionWriter:
    """The unfinished files of one partition. Each is opened at its first row."""

    plan: Plan
    partition: Partition
    site: OutputSite
    scratch: Path
    drafts: dict[str, _OpenFile] = field(default_factory=dict)
    token: str = field(default_factory=lambda: f"{os.getpid()}-{os.urandom(4).hex()}")

    def write(self, tables: dict[str, pa.Table]) -> None:
        for name, table in tables.items():
            if table.num_rows:
                draft = self._draft(name)
                draft.writer.write(table)
                draft.rows += table.num_rows

    def finish(self) -> None:
        """Close the files. Raises RunError if their rows are not the planned ones."""
        self._open_empty()
        for draft in self.drafts.values():
            draft.writer.close()
        self._check_rows()

    @property
    def complete(self) -> bool:
        """Whether the files need only be published: they are not split by a column, nor loaded into a database."""
        split = any(isinstance(draft.writer, SplitWriter) for draft in self.drafts.values())
        return not split and not self.plan.output.loads

    def publish(self) -> Receipt:
        """Publish the finished files."""
        self.site.store.check_held(self.site.attempt)
        files = tuple(file for name in sorted(self.drafts) for file in self._publish(name, self.drafts[name]))
        return Receipt(self.plan.id, self.partition.index, files)

    def clear(self) -> None:
        """Close and remove unpublished files."""
        for draft in self.drafts.values():
            if draft.path.exists():
                _close_quietly(draft.writer)
                draft.path.unlink(missing_ok=True)

    def _draft(self, name: str) -> _OpenFile:
        if name not in self.drafts:
            path = self.scratch / f"{self.partition.index:05d}-{name.replace('/', '.')}-{self.token}"
            spare = SPARE // len(folders_of(self.plan, self.partition.family))
            self.drafts[name] = _OpenFile(path, writer_of(self.plan, name, path, spare))
        return self.drafts[name]

    def _open_empty(self) -> None:
        """Open the files of empty tables. The first partition of a family writes them, so that their schema can be
        read.
        """
        if self.partition.start == 0:
            for name in folders_of(self.plan, self.partition.family):
                self._draft(name)
        if answer_key.FOLDER in files_of(self.plan, self.partition):
            self._draft(answer_key.FOLDER)

    def _check_rows(self) -> None:
        for name, planned in self.partition.rows.items():
            table = self.plan.tables[name]
            written = self.drafts[table.folder].rows if table.folder in self.drafts else 0
            if written != planned and not (table.copied and written > planned):
                where = f"table '{name}', partition {self.partition.index}"
                raise RunError(
                    f"{where}: {planned:,} rows were planned and {written:,} made; please report this internal error"
                )

    def _publish(self, name: str, draft: _OpenFile) -> Iterator[WrittenFile]:
        part = part_name(self.partition.index, self.plan.output.extension)
        if not isinstance(draft.writer, SplitWriter):
            yield self._put(WrittenFile(name, part, draft.rows, 0, ""), draft.path)
            return
        for folder, path, rows in draft.writer.files(self.plan.output, schema_of(self.plan, name)[1], SPARE):
            levels = folder.split("/")
            self.site.store.make_folders("/".join([name, *levels[: n + 1]]) for n in range(len(levels)))
            yield self._put(WrittenFile(name, f"{folder}/{part}", rows, 0, ""), path)

    def _put(self, file: WrittenFile, path: Path) -> WrittenFile:
        written = replace(file, bytes=path.stat().st_size, xxh3=file_hash(path))
        self.site.put(f"{table_folder(file.table)}/{file.name}", path)
        return written


def _close_quietly(writer: Writer) -> None:
    with suppress(OSError, pa.ArrowException):  # the file is about to be removed; the first error is being raised
        writer.close()

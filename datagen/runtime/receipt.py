"""Receipts: they prove that a partition is complete, and are checked on resume."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Self

from datagen.errors import RunError, reason_of
from datagen.runtime.partition_contents import is_planned
from datagen.runtime.storage.layout import PART, RECEIPTS, receipt_key, table_folder
from datagen.runtime.storage.texts import LazySequence, read_json, to_json

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.run_record import Record

LOG_MEMORY = 1_000_000
"""Bytes up to which a log of receipts needs no file."""
CHECK_BATCH = 1000
"""The number of partitions that a resumed run checks at a time: their receipts are in memory together."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One finished file: `table` is its folder (`orders`, `_truth/orders`), `xxh3` the hash of its bytes."""

    table: str
    name: str
    rows: int
    bytes: int
    xxh3: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The files that the task of one partition wrote."""

    plan_id: str
    partition: int
    files: tuple[WrittenFile, ...]
    seen: Any = field(default=None, compare=False)
    """What the task observed of its rows (states of metrics). It is sent to the driver and never written."""

    @property
    def rows(self) -> int:
        """The rows of the partition in visible tables."""
        return sum(file.rows for file in self.files if not file.table.startswith("_truth/"))

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def text(self) -> str:
        fields = asdict(replace(self, seen=None))
        del fields["seen"]
        return to_json(fields)

    @classmethod
    def parse(cls, data: Any) -> Receipt:
        """The receipt in `data`. Raises ValueError, KeyError, TypeError or AttributeError if it is invalid."""
        files = tuple(WrittenFile(**file) for file in data["files"])
        return cls(str(data["plan_id"]), int(data["partition"]), files)


class ReceiptLog:
    """The receipts of a run, in a temporary file: a driver's memory does not grow with their number.

    It is closed with the block of its `with`; the sequences that `files` returned cannot be read afterwards.
    """

    def __init__(self, partitions: int) -> None:
        self._file = SpooledTemporaryFile(LOG_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._offsets = array("q", [-1]) * partitions
        self._files: dict[str, int] = {}
        self._count = self._end = self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, partition: int) -> bool:
        return self._offsets[partition] >= 0

    def add(self, receipt: Receipt) -> None:
        """Append the receipt of a partition that has none yet. Raises RunError if the temporary folder is full."""
        lines = [json.dumps([f.table, f.name, f.rows, f.bytes, f.xxh3]).encode() + b"\n" for f in receipt.files]
        text = b"".join([*lines, b"\n"])
        try:
            self._file.seek(self._end)
            self._file.write(text)
        except OSError as error:
            raise RunError(f"cannot write to the temporary folder of this machine: {error.strerror or error}") from None
        self._offsets[receipt.partition] = self._end
        self._end += len(text)
        self._count += 1
        self.rows += receipt.rows
        for file in receipt.files:
            self._files[file.table] = self._files.get(file.table, 0) + 1

    def files(self, table: str) -> Sequence[WrittenFile]:
        """The files of a table in the order of partitions."""
        return LazySequence(self._files.get(table, 0), partial(self._read, table))

    def _read(self, table: str) -> Iterator[WrittenFile]:
        mark = json.dumps([table]).encode()[:-1] + b","
        for offset in self._offsets:
            if offset >= 0:
                self._file.seek(offset)
                lines = list(iter(self._file.readline, b"\n"))
                yield from (WrittenFile(*json.loads(line)) for line in lines if line.startswith(mark))


def add_complete(log: ReceiptLog, store: Store, plan: Plan, *, hashed: bool = True) -> dict[int, str]:
    """Add the receipts of the complete partitions of a plan that the log lacks. Returns why others with a receipt are
    incomplete: partition -> reason.

    A receipt must name the planned files with their rows, and each file must have the hash of the receipt (with
    `hashed` False, the size).
    """
    numbers = _partition_numbers(store, len(plan.partitions))
    candidates = [plan.partitions[number] for number in numbers if number not in log]
    damaged = {}
    if candidates:
        from concurrent.futures import ThreadPoolExecutor  # start-up: only a run that resumes checks what is there

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # hashing releases the GIL
            for start in range(0, len(candidates), CHECK_BATCH):
                batch = candidates[start : start + CHECK_BATCH]
                results = pool.map(lambda partition: _checked_partition(store, plan, partition, hashed), batch)
                for partition, result in zip(batch, results, strict=True):
                    if isinstance(result, Receipt):
                        log.add(result)
                    elif result:
                        damaged[partition.index] = result
    return damaged


def complete_receipts(store: Store, record: Record) -> Iterator[Receipt]:
    """The receipts of all partitions that a run has finished, checked by file size, in the order of partitions."""
    parts = record.parts()
    for number in _partition_numbers(store, record.partitions):
        receipt = _receipt(store, number)
        if (
            isinstance(receipt, Receipt)
            and _is_expected(receipt, record.plan_id, parts)
            and not _file_problem(store, receipt)
        ):
            yield receipt


def _partition_numbers(store: Store, partitions: int) -> list[int]:
    """The numbers of the partitions that have a receipt, valid or not, in order."""
    names = (PART.match(entry.name) for entry in store.entries(RECEIPTS))
    return sorted(number for name in names if name and (number := int(name[1])) < partitions)


def _is_expected(receipt: Receipt, plan_id: str, parts: Mapping[str, Container[str]]) -> bool:
    known = all(file.name in parts.get(file.table, ()) for file in receipt.files)
    return receipt.plan_id == plan_id and bool(receipt.files) and known


def _checked_partition(store: Store, plan: Plan, partition: Partition, hashed: bool) -> Receipt | str:
    """The receipt of a complete partition, else why it is incomplete; empty if it was not generated yet."""
    receipt = _receipt(store, partition.index)
    if isinstance(receipt, str):
        return receipt
    named = {(file.table, file.name): file.rows for file in receipt.files}
    if receipt.plan_id != plan.id or len(named) != len(receipt.files) or not is_planned(plan, partition, named):
        return "its receipt does not name the files of this plan"
    return _file_problem(store, receipt, hashed=hashed) or receipt


def _receipt(store: Store, index: int) -> Receipt | str:
    try:
        receipt = Receipt.parse(read_json(store, receipt_key(index)))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "its receipt cannot be read"
    return receipt if receipt.partition == index else "its receipt is of another partition"


def _file_problem(store: Store, receipt: Receipt, *, hashed: bool = False) -> str:
    """The error in the files of a receipt; empty if they are complete."""
    for file in receipt.files:
        name = f"{table_folder(file.table)}/{file.name}"
        try:
            known = store.entry(name)
            if known is None:
                return f"{name} cannot be read: no such file or directory"
            if known.kind != "file" or known.size != file.bytes:
                return f"{name} has another size than its receipt"
            if hashed and store.hash_of(name) != file.xxh3:
                return f"{name} has another hash than its receipt"
        except OSError as error:
            return f"{name} cannot be read: {reason_of(error)}"
    return ""

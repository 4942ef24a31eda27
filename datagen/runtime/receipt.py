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

from datagen.errors import RunError
from datagen.runtime.partition_contents import is_planned
from datagen.runtime.storage.layout import PART, RECEIPTS, receipt_key, table_folder
from datagen.runtime.storage.texts import LazySequence, read_json, to_json

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.run_record import Record

LOG_IN_MEMORY = 1_000_000
"""Bytes up to which a log of receipts needs no file."""
CHECKED_AT_ONCE = 1000
"""The partitions whose results wait in memory while a resumed run checks its files."""


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

    It is closed with the block of its `with`, and the files that it gave cannot be read afterwards.
    """

    def __init__(self, partitions: int) -> None:
        self._file = SpooledTemporaryFile(LOG_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._places = array("q", [-1]) * partitions
        self._files: dict[str, int] = {}
        self._number = self._end = self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._number

    def __contains__(self, partition: int) -> bool:
        return self._places[partition] >= 0

    def add(self, receipt: Receipt) -> None:
        """Append the receipt of a partition that has none yet. Raises RunError if the temporary folder is full."""
        lines = [json.dumps([f.table, f.name, f.rows, f.bytes, f.xxh3]).encode() + b"\n" for f in receipt.files]
        text = b"".join([*lines, b"\n"])
        try:
            self._file.seek(self._end)
            self._file.write(text)
        except OSError as error:
            raise RunError(f"cannot write to the temporary folder of this machine: {error.strerror or error}") from None
        self._places[receipt.partition] = self._end
        self._end += len(text)
        self._number += 1
        self.rows += receipt.rows
        for file in receipt.files:
            self._files[file.table] = self._files.get(file.table, 0) + 1

    def files(self, table: str) -> Sequence[WrittenFile]:
        """The files of a table in the order of partitions."""
        return LazySequence(self._files.get(table, 0), partial(self._read, table))

    def _read(self, table: str) -> Iterator[WrittenFile]:
        mark = json.dumps([table]).encode()[:-1] + b","
        for place in self._places:
            if place >= 0:
                self._file.seek(place)
                lines = list(iter(self._file.readline, b"\n"))
                yield from (WrittenFile(*json.loads(line)) for line in lines if line.startswith(mark))


def keep(log: ReceiptLog, store: Store, plan: Plan, *, hashed: bool = True) -> dict[int, str]:
    """Add the receipts of the complete partitions of a plan. Returns why others with a receipt are incomplete.

    A receipt must name the planned files with their rows, and each file must have the hash of the receipt (with
    `hashed` False, the size).
    """
    there = [plan.partitions[number] for number in _numbers(store, len(plan.partitions))]
    damaged = {}
    if there:
        from concurrent.futures import ThreadPoolExecutor  # start-up: only a run that resumes checks what is there

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # hashing releases the GIL
            for start in range(0, len(there), CHECKED_AT_ONCE):
                some = there[start : start + CHECKED_AT_ONCE]
                results = pool.map(lambda partition: _checked_partition(store, plan, partition, hashed), some)
                for partition, result in zip(some, results, strict=True):
                    if isinstance(result, Receipt):
                        log.add(result)
                    elif result:
                        damaged[partition.index] = result
    return damaged


def every(store: Store, record: Record) -> Iterator[Receipt]:
    """The receipts of all partitions that a run has finished, checked by file size, in the order of partitions."""
    parts = record.parts()
    for number in _numbers(store, record.partitions):
        receipt = _receipt(store, number)
        if isinstance(receipt, Receipt) and _foreseen(receipt, record.plan_id, parts) and not _fault(store, receipt):
            yield receipt


def _numbers(store: Store, partitions: int) -> list[int]:
    """The partitions that have a receipt, whatever it says."""
    names = (PART.match(entry.name) for entry in store.entries(RECEIPTS))
    return sorted(number for name in names if name and (number := int(name[1])) < partitions)


def _foreseen(receipt: Receipt, plan_id: str, parts: Mapping[str, Container[str]]) -> bool:
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
    return _fault(store, receipt, hashed=hashed) or receipt


def _receipt(store: Store, index: int) -> Receipt | str:
    try:
        receipt = Receipt.parse(read_json(store, receipt_key(index)))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "its receipt cannot be read"
    return receipt if receipt.partition == index else "its receipt is of another partition"


def _fault(store: Store, receipt: Receipt, *, hashed: bool = False) -> str:
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
            return f"{name} cannot be read: {(error.strerror or str(error)).lower()}"
    return ""

"""Receipts: they prove that a partition is complete, and are checked on resume."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from datagen.runtime.partition_contents import is_planned
from datagen.runtime.storage.layout import PART, RECEIPTS, receipt_key, table_folder
from datagen.runtime.storage.texts import read_json, to_json

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.run_record import Record


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


@dataclass(frozen=True, slots=True)
class KeptPartitions:
    """The state of an existing run: the receipts of complete partitions, and why others with a receipt
    are incomplete.
    """

    receipts: dict[int, Receipt]
    damaged: dict[int, str]


def kept(store: Store, plan: Plan, *, hashed: bool = True) -> KeptPartitions:
    """The complete partitions of a plan.

    A receipt must name the planned files with their rows, and each file must have the hash of the receipt (with
    `hashed` False, the size).
    """
    from concurrent.futures import ThreadPoolExecutor  # start-up: only a run that resumes checks what is there

    found = KeptPartitions({}, {})
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # hashing releases the GIL
        results = pool.map(lambda partition: _checked_partition(store, plan, partition, hashed), plan.partitions)
        for partition, result in zip(plan.partitions, results, strict=True):
            if isinstance(result, Receipt):
                found.receipts[partition.index] = result
            elif result:
                found.damaged[partition.index] = result
    return found


def every(store: Store, record: Record) -> list[Receipt]:
    """The receipts of all partitions that a run has finished, checked by file size."""
    names = (PART.match(entry.name) for entry in store.entries(RECEIPTS))
    numbers = sorted(int(name[1]) for name in names if name)
    read = (_receipt(store, number) for number in numbers if number < record.partitions)
    parts = record.parts()
    return [r for r in read if isinstance(r, Receipt) and _foreseen(r, record.plan_id, parts) and not _fault(store, r)]


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

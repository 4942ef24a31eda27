"""Receipts: the proof that one partition is complete, and the test whether it still is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from datagen.run.files import to_json
from datagen.run.layout import PART, Layout

if TYPE_CHECKING:
    from datagen.plans.plan import Partition


@dataclass(frozen=True, slots=True)
class Written:
    """One finished file: `table` is its folder (`orders`, `_truth/orders`), `xxh3` the hash of its bytes."""

    table: str
    name: str
    rows: int
    bytes: int
    xxh3: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that the task of one partition wrote."""

    fingerprint: str
    partition: int
    files: tuple[Written, ...]
    seen: Any = field(default=None, compare=False)
    """What the task saw of its rows on the way (states of measures); told to the driver, never written."""

    @property
    def rows(self) -> int:
        """Rows of the partition; hidden columns are no rows of their own."""
        return sum(file.rows for file in self.files if not file.table.startswith("_truth/"))

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def text(self) -> str:
        told = asdict(replace(self, seen=None))
        del told["seen"]
        return to_json(told)

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """The receipt that `text` holds. Raises ValueError, KeyError or TypeError for anything else."""
        data = json.loads(text)
        files = tuple(Written(**file) for file in data["files"])
        return cls(str(data["fingerprint"]), int(data["partition"]), files)


def kept(layout: Layout, fingerprint: str, partitions: Iterable[Partition]) -> dict[int, Receipt]:
    """The receipts of the partitions that are complete: right plan, and each file there with the right size."""
    found = ((p.index, _receipt(layout, p.index)) for p in partitions)
    return {index: r for index, r in found if r is not None and r.fingerprint == fingerprint and _stands(layout, r)}


def every(layout: Layout, fingerprint: str) -> list[Receipt]:
    """All complete partitions in the folder, whatever the plan's partitions are."""
    names = (PART.match(path.name) for path in layout.receipts.iterdir()) if layout.receipts.is_dir() else ()
    found = (_receipt(layout, int(name[1])) for name in names if name)
    return [r for r in found if r is not None and r.fingerprint == fingerprint and _stands(layout, r)]


def _receipt(layout: Layout, index: int) -> Receipt | None:
    try:
        receipt = Receipt.parse(layout.receipt(index).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return receipt if receipt.partition == index else None


def _stands(layout: Layout, receipt: Receipt) -> bool:
    try:
        return all((layout.table(f.table) / f.name).stat().st_size == f.bytes for f in receipt.files)
    except OSError:
        return False

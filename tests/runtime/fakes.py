"""A small plan and engine to run without the rest of the house: two families, a child table, hidden columns."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.parquet import Parquet
from datagen.planning.plan import TablePlan

USERS = pa.schema(
    [pa.field("user_id", pa.int64(), nullable=False), pa.field("city", pa.dictionary(pa.int8(), pa.string()))]
)
TRUTH = pa.schema([pa.field("user_id", pa.int64(), nullable=False), pa.field("mood", pa.float64())])
VISITS = pa.schema(
    [("visit_id", pa.int64()), ("user_id", pa.int64()), ("at", pa.timestamp("us")), ("note", pa.string())]
)
SHOPS = pa.schema([("shop_id", pa.int64())])
CITIES = pa.array(["Oslo", "Rome", "Lima"])
BLOCK = 500


@dataclass(frozen=True, slots=True)
class FakePartition:
    index: int
    family: str
    start: int
    stop: int
    first: Mapping[str, int]
    rows: Mapping[str, int]


@dataclass(frozen=True)
class FakePlan:
    """`wait` seconds pass between blocks; `trap` names a file whose first line says what goes wrong, and where."""

    id: str
    tables: Mapping[str, TablePlan]
    partitions: Sequence[FakePartition]
    output: Sink = field(default_factory=Parquet)
    wait: float = 0.0
    trap: str = ""
    name: str = "fake"
    seed: int = 42
    scale: float = 1.0
    memory: int = 0
    document: Mapping[str, Any] = field(default_factory=lambda: {"name": "fake"})

    @property
    def total_rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def plan(users: int = 4000, shops: int = 10, size: int = 1000, **options: Any) -> FakePlan:
    """Each user has one visit, save that users of the first partition have none."""
    cuts = range(0, users, size)
    parts = [_users(index, start, min(start + size, users), size) for index, start in enumerate(cuts)]
    parts.append(FakePartition(len(parts), "shops", 0, shops, {"shops": 0}, {"shops": shops}))
    tables = {
        "users": TablePlan("users", "users", USERS, TRUTH, {"user_id": "delta", "city": "dictionary"}, users, 0),
        "visits": TablePlan("visits", "users", VISITS, None, {"at": "byte_stream_split"}, max(users - size, 0), 0),
        "shops": TablePlan("shops", "shops", SHOPS, None, {}, shops, 0),
    }
    options.setdefault("id", f"f{users}x{shops}")
    return FakePlan(tables=tables, partitions=parts, **options)


def _users(index: int, start: int, stop: int, size: int) -> FakePartition:
    visits = 0 if index == 0 else stop - start
    first = {"users": start, "visits": max(start - size, 0)}
    return FakePartition(index, "users", start, stop, first, {"users": stop - start, "visits": visits})


def make(plan: FakePlan, partition: FakePartition) -> Iterator[dict[str, pa.Table]]:
    """The engine: blocks of 500 root rows."""
    for start in range(partition.start, partition.stop, BLOCK):
        _spring(plan.trap, partition.index)
        if plan.wait:
            time.sleep(plan.wait)
        ids = np.arange(start, min(start + BLOCK, partition.stop))
        yield {"shops": pa.table([ids], schema=SHOPS)} if partition.family == "shops" else _family(partition, ids)


def _family(partition: FakePartition, ids: np.ndarray[Any, Any]) -> dict[str, pa.Table]:
    cities = pa.DictionaryArray.from_arrays(pa.array((ids % 3).astype(np.int8)), CITIES)
    tables = {
        "users": pa.Table.from_arrays([pa.array(ids), cities], schema=USERS),
        "_truth/users": pa.Table.from_arrays([pa.array(ids), pa.array(ids / 7)], schema=TRUTH),
    }
    if partition.index > 0:
        notes = pa.array(['a "b"\n' if i % 5 else None for i in ids.tolist()], pa.string())
        times = pa.array(ids * 1_000_003, pa.timestamp("us"))
        tables["visits"] = pa.Table.from_arrays([pa.array(ids + 1), pa.array(ids), times, notes], schema=VISITS)
    return tables


def _spring(trap: str, index: int) -> None:
    """The file `trap` says `<what> <partition>`; whoever comes first renames it, so it springs once."""
    if not trap or not Path(trap).exists():
        return
    what, _, where = Path(trap).read_text().partition(" ")
    if int(where) != index:
        return
    if not what.startswith("always"):
        Path(trap).rename(trap + ".sprung")
    if "die" in what:
        os.kill(os.getpid(), 9)
    raise OSError(28, "No space left on device", "some/file") if "full" in what else ValueError("a defect")

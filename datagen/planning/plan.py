"""The plan: the input of a run, frozen, explainable, with an id. It holds the document, never compiled code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from datagen.kinds.formats.base import Sink


@dataclass(frozen=True, slots=True)
class Partition:
    """One task: root rows `start` to `stop` of a family. `first` and `rows` are, per table, the first row and the
    number of rows.
    """

    index: int
    family: str
    start: int
    stop: int
    first: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: `schema` of the data, `truth` of its hidden columns (with the key), encodings per column.

    A `hidden` table is written to `_truth/`. Its `schema` has all columns, and it has no `truth`.
    """

    name: str
    family: str
    schema: pa.Schema
    truth: pa.Schema | None
    encodings: Mapping[str, str]
    rows: int
    bytes: int
    hidden: bool = False
    clean: pa.Schema | None = None
    copied: bool = False

    @property
    def folder(self) -> str:
        """The folder of its files."""
        return f"_truth/{self.name}" if self.hidden else self.name


@dataclass(frozen=True, slots=True)
class Family:
    """A root table and all tables below it. `rows` is the number of root rows, `block` the number in one block."""

    root: str
    tables: tuple[str, ...]
    rows: int
    block: int
    partition: int
    block_bytes: int
    """The bytes of the largest block in memory; of an average block if rows are estimated."""

    root_bytes: int = 0
    """What the heaviest single root row takes with all below it, where blocks are large and rows are counted; else 0.
    """

    def of_blocks(self, size: float) -> Family:
        """The family cut into blocks of so many root rows, one at least and no more than now."""
        block = max(int(min(size, self.block)), 1)
        return replace(self, block=block, partition=max(self.partition // block, 1) * block)


@dataclass(frozen=True)
class Plan:
    """The plan of a run. `counted` says whether row counts are exact or estimated from a sample."""

    id: str
    name: str
    seed: int
    scale: float
    document: Mapping[str, Any]
    families: Mapping[str, Family]
    tables: Mapping[str, TablePlan]
    partitions: tuple[Partition, ...]
    output: Sink
    memory: int
    budget: int
    counted: bool
    frozen: Mapping[str, Any] = field(default_factory=dict)
    """Values resolved while planning that must not be looked up again: holidays, time zones."""

    @cached_property
    def total_rows(self) -> int:
        """The rows of all visible tables."""
        return sum(self.tables[name].rows for name in self.shown)

    @property
    def shown(self) -> tuple[str, ...]:
        """The visible tables."""
        return tuple(name for name, table in self.tables.items() if not table.hidden)

    @cached_property
    def total_bytes(self) -> int:
        return sum(table.bytes for table in self.tables.values())

    def explain(self) -> str:
        """The plan as text."""
        from datagen.planning.explain import explain  # explain imports Plan

        return explain(self)

    def __repr__(self) -> str:
        return f"<Plan {self.name}: {self.total_rows:,} rows, {len(self.partitions)} partitions, {self.id[:12]}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.explain())}</pre>"

"""The plan: everything a run needs, frozen and explainable, with an id. It holds the document, never compiled code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from datagen.kinds.formats.base import Sink


@dataclass(frozen=True, slots=True)
class Partition:
    """One task: root rows `start` to `stop` of a family. `first` and `rows` say per table where its rows begin and how many."""

    index: int
    family: str
    start: int
    stop: int
    first: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: `schema` of the data, `truth` of its hidden columns (with the key), encodings per column.

    A `hidden` table is written as a whole to `_truth/`: its `schema` has all columns, and there is no `truth` beside them.
    A table with faults has the schema of the damaged data, and `clean` is the schema before the faults; `copied` says whether
    a fault writes rows more than once, so that the files can have more rows than were planned.
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
        """Where its files are."""
        return f"_truth/{self.name}" if self.hidden else self.name


@dataclass(frozen=True, slots=True)
class Family:
    """A root table and all below it: `rows` is how many root rows there are, `block` how many are made at once."""

    root: str
    tables: tuple[str, ...]
    rows: int
    block: int
    partition: int
    block_bytes: int
    """What the largest block takes in memory; where rows are estimated, an average one."""

    root_bytes: int = 0
    """What the heaviest single root row takes with all below it, where blocks are large and rows are counted; else 0."""

    def of_blocks(self, size: float) -> Family:
        """The family cut into blocks of so many root rows, one at least and no more than now."""
        block = max(int(min(size, self.block)), 1)
        return replace(self, block=block, partition=max(self.partition // block, 1) * block)


@dataclass(frozen=True)
class Plan:
    """What will be done. `counted` says whether row counts are exact or estimated from a sample."""

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
    """What was resolved while planning and must not be looked up again: holidays, time zones."""

    @cached_property
    def total_rows(self) -> int:
        """Rows of the data; those of hidden tables are no data."""
        return sum(self.tables[name].rows for name in self.shown)

    @property
    def shown(self) -> tuple[str, ...]:
        """The tables of the data, without hidden ones."""
        return tuple(name for name, table in self.tables.items() if not table.hidden)

    @cached_property
    def total_bytes(self) -> int:
        return sum(table.bytes for table in self.tables.values())

    def explain(self) -> str:
        """The plan for people."""
        from datagen.planning.explain import explain  # explain knows Plan

        return explain(self)

    def __repr__(self) -> str:
        return f"<Plan {self.name}: {self.total_rows:,} rows, {len(self.partitions)} partitions, {self.id[:12]}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.explain())}</pre>"

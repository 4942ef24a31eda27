"""The plan: the input of a run, frozen, explainable, with an id. It holds the document, never compiled code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from datagen.byte_sizes import format_size
from datagen.kinds.formats.base import Sink

_LINE, _LEAST = 80, 12
"""The length of a line, and the least of it for the names of columns."""
_WIDTHS = 16, 12, 14, 12, 10
"""Of the numbers of a family."""


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
    hive_folders: int = 1
    """A bound on the Hive folders of its files, to each of which a partition may write one; 1 if they are not divided.
    """

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
        """The family cut into blocks of `size` root rows, at least one and at most as many as now."""
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
        """The tables, the partitions and the resources of the plan as text."""
        about = "" if self.counted else "about "
        lines = [
            (
                f"{self.name}: {about}{self.total_rows:,} rows in {len(self.shown)} tables, about "
                f"{format_size(self.total_bytes)} on disk"
            ),
            f"seed {self.seed}, scale {self.scale:g}, id {self.id[:16]}",
            "",
        ]
        shown = {name: _shown(self.tables[name], family) for family in self.families.values() for name in family.tables}
        width = max(map(len, ("table", *shown.values())))
        lines += [_row("table", "rows", "size", "columns", width)]
        lines += [
            _row(name, f"{table.rows:,}", format_size(table.bytes), ", ".join(table.schema.names), width)
            for name, table in ((shown[name], self.tables[name]) for name in shown)
        ]
        lines += ["", *_family_lines(self), ""]
        lines.append(f"peak memory of a task: about {format_size(self.memory)} of {format_size(self.budget)} allowed")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Plan {self.name}: {self.total_rows:,} rows, {len(self.partitions)} partitions, {self.id[:12]}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.explain())}</pre>"


def _shown(table: TablePlan, family: Family) -> str:
    return "  " * (table.name != family.root) + table.name + " (hidden)" * table.hidden


def _row(name: str, rows: str, size: str, columns: str, width: int) -> str:
    start = f"  {name:<{width}}{rows:>16}{size:>10}  "
    room = max(_LINE - len(start), _LEAST)
    return start + (columns if len(columns) <= room else columns[: room - 3] + "...")


def _family_lines(plan: Plan) -> list[str]:
    """For each family its root rows: all, of one partition, in memory at once, and the memory of these."""
    width = max(map(len, ("family", *plan.families)))
    lines = [_columns("family", ("root rows", "partitions", "rows of each", "at once", "memory"), width)]
    for name, family in plan.families.items():
        parts = sum(partition.family == name for partition in plan.partitions)
        numbers = [f"{number:,}" for number in (family.rows, parts, family.partition, family.block)]
        lines.append(_columns(name, (*numbers, format_size(family.block_bytes)), width))
    return lines


def _columns(name: str, cells: Sequence[str], width: int) -> str:
    return f"  {name:<{width}}" + "".join(f"{cell:>{size}}" for cell, size in zip(cells, _WIDTHS, strict=True))

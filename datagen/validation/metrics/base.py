"""The interface of a metric: observe slices, merge states, report findings.

A slice has root rows with all their descendants, so relations are complete. The same metric runs over files, on a
cluster, or inside a generating task. A state is small, picklable and mergeable in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pyarrow as pa

from datagen.columnar.block import Block, Column, Ints

Group = Literal["constraint", "recovery", "distribution", "cardinality", "dependence", "time", "realism"]
Verdict = Literal["pass", "fail", "recovered", "not recovered", "not identifiable", "not applicable"]
State = Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement. `score` is 0 to 1, None if the verdict is not identifiable or not applicable.

    Recovery has `planted`, `found` with standard `error`, and `z`. Constraints and realism tests have `statistic` and
    `threshold`. A failed constraint has the `count` and `share` of violating rows and shows a few of them in `rows`.
    `details` are plain JSON values for the report: profiles, histograms, curves.
    """

    group: Group
    measure: str
    table: str
    column: str | None
    verdict: Verdict
    message: str
    subject: str = ""
    score: float | None = None
    weight: float = 1.0
    planted: float | None = None
    found: float | None = None
    error: float | None = None
    z: float | None = None
    statistic: float | None = None
    threshold: float | None = None
    count: int = 0
    share: float = 0.0
    rows: tuple[Mapping[str, Any], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """Cells that are not of the declared type: why (empty if all fit), and where (positions in the files, int64 (k,)).

    A reason without positions means that the whole column is of another type.
    """

    message: str
    at: Ints


class Slice(Protocol):
    """Root rows with all their descendants, from any source; nothing in it is trusted."""

    def block(self, table: str) -> Block | None:
        """The rows of a table as a block: columns of the declared types, `parent` and `parent_row` joined by key.

        Rows are in the order of their parents; `block.row_numbers` are their positions in `arrow(table)`, if the order
        differs. Rows without a parent are left out (`orphans`). Reading a column that the files lack raises Absent.
        None if the slice has no such table, or none above it. Raises Absent if no column has the key of the parent.
        """

    def orphans(self, table: str) -> Ints:
        """Positions of rows whose parent key does not resolve, int64 (k,)."""

    def arrow(self, table: str) -> pa.Table:
        """The rows as stored in the files."""

    def names(self, table: str) -> tuple[str, ...]:
        """The columns of the files, declared or not."""

    def size(self, table: str) -> int:
        """The number of rows in the files, with or without a parent."""

    def damage(self, table: str) -> pa.Table | None:
        """The answer key of the table's faults; None where there is none. The rows of `block` and `arrow` are the clean
        ones.
        """

    def type_mismatch(self, table: str, column: str) -> TypeMismatch:
        """The cells of the files that are not of the declared type."""

    def referred(self, table: str, column: str, keys: Column, by: str | None = None) -> Column:
        """Cells of `column` in the rows of another family's table with these keys; missing for unknown keys."""


class Metric(Protocol):
    """One statistic of a dataset.

    It may have `name`, which findings show (by default that of its class), and `whole`: True if a sample of the rows
    would mislead it.
    """

    @property
    def group(self) -> Group: ...

    @property
    def table(self) -> str: ...

    def observe(self, part: Slice) -> State:
        """The state of a slice; None if it shows nothing."""

    def merge(self, one: State, other: State) -> State:
        """The state of two parts of the dataset together."""

    def findings(self, state: State) -> list[Finding]:
        """The findings from the final state, which is None if no slice showed anything."""

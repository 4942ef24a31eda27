"""The base class of constraints: counts rows and violations, and keeps some violating rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Ints, as_numpy
from datagen.declarations.expectations import SHOWN
from datagen.validation.metrics.base import Finding, Group, Slice

_LONGEST = 80


@dataclass(frozen=True, slots=True, eq=False)
class Violations:
    """`rows` were checked; those at `at` (positions in the files, int64 (k,)) violate the rule."""

    rows: int
    at: Ints


@dataclass(frozen=True, slots=True)
class ViolationCount:
    """The state of a constraint: rows checked, violations, a few violating rows."""

    checked: int
    wrong: int
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Constraint:
    """A rule for every row. Members find the violations in `look` and describe them in `message`."""

    table: str
    column: str | None = None
    name: ClassVar[str] = "Constraint"
    group: Group = "constraint"

    @property
    def message(self) -> str:
        """The description of violations, after their number: "are missing"."""
        return "violate the rule"

    @property
    def subject(self) -> str:
        """What is checked, if a column has several such constraints."""
        return ""

    @property
    def shows(self) -> tuple[str, ...]:
        """Other columns to show of a violating row."""
        return ()

    def violations(self, part: Slice) -> Violations | None:
        """The violations in a slice; None if nothing can be checked. May raise Absent."""
        block = part.block(self.table)
        if block is None:
            return None
        checked, wrong = self.wrong(part, block)
        at = np.flatnonzero(wrong)
        return Violations(checked, at if block.row_numbers is None else block.row_numbers[at])

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        """The number of checked rows, and the violating rows of the block, bool (n,)."""
        raise TypeError(f"{type(self).__name__} has no check")

    def observe(self, part: Slice) -> ViolationCount | None:
        found = self.violations(part)
        if found is None:
            return None
        return ViolationCount(found.rows, len(found.at), self._shown(part, found.at[:SHOWN]))

    def _shown(self, part: Slice, at: Ints) -> tuple[str, ...]:
        return shown_rows(part, self.table, at, (*([self.column] if self.column else []), *self.shows))

    def merge(self, one: ViolationCount, other: ViolationCount) -> ViolationCount:
        rows = tuple(sorted({*one.rows, *other.rows})[:SHOWN])  # the same rows for every order of parts
        return ViolationCount(one.checked + other.checked, one.wrong + other.wrong, rows)

    def findings(self, state: ViolationCount | None) -> list[Finding]:
        if state is None or not state.checked:
            return [self._finding("not applicable", "there are no rows to check", None)]
        if not state.wrong:
            return [self._finding("pass", f"holds for all {state.checked:,}", state)]
        message = f"{state.wrong:,} of {state.checked:,} {self.message}"
        return [self._finding("fail", message, state)]

    def _finding(self, verdict: Any, message: str, state: ViolationCount | None) -> Finding:
        wrong = state.wrong if state else 0
        share = wrong / state.checked if state and state.checked else 0.0
        score = None if state is None else 1.0 - share if wrong else 1.0
        rows = tuple(json.loads(row) for row in state.rows) if state else ()
        return Finding(
            "constraint", self.name, self.table, self.column, verdict, message, subject=self.subject, score=score,
            weight=0.0, statistic=share if state else None, threshold=0.0, count=wrong, share=share, rows=rows,
        )  # fmt: skip


def shown_rows(part: Slice, table: str, at: Ints, columns: tuple[str, ...]) -> tuple[str, ...]:
    """A few rows, by their positions in the files, as JSON: the first column, which is usually the key, and the named
    ones.
    """
    if not len(at):
        return ()
    data = part.arrow(table)
    names = [name for name in dict.fromkeys((*data.column_names[:1], *columns)) if name in data.column_names]
    return tuple(json.dumps(plain(row)) for row in data.select(names).take(at[:SHOWN]).to_pylist())


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON values, long text cut."""
    return {name: _plain(cell) for name, cell in row.items()}


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, bool | int) or (isinstance(cell, float) and abs(cell) < float("inf")):
        return cell
    text = str(cell)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def present(valid: Bools | None, size: int) -> Bools:
    """The cells that are not missing, bool (n,)."""
    return np.ones(size, np.bool_) if valid is None else valid


def same_cells(one: Column, other: Column) -> Bools:
    """Which cells that are not missing are equal, bool (n,): texts by what they say, in any dictionaries."""
    if not one.type.textual:
        equal: Bools = one.data == other.data
        return equal
    import pyarrow.compute as pc  # start-up

    same = pc.equal(one.texts, other.texts)
    found: Bools = as_numpy(same.fill_null(False) if same.null_count else same)  # a scalar would import pandas
    return found

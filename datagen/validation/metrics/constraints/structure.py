"""The table exists with the declared columns and no others, it has rows, and they can be joined to their parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice, Verdict


@dataclass(frozen=True, slots=True)
class TableShape:
    """Columns that are missing in some file, columns that are not declared, rows, and why rows cannot be joined to
    their parents.
    """

    missing: frozenset[str]
    undeclared: frozenset[str]
    rows: int
    unjoined: str


@dataclass(frozen=True, eq=False)
class Structure:
    """A constraint on names and rows. `columns` are the expected ones, `added` those that faults add; `filled`: there
    must be rows.
    """

    table: str
    columns: tuple[str, ...]
    filled: bool = False
    added: tuple[str, ...] = ()
    name: ClassVar[str] = "TableStructure"
    group: Group = "constraint"

    def observe(self, part: Slice) -> TableShape | None:
        names, expected = frozenset(part.names(self.table)), frozenset(self.columns)
        if not names:
            return None
        undeclared = names - expected - {*self.added}
        return TableShape(expected - names, undeclared, part.size(self.table), _unjoined(part, self.table))

    def merge(self, one: TableShape, other: TableShape) -> TableShape:
        return TableShape(
            one.missing | other.missing, one.undeclared | other.undeclared, one.rows + other.rows,
            max(one.unjoined, other.unjoined),
        )  # fmt: skip

    def findings(self, state: TableShape | None) -> list[Finding]:
        if state is None:
            return [self._finding(None, f"there are no files for table '{self.table}'", "fail")]
        missing = [name for name in self.columns if name in state.missing]
        found = [self._finding(name, f"column '{name}' is not in the files", "fail") for name in missing]
        found += [self._finding(n, f"column '{n[:60]}' is not declared", "fail") for n in sorted(state.undeclared)]
        if self.filled and not state.rows:
            found.append(self._finding(None, "the table has no rows", "fail"))
        found = found or [self._finding(None, f"all {len(self.columns)} columns exist, {state.rows:,} rows", "pass")]
        if state.unjoined:
            found.append(self._finding(None, state.unjoined, "not identifiable"))
        return found

    def _finding(self, column: str | None, message: str, verdict: Verdict) -> Finding:
        score = {"pass": 1.0, "fail": 0.0}.get(verdict)
        return Finding(
            self.group, self.name, self.table, column, verdict, message, score=score, weight=0.0,
            threshold=0.0, count=int(verdict == "fail"),
        )  # fmt: skip


def _unjoined(part: Slice, table: str) -> str:
    try:
        block = part.block(table)
        _ = None if block is None else block.parent
    except Absent as error:
        return str(error)
    return ""

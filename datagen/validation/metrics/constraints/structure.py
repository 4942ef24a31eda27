"""The table exists with the declared columns and no others, and it has rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datagen.validation.metrics.base import Finding, Group, Slice

Names = tuple[frozenset[str], frozenset[str], int]
"""Columns that are missing in some file, columns that are not declared, rows."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A constraint on names and rows. `columns` are the expected ones; `filled`: there must be rows."""

    table: str
    columns: tuple[str, ...]
    filled: bool = False
    group: Group = "constraint"

    def observe(self, part: Slice) -> Names | None:
        names, wanted = frozenset(part.names(self.table)), frozenset(self.columns)
        return (wanted - names, names - wanted, part.size(self.table)) if names else None

    def merge(self, one: Names, other: Names) -> Names:
        return one[0] | other[0], one[1] | other[1], one[2] + other[2]

    def findings(self, state: Names | None) -> list[Finding]:
        if state is None:
            return [self._finding(None, f"there are no files for table '{self.table}'", "fail")]
        lacking, undeclared, rows = state
        missing = [name for name in self.columns if name in lacking]
        found = [self._finding(name, f"column '{name}' is not in the files", "fail") for name in missing]
        found += [self._finding(n, f"column '{n[:60]}' is not declared", "fail") for n in sorted(undeclared)]
        if self.filled and not rows:
            found.append(self._finding(None, "the table has no rows", "fail"))
        return found or [self._finding(None, f"all {len(self.columns)} columns exist, {rows:,} rows", "pass")]

    def _finding(self, column: str | None, message: str, verdict: Literal["pass", "fail"]) -> Finding:
        score = 1.0 if verdict == "pass" else 0.0
        return Finding(
            "constraint", "TableStructure", self.table, column, verdict, message, score=score, weight=0.0,
            threshold=0.0, count=int(verdict == "fail"),
        )  # fmt: skip

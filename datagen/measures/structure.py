"""The columns that a table should have are there, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.measures.base import Finding, Group, Slice

Names = tuple[frozenset[str], frozenset[str]]
"""Columns that are missing somewhere, and columns that are not declared."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A gate over names alone. `columns` are those that the files should have."""

    table: str
    columns: tuple[str, ...]
    group: Group = "gate"

    def observe(self, part: Slice) -> Names | None:
        names = frozenset(part.names(self.table))
        wanted = frozenset(self.columns)
        return (wanted - names, names - wanted) if names else None

    def merge(self, one: Names, other: Names) -> Names:
        return one[0] | other[0], one[1] | other[1]

    def findings(self, state: Names | None) -> list[Finding]:
        if state is None:
            return [self._finding(None, f"there are no files for table '{self.table}'", failed=True)]
        missing = [name for name in self.columns if name in state[0]]
        found = [self._finding(name, f"column '{name}' is not in the files", failed=True) for name in missing]
        found += [self._finding(n, f"column '{n[:60]}' is not declared", failed=True) for n in sorted(state[1])]
        return found or [self._finding(None, f"all {len(self.columns)} columns are there", failed=False)]

    def _finding(self, column: str | None, message: str, *, failed: bool) -> Finding:
        verdict, score = ("fail", 0.0) if failed else ("pass", 1.0)
        return Finding(
            "gate", "TableStructure", self.table, column, verdict, message, score=score, weight=0.0,  # type: ignore[arg-type]
            threshold=0.0, count=int(failed),
        )  # fmt: skip

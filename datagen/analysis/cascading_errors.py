"""Suppresses errors that may only follow from parts that failed to parse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from datagen.errors import Problem
from datagen.kinds.behaviors.base import Behavior
from datagen.schema.reading.json_values import Keys

if TYPE_CHECKING:
    from datagen.analysis.semantic_model import SemanticModel

NAMED = frozenset({"unknown-table", "unknown-column", "unknown-function", "syntax", "not-allowed", "too-large"})
"""Problems of a place that do not depend on the rest of its piece."""

ABOVE = frozenset({"no-parent", "unknown-table", "invalid-order", "unknown-attribute"})
"""Problems that may follow from an invalid parent table, besides missing columns of ancestors."""


class CascadeFilter:
    """Selects the problems of meaning that hold whatever the unparsed pieces contain."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self.unparsed = model.schema.unparsed
        self._reported = {problem.keys for problem in model.schema.problems if problem.keys}
        behaviors = [keys for keys in self.unparsed if keys[0] == "tables" and keys[2:3] == ("behaviors",)]
        self._behaviors = frozenset(keys[1] for keys in behaviors)
        self._naming = frozenset(keys[1] for keys in behaviors if self._names_columns(keys))

    def certain(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that hold whatever the unparsed pieces contain, and that are not reported yet."""
        for problem in problems:
            if not self.unparsed or not (self._repeats(problem) or self._open(problem) or self._lost(problem)):
                yield problem

    def _repeats(self, problem: Problem) -> bool:
        """Whether an unparsed piece with little known content is at this place."""
        around = [problem.keys[:depth] for depth in range(1, len(problem.keys) + 1)]
        unparsed = any(keys in self.unparsed for keys in around)
        return unparsed and (problem.code not in NAMED or any(keys in self._reported for keys in around))

    def _open(self, problem: Problem) -> bool:
        """Whether the problem depends on unparsed parts of the window, the rows or the behaviors."""
        keys, code = problem.keys, problem.code
        if keys[:1] != ("tables",) or len(keys) < 3:
            return False
        if code == "no-window":
            return ("window",) in self.unparsed
        if code == "nullable":  # cells depend on the window and, over several tables, on other columns
            return any(at[:1] == ("window",) or at[2:3] in (("columns",), ("rows",)) for at in self.unparsed)
        if self._of_the_rows(code, keys) or self._of_multipliers(code, keys):
            return True
        named = code in ("unknown-table", "unknown-column") and keys[2] == "behaviors"  # a path into a process
        if code in ("unknown-process", "unknown-attribute") or named:
            return any(at[:1] == ("tables",) and at[2:3] == ("processes",) for at in self.unparsed)
        if code == "cycle" and keys[1] in self._behaviors:
            return True
        if keys[2] == "columns":
            return keys[1] in {"missing": self._behaviors, "unknown-column": self._naming}.get(code, frozenset())
        trends = code == "not-identifiable" or keys[-1] == "zero_trend"  # may be among the unparsed behaviors
        return keys[2] == "behaviors" and trends and bool(self._behaviors)

    def _of_the_rows(self, code: str, keys: Keys) -> bool:
        """Whether the problem depends on the unparsed rows (or, for a time of them, columns) of its table."""
        unparsed = {at[2:3] for at in self.unparsed if at[:2] == ("tables", keys[1])}
        if code in ("primary-key", "unknown-attribute"):
            return ("rows",) in unparsed
        aged = code == "missing" and keys[2] in ("behaviors", "processes")
        return aged and not unparsed.isdisjoint({("rows",), ("columns",)})

    def _of_multipliers(self, code: str, keys: Keys) -> bool:
        """Whether the problem depends on the bounds of columns that unparsed behaviors may multiply."""
        return code == "range" and keys[-1] == "expression" and bool(self._behaviors)

    def _lost(self, problem: Problem) -> bool:
        """Whether the problem depends on the ancestors of a table with an unparsed parent."""
        keys, lost = problem.keys, self.model.lost
        if not lost:
            return False
        written = self._written(keys)
        named = isinstance(written, str) and written.partition(".")[0] in lost
        if named or problem.code in ("unrelated-table", "no-effect"):
            return True
        if keys[:1] != ("tables",) or lost.isdisjoint(keys[1:2]):
            return False
        return problem.code in ABOVE or (problem.code == "unknown-column" and "." in problem.message.partition("'")[2])

    def _names_columns(self, behavior: Keys) -> bool:
        """Whether an unparsed behavior may add columns that others read: its kind is unknown, or does so."""
        written = self._written(behavior[:4])
        kind = Behavior.member(written.get("type")) if isinstance(written, dict) else None
        return kind is None or (issubclass(kind, Behavior) and kind.names_columns)

    def _written(self, keys: Keys) -> Any:
        try:
            return self.model.schema.at(keys)
        except (KeyError, IndexError, TypeError):
            return None

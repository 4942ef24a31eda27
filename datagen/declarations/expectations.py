"""Expectations of the user: a statistic of a table and its judgement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from datagen.columnar.block import Rows
from datagen.declarations.base import Declaration
from datagen.expressions.compiled_expression import Compiled

SHOWN = 5
"""The most violating rows that are kept as examples."""

Show = Callable[[Rows, frozenset[str]], "tuple[dict[str, Any], ...]"]
"""A few of the rows as stored in the files: their first column and the named columns of their own."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an expectation is met (None if it cannot be judged), as text and numbers."""

    met: bool | None
    message: str
    found: float | None = None
    threshold: float | None = None
    count: int = 0
    share: float = 0.0
    rows: tuple[dict[str, Any], ...] = ()


NOTHING = Judgement(None, "there is no row to look at")


class Statistic(Protocol):
    """A statistic of rows. Its state is small, picklable and mergeable in any order."""

    def observe(self, rows: Rows, show: Show) -> Any:
        """The state of these rows. May raise Absent or RunError."""

    def merge(self, one: Any, other: Any) -> Any:
        """The state of two parts of the dataset together."""

    def judge(self, state: Any) -> Judgement:
        """The judgement of the final state."""


class ExpectationDeclaration(Declaration):
    """An expectation on the rows where `where` is true (None: all)."""

    title: str
    statistic: Statistic
    where: Compiled | None = None

"""Expectations of the user: a statistic of a table and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from datagen.columnar.block import Rows
from datagen.declarations.base import Declaration
from datagen.scope import Compiled

SHOWN = 5
"""Rows at fault that are kept to show."""

Show = Callable[[Rows, frozenset[str]], "tuple[dict[str, Any], ...]"]
"""A few of the rows as they stand in the files: their first column and those named that are their own."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an expectation is met (None where there is nothing to judge), in words and numbers."""

    met: bool | None
    said: str
    found: float | None = None
    threshold: float | None = None
    count: int = 0
    share: float = 0.0
    rows: tuple[dict[str, Any], ...] = ()


NOTHING = Judgement(None, "there is no row to look at")


class Statistic(Protocol):
    """What is worked out from rows. A state is small, picklable and mergeable in any order."""

    def observe(self, rows: Rows, show: Show) -> Any:
        """What these rows show. May raise Absent or RunError."""

    def merge(self, one: Any, other: Any) -> Any:
        """What two parts of the dataset show together."""

    def judged(self, state: Any) -> Judgement:
        """The judgement of everything seen."""


@dataclass(frozen=True, eq=False)
class ExpectationDeclaration(Declaration):
    """One expectation, for the rows where `where` is true (None: all)."""

    title: str
    statistic: Statistic
    where: Compiled | None = None

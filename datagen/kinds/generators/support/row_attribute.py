"""Timestamps that the row source knows of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from datagen.columnar.block import TIMESTAMP, Column, Rows, Type
from datagen.expressions.ranges import CALENDAR
from datagen.kinds.generators.base import Extent, Fill, Generator

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class RowAttribute(Generator):
    """One mark of the rows, as a timestamp."""

    mark: ClassVar[str]
    sources: ClassVar[str]
    """What to write instead where the row source does not know it."""

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def extent(self, scope: Scope) -> Extent | None:
        if scope.window is None:
            return None
        earlier = getattr(getattr(scope.table, "rows", None), "before_window", 1.0)
        started = self.mark == "event_time" or not earlier
        return scope.window.start if started else CALENDAR[TIMESTAMP][0], scope.window.end

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.mark not in getattr(scope.table, "marks", ()):
            yield scope.problem(
                "no-mark", f"the rows of '{scope.table.name}' have no {self.mark.replace('_', ' ')}", self.sources
            )

    def bind(self, scope: Scope) -> Fill:
        mark = self.mark

        def fill(rows: Rows) -> Column:
            return Column(TIMESTAMP, rows.mark(mark))

        return fill

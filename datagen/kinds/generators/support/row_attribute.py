"""Generators for one attribute of the row source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from datagen.columnar.block import TIMESTAMP, Column, Rows, Type
from datagen.expressions.ranges import CALENDAR
from datagen.kinds.generators.base import Extent, Fill, Generator

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class AttributeColumn(Generator):
    """The time of the row, as a timestamp."""

    computed: ClassVar[bool] = True
    shown: ClassVar[str]
    sources: ClassVar[str]
    """What to write instead if the row source does not have it."""

    @property
    def row_attribute(self) -> str | None:
        return self.shown

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def extent(self, scope: Scope) -> Extent | None:
        if scope.window is None:
            return None
        earlier = getattr(getattr(scope.table, "rows", None), "before_window", 1.0)
        started = self.shown == "event_time" or not earlier
        return scope.window.start if started else CALENDAR[TIMESTAMP][0], scope.window.end

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.shown not in scope.table.row_times:
            message = f"the rows of '{scope.table.name}' have no {self.shown.replace('_', ' ')}"
            yield scope.problem("unknown-attribute", message, self.sources)

    def bind(self, scope: Scope) -> Fill:
        shown = self.shown

        def fill(rows: Rows) -> Column:
            return rows.attribute(shown)

        return fill

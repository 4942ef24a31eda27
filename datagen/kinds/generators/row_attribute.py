"""An attribute of the row source as a column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import TIMESTAMP, Attribute, Column, Rows, Type
from datagen.expressions.ranges import CALENDAR
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.examples import shop
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


class RowAttribute(Generator):
    """An attribute of the row source, with the type it has there.

    `arrivals` give `arrival_time`, `events` give `event_time`; views of a process give states and times. The generators
    `arrival_time` and `event_time` are short for these two.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(orders={"placed_at": {"type": "row_attribute", "attribute": "event_time"}}),
    )
    multiplied: ClassVar[bool] = False

    synonyms: ClassVar[tuple[str, ...]] = (
        "attribute",
        "from_row_source",
    )
    type: Literal["row_attribute"] = "row_attribute"
    attribute: str = Field(description="the name of the attribute")

    @property
    def row_attribute(self) -> str | None:
        return self.attribute

    def _known(self, context: StaticContext) -> Attribute | None:
        return (context.table.rows.attributes(context) or {}).get(self.attribute)

    def result(self, scope: Scope) -> Type | None:
        known = self._known(scope)
        return known.type if known is not None else None

    def nullable(self, scope: Scope) -> bool:
        known = self._known(scope)
        return known is not None and known.nullable

    def depends_on_row_number(self, context: StaticContext) -> bool:
        known = self._known(context)
        return known is not None and known.depends_on_row_number

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        known = self._known(context)
        return known.domain if known is not None else None

    def extent(self, scope: Scope) -> Extent | None:
        known = self._known(scope)
        if known is None or known.type != TIMESTAMP:
            return None
        if scope.window is not None and self.attribute == scope.table.rows.time:
            return CALENDAR[TIMESTAMP][0], scope.window.end  # rows come before the window's end
        return CALENDAR[TIMESTAMP]

    def problems(self, scope: Scope) -> Iterator[Problem]:
        attributes = scope.table.rows.attributes(scope)
        if attributes is None or self.attribute in attributes:
            return
        message = f"the rows of '{scope.table.name}' have no attribute '{self.attribute[:60]}'"
        hint = did_you_mean(self.attribute, list(attributes)) if attributes else "use another generator"
        listed = f"; they have {', '.join(attributes)}" if attributes else ""
        yield scope.problem("unknown-attribute", message + listed, hint, "attribute")

    def bind(self, scope: Scope) -> Fill:
        attribute = self.attribute

        def fill(rows: Rows) -> Column:
            return rows.attribute(attribute)

        return fill

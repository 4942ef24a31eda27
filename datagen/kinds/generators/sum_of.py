"""The sum of an expression over child rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.expressions.extents import rescaled as rescaled_extent
from datagen.kinds.generators.after import both, holds
from datagen.kinds.generators.base import Decimals, Extent, Fill, number_type
from datagen.kinds.generators.support.column_lookup import compiled
from datagen.kinds.generators.support.decimal_math import rescaled, sums_below
from datagen.kinds.generators.support.examples import campaigns, shop
from datagen.kinds.generators.support.rollup import RollUp

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import Scope

SUMMABLE = ("int", "decimal", "duration")


class SumOf(RollUp):
    """The exact sum of an expression over the rows of a child table; 0 if there are none. Missing cells count as 0.

    With `through` it is over the rows of any table that refer to the row: the spend of each campaign.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={"amount": {"type": "sum_of", "table": "items", "expression": "quantity * unit_price"}},
            items={
                "quantity": {"type": "choice", "values": {"1": 7, "2": 2, "3": 1}},
                "unit_price": {"type": "lognormal", "median": 12, "sigma": 0.4, "decimals": 2},
            },
        ),
        campaigns(
            campaigns={"spend": {"type": "sum_of", "table": "clicks", "through": "campaign_id", "expression": "cost"}},
            clicks={"cost": {"type": "lognormal", "median": 0.4, "sigma": 0.5, "decimals": 2}},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "sum",
        "total",
        "rollup",
        "aggregate",
        "sum_total",
    )
    type: Literal["sum_of"] = "sum_of"
    expression: str = Field(description="SQL expression over the child's columns")
    decimals: Decimals | None = Field(default=None, description="number of decimals of each row before it is added")

    def expressions(self) -> dict[str, str]:
        return {"expression": self.expression, **super().expressions()}

    def result(self, scope: Scope) -> Type | None:
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        if expression is None or expression.type.name not in (*SUMMABLE, "float"):
            return None
        if self.decimals is not None and expression.type.numeric:
            return number_type(self.decimals)
        return expression.type if expression.type.name in SUMMABLE else None

    def extent(self, scope: Scope) -> Extent | None:
        """The largest sizes of an expression in as many rows as there may be; it may be wider than 64 bits."""
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        type_, rows = self.result(scope), scope.rows_below(self.table, self.through)
        each = expression.extent(lambda column: scope.extent(column, self.table)) if expression is not None else None
        if expression is None or type_ is None or rows is None or each is None:
            return None
        found = each if type_ == expression.type else rescaled_extent(each, expression.type, type_)
        return found and (min(found[0] * rows, 0), max(found[1] * rows, 0))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        if expression is not None and self.result(scope) is not None:
            yield from self._size_problems(scope, expression)
        if expression is None or self.result(scope) is not None:
            return
        if expression.type.name == "float":
            hint = "write 'decimals', or round the columns it reads"
            yield scope.problem("type", "a sum of floats depends on their order", hint, "expression")
        else:
            yield scope.problem(
                "type", f"cells of type {expression.type} cannot be added", "give a number", "expression"
            )

    def _size_problems(self, scope: Scope, expression: Compiled) -> Iterator[Problem]:
        """The problem of a sum that may leave 64 bits."""
        type_, rows = self.result(scope), scope.tables()[self.table].rows
        most = rows.most_below(multiplied=False) if self.through is None else None
        found = expression.extent(lambda column: scope.extent(column, self.table))
        if most is None or found is None or type_ is None or expression.type.name == "float":
            return
        largest = max(abs(found[0]), abs(found[1])) * 10.0 ** (type_.scale - expression.type.scale)
        if largest * most > 2**63 - 1 > largest:
            message = f"the sum of {most:,} rows of up to {largest / 10**type_.scale:.3g} does not fit in 64 bits"
            yield scope.problem(
                "too-large", message, "use fewer decimals, fewer rows per parent, or a 'max'", "expression"
            )

    @property
    def total_of(self) -> tuple[str, str] | None:
        return (self.table, self.expression) if self.through is None else None

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            what = f"the sum of '{self.expression[:60]}' over their rows in '{self.table}'"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        expression, type_, table = scope.expression(self.expression, self.table), self.result(scope), self.table
        condition = scope.expression(self.filter, self.table) if self.filter is not None else None
        assert type_ is not None

        def numbers(rows: Rows) -> Column:
            values = expression(rows)
            return values if values.type == type_ else rescaled(values, type_)

        if self.through is not None:
            referring = self.referring_rows(scope)
            totals = cache(lambda: referring.sums(numbers, partial(holds, condition)))
            return lambda rows: Column(type_, totals()[referring.at(rows)])

        def fill(rows: Rows) -> Column:
            child = rows.block.children[table]
            values = numbers(Rows(child))
            counted = both([values.valid, holds(condition, Rows(child))])
            return Column(type_, sums_below(rows, child, values.data, counted))

        return fill

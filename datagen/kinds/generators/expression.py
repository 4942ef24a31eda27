"""A column computed from others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen import expressions
from datagen.columnar.block import Column, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.errors import ExpressionError, PlanError
from datagen.expressions.extents import held, within
from datagen.expressions.extents import rescaled as rescaled_extent
from datagen.kinds.generators.base import Decimals, Extent, Fill, Generator, number_type
from datagen.kinds.generators.support.column_lookup import (
    column_named,
    compiled,
    drawing_problems,
    expression_needs,
    foreseen,
    need,
)
from datagen.kinds.generators.support.decimal_math import rescaled
from datagen.kinds.generators.support.examples import table_of
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import DeclaredColumn, Scope, StaticContext


class Expression(Generator):
    """An SQL scalar expression over columns of the row and of its ancestors, with SQL's null semantics."""

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            net={"type": "lognormal", "median": 40, "sigma": 0.5, "decimals": 2},
            gross={"type": "expression", "expression": "net * 1.19", "decimals": 2},
            size={"type": "expression", "expression": "CASE WHEN net > 60 THEN 'large' ELSE 'small' END"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "sql", "formula", "expr", "computed", "derived", "calculated", "compute", "generated", "concat",
        "column_expression", "python", "column", "copy_of", "lag", "lead", "cumsum", "running_total", "running_sum",
        "rolling", "window_function",
    )  # fmt: skip
    type: Literal["expression"] = "expression"
    expression: str = Field(description="an SQL scalar expression")
    decimals: Decimals | None = Field(default=None, description="number of decimals after rounding; 0 makes integers")

    @property
    def measures_length(self) -> bool:
        return True

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return expression_needs(scope, self.expression)

    def determines(self, scope: Scope) -> frozenset[ColumnRef]:
        expression = compiled(scope, self.expression)
        column = expression.injective_in if expression is not None else None
        return frozenset({need(scope, column)}) if column is not None else frozenset()

    def result(self, scope: Scope) -> Type | None:
        expression = compiled(scope, self.expression)
        if expression is None or self.decimals is None or not expression.type.numeric:
            return expression.type if expression else None
        return number_type(self.decimals)

    def source_column(self, context: StaticContext) -> tuple[StaticContext, DeclaredColumn] | None:
        return column_named(context, self.expression) if self.decimals is None else None

    def nullable(self, scope: Scope) -> bool:
        expression = compiled(scope, self.expression)
        return True if expression is None else expression.nullable(scope.nullable, scope.extent)

    @property
    def unique_per_parent(self) -> bool:
        """Whether it is a number that is distinct among the rows of one parent."""
        try:
            return expressions.numbers_rows(self.expression)
        except ExpressionError:
            return False

    def longest(self, scope: Scope) -> int | None:
        expression = compiled(scope, self.expression)
        return (expression.longest(scope.longest) or None) if expression is not None else None

    def working(self, scope: Scope) -> int:
        expression = compiled(scope, self.expression)
        return expression.widest(scope.longest) if expression is not None else 0

    def extent(self, scope: Scope) -> Extent | None:
        expression, type_ = compiled(scope, self.expression), self.result(scope)
        rows = scope.rows_below(scope.table.name)
        found = expression.extent(scope.extent, rows) if expression is not None else None
        if expression is None or type_ is None or found is None:
            return None
        low, high = held(expression.type)
        if expression.type.name in ("int", "decimal") and (found[0] <= low or high <= found[1]):
            return None  # only the range of its type is known
        if type_ == expression.type:
            return found
        return rescaled_extent(found, expression.type, type_)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from drawing_problems(scope, self.expression, "expression")
        expression = compiled(scope, self.expression)
        if expression is not None and self.decimals is not None and not expression.type.numeric:
            yield scope.problem("no-effect", f"a {expression.type} has no decimals", "leave 'decimals' out", "decimals")

    def may_fail(self, scope: Scope) -> bool:
        expression, type_ = compiled(scope, self.expression), self.result(scope)
        if expression is None or type_ is None:
            return False
        found = expression.extent(scope.extent) or held(expression.type)
        rounded = found if type_ == expression.type else rescaled_extent(found, expression.type, type_)
        return expression.may_fail(scope.extent) or (rounded is not None and not within(rounded, held(type_)))

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and scope.effect() is None and not scope.expression(self.expression).random:
            fill, slack = self.bind(scope), int(scope.expression(self.expression).type.name == "float")
            what = f"the range of '{self.expression[:60]}'"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=fill, what=what, may_miss=bool(self.modifiers), slack=slack
            )

    def bind(self, scope: Scope) -> Fill:
        expression, type_ = scope.expression(self.expression), self.result(scope)
        expression = expression.drawing([scope.stream("random", str(call)) for call in range(expression.random)])
        for message, hint in foreseen(scope, expression):
            raise PlanError(f"{message}; {hint}")

        def fill(rows: Rows) -> Column:
            values = expression(rows)
            return values if type_ is None or values.type == type_ else rescaled(values, type_)

        return fill

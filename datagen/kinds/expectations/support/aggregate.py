"""Expectations of one aggregate, compared with a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from datagen.columnar.block import Column, Floats, Rows, Type
from datagen.declarations.expectations import NOTHING, Judgement, Show
from datagen.kinds.expectations.base import Expectation, constant
from datagen.kinds.expectations.support.bounds import Target, Targeted, written
from datagen.kinds.generators.support.column_lookup import compiled

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import Scope


@dataclass(frozen=True, slots=True)
class Reduction:
    """How cells become one number: the state of a part, the merge of two states, and the number (None if there is
    none).
    """

    observe: Callable[[Column], Any]
    merge: Callable[[Any, Any], Any]
    value: Callable[[Any], float | None]


@dataclass(frozen=True, slots=True, eq=False)
class BoundedAggregate:
    """An aggregate of the cells of an expression, compared with a target."""

    expression: Compiled
    reduction: Reduction
    target: Target
    type: Type

    def observe(self, rows: Rows, show: Show) -> Any:
        return self.reduction.observe(self.expression(rows))

    def merge(self, one: Any, other: Any) -> Any:
        return self.reduction.merge(one, other)

    def judge(self, state: Any) -> Judgement:
        return judge(self.reduction.value(state), self.target, self.type)


def judge(found: float | None, target: Target, type_: Type) -> Judgement:
    """A number held against its target."""
    if found is None:
        return NOTHING
    message = f"{written(found, type_)}, {target.message(type_)}"
    return Judgement(target.met(found), message, found, target.missed(found))


class Aggregate(Expectation, Targeted):
    """An expectation of one aggregate of an expression."""

    types: ClassVar[tuple[str, ...]] = ("int", "float", "decimal", "duration", "timestamp", "date")
    """The allowed types of the expression."""
    span: ClassVar[tuple[float, float | None] | None] = None
    """The range of the result, if known."""

    expression: str = Field(
        description="an SQL expression on a row; columns of ancestors are written `customers.segment`"
    )

    @property
    def what(self) -> str:
        return f"{self.type} of {self.expression}"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from constant(scope, self.expression, "expression")
        expression = compiled(scope, self.expression)
        if expression is not None and expression.type.name not in self.types:
            required = " or ".join(self.types)
            yield scope.problem(
                "type", f"the expression has type {expression.type}", f"write one of type {required}", "expression"
            )
            expression = None
        yield from self.target_problems(scope, self.unit(expression.type) if expression else None, self.span)

    def unit(self, given: Type) -> Type:
        """The type of the result and of its targets, from that of the expression."""
        return given

    def reduction(self) -> Reduction:
        """The reduction of the cells to one number."""
        raise TypeError(f"expectation '{self.type}' has no reduction")

    def statistic(self, scope: Scope) -> BoundedAggregate:
        expression = scope.expression(self.expression)
        unit = self.unit(expression.type)
        return BoundedAggregate(expression, self.reduction(), self.target(unit), unit)


def present(values: Column) -> Floats:
    """The non-missing cells as float64 in the units of their type, shape (k,)."""
    numbers = values.as_floats()
    return numbers if values.valid is None else numbers[values.valid]

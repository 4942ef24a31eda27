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
    from datagen.scope import Compiled, Scope


@dataclass(frozen=True, slots=True)
class Reduction:
    """How cells become one number: what a part shows, two parts together, and the number (None where there is none)."""

    observe: Callable[[Column], Any]
    merge: Callable[[Any, Any], Any]
    value: Callable[[Any], float | None]


@dataclass(frozen=True, slots=True, eq=False)
class BoundedAggregate:
    """The number that the cells of an expression come to, held against a target."""

    expression: Compiled
    reduction: Reduction
    target: Target
    type: Type

    def observe(self, rows: Rows, show: Show) -> Any:
        return self.reduction.observe(self.expression(rows))

    def merge(self, one: Any, other: Any) -> Any:
        return self.reduction.merge(one, other)

    def judged(self, state: Any) -> Judgement:
        return judged(self.reduction.value(state), self.target, self.type)


def judged(found: float | None, target: Target, type_: Type) -> Judgement:
    """A number held against its target."""
    if found is None:
        return NOTHING
    message = f"{written(found, type_)}, {target.said(type_)}"
    return Judgement(target.met(found), message, found, target.missed(found))


class Aggregate(Expectation, Targeted):
    """An expectation of one number that the cells of an expression come to."""

    types: ClassVar[tuple[str, ...]] = ("int", "float", "decimal", "duration", "timestamp", "date")
    """What the expression may give."""
    span: ClassVar[tuple[float, float | None] | None] = None
    """Between which numbers the result always lies, where that is known."""

    expression: str = Field(description="an SQL expression on a row; columns above are named as `customers.segment`")

    @property
    def what(self) -> str:
        return f"{self.type} of {self.expression}"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from constant(scope, self.expression, "expression")
        expression = compiled(scope, self.expression)
        if expression is not None and expression.type.name not in self.types:
            wanted = " or ".join(self.types)
            yield scope.problem(
                "type", f"the expression gives {expression.type}", f"it must give {wanted}", "expression"
            )
            expression = None
        yield from self.target_problems(scope, self.unit(expression.type) if expression else None, self.span)

    def unit(self, given: Type) -> Type:
        """The type of the result, from that of the expression: what targets are written in."""
        return given

    def reduction(self) -> Reduction:
        """How the cells become one number."""
        raise TypeError(f"expectation '{self.type}' has no reduction")

    def statistic(self, scope: Scope) -> BoundedAggregate:
        expression = scope.expression(self.expression)
        unit = self.unit(expression.type)
        return BoundedAggregate(expression, self.reduction(), self.target(unit), unit)


def present(values: Column) -> Floats:
    """The cells that are not missing as float64 in the units of their type, shape (k,)."""
    numbers = values.as_floats()
    return numbers if values.valid is None else numbers[values.valid]

"""The base class of expectations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from datagen.declarations.expectations import ExpectationDeclaration, Statistic
from datagen.kinds.generators.support.column_lookup import expression_problems
from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Condition = Annotated[
    str, Field(description="an SQL condition on a row; columns above are named as `customers.segment`")
]


class Expectation(Kind, family="expectations"):
    """A check of the finished data; a check that is not met fails the validation."""

    table: str = Field(description="the table whose rows are looked at")
    name: str = Field(default="", max_length=200, description="what reports call it")
    where: str | None = Field(default=None, description="SQL condition; rows where it is not true are not looked at")

    @property
    def what(self) -> str:
        """What is looked at, in words."""
        return self.type

    @property
    def title(self) -> str:
        """Its name, else what it looks at."""
        where = f" where {self.where}" if self.where is not None else ""
        return self.name or f"{self.what}{where}"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with this declaration beyond its shape; `scope` is a place of its table."""
        if self.where is not None:
            yield from expression_problems(scope, self.where, "where", "bool")

    def statistic(self, scope: Scope) -> Statistic:
        """What is worked out from the rows, and how it is judged."""
        raise TypeError(f"expectation '{self.type}' has no statistic")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation looks at."""
        where = scope.expression(self.where) if self.where is not None else None
        yield ExpectationDeclaration(self.table, self.title, self.statistic(scope), where)


def constant(scope: Scope, text: str, key: str) -> Iterator[Problem]:
    """What is wrong with an expression: it cannot be read, or it is the same for every row."""
    found = list(expression_problems(scope, text, key))
    yield from found
    if not found and not scope.expression(text).columns:
        yield scope.problem("no-effect", "it reads no column, so it is the same for every row", "name a column", key)

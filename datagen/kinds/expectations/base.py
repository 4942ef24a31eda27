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
    str, Field(description="an SQL condition on a row; columns of ancestors are written `customers.segment`")
]


class Expectation(Kind, family="expectations"):
    """A check of the finished data. If it fails, the validation fails."""

    table: str = Field(description="the table")
    name: str = Field(default="", max_length=200, description="the name in reports")
    where: str | None = Field(default=None, description="SQL condition; other rows are ignored")

    @property
    def what(self) -> str:
        """The checked quantity as text."""
        return self.type

    @property
    def title(self) -> str:
        """Its name, else the checked quantity."""
        where = f" where {self.where}" if self.where is not None else ""
        return self.name or f"{self.what}{where}"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape; `scope` is a place of its table."""
        if self.where is not None:
            yield from expression_problems(scope, self.where, "where", "bool")

    def statistic(self, scope: Scope) -> Statistic:
        """The statistic of the rows, and its judgement."""
        raise TypeError(f"expectation '{self.type}' has no statistic")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation measures."""
        where = scope.expression(self.where) if self.where is not None else None
        yield ExpectationDeclaration(self.table, self.title, self.statistic(scope), where)


def constant(scope: Scope, text: str, key: str) -> Iterator[Problem]:
    """The problem of an expression that cannot be parsed or is the same for every row."""
    found = list(expression_problems(scope, text, key))
    yield from found
    if not found and not scope.expression(text).columns:
        yield scope.problem("no-effect", "it reads no column, so it is the same for every row", "name a column", key)

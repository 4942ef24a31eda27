"""Nulls, by a share or by cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Bools, Column, Floats, Ints, Rows, Type
from datagen.declarations.constraints import NotNullWhereDeclaration
from datagen.declarations.values import NullRateDeclaration
from datagen.errors import ExpressionError
from datagen.expressions import columns_of
from datagen.kinds.generators.support.column_lookup import domain_of, expression_problems, type_problems
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import parse_cell
from datagen.kinds.generators.support.merge_cases import case_numbers
from datagen.kinds.modifiers.base import Change, Modifier
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

READABLE = ("category", "text", "int", "bool", "decimal", "date")
Share = Annotated[float, Field(ge=0, le=1)]


class Nulls(Modifier):
    """Makes a share of the cells missing: anywhere, only where `when` holds, or by the value of another column."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            channel={"type": "choice", "values": {"web": 7, "shop": 3}},
            age={
                "type": "normal",
                "mean": 40,
                "sd": 12,
                "decimals": 0,
                "modifiers": [{"type": "nulls", "by": "channel", "shares": {"web": 0.02, "shop": 0.4}}],
            },
            note={
                "type": "pattern",
                "pattern": "N-###",
                "modifiers": [{"type": "nulls", "share": 0.9, "when": "channel = 'web'"}],
            },
        ),
    )

    keeps: ClassVar[bool] = True
    synonyms: ClassVar[tuple[str, ...]] = (
        "null", "missing", "nullable", "null_probability", "missingness", "optional", "sparse", "blank",
    )  # fmt: skip
    type: Literal["nulls"] = "nulls"
    share: Share | None = Field(
        default=None, description="share of missing cells; with `by`, for values without a share"
    )
    when: str | None = Field(default=None, description="SQL condition; other cells stay")
    by: str | None = Field(default=None, description="the column that selects the share")
    shares: dict[str, Share] = Field(default={}, description="share for each value of `by`")

    def reads(self) -> frozenset[str]:
        columns = frozenset({self.by} if self.by else ())
        try:
            return columns | columns_of(self.when) if self.when is not None else columns
        except ExpressionError:
            return columns

    def nullable(self, before: bool) -> bool:
        return True

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        if not self.share and not any(self.shares.values()):
            yield scope.problem("no-effect", "no share is above 0", "write the 'share' of missing cells")
        if self.when is not None:
            yield from expression_problems(scope, self.when, "when", "bool")
        if (self.by is None) != (not self.shares):
            key, other = ("by", "shares") if self.shares else ("shares", "by")
            yield scope.problem("missing", f"'{other}' has no effect without '{key}'", f"add '{key}'")
        elif self.by is not None:
            yield from self._by_problems(scope, self.by)

    def _by_problems(self, scope: Scope, by: str) -> Iterator[Problem]:
        unread = list(type_problems(scope, by, READABLE, "by"))
        yield from unread
        type_, domain = scope.type_of(by), domain_of(scope, by)
        if unread or type_ is None:
            return
        possible = None if domain is None else {parse_cell(value, type_) for value in domain}
        for name in self.shares:
            try:
                value = parse_cell(name, type_)
            except ValueError as error:
                yield scope.problem("type", str(error), f"'{by}' is of type {type_}", "shares", name)
                continue
            if possible is not None and value not in possible:
                hint = did_you_mean(name, list(domain or ()))
                yield scope.problem("no-effect", f"'{by}' is never '{name[:60]}'", hint, "shares", name)

    def declarations(self, scope: Scope, type_: Type) -> Iterable[Declaration]:
        generator = scope.table.columns[scope.column or ""]
        alone = sum(modifier.nullable(False) for modifier in generator.modifiers) == 1
        if not alone or generator.nullable(scope):
            return
        due = self._due(scope)
        if due is not None:
            yield NotNullWhereDeclaration(scope.table.name, scope.column, nothing=due, where=f"not {self.when}")
        yield self._missing(scope, due)

    def _due(self, scope: Scope) -> Callable[[Rows], Bools] | None:
        """The rows whose cells may be missing; None for all."""
        if self.when is None:
            return None
        condition = scope.expression(self.when)

        def due(rows: Rows) -> Bools:
            met = condition(rows)
            found: Bools = met.data if met.valid is None else met.data & met.valid
            return found

        return due

    def _missing(self, scope: Scope, due: Callable[[Rows], Bools] | None) -> Declaration:
        shares, other = self._shares(scope), self.share or 0.0
        labels: tuple[str, ...] = ("all",)
        planted: tuple[float, ...] = (other,)
        if self.by is not None:
            labels = (*(f"{self.by} = {name}" for name in self.shares), "others")
            planted = (*self.shares.values(), other)
        return NullRateDeclaration(scope.table.name, scope.column or "", labels, planted, shares.cases, due)

    def bind(self, scope: Scope, type_: Type) -> Change:
        stream, share = scope.stream(), self._shares(scope)
        condition = scope.expression(self.when) if self.when is not None else None

        def change(rows: Rows, values: Column) -> Column:
            missing = stream.uniforms(rows.ids) < share(rows)
            if condition is not None:
                met = condition(rows)
                missing &= met.data if met.valid is None else met.data & met.valid
            return values.where(~missing)

        return change

    def _shares(self, scope: Scope) -> _Shares:
        read = scope.type_of(self.by) if self.by is not None else None
        return _Shares(self, read)


class _Shares:
    """The share of each row."""

    def __init__(self, nulls: Nulls, read: Type | None) -> None:
        self.by, self.other = nulls.by, nulls.share or 0.0
        if read is not None:
            self.number = case_numbers([parse_cell(name, read) for name in nulls.shares], read)
            self.table = np.array([*nulls.shares.values(), self.other])

    def __call__(self, rows: Rows) -> Floats | float:
        return self.other if self.by is None else self.table[self.cases(rows)]

    def cases(self, rows: Rows) -> Ints:
        """The number of each row's case; the last one for other values."""
        if self.by is None:
            return np.zeros(len(rows), np.int64)
        deciding = rows.column(self.by)
        numbers = self.number(deciding).astype(np.int64)
        numbers[numbers < 0] = len(self.table) - 1
        if deciding.valid is not None:
            numbers[~deciding.valid] = len(self.table) - 1
        return numbers

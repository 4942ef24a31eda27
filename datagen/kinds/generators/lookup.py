"""An attribute of the row that a reference points to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.column_lookup import (
    key_start,
    need,
    resolve_column,
    seen_from,
    target_of,
    type_in,
)
from datagen.kinds.generators.support.examples import table_of
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef, StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import DeclaredColumn, Scope


def _example() -> dict[str, Any]:
    document = table_of(
        product_id={"type": "reference", "table": "products"},
        list_price={"type": "lookup", "through": "product_id", "column": "price"},
    )
    price = {"type": "lognormal", "median": 12, "sigma": 0.4, "decimals": 2}
    document["tables"]["products"] = {"rows": 20, "columns": {"product_id": {"type": "key"}, "price": price}}
    return document


class Lookup(Generator):
    """The value of `column` in the row that the key in `through` points to. It is recomputed from the row's address,
    never read.

    A chain of keys is a chain of lookups: the looked-up value may be a key itself, and another lookup goes through it
    (hide the columns between if they are not wanted).
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_example(),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "join",
        "from_reference",
        "copy",
        "lookup_value",
        "related",
    )
    type: Literal["lookup"] = "lookup"
    through: str = Field(description="the column with the keys, of this table or of an ancestor")
    column: str = Field(description="the column of the table that the keys belong to")

    def keys_in(self, context: StaticContext) -> str:
        """The column with the keys of the lookup: a reference's hidden row number, if it has one."""
        found = resolve_column(context, self.through)
        through = None if found is None else found[1].chosen_through
        table, dot, _ = self.through.rpartition(".")
        return self.through if through is None else f"{table}{dot}{through}"

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        target = target_of(scope, self.keys_in(scope))
        needs = frozenset({need(scope, self.keys_in(scope))})
        return needs | {(target, self.column)} if target is not None else needs

    def determines(self, scope: Scope) -> frozenset[ColumnRef]:
        target = scope.tables().get(target_of(scope, self.keys_in(scope)) or "")
        looked_up = target.columns.get(self.column) if target is not None else None
        alone = looked_up is not None and looked_up.identifies and looked_up.intact
        return frozenset({need(scope, self.keys_in(scope))}) if alone else frozenset()

    def result(self, scope: Scope) -> Type | None:
        return type_in(scope, target_of(scope, self.keys_in(scope)), self.column)

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.keys_in(scope)) or scope.nullable(self.column, target_of(scope, self.keys_in(scope)))

    def extent(self, scope: Scope) -> Extent | None:
        target = target_of(scope, self.keys_in(scope))
        return scope.extent(self.column, target) if target is not None else None

    def longest(self, scope: Scope) -> int | None:
        target = target_of(scope, self.keys_in(scope))
        return scope.longest(self.column, target) if target is not None else None

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        found = self.source_column(context)
        return found and found[1].domain(found[0])

    def source_column(self, context: StaticContext) -> tuple[StaticContext, DeclaredColumn] | None:
        there = seen_from(context, target_of(context, self.keys_in(context)) or "")
        return resolve_column(there, self.column) if there is not None else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        problem = scope.column_problem(self.through, "through")
        if problem is not None:
            yield problem
            return
        named = target_of(scope, self.keys_in(scope))
        target = scope.tables().get(named or "")
        if target is None and (named or scope.type_of(self.through) is None):
            return  # reported by its own check
        if target is None:
            yield scope.problem(
                "type", f"'{self.through}' is not a foreign key", "name a column of type 'reference'", "through"
            )
        elif self.column not in target.columns:
            message = f"'{target.name}' has no column '{self.column[:60]}'"
            yield scope.problem("unknown-column", message, did_you_mean(self.column, list(target.columns)), "column")
        elif (target.name, self.column) == (scope.table.name, scope.column):
            yield scope.problem("cycle", f"'{self.column}' looks itself up", "name another column", "column")

    def looked_up(self, scope: Scope) -> ColumnRef | None:
        target = target_of(scope, self.keys_in(scope))
        return (target, self.column) if target is not None else None

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and scope.effect() is None:
            what = f"'{self.column}' of the row that '{self.through}' points to"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        through = self.keys_in(scope)
        target = target_of(scope, through)
        assert target is not None
        if _copies(scope, through):
            return lambda rows: rows.above(target).column(self.column)
        start, values_of = key_start(scope, target), scope.recompute(target, self.column)

        def fill(rows: Rows) -> Column:
            keys = rows.column(through)
            index = keys.data - start
            if keys.valid is None:
                return values_of(index)
            return values_of(np.where(keys.valid, index, 0)).where(keys.valid)

        return fill


def _copies(scope: Scope, through: str) -> bool:
    """Whether the keys are copied from rows of an ancestor that are not numbered by them: these very rows are meant."""
    found = resolve_column(scope, through)
    return found is not None and found[1].copies_identifier(found[0])

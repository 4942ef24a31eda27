"""The key of the row that a row belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import AncestorKeyDeclaration, ParentKeyDeclaration
from datagen.kinds.generators.base import ColumnRef, Fill, Generator
from datagen.kinds.generators.support.column_lookup import StaticContext, key_start
from datagen.kinds.generators.support.examples import shop
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope


class ParentKey(Generator):
    """The key of the parent, or of an ancestor further up if `table` names it. Computed from the row's place, never read."""

    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(items={"customer_id": {"type": "parent_key", "table": "customers"}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "parent_id",
        "parent",
        "parent_ref",
    )
    type: Literal["parent_key"] = "parent_key"
    table: str | None = Field(default=None, description="the ancestor, where it is not the parent")

    def refers_to(self, around: StaticContext) -> str | None:
        return self.table or around.table.parent

    def tells(self, scope: Scope) -> frozenset[ColumnRef]:
        target = self.refers_to(scope) or ""
        above = scope.tables().get(target)
        return frozenset({(target, above.key)}) if above is not None and above.key is not None else frozenset()

    def numbered(self, around: StaticContext) -> bool:
        target = around.tables().get(self.refers_to(around) or "")
        return target is not None and target.parent is not None

    def result(self, scope: Scope) -> Type | None:
        return INT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        tables, ancestors = scope.tables(), _ancestors(scope)
        target = self.refers_to(scope)
        if scope.table.parent is None:
            yield scope.problem(
                "no-parent", f"'{scope.table.name}' has no parent", "name the table's parent, or use 'reference'"
            )
        elif self.table and self.table not in ancestors:
            yield scope.problem(
                "unknown-table",
                f"'{self.table[:60]}' is no ancestor of '{scope.table.name}'",
                did_you_mean(self.table, ancestors),
                "table",
            )
        elif target is not None and target in tables and tables[target].key is None:
            hint = f"give '{target}' one; an 'expression' reads its other columns, a uuid too, as in {target}.name"
            yield scope.problem("primary-key", f"'{target}' has no column of type 'key'", hint)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        target = self.refers_to(scope) or ""
        whole = len(scope.keys) == 4  # $.tables.orders.columns.customer_id, and not one of the cases of a column
        if target == scope.table.parent and whole:
            yield ParentKeyDeclaration(scope.table.name, scope.column, parent=target)
        else:
            key = scope.tables()[target].key or ""
            yield AncestorKeyDeclaration(scope.table.name, scope.column, ancestor=target, key=key)

    def bind(self, scope: Scope) -> Fill:
        target = self.refers_to(scope)
        assert target is not None
        start = key_start(scope, target)

        def fill(rows: Rows) -> Column:
            return Column(INT, rows.above(target).index_from(start))

        return fill


def _ancestors(scope: Scope) -> list[str]:
    """The names of the parent, its parent ..., each once even where they form a circle."""
    tables, name = scope.tables(), scope.table.parent
    found: list[str] = []
    while name is not None and name in tables and name not in found:
        found.append(name)
        name = tables[name].parent
    return found

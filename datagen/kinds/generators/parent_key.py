"""The key of the parent row or of an ancestor row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import AncestorKeyDeclaration, ParentKeyDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import key_start, shown_key
from datagen.kinds.generators.support.examples import shop
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef, Role, StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, Table


class ParentKey(Generator):
    """The key of the parent, or of the ancestor named in `table`. Computed from the row's position, never read."""

    role: ClassVar[Role] = "parent_key"
    computed: ClassVar[bool] = True
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
    table: str | None = Field(default=None, description="the ancestor; the default is the parent")

    key: str | None = Field(default=None, description="the column of that table to copy; the default is its key")

    def copied(self, context: StaticContext) -> str | None:
        """The column that cells copy; None if the ancestor has no key, or a composite one."""
        target = context.tables().get(self.refers_to(context) or "")
        if target is None or self.key is not None:
            return self.key
        return shown_key(target)

    def copies_identifier(self, context: StaticContext) -> bool:
        target = context.tables().get(self.refers_to(context) or "")
        return target is not None and self.copied(context) != target.key

    def _dense(self, context: StaticContext) -> bool:
        """Whether cells are row numbers."""
        target = context.tables().get(self.refers_to(context) or "")
        copied = self.copied(context)
        return target is None or copied is None or copied not in target.columns or target.columns[copied].type == "key"

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        copied = self.copied(scope)
        return (
            frozenset() if copied is None or self._dense(scope) else frozenset({(self.refers_to(scope) or "", copied)})
        )

    def refers_to(self, context: StaticContext) -> str | None:
        return self.table or context.table.parent

    def determines(self, scope: Scope) -> frozenset[ColumnRef]:
        target = self.refers_to(scope) or ""
        copied = self.copied(scope)
        return frozenset({(target, copied)}) if copied is not None and target in scope.tables() else frozenset()

    def depends_on_row_number(self, context: StaticContext) -> bool:
        target = context.tables().get(self.refers_to(context) or "")
        return target is not None and target.parent is not None and self._dense(context)

    def result(self, scope: Scope) -> Type | None:
        return INT if self._dense(scope) else scope.type_of(self.copied(scope) or "", self.refers_to(scope))

    def nullable(self, scope: Scope) -> bool:
        return not self._dense(scope) and scope.nullable(self.copied(scope) or "", self.refers_to(scope))

    def longest(self, scope: Scope) -> int | None:
        return None if self._dense(scope) else scope.longest(self.copied(scope) or "", self.refers_to(scope))

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
                f"'{self.table[:60]}' is not an ancestor of '{scope.table.name}'",
                did_you_mean(self.table, ancestors),
                "table",
            )
        elif target is not None and target in tables:
            yield from self._key_problems(scope, tables[target])

    def _key_problems(self, scope: Scope, target: Table) -> Iterator[Problem]:
        copied = self.copied(scope)
        if self.key is not None and self.key not in target.columns:
            hint = did_you_mean(self.key, list(target.columns))
            yield scope.problem("unknown-column", f"'{target.name}' has no column '{self.key[:60]}'", hint, "key")
        elif copied is None and target.identity:
            message = f"the key of '{target.name}' has {len(target.identity)} columns: {', '.join(target.identity)}"
            yield scope.problem("primary-key", message, "write a 'parent_key' for each of them, and name it with 'key'")
        elif copied is None:
            message = f"'{target.name}' has no column that identifies its rows"
            yield scope.problem("primary-key", message, "give it one of type 'key'")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        target = self.refers_to(scope) or ""
        whole = len(scope.keys) == 4  # $.tables.orders.columns.customer_id, and not one of the cases of a column
        if target == scope.table.parent and whole:
            yield ParentKeyDeclaration(scope.table.name, scope.column, parent=target)
        else:
            key = self.copied(scope) or ""
            yield AncestorKeyDeclaration(scope.table.name, scope.column, ancestor=target, key=key)

    def bind(self, scope: Scope) -> Fill:
        target = self.refers_to(scope)
        assert target is not None
        if not self._dense(scope):
            copied = self.copied(scope)
            return lambda rows: rows.above(target).column(copied or "")
        start = key_start(scope, target)

        def fill(rows: Rows) -> Column:
            return Column(INT, rows.above(target).index_from(start))

        return fill


def _ancestors(scope: Scope) -> list[str]:
    """The names of the ancestors, each once even in a cycle."""
    tables, name = scope.tables(), scope.table.parent
    found: list[str] = []
    while name is not None and name in tables and name not in found:
        found.append(name)
        name = tables[name].parent
    return found

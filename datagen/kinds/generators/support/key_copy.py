"""References to keys of other types: a hidden reference chooses the row, and its key is copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from datagen.declarations.constraints import ForeignKeyDeclaration
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.lookup import Lookup
from datagen.kinds.generators.support.column_lookup import target_of
from datagen.scope import StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope


class KeyCopy(Lookup):
    """The key of the row that the hidden reference in `through` points to; `declared` is the generator
    of the document.
    """

    type: str  # type: ignore[assignment]  # no default: it is no kind that a document names
    declared: Generator

    @property
    def chosen_through(self) -> str:
        return self.through

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.declared.problems(scope)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return None

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            target = target_of(scope, self.through) or ""
            yield ForeignKeyDeclaration(scope.table.name, scope.column, target=target, key=self.column)
        yield from super().declarations(scope)

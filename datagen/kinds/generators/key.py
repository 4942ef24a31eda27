"""The primary key of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import KeyRangeDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.scope import Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


class Key(Generator):
    """Integers without gaps, in row order: `start`, `start` + 1 ..."""

    role: ClassVar[Role] = "key"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "id", "serial", "bigserial", "identity", "autoincrement", "auto_increment", "sequence", "sequential",
        "increment", "row_number", "primary_key", "pk", "counter", "incremental_id", "numerical_id", "sequence_number",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "offset min first": "start",
        "step increment": "keys follow each other; an expression multiplies them",
    }
    type: Literal["key"] = "key"
    start: int = Field(default=1, ge=0, le=10**15, description="the key of the first row")

    @property
    def identifies(self) -> bool:
        return True

    @property
    def first_key(self) -> int:
        return self.start

    def result(self, scope: Scope) -> Type | None:
        return INT

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return context.table.parent is not None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.modifiers:
            yield scope.problem(
                "primary-key", "a modified key does not identify rows", "remove the modifiers", "modifiers"
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        yield UniqueDeclaration(scope.table.name, (scope.column or "",))
        yield KeyRangeDeclaration(scope.table.name, scope.column or "", self.start)

    def bind(self, scope: Scope) -> Fill:
        start = self.start

        def fill(rows: Rows) -> Column:
            return Column(INT, rows.index_from(start))

        return fill

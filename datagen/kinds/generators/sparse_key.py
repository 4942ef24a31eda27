"""Ascending keys with gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.scope import Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


class SparseKey(Generator):
    """Ascending integers with gaps of equal size: of every `of` numbers the first `used`, as sequences leave them that
    reserve numbers in blocks, and as the order keys of TPC-H (8 of 32).
    """

    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(order_key={"type": "sparse_key", "used": 8, "of": 32}),)

    synonyms: ClassVar[tuple[str, ...]] = ("gaps", "key_with_gaps", "sequence_cache", "hi_lo")
    type: Literal["sparse_key"] = "sparse_key"
    used: int = Field(ge=1, le=10**6, description="how many numbers of every block are keys: the first ones")
    of: int = Field(ge=2, le=10**6, description="the numbers of a block")
    start: int = Field(default=1, ge=0, le=10**15, description="the first key")

    @property
    def identifies(self) -> bool:
        return True

    @property
    def most_rows(self) -> int | None:
        return (2**62 - self.start) // self.of * self.used

    def result(self, scope: Scope) -> Type | None:
        return INT

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return context.table.parent is not None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.used >= self.of:
            message = f"{self.used:,} of {self.of:,} numbers leaves no gap"
            yield scope.problem("no-effect", message, "lower 'used', or use 'key'", "used")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))

    def bind(self, scope: Scope) -> Fill:
        used, of, start = self.used, self.of, self.start

        def fill(rows: Rows) -> Column:
            return Column(INT, rows.index // used * of + rows.index % used + start)

        return fill

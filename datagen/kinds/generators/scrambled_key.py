"""Keys without a visible order: a keyed bijection of the row number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import RangeDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import Permutation
from datagen.scope import Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope, StaticContext


class ScrambledKey(Generator):
    """Integers of `digits` digits, each once, in random order: customer numbers that do not reveal the number of
    customers.

    The number of a row is a keyed bijection of its place in the table, so that uniqueness costs no memory.
    """

    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(customer_number={"type": "scrambled_key", "digits": 8}),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "random_key",
        "shuffled_key",
        "random_id",
        "feistel",
        "unique_int",
        "snowflake_id",
    )
    left_out: ClassVar[Mapping[str, str]] = {"unique": "every cell is unique without it"}
    type: Literal["scrambled_key"] = "scrambled_key"
    digits: int = Field(default=10, ge=1, le=18, description="digits of every key; the first is not 0")

    @property
    def _first(self) -> int:
        return int(10 ** (self.digits - 1))

    @property
    def most_rows(self) -> int | None:
        return 9 * self._first

    @property
    def identifies(self) -> bool:
        return True

    def result(self, scope: Scope) -> Type | None:
        return INT

    def extent(self, scope: Scope) -> Extent | None:
        return self._first, 10 * self._first - 1

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return context.table.parent is not None

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            table, column = scope.table.name, scope.column or ""
            low, high = self._first, 10 * self._first - 1
            yield UniqueDeclaration(table, (column,))
            yield RangeDeclaration(table, column, low=low, high=high, range=f"{self.digits} digits")

    def bind(self, scope: Scope) -> Fill:
        order, first = Permutation.of(scope.stream(), 9 * self._first), self._first

        def fill(rows: Rows) -> Column:
            return Column(INT, order(rows.index) + first)

        return fill

"""The number of a row below its parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Ordinal(Generator):
    """1, 2, 3 ... below each parent, in the order of the rows: line numbers, instalments. Together with the parent's
    key it is a key.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (shop(items={"line_number": {"type": "ordinal"}}),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "line_number",
        "position_in_parent",
        "sequence_in_parent",
        "nth",
        "row_number_in_parent",
    )
    type: Literal["ordinal"] = "ordinal"
    start: int = Field(default=1, ge=0, le=10**12, description="the number of the first row of each parent")

    @property
    def unique_per_parent(self) -> bool:
        return True

    def result(self, scope: Scope) -> Type | None:
        return INT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.table.parent is None:
            yield scope.problem("no-parent", f"'{scope.table.name}' has no parent", "use 'key' to number its rows")

    def bind(self, scope: Scope) -> Fill:
        def fill(rows: Rows) -> Column:
            return Column(INT, rows.lineage[-1] + self.start)

        return fill

"""Keys of rows below a parent that do not change when the dataset grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.constraints import UniqueDeclaration
from datagen.errors import ValueFault
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop
from datagen.random.integers import MOST, Permutation
from datagen.scope import ColumnRef, Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope


class ChildKey(Generator):
    """The parent's key followed by the number of the row below it, in `digits` digits: rows 1 and 2 of parent 57 are
    570001 and 570002.

    Unlike keys of type `key` they do not change when earlier parents get more rows: with a longer window, for example.
    With `scrambled` they show no order.
    """

    alone: ClassVar[bool] = False
    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(orders={"order_number": {"type": "child_key", "digits": 4}}),
        shop(orders={"order_number": {"type": "child_key", "scrambled": True}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("stable_key", "hierarchical_key", "parent_ordinal")
    type: Literal["child_key"] = "child_key"
    digits: int = Field(default=6, ge=1, le=12, description="digits of the number below the parent")
    scrambled: bool = Field(default=False, description="show no order")

    @property
    def identifies(self) -> bool:
        return True

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        parent = scope.tables().get(scope.table.parent or "")
        return frozenset({(parent.name, parent.key)} if parent is not None and parent.key is not None else ())

    def result(self, scope: Scope) -> Type | None:
        return INT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        parent = scope.tables().get(scope.table.parent or "")
        if scope.table.parent is None:
            yield scope.problem("no-parent", f"'{scope.table.name}' has no parent", "use 'key' or 'scrambled_key'")
        elif parent is not None and parent.key is None:
            message = f"'{parent.name}' has no column of type 'key'"
            yield scope.problem("primary-key", message, "give it one; it can be hidden")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))

    def bind(self, scope: Scope) -> Fill:
        parent = scope.tables()[scope.table.parent or ""]
        key, room = parent.key or "", 10**self.digits
        order = Permutation.of(scope.stream(), MOST) if self.scrambled else None

        def fill(rows: Rows) -> Column:
            *_, ordinal = rows.lineage
            above = rows.up().column(key).data
            if len(rows) and (int(ordinal.max()) + 1 >= room or int(above.max()) >= MOST // room):
                message = (
                    f"row {int(ordinal.max()) + 1:,} below parent {int(above.max()):,} has no key of {self.digits} "
                    f"digits in 62 bits"
                )
                raise ValueFault(f"{message}; change 'digits'")
            keys = above * room + ordinal + 1
            return Column(INT, keys if order is None else order(keys))

        return fill

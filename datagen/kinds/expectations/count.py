"""The number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from datagen.columnar.block import INT, Rows
from datagen.declarations.expectations import Judgement, Show
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.expectations.support.aggregate import judge
from datagen.kinds.expectations.support.bounds import Target, Targeted
from datagen.kinds.expectations.support.examples import expecting

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


@dataclass(frozen=True, slots=True)
class Rowcount:
    """The number of rows, compared with a target."""

    target: Target

    def observe(self, rows: Rows, show: Show) -> int:
        return len(rows)

    def merge(self, one: int, other: int) -> int:
        return one + other

    def judge(self, state: int) -> Judgement:
        return judge(float(state), self.target, INT)


class Count(Expectation, Targeted):
    """The number of rows, or of rows where a condition is true."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting({"type": "count", "table": "orders", "where": "status = 'refunded'", "at_least": 1}),
    )

    type: Literal["count"] = "count"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from self.target_problems(scope, INT, (0.0, None))

    @property
    def what(self) -> str:
        return f"rows of {self.table}"

    def statistic(self, scope: Scope) -> Rowcount:
        return Rowcount(self.target(INT))

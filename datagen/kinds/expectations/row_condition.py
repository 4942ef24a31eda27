"""A condition that every row meets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Rows
from datagen.declarations.expectations import NOTHING, SHOWN, Judgement, Show
from datagen.kinds.expectations.base import Condition, Expectation, constant
from datagen.kinds.expectations.support.examples import expecting
from datagen.kinds.generators.support.column_lookup import expression_problems

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Compiled, Scope


@dataclass(frozen=True, slots=True)
class Broken:
    """Rows looked at, rows where the condition is false, a few of them."""

    rows: int = 0
    wrong: int = 0
    shown: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EveryRow:
    """Rows where the condition is false; unknown (NULL) is not false."""

    condition: Compiled

    def observe(self, rows: Rows, show: Show) -> Broken:
        met = self.condition(rows)
        wrong = np.flatnonzero(~met.data if met.valid is None else ~met.data & met.valid)
        few = show(rows.take(wrong[:SHOWN]), self.condition.columns) if len(wrong) else ()
        return Broken(len(rows), len(wrong), few)

    def merge(self, one: Broken, other: Broken) -> Broken:
        few = sorted((*one.shown, *other.shown), key=str)[:SHOWN]  # the same rows in whatever order parts come
        return Broken(one.rows + other.rows, one.wrong + other.wrong, tuple(few))

    def judged(self, state: Broken) -> Judgement:
        if not state.rows:
            return NOTHING
        message = f"{state.wrong:,} of {state.rows:,} rows break it"
        share = state.wrong / state.rows
        return Judgement(not state.wrong, message, share, 0.0, state.wrong, share, state.shown)


class Always(Expectation):
    """A condition that no row breaks; as in an SQL CHECK, a row where it is unknown (NULL) does not break it."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {"type": "row_condition", "table": "orders", "condition": "ordered_at >= customers.created_at"},
            {"type": "row_condition", "table": "orders", "condition": "amount > 0", "where": "status = 'paid'"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("always", "check", "assertion")

    type: Literal["row_condition"] = "row_condition"
    condition: Condition

    @property
    def what(self) -> str:
        return self.condition

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from constant(scope, self.condition, "condition")
        yield from (p for p in expression_problems(scope, self.condition, "condition", "bool") if p.code == "type")

    def statistic(self, scope: Scope) -> EveryRow:
        return EveryRow(scope.expression(self.condition))

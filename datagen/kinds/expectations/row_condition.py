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
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import Scope


@dataclass(frozen=True, slots=True)
class ConditionViolations:
    """The number of rows, the number of rows where the condition is false, and a few of these rows."""

    rows: int = 0
    wrong: int = 0
    shown: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ConditionStatistic:
    """Rows where the condition is false; unknown (NULL) is not false."""

    condition: Compiled

    def observe(self, rows: Rows, show: Show) -> ConditionViolations:
        met = self.condition(rows)
        wrong = np.flatnonzero(~met.data if met.valid is None else ~met.data & met.valid)
        few = show(rows.take(wrong[:SHOWN]), self.condition.columns) if len(wrong) else ()
        return ConditionViolations(len(rows), len(wrong), few)

    def merge(self, one: ConditionViolations, other: ConditionViolations) -> ConditionViolations:
        few = sorted((*one.shown, *other.shown), key=str)[:SHOWN]  # the same rows for every order of parts
        return ConditionViolations(one.rows + other.rows, one.wrong + other.wrong, tuple(few))

    def judge(self, state: ConditionViolations) -> Judgement:
        if not state.rows:
            return NOTHING
        message = f"{state.wrong:,} of {state.rows:,} rows violate it"
        share = state.wrong / state.rows
        return Judgement(not state.wrong, message, share, 0.0, state.wrong, share, state.shown)


class RowCondition(Expectation):
    """A condition that no row violates. As in an SQL CHECK, a row where it is unknown (NULL) is no violation."""

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

    def statistic(self, scope: Scope) -> ConditionStatistic:
        return ConditionStatistic(scope.expression(self.condition))

"""A moment some time after another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import DURATION, TIMESTAMP, Bools, Column, Floats, Rows, Type
from datagen.kinds.generators.base import ColumnRef, Fill, Generator, Numeric, bound
from datagen.kinds.generators.constant import Constant
from datagen.kinds.generators.support.column_lookup import expression_needs, expression_problems, need, type_problems
from datagen.kinds.generators.support.distribution_metrics import case_of, delay_fit
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.nested import part_needs, part_nullable, part_problems
from datagen.time_units import DURATION_PATTERN
from datagen.validation.metrics.constraints.derived_columns import Recomputed
from datagen.validation.metrics.constraints.null_rules import MissingWhere
from datagen.validation.metrics.constraints.temporal_order import Before, NotBefore
from datagen.validation.metrics.right_censoring import NotYet

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Compiled, Scope
    from datagen.validation.metrics.base import Metric


def _delay(data: Any) -> Any:
    return {"type": "constant", "value": data, "as": "duration"} if isinstance(data, str) else data


Delay = Annotated[
    Generator,
    BeforeValidator(_delay),
    WithJsonSchema({"anyOf": [{"x-family": "generators"}, {"type": "string", "pattern": DURATION_PATTERN}]}),
]
"""A generator of durations; a bare duration is short for a constant."""


class After(Generator):
    """A timestamp of this table or of an ancestor plus a delay, which is never negative.

    Missing where `when` does not hold, where `column` is missing, and, unless told to `keep`, where the moment lies beyond
    the window's end: then it has not happened yet.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "status": {"type": "choice", "values": {"paid": 9, "cancelled": 1}},
                "paid_at": {
                    "type": "after",
                    "column": "ordered_at",
                    "delay": {"type": "lognormal", "median": "2h", "sigma": 1},
                    "when": "status <> 'cancelled'",
                },
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "later",
        "date_after",
        "delay",
        "offset",
        "end_date",
        "date_offset",
    )
    type: Literal["after"] = "after"
    column: str = Field(description="the timestamp that it comes after")
    delay: Delay = Field(description="a duration, or a generator of durations")
    when: str | None = Field(default=None, description="SQL condition; missing where it is false or unknown")
    after_window: Literal["null", "keep"] = Field(
        default="null", description="moments beyond the window's end: missing, or kept"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        needs = frozenset({need(scope, self.column)}) | part_needs(self.delay, scope.at("delay"))
        return needs | (expression_needs(scope, self.when) if self.when else frozenset())

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        open_ended = self.after_window == "null" and scope.window is not None
        missing = self.when is not None or open_ended or scope.nullable(self.column)
        return missing or part_nullable(self.delay, scope.at("delay"))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.column, ("timestamp",), "column")
        yield from part_problems(self.delay, scope.at("delay"))
        type_ = self.delay.result(scope.at("delay"))
        if type_ is not None and type_.name != "duration":
            yield scope.problem(
                "type", f"the delay is of type {type_}", "write its amounts with units, such as '2h'", "delay"
            )
        if self.when is not None:
            yield from expression_problems(scope, self.when, "when", "bool")

    def measures(self, scope: Scope) -> Iterable[Metric]:
        if not self.intact:
            return
        table, column, start, end = scope.table.name, scope.column, self.column, self._end(scope)
        yield NotBefore(table, column, bound=lambda rows: rows.column(start), what=f"'{start}'")
        if end is not None:
            yield Before(table, column, bound=lambda rows: np.full(len(rows), end, np.int64), what="the window's end")
        condition = scope.expression(self.when) if self.when is not None else None
        if condition is not None:
            unmet = lambda rows: ~_met(condition, rows)  # noqa: E731 - one line says it
            yield MissingWhere(table, column, nothing=unmet, where=f"not {self.when}")
        if isinstance(self.delay, Numeric) and self.delay.intact:
            yield from self._delays(scope, self.delay, end)
        elif isinstance(self.delay, Constant) and not self.delay.modifiers:
            what = f"'{start}' and {self.delay.value}"
            yield Recomputed(table, column or "", fill=self.bind(scope), what=what, may_miss=bool(self.modifiers))

    def _delays(self, scope: Scope, delay: Numeric, end: int | None) -> Iterator[Metric]:
        """What is held against the law of the delay; delays beyond the window's end are not seen."""
        law = case_of(delay, scope.at("delay"))
        case = replace(law, low=max(law.low or 0.0, 0.0))
        column, start = scope.column or "", self.column
        condition = scope.expression(self.when) if self.when is not None else None

        def waited(rows: Rows) -> Column:
            begin, cells = rows.column(start), rows.column(column)
            return Column(DURATION, cells.data - begin.data, both([begin.valid, cells.valid]))

        def left(rows: Rows) -> Floats:
            assert end is not None
            found: Floats = (end - rows.column(start).data).astype(np.float64)
            return found

        def due(rows: Rows) -> Bools:
            found = both([rows.column(start).valid, holds(condition, rows)])
            return np.ones(len(rows), np.bool_) if found is None else found

        yield delay_fit(scope, case, waited, None if end is None else left)
        if end is not None and not self.modifiers and not delay.modifiers:
            yield NotYet(scope.table.name, column, case, left, due, scope.planted())

    def _end(self, scope: Scope) -> int | None:
        return scope.window.end if scope.window is not None and self.after_window == "null" else None

    def bind(self, scope: Scope) -> Fill:
        delay, column = bound(self.delay, scope.at("delay")), self.column
        condition = scope.expression(self.when) if self.when is not None else None
        end = self._end(scope)

        def fill(rows: Rows) -> Column:
            start, wait = rows.column(column), delay(rows)
            moment = start.data + np.maximum(wait.data, 0)
            masks = [start.valid, wait.valid, None if end is None else moment < end, holds(condition, rows)]
            return Column(TIMESTAMP, moment, both(masks))

        return fill


def holds(condition: Compiled | None, rows: Rows) -> Bools | None:
    """Where the condition is true, bool, shape (n,); None where there is no condition."""
    if condition is None:
        return None
    values = condition(rows)
    met: Bools = values.data if values.valid is None else values.data & values.valid
    return met


def _met(condition: Compiled, rows: Rows) -> Bools:
    met = holds(condition, rows)
    assert met is not None
    return met


def both(masks: list[Bools | None]) -> Bools | None:
    """All of the masks at once; None where everything holds."""
    given = [mask for mask in masks if mask is not None]
    if not given:
        return None
    valid = np.logical_and.reduce(given)
    return None if valid.all() else valid

"""A time after another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from datagen.columnar.block import DURATION, TIMESTAMP, Bools, Column, Floats, Rows, Type
from datagen.declarations.constraints import (
    BeforeDeclaration,
    DerivedColumnDeclaration,
    NotBeforeDeclaration,
    NullWhereDeclaration,
)
from datagen.declarations.values import CensoringDeclaration, OpenEnd
from datagen.expressions.extents import Extent
from datagen.kinds.generators.base import Fill, Generator, Numeric
from datagen.kinds.generators.constant import Constant
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.generators.support.column_lookup import expression_needs, expression_problems, need, type_problems
from datagen.kinds.generators.support.distribution_declarations import case_of, delay_fit
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.nested_parts import part_needs, part_nullable, part_problems
from datagen.kinds.generators.support.numeric_range import RARE
from datagen.scope import ColumnRef
from datagen.time_units import DURATION_PATTERN, FIRST_INSTANT, LAST_INSTANT

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import Scope, StaticContext


def _delay(data: Any) -> Any:
    if isinstance(data, int | float) and not isinstance(data, bool):
        raise PydanticCustomError("type", "needs a duration with its unit, such as '2h', or a generator of durations")
    return {"type": "constant", "value": data, "as": "duration"} if isinstance(data, str) else data


Delay = Annotated[
    Generator,
    BeforeValidator(_delay),
    WithJsonSchema({"anyOf": [{"x-family": "generators"}, {"type": "string", "pattern": DURATION_PATTERN}]}),
]
"""A generator of durations; a bare duration is short for a constant."""


_LONGEST = LAST_INSTANT - FIRST_INSTANT + 1
"""No instant of the calendar is this much later than another one."""
_SPARE = 16
"""The largest factor on delays for which an instant after the year 9999 is reported in advance."""


class After(Generator):
    """A timestamp of this table or of an ancestor plus a delay, which is never negative.

    Missing where `when` is not true and where `column` is missing. Unless `after_window` is `keep`, also missing where
    the result is beyond the window's end, because it has not happened yet.
    """

    computed: ClassVar[bool] = True
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
    column: str = Field(description="the earlier timestamp")
    delay: Delay = Field(description="a duration, or a generator of durations")
    when: str | None = Field(default=None, description="SQL condition; missing where it is false or unknown")
    after_window: Literal["null", "keep"] = Field(
        default="null", description="times beyond the window's end: missing, or kept"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        needs = frozenset({need(scope, self.column)}) | part_needs(self.delay, scope.at("delay"))
        return needs | (expression_needs(scope, self.when) if self.when else frozenset())

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        open_ended = self.after_window == "null" and scope.window is not None
        missing = self.when is not None or open_ended or scope.nullable(self.column) or not self._dated(scope)
        return missing or part_nullable(self.delay, scope.at("delay"))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.column, ("timestamp",), "column")
        yield from part_problems(self.delay, scope.at("delay"))
        type_ = self.delay.result(scope.at("delay"))
        if type_ is not None and type_.name != "duration":
            hint = "write amounts with units, such as '2h'; in an expression, INTERVAL 1 SECOND * a number"
            if type_.name == "category" and hasattr(self.delay, "as_"):
                hint = 'write "as": "duration" beside its values, for texts such as \'365d\''
            yield scope.problem("type", f"the delay is of type {type_}", hint, "delay")
        elif type_ is not None and self._first(scope) > LAST_INSTANT:
            message = f"every time this much later than '{self.column}' is after the year 9999"
            yield scope.problem("range", message, "write a shorter delay", "delay")
        if self.when is not None:
            yield from expression_problems(scope, self.when, "when", "bool")

    def _first(self, scope: Scope) -> float:
        """The earliest possible time, as far as the document says."""
        start, wait = scope.extent(self.column), self._wait(scope)
        return (FIRST_INSTANT if start is None else start[0]) + max(0 if wait is None else wait[0], 0)

    def _wait(self, scope: Scope) -> Extent | None:
        try:
            return self.delay.extent(scope.at("delay"))
        except ValueError:
            return None  # the delay has problems of its own

    def _longest(self, scope: Scope) -> float | None:
        """The longest delay, microseconds, or one that is practically never exceeded."""
        wait = self._wait(scope)
        if wait is None and isinstance(self.delay, Numeric) and self.delay.timed:
            return _SPARE * self.delay.size(RARE)
        return None if wait is None else max(wait[1], 0)

    def _dated(self, scope: Scope) -> bool:
        """Whether every time is known to be within the calendar."""
        start, longest = scope.extent(self.column), self._longest(scope)
        return start is not None and longest is not None and start[1] + longest <= LAST_INSTANT

    def extent(self, scope: Scope) -> Extent | None:
        start, longest = scope.extent(self.column), self._longest(scope)
        latest = LAST_INSTANT if start is None or longest is None else min(start[1] + longest, LAST_INSTANT)
        end = self._end(scope)
        return min(self._first(scope), LAST_INSTANT), latest if end is None else min(latest, end)

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        path = self.delay.inversion(scope)
        return ("delay", *path) if isinstance(path, tuple) else path

    @property
    def missing_by_rule(self) -> bool:
        return not self.modifiers

    def open_end(self, scope: Scope) -> OpenEnd | None:
        if self.after_window != "null" or scope.window is None:
            return None
        condition = scope.expression(self.when) if self.when else None
        return OpenEnd(self.column, scope.window.end, partial(holds, condition))

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        table, column, start, end = scope.table.name, scope.column, self.column, self._end(scope)
        yield NotBeforeDeclaration(table, column, bound=lambda rows: rows.column(start), what=f"'{start}'")
        if end is not None:
            yield BeforeDeclaration(
                table, column, bound=lambda rows: np.full(len(rows), end, np.int64), what="the window's end"
            )
        condition = scope.expression(self.when) if self.when is not None else None
        if condition is not None:
            unmet = lambda rows: ~_met(condition, rows)  # noqa: E731 - one line says it
            yield NullWhereDeclaration(table, column, nothing=unmet, where=f"not {self.when}")
        if isinstance(self.delay, Numeric) and self.delay.intact:
            yield from self._delays(scope, self.delay, end)
        elif isinstance(self.delay, Constant) and not self.delay.modifiers:
            what = f"'{start}' and {self.delay.value}"
            yield DerivedColumnDeclaration(
                table, column or "", fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def _delays(self, scope: Scope, delay: Numeric, end: int | None) -> Iterator[Declaration]:
        """The declaration of the distribution of the delay. Delays beyond the window's end are not observed."""
        distribution = case_of(delay, scope.at("delay"))
        case = replace(distribution, low=max(distribution.low or 0.0, 0.0))
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
            yield CensoringDeclaration(scope.table.name, column, case, left, due, scope.planted())

    def _end(self, scope: Scope) -> int | None:
        return scope.window.end if scope.window is not None and self.after_window == "null" else None

    def bind(self, scope: Scope) -> Fill:
        delay, column = bind_generator(self.delay, scope.at("delay")), self.column
        condition = scope.expression(self.when) if self.when is not None else None
        end = self._end(scope)

        def fill(rows: Rows) -> Column:
            start, wait = rows.column(column), delay(rows)
            moment = start.data + np.clip(wait.data, 0, _LONGEST)
            late = moment > LAST_INSTANT
            dated = ~late if late.any() else None
            if dated is not None:
                moment = np.where(dated, moment, 0)
            in_time = None if end is None else moment < end
            masks = [start.valid, wait.valid, dated, in_time, holds(condition, rows)]
            return Column(TIMESTAMP, moment, both(masks))

        return fill


def holds(condition: Compiled | None, rows: Rows) -> Bools | None:
    """Where the condition is true, bool, shape (n,); None if there is no condition."""
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
    """The conjunction of the masks; None if there are none."""
    given = [mask for mask in masks if mask is not None]
    if not given:
        return None
    valid = np.logical_and.reduce(given)
    return None if valid.all() else valid

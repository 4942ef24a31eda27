"""Working days after a moment: settlement dates, due dates, deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import DATE, Column, Ints, Rows, Type
from datagen.errors import ValueFault
from datagen.kinds.behaviors.support.holiday_calendar import public_holidays, unknown_country
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.opening_hours import WEEKDAYS
from datagen.scope import ColumnRef
from datagen.time_units import DAY, LAST_INSTANT

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_AROUND = 30 * 366
"""Days on either side of the window that the calendar covers, where the column does not say which it needs."""


class WorkingDay(Generator):
    """The working day that is `days` working days after the day of a column: T+2. With 0 days it is the day itself, or
    the next working day.

    Weekends and the public holidays of a country are no working days; the holidays are looked up when the plan is made.
    """

    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(orders={"ships_on": {"type": "working_day", "column": "ordered_at", "days": 2, "country": "DE"}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "business_day",
        "workday",
        "settlement_date",
        "bank_day",
        "next_business_day",
    )
    type: Literal["working_day"] = "working_day"
    column: str = Field(description="a timestamp (in UTC) or a date")
    days: int = Field(default=1, ge=0, le=1000, description="how many working days later")
    country: str | None = Field(default=None, description="the country whose public holidays are free; by default none")
    weekend: tuple[Weekday, ...] = Field(
        default=("sat", "sun"), max_length=6, description="the days of the week that are free"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.column)})

    def result(self, scope: Scope) -> Type | None:
        return DATE

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.column)

    def may_fail(self, scope: Scope) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.column, ("timestamp", "date"), "column")
        yield from unknown_country(scope, self.country)
        known, step = scope.extent(self.column), 1 if scope.type_of(self.column) == DATE else DAY
        if known is not None and known[1] // step + self._reach > LAST_INSTANT // DAY:
            message = f"working days after '{self.column}' can be after the year 9999"
            yield scope.problem("range", message, "choose earlier times, or fewer days", "days")

    @property
    def _reach(self) -> int:
        """The most days that the working day is later, holidays included."""
        return 3 * self.days + 30

    def _span(self, scope: Scope) -> Extent:
        """The days that the column can have, as far as that is known."""
        type_, known = scope.type_of(self.column), scope.extent(self.column)
        step = 1 if type_ == DATE else DAY
        if known is not None and known[1] - known[0] <= 2 * _AROUND * step:
            return known[0] // step, known[1] // step
        start, end = (scope.window.start // DAY, scope.window.end // DAY) if scope.window else (0, _AROUND)
        return start - _AROUND, end + _AROUND

    def bind(self, scope: Scope) -> Fill:
        low, high = map(int, self._span(scope))
        high += self._reach
        free = public_holidays(scope, self.country, low, high)
        days = np.arange(low, high + 1, dtype=np.int64)
        weekend = [WEEKDAYS.index(day) for day in self.weekend]
        working = days[~np.isin(days % 7, weekend) & ~np.isin(days, free)]
        step = 1 if scope.type_of(self.column) == DATE else DAY

        def fill(rows: Rows) -> Column:
            cells = rows.column(self.column)
            days = cells.data // step
            days = days if cells.valid is None else np.where(cells.valid, days, low)
            if len(days) and not (low <= int(days.min()) and int(days.max()) <= working[-1] - 3 * self.days - 15):
                raise ValueFault(f"'{self.column}' has days beyond the calendar; it covers 30 years around the window")
            return Column(DATE, self._later(working, days), cells.valid)

        return fill

    def _later(self, working: Ints, days: Ints) -> Ints:
        """The working day that many after each day."""
        first = np.searchsorted(working, days, side="left")
        rest = working[first] != days
        return working[first + (self.days - rest if self.days else 0)]

"""Moments within opening hours: when a request is taken up, and when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TIMESTAMP, Column, Ints, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.errors import ValueFault
from datagen.kinds.behaviors.support.holiday_calendar import unknown_country
from datagen.kinds.behaviors.support.local_time import UTC, unknown_zone
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.opening_hours import (
    Hours,
    OpeningHours,
    hours_problems,
    hours_with_holidays,
    known,
)
from datagen.scope import ColumnRef
from datagen.time_units import Duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_BEYOND = 53
"""Weeks after the window for which hours are known."""
_BEYOND_HOURS = "a moment is more than a year after the window, where opening hours are not known"


class BusinessHours(Generator):
    """The first moment within opening hours at or after the time of a column, once `work` of open time has passed.

    A ticket that comes on Friday evening is taken up on Monday morning; with 8 hours of work it is due on Monday
    evening. On public holidays of the country it is closed. Missing where the column is.
    """

    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "packed_at": {
                    "type": "business_hours",
                    "column": "ordered_at",
                    "hours": {"mon-fri": "08:00-17:00", "sat": "09:00-12:00"},
                    "time_zone": "Europe/Berlin",
                    "country": "DE",
                    "work": "4h",
                }
            }
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("working_hours", "office_hours", "opening_hours", "sla", "due_at")
    type: Literal["business_hours"] = "business_hours"
    column: str = Field(description="a timestamp, in UTC")
    hours: Hours = Field(
        description='opening hours in local time by days of the week, such as {"mon-fri": "08:00-17:00"}'
    )
    time_zone: str = Field(default=UTC, description="the IANA time zone of the opening hours")
    country: str | None = Field(default=None, description="the country on whose public holidays it is closed")
    work: Duration = Field(default=0, ge=0, description="how much open time passes until the moment")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.column)})

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.column)

    def may_fail(self, scope: Scope) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.column, ("timestamp",), "column")
        yield from hours_problems(scope, self.hours)
        yield from unknown_zone(scope, self.time_zone, "time_zone")
        yield from unknown_country(scope, self.country)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and scope.window is not None:
            what = f"the moment within opening hours after '{self.column}'"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        clock = WorkClock.of(self._open(scope))

        def fill(rows: Rows) -> Column:
            cells = rows.column(self.column)
            times = cells.data if cells.valid is None else np.where(cells.valid, cells.data, clock.hours.first)
            known(clock.hours, times)
            return Column(TIMESTAMP, clock.after(times, self.work), cells.valid)

        return fill

    def _open(self, scope: Scope) -> OpeningHours:
        """The opening hours without those that begin on a holiday."""
        return hours_with_holidays(scope, self.hours, self.time_zone, self.country, beyond=_BEYOND)


@dataclass(frozen=True, slots=True, eq=False)
class WorkClock:
    """A clock that runs while it is open: `passed` is the open time up to the end of each interval, microseconds."""

    hours: OpeningHours
    passed: Ints

    @classmethod
    def of(cls, hours: OpeningHours) -> WorkClock:
        return cls(hours, np.cumsum(hours.closes - hours.opens))

    def after(self, times: Ints, work: int) -> Ints:
        """The moments when `work` of open time has passed since each time, shape (n,). Raises ValueFault beyond."""
        hours = self.hours
        begun = hours.next_open(times)
        if len(begun) and int(begun.max()) >= int(hours.closes[-1]):
            raise ValueFault(_BEYOND_HOURS)
        if not work:
            return begun
        place = np.searchsorted(hours.closes, begun, side="right")
        due = self.passed[place] - (hours.closes[place] - begun) + work
        if len(due) and int(due.max()) > int(self.passed[-1]):
            raise ValueFault(_BEYOND_HOURS)
        end = np.searchsorted(self.passed, due, side="left")
        found: Ints = hours.closes[end] - (self.passed[end] - due)
        return found

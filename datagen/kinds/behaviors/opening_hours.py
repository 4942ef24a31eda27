"""A rate that is there within opening hours only: of a shop, an office, a country's working days."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.factor_categories import Group, levels
from datagen.kinds.behaviors.support.holiday_calendar import unknown_country
from datagen.kinds.behaviors.support.local_time import UTC, unknown_zone
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior
from datagen.kinds.behaviors.support.value_codes import ValueCodes
from datagen.kinds.generators.support.column_lookup import domain_of, need
from datagen.kinds.generators.support.opening_hours import Hours, hours_problems, hours_with_holidays, weekly
from datagen.point_process.effects import Calendar, Effect, Entity
from datagen.point_process.factors import AnyFactor
from datagen.point_process.grid import Grid
from datagen.registry import Strict
from datagen.time_units import HOUR, WEEK

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

MOST_GROUPS = 256


class ColumnOfNames(Strict):
    """A time zone or country per entity."""

    column: str = Field(description="a column of the entity, or of a table above as `table.column`")


class WithinHours(TimeBehavior):
    """A multiplier that is the same within opening hours and `outside` (0) without, on public holidays as well.

    Its mean over a week without holidays is 1, so holidays make a year poorer. Hours are local times of `time_zone`;
    the country says on which days it is closed. Both can be columns of the entity. Hours that go past midnight belong
    to the day on which they begin.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        orders_with(
            {
                "type": "opening_hours",
                "hours": {"mon-fri": "08:30-18:00", "sat": "09:00-13:00"},
                "time_zone": {"column": "customers.time_zone"},
                "country": "US",
            }
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "business_hours", "working_hours", "office_hours", "working_days", "business_days", "open",
    )  # fmt: skip
    type: Literal["opening_hours"] = "opening_hours"
    hours: Hours = Field(
        description='local times by days of the week, such as {"mon-fri": "08:30-18:00"}',
        examples=[{"mon-fri": "08:30-18:00", "sat": ["09:00-12:00", "13:00-15:00"]}],
    )
    time_zone: str | ColumnOfNames = Field(default=UTC, description="an IANA name, or the column that holds it")
    country: str | ColumnOfNames | None = Field(
        default=None, description="the country whose public holidays are closed, or the column that holds its code"
    )
    outside: float = Field(default=0.0, ge=0, lt=1, description="the rate outside, as a part of that within")

    @property
    def _open_share(self) -> float:
        return sum(end - begin for begin, end in weekly(self.hours)) / WEEK

    def _columns(self) -> dict[str, str]:
        named = {"time_zone": self.time_zone, "country": self.country}
        return {key: one.column for key, one in named.items() if isinstance(one, ColumnOfNames)}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns().values())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        unread = list(hours_problems(scope, self.hours))
        yield from unread
        if not unread and self.country is None and self._open_share == 1:
            yield scope.problem("no-effect", "it is always open", "leave it out, or name a 'country'", "hours")
        for key, column in self._columns().items():
            problems = list(self.unreadable(scope, column, key, "column"))
            yield from problems
            if not problems and domain_of(scope, column) is None and scope.type_of(column) is not None:
                message = f"the values of '{column[:60]}' are not known in advance"
                yield scope.problem("invalid-value", message, "make it a choice", key, "column")
        for zone in self._zones(scope):
            yield from unknown_zone(scope, zone, "time_zone")
        for country in self._countries(scope):
            yield from unknown_country(scope, country)
        if (groups := len(self._zones(scope)) * len(self._countries(scope))) > MOST_GROUPS:
            message = f"makes {groups:,} different calendars; at most {MOST_GROUPS} are supported"
            yield scope.problem("range", message, "use fewer time zones or countries", "time_zone")

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        if not self._columns():
            yield from super().cancels(scope, target)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return (Calendar(self._level(scope), self._group(scope)),)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        return levels(scope, "opening hours", self._level(scope), self._group(scope))

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        """The ends of opening hours that are not on whole hours of UTC."""
        edges = np.concatenate([np.concatenate(self._open(scope, *one)) for one in self._calendars(scope)])
        first, last = grid.start * HOUR, (grid.start + grid.hours) * HOUR
        return np.unique(edges[(edges % HOUR != 0) & (first < edges) & (edges < last)])

    def _zones(self, scope: Scope) -> tuple[str, ...]:
        """All time zones. The first is that of entities whose zone is missing."""
        return _names(scope, self.time_zone, UTC)

    def _countries(self, scope: Scope) -> tuple[str | None, ...]:
        """All countries; None has no holidays and is that of entities whose country is missing."""
        return (None,) if self.country is None else _names(scope, self.country, None)

    def _calendars(self, scope: Scope) -> list[tuple[str, str | None]]:
        return [*product(self._zones(scope), self._countries(scope))]

    def _open(self, scope: Scope, zone: str, country: str | None) -> tuple[Ints, Ints]:
        hours = hours_with_holidays(scope, self.hours, zone, country)
        return hours.opens, hours.closes

    def _level(self, scope: Scope) -> Floats:
        """The multiplier of each cell for each time zone and country, float64 (groups, cells)."""
        within = 1.0 / (self._open_share + self.outside * (1.0 - self._open_share))
        edges = scope.grid().edges
        middles = edges[:-1] + (edges[1:] - edges[:-1]) // 2
        found = np.empty((len(self._calendars(scope)), len(middles)))
        for row, calendar in zip(found, self._calendars(scope), strict=True):
            opens, closes = self._open(scope, *calendar)
            place = np.searchsorted(opens, middles, side="right") - 1
            row[:] = np.where((place >= 0) & (middles < closes[np.maximum(place, 0)]), within, within * self.outside)
        return found

    def _group(self, scope: Scope) -> Group:
        columns, zones, countries = self._columns(), self._zones(scope), self._countries(scope)
        if len(zones) * len(countries) == 1:
            return None
        named = {"time_zone": ValueCodes(zones), "country": ValueCodes(tuple(name or "" for name in countries))}

        def group(entity: Entity) -> Ints:
            codes = {key: np.maximum(named[key].codes(entity.column(name)), 0) for key, name in columns.items()}
            none = np.zeros(len(entity), np.int64)
            found: Ints = codes.get("time_zone", none) * len(countries) + codes.get("country", none)
            return found

        return group


def _names(scope: Scope, named: str | ColumnOfNames, missing: Any) -> tuple[Any, ...]:
    """The names that entities can have; where the column can be missing, the first is that of a missing one."""
    if not isinstance(named, ColumnOfNames):
        return (named,)
    known = domain_of(scope, named.column) or ()
    return tuple(dict.fromkeys((missing, *known) if scope.nullable(named.column) or not known else known))

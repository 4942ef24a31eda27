"""Seasonality: month, weekday, hour, Fourier cycles, holidays and paydays, by group and in local time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Bools, Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.factor_categories import Group, levels, seen
from datagen.kinds.behaviors.support.fourier import FourierTerm, mean_waves, wave_cuts, waves
from datagen.kinds.behaviors.support.holiday_effects import HolidaysField, Paydays
from datagen.kinds.behaviors.support.local_time import UTC, LocalTime, local_time, unknown_zone, zone_cuts
from datagen.kinds.behaviors.support.seasonal_indices import (
    HOURS,
    MONTH_DAYS,
    MONTHS,
    WEEKDAYS,
    SeasonalIndices,
    index,
    month_of,
)
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior
from datagen.kinds.behaviors.support.value_codes import ValueCodes, impossible
from datagen.kinds.generators.support.column_lookup import domain_of, need
from datagen.point_process.effects import Calendar, Effect, Entity
from datagen.point_process.factors import AnyFactor, Timed
from datagen.point_process.grid import Grid
from datagen.registry import Strict

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

MOST_GROUPS = 256
INDICES = ("month", "weekday", "hour")
_PARTS = (*INDICES, "fourier", "holidays", "paydays")


class SeasonsBy(Strict):
    """Other indices for some entities. Indices that a case omits are the general ones."""

    column: str = Field(
        description="a category, int or bool column of the entity, or of a table above as `table.column`"
    )
    cases: Annotated[dict[str, SeasonalIndices], Field(min_length=1, max_length=MOST_GROUPS - 1)] = Field(
        description="the indices of each value of the column", examples=[{"gifts": {"month": {"dec": 3}}}]
    )


class ZoneColumn(Strict):
    """A time zone per entity."""

    column: str = Field(description="a column of IANA names of the entity, or of a table above as `table.column`")


class Seasonality(TimeBehavior, SeasonalIndices):
    """A multiplier by the calendar: the product of month, weekday and hour indices, Fourier cycles, holidays and
    paydays.

    Indices and cycles have mean 1 over their cycle. A weight of 0 means no events. Values follow Fourier cycles at each
    instant; rates follow them in at least 48 steps per wave, each with the mean. Holidays and paydays are deviations:
    other days keep their values. Time is UTC without a `time_zone`; with one, months, days and hours are local.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        orders_with(
            {
                "type": "seasonality",
                "month": {"nov": 1.3, "dec": 1.6},
                "weekday": {"sat": 1.4, "sun": 1.3},
                "hour": "retail",
                "holidays": {"country": "US", "named": {"Black Friday": {"multiply": 3, "days_after": 3}}},
                "paydays": {"days": [15, "last"], "multiply": 1.2, "spread_days": 2},
            }
        ),
        orders_with(
            {
                "type": "seasonality",
                "hour": "evening",
                "time_zone": {"column": "customers.time_zone"},
                "by": {
                    "column": "customers.segment",
                    "cases": {"vip": {"hour": "office", "weekday": {"sat": 0.5, "sun": 0.4}}},
                },
            },
            {"type": "seasonality", "of": "amount", "fourier": [{"period": "year", "amplitude": 0.2, "peak": "340d"}]},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "seasonal",
        "season",
        "calendar",
        "weekly",
        "daily",
        "day_of_week",
    )
    type: Literal["seasonality"] = "seasonality"
    fourier: tuple[FourierTerm, ...] = Field(default=(), max_length=50, description="Fourier cycles, added to 1")
    holidays: HolidaysField | None = Field(default=None, description="a country code, or the effects of holidays")
    paydays: Paydays | None = Field(default=None, description="effects of paydays")
    by: SeasonsBy | None = Field(default=None, description="other indices for some entities")
    time_zone: str | ZoneColumn | None = Field(
        default=None, description="an IANA name such as Europe/Oslo, or the column that holds it"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        columns = [part.column for part in (self.by, self.time_zone) if isinstance(part, SeasonsBy | ZoneColumn)]
        return frozenset(need(scope, column) for column in columns)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.by is None and not any(getattr(self, part) for part in _PARTS):
            message = "declares no season"
            yield scope.problem("no-effect", message, f"write one of {', '.join(_PARTS)}")
        yield from self._flat_problems(scope)
        yield from self._wave_problems(scope)
        if self.holidays is not None:
            yield from self.holidays.problems(scope.at("holidays"))
        if self.paydays is not None and self.paydays.multiply == 1:
            message = "a multiplier of 1 changes nothing"
            yield scope.problem("no-effect", message, "leave paydays out, or write another", "paydays", "multiply")
        yield from self._case_problems(scope)
        yield from self._zone_problems(scope)

    def _flat_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of indices whose weights are all equal. For months or weekdays that are all 1, a general rule
        reports it.
        """
        for name in INDICES if self.by is None else ():
            weights = getattr(self, name)
            if weights and len(set(weights)) == 1 and (weights[0] != 1 or name == "hour"):
                yield scope.problem(
                    "no-effect", "all weights are equal", "leave it out, or use different weights", name
                )

    def _wave_problems(self, scope: Scope) -> Iterator[Problem]:
        depth = 0.0
        for i, term in enumerate(self.fourier):
            yield from term.problems(scope.at("fourier", i))
            depth += term.amplitude
        if depth > 1.0 + 1e-9:
            message = f"the amplitudes add up to {depth:g}, so the multiplier would be negative"
            yield scope.problem("range", message, "make their sum at most 1", "fourier")

    def _case_problems(self, scope: Scope) -> Iterator[Problem]:
        if self.by is None:
            return
        problems = list(self.unreadable(scope, self.by.column, "by", "column"))
        yield from problems or impossible(scope, self.by.column, self.by.cases, "by", "cases")
        for name, case in self.by.cases.items():
            if all(getattr(case, part) in (None, getattr(self, part)) for part in INDICES):
                message = f"'{name[:60]}' has the same seasons as the others"
                yield scope.problem("no-effect", message, "leave it out, or use different indices", "by", "cases", name)

    def _zone_problems(self, scope: Scope) -> Iterator[Problem]:
        if isinstance(self.time_zone, str):
            yield from unknown_zone(scope, self.time_zone, "time_zone")
        if not isinstance(self.time_zone, ZoneColumn):
            return
        column = self.time_zone.column
        problems = list(self.unreadable(scope, column, "time_zone", "column"))
        yield from problems
        zones = domain_of(scope, column) if not problems else ()
        if zones is None and scope.type_of(column) is None:
            return  # reported by its own check
        if zones is None:
            message = f"the time zones of '{column[:60]}' are not known"
            yield scope.problem("invalid-value", message, "make it a choice of IANA names", "time_zone", "column")
            return
        for zone in zones:
            yield from unknown_zone(scope, zone, "time_zone", "column")
        groups = (len(zones) + 1) * (1 + (len(self.by.cases) if self.by else 0))
        if groups > MOST_GROUPS:
            message = f"makes {groups:,} different calendars; at most {MOST_GROUPS} are supported"
            yield scope.problem("range", message, "use fewer time zones or cases", "time_zone")

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        if self.by is None and not isinstance(self.time_zone, ZoneColumn):
            yield from super().cancels(scope, target)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        zones = self._zones(scope)
        cases = (self, *(self._completed(case) for case in self.by.cases.values())) if self.by else (self,)
        times = [local_time(scope, zone) for zone in zones]
        days = [self._days(scope, time) for time in times]
        level = np.stack(
            [time.shown(case.by_hour()) * day for case in cases for time, day in zip(times, days, strict=True)]
        )
        group = self._group(zones) if len(level) > 1 else None
        if not self.fourier:
            return (Calendar(level, group),)
        smooth = np.stack([mean_waves(self.fourier, time.middle, time.width) for time in times])
        return (
            Calendar(level * np.tile(smooth, (len(cases), 1)), group, _Exact(self.fourier, times, level, scope.grid())),
        )

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        """Local hours and clock changes that are not on whole hours of UTC, and the cuts that short waves need."""
        zones = [zone_cuts(scope, zone, grid) for zone in self._zones(scope)]
        return np.concatenate([*zones, wave_cuts(self.fourier, grid)])

    def _completed(self, case: SeasonalIndices) -> SeasonalIndices:
        return SeasonalIndices.model_construct(**{part: getattr(case, part) or getattr(self, part) for part in INDICES})

    def _zones(self, scope: Scope) -> tuple[str, ...]:
        """All time zones. The first is that of entities whose zone is missing."""
        if not isinstance(self.time_zone, ZoneColumn):
            return (self.time_zone or UTC,)
        known = domain_of(scope, self.time_zone.column) or ()
        return tuple(dict.fromkeys((UTC, *known) if scope.nullable(self.time_zone.column) else known))

    def _days(self, scope: Scope, time: LocalTime) -> Floats:
        """The multipliers of holidays and paydays in a time zone, shape (cells,)."""
        factor = np.ones(len(time.hour))
        first, count = time.days
        for days in (
            self.holidays.factors(scope, first, count) if self.holidays else None,
            self.paydays.factors(first, count) if self.paydays else None,
        ):
            if days is not None:
                factor = factor * time.shown(_of_day(days, first))
        return factor

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """Each index for all entities and for cases with their own; Fourier cycles, holidays and paydays by level."""
        zones = self._zones(scope)
        times = [local_time(scope, zone) for zone in zones]
        cases = (None, *self.by.cases) if self.by else (None,)
        group = self._group(zones) if len(cases) * len(zones) > 1 else None
        found: list[AnyFactor] = []
        for part in INDICES:
            found += cycle_factors(self, part, [time.hour for time in times], (seen(scope), group))
        for name, factor in self._extras(scope, times):
            found += levels(scope, name, np.tile(factor, (len(cases), 1)), group)
        return tuple(found)

    def _extras(self, scope: Scope, times: Sequence[LocalTime]) -> Iterator[tuple[str, Floats]]:
        """The factors besides the indices by name, float64 (zones, cells) each."""
        if self.fourier:
            yield "smooth cycle", np.stack([mean_waves(self.fourier, time.middle, time.width) for time in times])
        if self.holidays:
            own = [time.shown(_of_day(self.holidays.factors(scope, *time.days), time.days[0])) for time in times]
            yield "holidays", np.stack(own)
        if self.paydays:
            paid = [time.shown(_of_day(self.paydays.factors(*time.days), time.days[0])) for time in times]
            yield "paydays", np.stack(paid)

    def _group(self, zones: tuple[str, ...]) -> Callable[[Entity], Ints]:
        """The row of the weights for each entity: cases first, then time zones."""
        by, zone = self.by, self.time_zone
        cases, names = ValueCodes(tuple(by.cases)) if by else None, ValueCodes(zones)

        def group(entity: Entity) -> Ints:
            found = np.zeros(len(entity), np.int64)
            if by is not None and cases is not None:
                found += cases.codes(entity.column(by.column)) + 1
            found *= len(zones)
            if isinstance(zone, ZoneColumn):
                found += np.maximum(names.codes(entity.column(zone.column)), 0)
            return found

        return group


@dataclass(frozen=True, slots=True, eq=False)
class _Exact:
    """The multiplier at instants: Fourier cycles at the local time of each, and the indices of its cell, float64
    (groups, cells).
    """

    terms: tuple[FourierTerm, ...]
    times: Sequence[LocalTime]
    level: Floats
    grid: Grid

    def __call__(self, times: Ints, group: Ints) -> Floats:
        local, zone = np.empty(len(times)), group % len(self.times)
        for number, shown in enumerate(self.times):
            at = np.flatnonzero(zone == number) if len(self.times) > 1 else slice(None)
            local[at] = shown.at(times[at])
        level = self.level.ravel().take(self.grid.cell(times) + group * self.grid.cells)
        return waves(self.terms, local) * level


def _of_day(factors: Floats, first: int) -> Callable[[Ints], Floats]:
    return lambda hours: factors.take(np.minimum(hours // 24 - first, len(factors) - 1))


def cycle_factors(
    seasons: Seasonality, part: str, local: Sequence[Ints], hours: tuple[Bools, Group]
) -> Iterator[Timed]:
    """The factors of the index `part`: one for all entities without their own index, and one for each case with its
    own.

    `local` are the local hours of each time zone. `hours` are those in the window, with the grouping of entities
    (cases, then zones).
    """
    inside, group = hours
    cases = [seasons, *(seasons.by.cases.values() if seasons.by else ())]
    names = ["", *(seasons.by.cases if seasons.by else ())]
    numbers = np.stack([np.where(inside, _PART_OF[part](hour), -1) for hour in local])
    own = [number == 0 or getattr(case, part) is not None for number, case in enumerate(cases)]
    for number, case in enumerate(cases):
        weights = getattr(case, part)
        if weights is None or not own[number]:
            continue
        follow = [number == other or (number == 0 and not own[other]) for other in range(len(cases))]
        codes = np.concatenate([numbers if follows else np.full(numbers.shape, -1) for follows in follow])
        name = f"{part} of '{names[number]}'" if number else part
        planted = index(weights, MONTH_DAYS if part == "month" else None)
        yield Timed(name, _LABELS[part], planted, shape="cycle", codes=codes, group=group)


def _weekday(hours: Ints) -> Ints:
    return (hours // 24 + 3) % 7


_LABELS = {"month": tuple(m[:3] for m in MONTHS), "weekday": tuple(d[:3] for d in WEEKDAYS), "hour": HOURS}
_PART_OF: Mapping[str, Callable[[Ints], Ints]] = {
    "month": lambda hours: month_of(hours // 24),
    "weekday": _weekday,
    "hour": lambda hours: hours % 24,
}

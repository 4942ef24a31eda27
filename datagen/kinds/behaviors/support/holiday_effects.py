"""Multipliers of holidays, the days around them, and paydays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.support.holiday_calendar import (
    FIXED,
    MOVING,
    countries,
    holidays_of,
    known_days,
    unknown_country,
    years_of,
)
from datagen.registry import Strict, did_you_mean
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Factor = Annotated[float, Field(ge=0, le=1e6)]


class HolidayEffect(Strict):
    """The effect of a holiday on its day and on the days around it."""

    multiply: Factor = Field(default=0.5, description="the multiplier of the day itself")
    days_before: int = Field(default=0, ge=0, le=90, description="number of affected days before")
    days_after: int = Field(default=0, ge=0, le=90, description="number of affected days after")
    multiply_before: Factor | None = Field(
        default=None, description="the multiplier of the day before; the default is `multiply`"
    )
    multiply_after: Factor | None = Field(
        default=None, description="the multiplier of the day after; the default is `multiply`"
    )
    ramp: Literal["linear", "level"] = Field(
        default="linear", description="linear: the effect decreases with the distance; level: it is constant"
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the effect on its own."""
        for side in ("before", "after"):
            if getattr(self, f"multiply_{side}") is not None and not getattr(self, f"days_{side}"):
                message = f"no days {side} are affected, so it has no effect"
                yield scope.problem("no-effect", message, f"say 'days_{side}'", f"multiply_{side}")

    @property
    def neutral(self) -> bool:
        """Whether it changes no day."""
        around = (self.multiply_before if self.days_before else None, self.multiply_after if self.days_after else None)
        return self.multiply == 1 and all(factor in (None, 1) for factor in around)

    def at(self, distance: int) -> float:
        """The multiplier at a number of days after (negative: before) the nearest of its days."""
        if distance == 0:
            return self.multiply
        reach, own = (
            (self.days_before, self.multiply_before) if distance < 0 else (self.days_after, self.multiply_after)
        )
        peak = self.multiply if own is None else own
        share = (reach + 1 - abs(distance)) / reach if self.ramp == "linear" else 1.0
        return 1.0 + (peak - 1.0) * share

    def spread(self, days: Sequence[int], first: int, count: int) -> Floats:
        """The multiplier of each of `count` days from day `first` on, by the distance to the nearest of its days."""
        factors = np.ones(count)
        at = np.array(days, np.int64) - first
        for distance in sorted(range(-self.days_before, self.days_after + 1), key=abs, reverse=True):
            touched = at + distance
            factors[touched[(touched >= 0) & (touched < count)]] = self.at(distance)
        return factors


class NamedEffect(HolidayEffect):
    """The effect of one holiday."""

    multiply: Factor = Field(description="the multiplier of the day itself")


class Holidays(HolidayEffect):
    """The public holidays of a country, and any by name.

    A named day has only the effect of its name. Of several holidays near a day, the one with the largest effect
    applies.
    """

    country: str | None = Field(
        default=None, max_length=10, description="an ISO code such as US; without it only `named` days have effects"
    )
    subdivision: str | None = Field(default=None, max_length=10, description="a state or region, for its own holidays")
    named: dict[str, NamedEffect] = Field(
        default_factory=dict,
        max_length=100,
        description="named holidays: those of the country by their English name, or " + ", ".join([*MOVING, *FIXED]),
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.country is None and not self.named:
            yield scope.problem("missing", "needs a 'country' or 'named' days", 'write "country": "US", for example')
            return
        wrong = list(self._country_problems(scope))
        yield from wrong or self._named_problems(scope)
        if self.country is not None and not self.named and self.neutral:
            yield scope.problem(
                "no-effect", "a multiplier of 1 changes nothing", "write another, or name days", "multiply"
            )

    def _country_problems(self, scope: Scope) -> Iterator[Problem]:
        unknown = list(unknown_country(scope, self.country))
        yield from unknown
        parts = countries().get(self.country or "", [])
        if not unknown and self.subdivision is not None and self.subdivision not in parts:
            message = f"'{self.subdivision}' is not a subdivision of '{self.country}'"
            yield scope.problem("unknown-country", message, did_you_mean(self.subdivision, list(parts)), "subdivision")

    def _named_problems(self, scope: Scope) -> Iterator[Problem]:
        window = scope.window
        if window is None or not self.named:
            return
        first, last = window.start // DAY, (window.end - 1) // DAY
        days = self.days(years_of(first, last))
        for name, effect in self.named.items():
            place = scope.at("named", name)
            yield from effect.problems(place)
            found = _matched(name, days)
            if found is None:
                hint = did_you_mean(name, [*days["public"], *days["other"]])
                yield place.problem("unknown-holiday", f"'{name[:60]}' is not a known holiday", hint)
            elif not any(first - effect.days_after <= day <= last + effect.days_before for day in found):
                yield place.problem("no-effect", f"'{name[:60]}' is on no day of the window", "leave it out")
            elif effect.neutral:
                yield place.problem(
                    "no-effect", "a multiplier of 1 changes nothing", "write another, or leave it out", "multiply"
                )

    def days(self, years: Iterable[int]) -> dict[str, dict[str, list[int]]]:
        """The days since 1970 of the country's holidays and of the other days that can be named, by name."""
        years = list(years)
        public = holidays_of(self.country, self.subdivision, years) if self.country else {}
        return {"public": public, "other": known_days(years) if self.named else {}}

    def factors(self, scope: Scope, first: int, count: int) -> Floats:
        """The multiplier of each of `count` local days from day `first` on. The days are frozen into the plan."""
        what = f"holidays {self.country} {self.subdivision}{' named' if self.named else ''}"
        span = scope.span()
        days = scope.freeze(what, lambda: self.days(years_of(span.start // 24, (span.start + span.hours) // 24)))
        single = [(_matched(name, days) or [], effect) for name, effect in self.named.items()]
        named = {day for chosen, _ in single for day in chosen}
        general = sorted({day for chosen in days["public"].values() for day in chosen} - named)
        return _furthest(
            [self.spread(general, first, count), *(effect.spread(chosen, first, count) for chosen, effect in single)]
        )


def _matched(name: str, days: dict[str, dict[str, list[int]]]) -> list[int] | None:
    """The days of the named holiday, ignoring case. The country's own holidays come first."""
    for known in (days["public"], days["other"]):
        for known_name, chosen in known.items():
            if known_name.lower() == name.strip().lower():
                return chosen
    return None


def _furthest(found: Sequence[Floats]) -> Floats:
    """Of several multipliers of a day, the one furthest from 1."""
    chosen = found[0]
    for other in found[1:]:
        low, high = np.minimum(chosen, other), np.maximum(chosen, other)
        chosen = np.where(low * high >= 1.0, high, low)
    return chosen


def _short(data: Any) -> Any:
    return {"country": data} if isinstance(data, str) else data


HolidaysField = Annotated[Holidays, BeforeValidator(_short, json_schema_input_type=str | Holidays)]
"""A country code is short for its public holidays at half the usual rate."""


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, int | str) and not isinstance(data, bool) else data


MonthDay = Annotated[int, Field(ge=1, le=31)] | Literal["last"]
_MONTH_DAY = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, {"const": "last"}]}


class Paydays(Strict):
    """More events on paydays, decreasing over the days after."""

    days: Annotated[
        tuple[MonthDay, ...],
        Field(min_length=1, max_length=31),
        BeforeValidator(_listed),
        WithJsonSchema({"anyOf": [*_MONTH_DAY["anyOf"], {"type": "array", "items": _MONTH_DAY, "minItems": 1}]}),
    ] = Field(description="days of the month, or `last`; in shorter months, the last day")
    multiply: Factor = Field(description="the multiplier of the payday")
    spread_days: int = Field(
        default=0, ge=0, le=30, description="the number of days over which the effect decreases to 1"
    )

    def factors(self, first: int, count: int) -> Floats:
        """The multiplier of each of `count` days from day `first` on, shape (count,), by the distance to the nearest
        payday.
        """
        days = np.arange(first - 31, first + count).astype("datetime64[D]")
        months = np.unique(days.astype("datetime64[M]").astype(np.int64))
        begin, then = (number.astype("datetime64[M]").astype("datetime64[D]") for number in (months, months + 1))
        begin, last = begin.astype(np.int64), then.astype(np.int64) - 1
        paid = np.concatenate([last if day == "last" else np.minimum(begin + (day - 1), last) for day in self.days])
        factors = np.ones(count)
        for after in range(self.spread_days, -1, -1):
            touched = paid + (after - first)
            share = (self.spread_days + 1 - after) / (self.spread_days + 1)
            factors[touched[(touched >= 0) & (touched < count)]] = 1.0 + (self.multiply - 1.0) * share
        return factors

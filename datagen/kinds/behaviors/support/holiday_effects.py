"""Multipliers of holidays, the days around them, and paydays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.support.holiday_calendar import FIXED, MOVING, countries, holidays_of, known_days, years_of
from datagen.registry import Strict, did_you_mean
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Factor = Annotated[float, Field(ge=0, le=1e6)]


class HolidayEffect(Strict):
    """What a holiday does to its day and to those around it."""

    multiply: Factor = Field(default=0.5, description="the multiplier of the day itself")
    days_before: int = Field(default=0, ge=0, le=90, description="how many days before are touched")
    days_after: int = Field(default=0, ge=0, le=90, description="how many days after are touched")
    multiply_before: Factor | None = Field(
        default=None, description="the multiplier of the day before; `multiply` if not said"
    )
    multiply_after: Factor | None = Field(
        default=None, description="the multiplier of the day after; `multiply` if not said"
    )
    ramp: Literal["linear", "level"] = Field(
        default="linear", description="linear: it fades with the distance; level: it does not"
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with the effect by itself."""
        for side in ("before", "after"):
            if getattr(self, f"multiply_{side}") is not None and not getattr(self, f"days_{side}"):
                message = f"no days {side} are touched, so it has no effect"
                yield scope.problem("no-effect", message, f"say 'days_{side}'", f"multiply_{side}")

    @property
    def neutral(self) -> bool:
        """Whether no day is changed."""
        around = (self.multiply_before if self.days_before else None, self.multiply_after if self.days_after else None)
        return self.multiply == 1 and all(factor in (None, 1) for factor in around)

    def at(self, distance: int) -> float:
        """The multiplier so many days after (below 0: before) the nearest of its days."""
        if distance == 0:
            return self.multiply
        reach, own = (
            (self.days_before, self.multiply_before) if distance < 0 else (self.days_after, self.multiply_after)
        )
        peak = self.multiply if own is None else own
        share = (reach + 1 - abs(distance)) / reach if self.ramp == "linear" else 1.0
        return 1.0 + (peak - 1.0) * share

    def spread(self, days: Sequence[int], first: int, count: int) -> Floats:
        """The multiplier of each of `count` days from day `first` on; a day near several of its days follows the nearest."""
        factors = np.ones(count)
        at = np.array(days, np.int64) - first
        for distance in sorted(range(-self.days_before, self.days_after + 1), key=abs, reverse=True):
            touched = at + distance
            factors[touched[(touched >= 0) & (touched < count)]] = self.at(distance)
        return factors


class NamedEffect(HolidayEffect):
    """What one holiday does."""

    multiply: Factor = Field(description="the multiplier of the day itself")


class Holidays(HolidayEffect):
    """The public holidays of a country, and any by name. A day that is named follows its name only; of
    several holidays that touch a day from around it, the one that changes it most counts."""

    country: str | None = Field(
        default=None, max_length=10, description="an ISO code such as US; without it only `named` days count"
    )
    subdivision: str | None = Field(default=None, max_length=10, description="a state or region, for its own holidays")
    named: dict[str, NamedEffect] = Field(
        default_factory=dict,
        max_length=100,
        description="single holidays: those of the country by their English name, or " + ", ".join([*MOVING, *FIXED]),
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.country is None and not self.named:
            yield scope.problem(
                "missing", "needs a 'country' or days that are 'named'", 'write "country": "US", for example'
            )
            return
        wrong = list(self._country_problems(scope))
        yield from wrong or self._named_problems(scope)
        if self.country is not None and not self.named and self.neutral:
            yield scope.problem(
                "no-effect", "a multiplier of 1 changes nothing", "write another, or name single days", "multiply"
            )

    def _country_problems(self, scope: Scope) -> Iterator[Problem]:
        known = countries()
        if self.country is not None and self.country not in known:
            message = f"no holidays are known of '{self.country}'"
            hint = (
                did_you_mean(self.country, list(known))
                if self.country.upper() not in known
                else f"did you mean '{self.country.upper()}'?"
            )
            yield scope.problem("unknown-country", message, hint[:200], "country")
        elif self.subdivision is not None and self.subdivision not in known.get(self.country or "", []):
            message = f"'{self.subdivision}' is no subdivision of '{self.country}'"
            yield scope.problem(
                "unknown-country",
                message,
                did_you_mean(self.subdivision, list(known.get(self.country or "", []))),
                "subdivision",
            )

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
                yield place.problem("unknown-holiday", f"'{name[:60]}' is no known holiday", hint)
            elif not any(first - effect.days_after <= day <= last + effect.days_before for day in found):
                yield place.problem("no-effect", f"'{name[:60]}' falls on no day of the window", "leave it out")
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
        """The multiplier of each of `count` local days from day `first` on; the days are frozen into the plan."""
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
    """The days of the holiday that is meant, whatever the case of its letters; the country's own come first."""
    for known in (days["public"], days["other"]):
        for said, chosen in known.items():
            if said.lower() == name.strip().lower():
                return chosen
    return None


def _furthest(found: Sequence[Floats]) -> Floats:
    """Of several multipliers of a day the one furthest from 1, up or down."""
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
    """More happens when people are paid, and less so on each of the days after."""

    days: Annotated[
        tuple[MonthDay, ...],
        Field(min_length=1, max_length=31),
        BeforeValidator(_listed),
        WithJsonSchema({"anyOf": [*_MONTH_DAY["anyOf"], {"type": "array", "items": _MONTH_DAY, "minItems": 1}]}),
    ] = Field(description="days of the month, or `last`; a day that a month lacks is its last")
    multiply: Factor = Field(description="the multiplier of the payday")
    spread_days: int = Field(default=0, ge=0, le=30, description="over how many days after it fades")

    def factors(self, first: int, count: int) -> Floats:
        """The multiplier of each of `count` days from day `first` on, shape (count,); the nearest payday counts."""
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

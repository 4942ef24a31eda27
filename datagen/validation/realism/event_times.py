"""Realism tests of times: hours, weekdays, years, the edges of the window, daily variation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.time_units import DAY, HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.realism.daily_residuals import YEAR, Days
from datagen.validation.report.chart_data import profile, series

MOST_DAYS = 40_000
"""A century. A longer window is not tested by day."""
FEWEST = 2000
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, eq=False)
class TimeCounts:
    """Rows per day of the window, per hour of the day and weekday; the number on a whole hour, and at
    the last instant.
    """

    days: Ints
    hours: Ints
    weekdays: Ints
    whole: int
    before: int
    last: int
    at_last: int

    @property
    def rows(self) -> int:
        return int(self.hours.sum())


@dataclass(frozen=True, eq=False)
class EventTimeTests:
    """The times of `table`, whose rows are created over time. `events` are activity; others are arrivals, which may
    have a history.
    """

    table: str
    column: str
    start: int
    end: int
    events: bool = True
    name: ClassVar[str] = "EventTimeTests"
    group: Group = "realism"

    def observe(self, part: Slice) -> TimeCounts | None:
        block = part.block(self.table)
        if block is None or self.end - self.start > MOST_DAYS * DAY:
            return None
        values = block.columns[self.column]
        times = values.data if values.valid is None else values.data[values.valid]
        inside = times[(times >= self.start) & (times < self.end)]
        hour = inside // HOUR
        hours = np.bincount(hour - self.start // HOUR, minlength=-(-(self.end - self.start) // HOUR) + 1)
        first = self.start // HOUR
        every = first + np.flatnonzero(hours)
        n = hours[every - first]
        last = int(times.max()) if len(times) else 0
        days = np.bincount(every // 24 - self.start // DAY, weights=n, minlength=-(-(self.end - self.start) // DAY))
        return TimeCounts(
            days.astype(np.int64), _tally(every % 24, n, 24), _tally((every // 24 + 3) % 7, n, 7),
            int(np.count_nonzero(inside == hour * HOUR)), int(np.count_nonzero(times < self.start)),
            last, int(np.count_nonzero(times == last)),
        )  # fmt: skip

    def merge(self, one: TimeCounts, other: TimeCounts) -> TimeCounts:
        last = max(one.last, other.last)
        at_last = sum(part.at_last for part in (one, other) if part.last == last)
        size = max(len(one.days), len(other.days))
        days = np.pad(one.days, (0, size - len(one.days))) + np.pad(other.days, (0, size - len(other.days)))
        return TimeCounts(
            days, one.hours + other.hours, one.weekdays + other.weekdays, one.whole + other.whole,
            one.before + other.before, last, at_last,
        )  # fmt: skip

    def findings(self, state: TimeCounts | None) -> list[Finding]:
        if state is None:
            return [self._sign("Weekdays").not_applicable("there are no rows")]
        days = Days(state.days[: (self.end - self.start) // DAY], self.start // DAY)
        found = list(self._edges(state, days))
        if self.events:
            found += [self._week(state), self._day(state), self._year(days), self._smooth(days), self._white(days)]
        else:
            found += self._births(state, days)
        return found

    def _sign(self, name: str) -> RealismTest:
        return RealismTest(name, self.table, self.column)

    # --- cycles --------------------------------------------------------------------------------------------------

    def _week(self, state: TimeCounts) -> Finding:
        sign = self._sign("Weekdays")
        if state.rows < FEWEST or np.count_nonzero(state.days) < 28:
            return sign.not_applicable("too few rows, or less than four weeks")
        share = float(state.weekdays[5:].sum() / state.rows)
        index = state.weekdays * 7 / state.rows
        message = f"{share:.1%} fall on Saturday and Sunday (28.6 % for equal weekdays)"
        shown = profile(f"{self.table} by weekday", WEEKDAYS, index, x="weekday", y="rows against the mean")
        # a weekend share of two sevenths can hide a weekly pattern: only a flat week fails
        flat = 0.27 <= share <= 0.30 and float(index.max() / max(index.min(), 1e-9)) < 1.15
        return sign.finding(flat, share, 2 / 7, message, shown)

    def _day(self, state: TimeCounts) -> Finding:
        sign = self._sign("Hours")
        if state.rows < FEWEST:
            return sign.not_applicable("too few rows")
        if np.count_nonzero(state.hours) == 1:
            return sign.not_applicable("the times are dates")
        evenness = entropy(state.hours) / np.log(24)
        shown = profile(
            f"{self.table} by hour", range(24), state.hours * 24 / state.rows, x="hour", y="rows against the mean"
        )
        return sign.finding(
            evenness > 0.99, evenness, 0.99, f"hours have {evenness:.1%} of the entropy of equal hours", shown
        )

    def _year(self, days: Days) -> Finding:
        sign = self._sign("Seasons")
        if len(days.counts) < 2 * YEAR - 2 or days.mean * 7 < 100:
            return sign.not_applicable("less than two years, or fewer than 100 rows a week")
        found = days.yearly_strength
        message = f"a yearly season explains {found:.0%} of the variance of weeks beyond their trend"
        return sign.finding(found < 0.1, found, 0.1, message, self._chart(days))

    def _chart(self, days: Days) -> dict[str, object]:
        step = max(len(days.counts) // 300, 1)
        size = len(days.counts) // step
        means = days.counts[: size * step].reshape(size, step).mean(axis=1)
        times = (days.first + np.arange(size) * step) * DAY
        return series(f"{self.table} per day", times, means, y="rows per day")

    # --- days ----------------------------------------------------------------------------------------------------

    def _smooth(self, days: Days) -> Finding:
        sign = self._sign("Roughness")
        if days.mean < 1000 or len(days.counts) < 90:
            return sign.not_applicable("fewer than 1,000 rows a day, or than 90 days")
        found = days.roughness
        return sign.finding(
            found < 1.5, found, 1.5, f"days vary {apart(found, 1.5, 1)} times as much as expected by chance"
        )

    def _white(self, days: Days) -> Finding:
        sign = self._sign("DayToDayMemory")
        if days.mean < 250 or len(days.counts) < 180:
            return sign.not_applicable("fewer than 250 rows a day, or than 180 days")
        found = days.memory
        if not np.isfinite(found):
            return sign.not_applicable("too few days with enough rows")
        message = f"successive days have a correlation of {apart(found, 0.05, 2)}"
        return sign.finding(found < 0.05, found, 0.05, message)

    # --- edges ---------------------------------------------------------------------------------------------------

    def _edges(self, state: TimeCounts, days: Days) -> Iterator[Finding]:
        yield self._whole_hours(state)
        yield self._pile(state, days)
        if self.events:
            yield self._ramp(days)

    def _whole_hours(self, state: TimeCounts) -> Finding:
        sign = self._sign("WholeHours")
        if state.rows < 100 or np.count_nonzero(state.hours) == 1:
            return sign.not_applicable("too few rows, or times without hours")
        share = state.whole / state.rows
        return sign.finding(share > 0.2, share, 0.2, f"{share:.1%} of the times are on a whole hour")

    def _pile(self, state: TimeCounts, days: Days) -> Finding:
        sign = self._sign("PileUp")
        usual = float(np.median(days.counts[-57:-1][::-1][6::7])) if len(days.counts) > 57 else 0.0
        if usual < 50:
            return sign.not_applicable("fewer than 50 rows a day at the end, or less than eight weeks")
        ratio = float(days.counts[-1]) / usual
        heap = state.at_last > 10 and state.whole < 0.2 * state.rows
        message = f"the last day has {ratio:.2f} times the rows of that weekday, the last instant {state.at_last:,}"
        return sign.finding(ratio > 1.5 or heap, ratio, 1.5, message)

    def _ramp(self, days: Days) -> Finding:
        sign = self._sign("LeftRamp")
        if len(days.counts) < 84:
            return sign.not_applicable("less than twelve weeks")
        weeks = days.counts[:84].reshape(12, 7).sum(axis=1)
        if float(np.median(weeks[4:])) < 50:
            return sign.not_applicable("fewer than 50 rows a week")
        ratio, season = _first_week(days.counts), _first_week(days.counts[364:])
        message = f"the first week has {ratio:.2f} times the rows of a week two months on"
        if season < 1:
            ratio = ratio / season if season else 1.0
            message += f", a year later {season:.2f} times"
        return sign.finding(ratio < 0.6, ratio, 0.6, message)

    # --- arrivals ------------------------------------------------------------------------------------------------

    def _births(self, state: TimeCounts, days: Days) -> list[Finding]:
        past, early = self._sign("NoPast"), self._sign("AllBornAtTheStart")
        total = state.rows + state.before
        if total < 200:
            return [past.not_applicable("fewer than 200 rows"), early.not_applicable("fewer than 200 rows")]
        share = state.before / total
        found = [
            past.finding(state.before == 0, share, 0.0, f"{share:.0%} are before the window", self._chart(days)),
            self._even(days),
        ]
        if len(days.counts) < 100:
            return [*found, early.not_applicable("less than a hundred days")]
        first = float(days.counts[: max(round(len(days.counts) / 100), 1)].sum()) / max(state.rows, 1)
        message = f"{first:.1%} of the arrivals are in the first hundredth of the window"
        return [*found, early.finding(first > 0.05, first, 0.05, message)]

    def _even(self, days: Days) -> Finding:
        sign, found = self._sign("EvenArrivals"), days.evenness
        if days.mean < 2 or not np.isfinite(found):
            return sign.not_applicable("fewer than two arrivals a day, or than 120 days")
        return sign.finding(found < 0.5, found, 0.5, f"days differ {found:.2f} times as much as expected by chance")


def _tally(codes: Ints, n: Ints, size: int) -> Ints:
    return np.bincount(codes, weights=n, minlength=size).astype(np.int64)


def entropy(counts: Ints) -> float:
    """In nats."""
    shares: Floats = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _first_week(days: Ints) -> float:
    """The rows of the first of twelve weeks over the median of the last eight; 1 if there are fewer weeks or rows."""
    weeks = days[: len(days) // 7 * 7].reshape(-1, 7).sum(axis=1)[:12]
    usual = float(np.median(weeks[4:])) if len(weeks) == 12 else 0.0
    return float(weeks[0]) / usual if usual else 1.0

"""Entities that arrive over time, in key order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TIMESTAMP, Column, Ints, Words
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import RangeDeclaration
from datagen.declarations.rates import ArrivalDeclaration, ArrivalSegment
from datagen.errors import PlanError, Problem
from datagen.kinds.arrival_curves.base import Curve, Span
from datagen.kinds.arrival_curves.linear import Linear
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.kinds.row_sources.base import Roots, RowSource, scaled
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.rate import Rate
from datagen.point_process.time_change import TimeChange
from datagen.point_process.unit_rate import UnitRate
from datagen.scope import Scope
from datagen.time_units import HOUR, LONGEST, UNIT_HOURS, YEAR_HOURS, Duration, Instant

MOST_ENTITIES = 10**13
_KEPT = 1 << 20
"""Tables of at most this many rows keep all their arrivals once computed, 8 MB."""


class Arrivals(RowSource):
    """Entities that arrive along a curve, so that keys grow with time.

    A Poisson process whose rate is the curve times the multipliers of behaviors. Either exactly `count` entities, at
    independent times, or a mean number per unit of time at the window's start, which gives a Poisson number.
    `before_window` is the share of `count` that arrived during `history`, before the window.
    """

    root: ClassVar[bool] = True
    spread_over_time: ClassVar[bool] = True
    time: ClassVar[str | None] = "arrival_time"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "signups",
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "tables": {
                "users": {
                    "rows": {"type": "arrivals", "count": 100, "before_window": 0.3},
                    "columns": {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}},
                }
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "arrival",
        "poisson_process",
        "signups",
        "over_time",
    )
    type: Literal["arrivals"] = "arrivals"
    count: int | None = Field(default=None, ge=0, le=MOST_ENTITIES, description="total number of entities")
    mean_per_day: float | None = Field(default=None, gt=0, le=1e9, description="arrivals per day at the window's start")
    mean_per_month: float | None = Field(
        default=None, gt=0, le=1e10, description="arrivals per month at the window's start"
    )
    mean_per_year: float | None = Field(
        default=None, gt=0, le=1e11, description="arrivals per year at the window's start"
    )
    before_window: float = Field(default=0.0, ge=0, le=1, description="share of `count` that arrived before the window")
    history: Duration = Field(
        default=round(2 * YEAR_HOURS) * HOUR, description="the time before the window in which they arrived"
    )
    end: Instant | None = Field(default=None, description="the end of arrivals; the default is the window's end")
    curve: Curve = Field(default=Linear(), description="the rate of arrival over time")

    @property
    def reaches_back(self) -> int:
        return self.history

    @property
    def none(self) -> bool:
        return self.count == 0

    def problems(self, scope: Scope) -> Iterator[Problem]:
        given = [
            n for n in ("count", "mean_per_day", "mean_per_month", "mean_per_year") if getattr(self, n) is not None
        ]
        if len(given) != 1:
            found, hint = (" and ".join(given), "keep one") if given else ("none", 'write "count": 1000, for example')
            yield scope.problem(
                "conflict", f"needs one of count, mean_per_day, mean_per_month, mean_per_year; has {found}", hint
            )
        if self.before_window and self.count is None:
            yield scope.problem("conflict", "before_window is a share of count", "say count", "before_window")
        if self.history < HOUR:
            yield scope.problem("range", "history is shorter than an hour", "write '2y', for example", "history")
        if self.history > LONGEST:
            yield scope.problem("range", "history is longer than 300 years", "write '2y', for example", "history")
        window = scope.window
        if window and self.end is not None and not window.start < self.end <= window.end:
            yield scope.problem("range", "end is outside the window", "choose an instant within it", "end")
        wrong = list(self.curve.problems(scope.at("curve")))
        yield from wrong or self._idle_problems(scope)

    def _idle_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of arrivals where the curve is 0."""
        if scope.window is None or not self.count or self.history < HOUR:
            return
        if max(self.history, scope.window.end - scope.window.start) > LONGEST:
            return  # reported by another check
        start, end = scope.window.start, min(self.end or scope.window.end, scope.window.end)
        for share, begin, finish, when in (
            (self.before_window, start - self.history, start, "before the window"),
            (1 - self.before_window, start, end, "within the window"),
        ):
            hours = np.arange(begin // HOUR, -(-finish // HOUR)).astype(np.float64) + 0.5
            if share > 0 and not self.curve.density(hours, start / HOUR).max(initial=0.0) > 0:
                hint = "choose another curve" if begin == start else "choose another curve, or leave before_window out"
                yield scope.problem("range", f"entities should arrive {when}, where the curve is 0", hint, "curve")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        window, column = scope.window, scope.table.moment
        if window is None or column is None:
            return
        begin, end = (
            window.start - (self.history if self.before_window else 0),
            min(self.end or window.end, window.end),
        )
        message = "the window with its history" if self.before_window else "the window"
        yield RangeDeclaration(scope.table.name, column, low=begin, high=end, range=message, open_end=True)
        planted, before = scope.planted(), self.before_window if self.count is not None else None
        key, columns = scope.table.key, scope.table.columns
        ordered = key is not None and not columns[key].hidden and columns[key].intact and columns[column].intact
        yield ArrivalDeclaration(
            scope.table.name, column, planted, lambda: self._planted(scope, planted.rate), window.start, before,
            key if ordered else None, key_start(scope, scope.table.name),
            lambda: scope.rows_in(scope.table.name),
        )  # fmt: skip

    def _planted(self, scope: Scope, rate: Rate) -> tuple[ArrivalSegment, ...]:
        """The ground truth of arrivals in each span, with its share of all."""
        shares = (self.before_window, 1.0 - self.before_window) if self.count is not None else (0.0, 1.0)
        return tuple(
            ArrivalSegment.of(self._clock(scope, rate, part), part, share * weight / sum(weight for _, weight in parts))
            for parts, share in zip(map(self.curve.parts, self._spans(scope)), shares, strict=True)
            if share > 0
            for part, weight in parts
        )

    def _spans(self, scope: Scope) -> tuple[Span, Span]:
        """The time before the window, and the window."""
        window = scope.window
        assert window is not None
        start, end = window.start, min(self.end or window.end, window.end)
        return (start - self.history, start), (start, end)

    def _clock(self, scope: Scope, rate: Rate, span: Span) -> CumulativeIntensity:
        """The relative rate of arrival, cumulative over the cells of the hours of a span."""
        window, grid = scope.window, scope.grid()
        assert window is not None
        part = grid.part(span[0] // HOUR, -(-span[1] // HOUR))
        density = self.curve.density(part.middles, window.start / HOUR)
        first = int(np.searchsorted(grid.edges, part.start * HOUR))
        return CumulativeIntensity.on(part, density * rate.calendars[0][first : first + part.cells])

    def bind(self, scope: Scope, scale: float) -> Roots:
        spans, rate = self._spans(scope), scope.rate()
        if self.count is None:
            return _ArrivalRows((self._at_rate(scope, rate, spans[1], self._per_hour() * scale),))
        total = scaled(self.count, scale)
        earlier = round(total * self.before_window)
        unit = UnitRate(scope.stream("arrival"), total + 2)
        parts, first = [], 0
        for span, count in zip(spans, (earlier, total - earlier), strict=True):
            for part, number in _divided(self.curve.parts(span), count):
                clock = self._clock(scope, rate, part)
                _check_time(clock, part, number)
                parts.append(TimeChange.of_count(unit, clock, part, first, number))
                first += number + 1  # the gap after the last arrival ends with the part
        return _ArrivalRows(tuple(parts))

    def _at_rate(self, scope: Scope, rate: Rate, span: Span, per_hour: float) -> TimeChange:
        clock = self._clock(scope, rate, span)
        reached = clock.at(np.array(span))
        expected = per_hour * float(reached[1] - reached[0])
        if not expected <= MOST_ENTITIES:
            message = f"{expected:.3g} entities arrive, more than {MOST_ENTITIES:,}"
            raise PlanError(f"{message}; lower the mean or its growth")
        return TimeChange.of_rate(UnitRate(scope.stream("arrival"), int(expected) + 2), clock, span, per_hour)

    def _per_hour(self) -> float:
        for unit in ("day", "month", "year"):
            mean = getattr(self, f"mean_per_{unit}")
            if mean is not None:
                return float(mean) / UNIT_HOURS[unit]
        return 0.0


def _divided(parts: Sequence[tuple[Span, float]], count: int) -> Iterator[tuple[Span, int]]:
    """The parts of a span with arrivals, each with its number: together `count`, each within 1 of its share."""
    given, weight, total = 0, 0.0, sum(weight for _, weight in parts)
    for part, own in parts:
        weight += own
        upto = round(count * (weight / total))
        if upto > given:
            yield part, upto - given
        given = upto


def _check_time(clock: CumulativeIntensity, span: Span, count: int) -> None:
    """Raises PlanError if the rate of entities to arrive is 0."""
    begin, end = clock.at(np.array(span)).tolist()
    if not end > begin:
        raise PlanError(f"{count:,} entities cannot arrive, because the curve is 0; change the curve or the window")


@dataclass(frozen=True, eq=False)
class _ArrivalRows:
    """Rows that arrive span after span, in time order."""

    parts: tuple[TimeChange, ...]

    @property
    def total(self) -> int:
        return sum(part.count for part in self.parts)

    def attributes(self, index: Ints, ids: Words) -> dict[str, Column]:
        return {"arrival_time": Column(TIMESTAMP, self._moments(index))}

    def _moments(self, index: Ints) -> Ints:
        if len(self.parts) == 1:
            return self.parts[0].moments(index)
        times, begins = np.zeros(len(index), np.int64), np.cumsum([0, *(part.count for part in self.parts)])
        part_of = np.searchsorted(begins, index, side="right") - 1
        for number in np.unique(part_of).tolist():
            own = np.flatnonzero(part_of == number)
            times[own] = self.parts[number].moments(index[own] - int(begins[number]))
        return times

    def existing(self, times: Ints) -> Ints:
        if self.total <= _KEPT:
            return np.searchsorted(self._every, times, side="right")
        counts = np.zeros(len(times), np.int64)
        for part in self.parts:
            counts += part.by(times)
        return counts

    @cached_property
    def _every(self) -> Ints:
        """All arrivals of a small table."""
        return self._moments(np.arange(self.total))

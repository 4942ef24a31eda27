"""Entities that arrive over time, in the order of their key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import Floats, Ints, Words
from datagen.curves.base import Curve
from datagen.curves.linear import Linear
from datagen.errors import PlanError, Problem
from datagen.intensity.bends import Bend, bends
from datagen.intensity.clock import Clock
from datagen.intensity.rate import Rate
from datagen.measures.arrivals import Arrivals as RecoveredArrivals
from datagen.measures.base import Measure
from datagen.measures.boundary import Boundary
from datagen.quantities import HOUR, LONGEST, SECOND, UNIT_HOURS, YEAR_HOURS, Duration, Instant
from datagen.rows.base import Roots, RowSource, scaled
from datagen.scope import Scope
from datagen.streams import Stream

MOST_ENTITIES = 10**13


Span = tuple[int, int]
"""A stretch of time, microseconds since 1970."""


class Arrivals(RowSource):
    """Entities that arrive along a curve, so that keys grow with time.

    Row r arrives when the cumulative curve reaches r + u, u uniform. Either `count` entities in all, or a mean number per
    unit of time at the window's start. `before_window` of them arrived during `history`, before the window starts.
    """

    root: ClassVar[bool] = True
    marks: ClassVar[tuple[str, ...]] = ("arrival_time",)
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

    type: Literal["arrivals"] = "arrivals"
    count: int | None = Field(default=None, ge=0, le=MOST_ENTITIES, description="number of entities in all")
    mean_per_day: float | None = Field(default=None, gt=0, le=1e9, description="arrivals per day at the window's start")
    mean_per_month: float | None = Field(
        default=None, gt=0, le=1e10, description="arrivals per month at the window's start"
    )
    mean_per_year: float | None = Field(
        default=None, gt=0, le=1e11, description="arrivals per year at the window's start"
    )
    before_window: float = Field(default=0.0, ge=0, le=1, description="share of `count` that arrived before the window")
    history: Duration = Field(default=round(2 * YEAR_HOURS) * HOUR, description="how far back the earlier ones go")
    until: Instant | None = Field(default=None, description="when arrivals end; the window's end if not said")
    curve: Curve = Field(default=Linear(), description="the shape of acquisition")

    @property
    def none(self) -> bool:
        return self.count == 0

    def problems(self, scope: Scope) -> Iterator[Problem]:
        said = [n for n in ("count", "mean_per_day", "mean_per_month", "mean_per_year") if getattr(self, n) is not None]
        if len(said) != 1:
            found, hint = (" and ".join(said), "keep one") if said else ("none", 'say "count": 1000, for example')
            yield scope.problem(
                "arrivals", f"needs one of count, mean_per_day, mean_per_month, mean_per_year; has {found}", hint
            )
        if self.before_window and self.count is None:
            yield scope.problem("arrivals", "before_window is a share of count", "say count", "before_window")
        if self.history < HOUR:
            yield scope.problem("range", "history is shorter than an hour", "say '2y', for example", "history")
        if self.history > LONGEST:
            yield scope.problem("range", "history is longer than 300 years", "say '2y', for example", "history")
        window = scope.window
        if window and self.until is not None and not window.start < self.until <= window.end:
            yield scope.problem("range", "until lies outside the window", "choose an instant within it", "until")
        wrong = list(self.curve.problems(scope.at("curve")))
        yield from wrong or self._idle_problems(scope)

    def _idle_problems(self, scope: Scope) -> Iterator[Problem]:
        """Entities who are said to arrive while the curve is 0."""
        if scope.window is None or not self.count or self.history < HOUR:
            return
        if max(self.history, scope.window.end - scope.window.start) > LONGEST:
            return  # told elsewhere
        start, end = scope.window.start, min(self.until or scope.window.end, scope.window.end)
        for share, begin, finish, when in (
            (self.before_window, start - self.history, start, "before the window"),
            (1 - self.before_window, start, end, "within the window"),
        ):
            hours = np.arange(begin // HOUR, -(-finish // HOUR)).astype(np.float64) + 0.5
            if share > 0 and not self.curve.density(hours, start / HOUR).max(initial=0.0) > 0:
                hint = "choose another curve" if begin == start else "choose another curve, or leave before_window out"
                yield scope.problem("range", f"entities arrive {when}, where the curve is 0 all along", hint, "curve")

    def measures(self, scope: Scope) -> Iterable[Measure]:
        window, column = scope.window, scope.table.moment
        if window is None or column is None:
            return
        begin, end = (
            window.start - (self.history if self.before_window else 0),
            min(self.until or window.end, window.end),
        )
        said = "the window with its history" if self.before_window else "the window"
        yield Boundary(scope.table.name, column, low=begin, high=end, range=said, open_end=True)
        planted, before = scope.planted(), self.before_window if self.count is not None else None

        def mass() -> Floats:
            before_and_during, _ = self._mass(self._weights(scope, planted.rate)[1], 1.0)
            return before_and_during[0] + before_and_during[1]

        yield RecoveredArrivals(scope.table.name, column, planted, mass, (window.start, window.end), before)

    def _weights(self, scope: Scope, rate: Rate) -> tuple[tuple[Span, Span], list[Floats]]:
        """The time before the window and within it, and the relative rate of arrival in each hour of the grid then."""
        window, grid = scope.window, scope.grid()
        assert window is not None
        start, end = window.start, min(self.until or window.end, window.end)
        hours = np.arange(grid.start, grid.start + grid.hours).astype(np.float64) + 0.5
        density = self.curve.density(hours, start / HOUR) * rate.calendars[0]
        spans = ((start - self.history, start), (start, end))
        return spans, [density * _open(hours, span) for span in spans]

    def bind(self, scope: Scope, scale: float) -> Roots:
        spans, weights = self._weights(scope, scope.rate())
        mass, total = self._mass(weights, scale)
        clock = Clock.of(scope.grid().start, mass[0] + mass[1])
        if self.count is None:
            total = _counted(float(clock.cumulative[-1]))
        return _Arriving(total, clock, bends(spans, mass, scope.grid().start), scope.stream("arrival"), spans[1][1])

    def _mass(self, weights: list[Floats], scale: float) -> tuple[list[Floats], int]:
        """Arrivals in each hour before the window and within it, shape (hours,), and their number in all."""
        before, during = weights
        if self.count is None:
            return [before * 0.0, during * self._per_hour() * scale], 0
        total = scaled(self.count, scale)
        earlier = round(total * self.before_window)
        return [_spread(before, earlier), _spread(during, total - earlier)], total

    def _per_hour(self) -> float:
        for unit in ("day", "month", "year"):
            mean = getattr(self, f"mean_per_{unit}")
            if mean is not None:
                return float(mean) / UNIT_HOURS[unit]
        return 0.0


def _counted(expected: float) -> int:
    """Whole entities."""
    if expected > MOST_ENTITIES:
        raise PlanError(f"{expected:.3g} entities arrive, more than {MOST_ENTITIES:,}; lower the mean or its growth")
    return int(expected)


def _spread(weights: Floats, count: int) -> Floats:
    """`count` shared out in proportion to the weights."""
    total = float(np.cumsum(weights)[-1])
    if count and not total > 0:
        raise PlanError(
            f"{count:,} entities have no time to arrive in: the curve is 0 all along; change the curve or the window"
        )
    return weights * (count / total) if count else weights * 0.0


def _open(hours: Floats, span: Span) -> Floats:
    """The part of each hour (its middle) that lies within a span of time, shape (n,)."""
    low, high = span[0] / HOUR, span[1] / HOUR
    open_: Floats = np.clip(np.minimum(hours + 0.5, high) - np.maximum(hours - 0.5, low), 0, 1)
    return open_


@dataclass(frozen=True, slots=True, eq=False)
class _Arriving:
    total: int
    clock: Clock
    bends: tuple[Bend, ...]
    stream: Stream
    end: int

    def marks(self, index: Ints, ids: Words) -> dict[str, Ints]:
        times = self.clock.inverse(index + self.stream.uniforms(ids))
        for bend in self.bends:
            times = bend.spread(times)
        return {"arrival_time": np.minimum(times, self.end - 1)}

    def existing(self, times: Ints) -> Ints:
        # a second of slack: the clock and its inverse agree up to rounding only
        early = times - SECOND
        for bend in self.bends:
            early = bend.gathered(early)
        before = np.floor(self.clock.at(early)).astype(np.int64)
        return np.clip(before, 0, self.total)

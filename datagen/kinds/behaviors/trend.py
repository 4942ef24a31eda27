"""Trend: linear, exponential, logarithmic, logistic or piecewise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.factor_categories import levels, spans
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior, hours_of
from datagen.point_process.effects import Calendar, Effect
from datagen.point_process.factors import AnyFactor, Growth, Timed
from datagen.point_process.grid import Grid
from datagen.random.math.elementary import exp, log1p
from datagen.registry import Strict
from datagen.time_units import DAY, HOUR, YEAR_HOURS, Instant, format_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Shape = Literal["linear", "exponential", "logarithmic", "logistic", "piecewise"]

_SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "linear": (("growth_per_year",), ()),
    "exponential": (("growth_per_year",), ()),
    "logarithmic": (("scale",), ()),
    "logistic": (("midpoint", "steepness_per_year", "ceiling"), ()),
    "piecewise": ((), ("growth_per_year", "points", "levels")),
}
"""The required and the optional fields of each shape."""
_FIELDS = ("growth_per_year", "scale", "midpoint", "steepness_per_year", "ceiling", "points", "levels")
_NEUTRAL = {"growth_per_year": 0.0, "scale": 0.0, "ceiling": 1.0}
_LEVEL = 1e-4
"""Values are constant within a cell if the curve changes less than this; a steeper curve is evaluated at each instant.
"""
_LIMIT = 600.0  # larger exponents overflow in products


class TrendPoint(Strict):
    """From `at` on, compound growth by `growth_per_year`."""

    at: Instant = Field(description="the moment from which it grows so")
    growth_per_year: float = Field(gt=-1, le=1e6, description="0.5 is half as much again every year")


class TrendLevel(Strict):
    """From `at` on, `level` times the value at the window's start."""

    at: Instant = Field(description="the moment from which the level holds")
    level: float = Field(ge=0, le=1e9, description="times the value at the window's start", examples=[1.5])


class Trend(TimeBehavior):
    """A multiplier that is 1 at the window's start and grows or falls with time. The curve also holds before the
    window.

    t is in years of 365.25 days from the window's start. linear: 1 + g t, never below 0. exponential: (1 + g)^t.
    logarithmic: 1 + scale ln(1 + t), 1 before the start. logistic: 1 + (ceiling - 1) / (1 + exp(-steepness (t -
    midpoint))), divided by its value at the start. piecewise: compound growth at `growth_per_year` until the first of
    `points`, then at the rate of each; or a jump to each of `levels`. `of` selects rates, values or acquisition;
    declare one trend for each.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        orders_with(
            {"type": "trend", "shape": "exponential", "growth_per_year": 0.25},
            {"type": "trend", "shape": "linear", "growth_per_year": 0.05, "of": "amount"},
        ),
        orders_with(
            {
                "type": "trend",
                "shape": "piecewise",
                "growth_per_year": 0.1,
                "points": [{"at": "2023-09-01", "growth_per_year": 0.8}, {"at": "2024-05-01", "growth_per_year": -0.2}],
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "growth",
        "drift",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "rate slope growth growth_rate per_year": "growth_per_year",
        "kind curve form": "shape",
        "growth_per_month monthly_growth": "'growth_per_year' of compound growth is (1 + growth_per_month)^12 - 1",
        "direction": "a negative 'growth_per_year' falls",
    }
    type: Literal["trend"] = "trend"
    shape: Shape = Field(description="the form of the curve")
    growth_per_year: float | None = Field(
        default=None, ge=-100, le=1e6, description="linear: share of the start added every year; else compound growth"
    )
    scale: float | None = Field(
        default=None, ge=0, le=1e6, description="logarithmic: growth by the time 1 + t is e, after 1.7 years"
    )
    midpoint: Instant | None = Field(default=None, description="logistic: the time of half the growth")
    steepness_per_year: float | None = Field(default=None, gt=0, le=1000, description="logistic: the steepness there")
    ceiling: float | None = Field(
        default=None, gt=0, le=1e6, description="logistic: the limit, as a multiple of its lower limit"
    )
    points: tuple[TrendPoint, ...] = Field(default=(), max_length=1000, description="piecewise: where growth changes")
    levels: tuple[TrendLevel, ...] = Field(default=(), max_length=1000, description="piecewise: where the level jumps")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from self._field_problems(scope)
        yield from self._neutral_problems(scope)
        for name in ("points", "levels"):
            yield from self._order_problems(scope, name)

    def _field_problems(self, scope: Scope) -> Iterator[Problem]:
        needed, allowed = _SHAPES[self.shape]
        given = [name for name in _FIELDS if getattr(self, name) not in (None, ())]
        for name in needed:
            if name not in given:
                yield scope.problem("missing", f"a {self.shape} trend needs '{name}'", "write it")
        for name in given:
            if name not in (*needed, *allowed):
                yield scope.problem("no-effect", f"a {self.shape} trend does not use '{name}'", "leave it out", name)
        if self.shape == "piecewise" and bool(self.points) == bool(self.levels):
            yield scope.problem("missing", "a piecewise trend needs either 'points' or 'levels'", "write one of them")
        if self.shape == "piecewise" and self.levels and self.growth_per_year is not None:
            yield scope.problem("no-effect", "levels do not use 'growth_per_year'", "leave it out", "growth_per_year")
        if self.shape != "linear" and (self.growth_per_year or 0.0) <= -1:
            said_growth = f"growth of {self.growth_per_year:g} per year gives a multiplier of 0"
            yield scope.problem("range", said_growth, "write more than -1; -0.5 halves every year", "growth_per_year")

    def _neutral_problems(self, scope: Scope) -> Iterator[Problem]:
        for name in _SHAPES[self.shape][0]:
            if name in _NEUTRAL and getattr(self, name) == _NEUTRAL[name]:
                yield scope.problem(
                    "no-effect", f"{name} of {_NEUTRAL[name]:g} has no effect", "write another, or leave it out", name
                )
        rates = [self.growth_per_year or 0.0, *(point.growth_per_year for point in self.points)]
        steps = [1.0, *(level.level for level in self.levels)]
        for name, values in (("points", rates), ("levels", steps)):
            for i, (before, after) in enumerate(pairwise(values)):
                if before == after:
                    yield scope.problem(
                        "no-effect", "it has no effect", "write another value, or leave it out", name, i
                    )

    def _order_problems(self, scope: Scope, name: str) -> Iterator[Problem]:
        times = [piece.at for piece in getattr(self, name)]
        for i, (before, after) in enumerate(pairwise(times), start=1):
            if after <= before:
                yield scope.problem(
                    "range", f"{format_instant(after)} is not after the previous one", "sort them", name, i
                )
        window = scope.window
        for i, time in enumerate(times):
            if window is not None and not window.start < time < window.end:
                message = f"{format_instant(time)} is outside the window, so it has no effect"
                yield scope.problem("no-effect", message, "choose a date within it", name, i)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        assert scope.window is not None
        start = hours_of(scope.window.start)
        factor = self.factor(scope.grid().middles, start)
        level = np.maximum(factor[1:], factor[:-1])
        steep = bool((np.abs(np.diff(factor)) > _LEVEL * level).any()) and not self.levels

        def exact(times: Ints, _: Ints) -> Floats:
            return self.factor(times * np.float64(1.0 / HOUR), start)

        return (Calendar(factor[np.newaxis], None, exact if steep else None),)

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        """The instants of jumps and bends."""
        return np.array([*(point.at for point in self.points), *(level.at for level in self.levels)], np.int64)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """Spans of the window; the levels, if it jumps."""
        assert scope.window is not None
        grid, start = scope.grid(), hours_of(scope.window.start)
        factor = self.factor(grid.middles, start)
        if self.levels:
            return levels(scope, "trend", factor[np.newaxis])
        codes, at = spans(grid, (scope.window.start, scope.window.end), 8)
        inside = codes >= 0
        widths = grid.widths[inside]
        planted = np.bincount(codes[inside], factor[inside] * widths) / np.bincount(codes[inside], widths)
        labels = tuple(format_instant(int(hour * HOUR) // DAY * DAY) for hour in at.tolist())
        years = tuple(((at - start) / YEAR_HOURS).tolist())
        growth = (
            None
            if self.growth_per_year is None or self.points
            else Growth(self.growth_per_year, self.shape == "exponential")
        )
        return (
            Timed(
                "trend", labels, planted, shape="curve", growth=growth, at=years, unit="year", codes=codes[np.newaxis]
            ),
        )

    def factor(self, hours: Floats, start: float) -> Floats:
        """The multiplier at `hours` since 1970, shape (n,); `start` is the hour of the window's start."""
        years = (hours - start) / YEAR_HOURS
        match self.shape:
            case "linear":
                return np.maximum(1.0 + (self.growth_per_year or 0.0) * years, 0.0)
            case "exponential":
                return _grown(log1p(self.growth_per_year or 0.0) * years)
            case "logarithmic":
                return 1.0 + (self.scale or 0.0) * log1p(np.maximum(years, 0.0))
            case "logistic":
                middle = (hours_of(self.midpoint or 0) - start) / YEAR_HOURS
                return self._logistic(years - middle) / self._logistic(np.array([-middle]))
            case "piecewise":
                return self._levelled(hours) if self.levels else self._pieced(hours, start)

    def _logistic(self, years: Floats) -> Floats:
        rise = 1.0 / (1.0 + _grown(-(self.steepness_per_year or 0.0) * years))
        return 1.0 + ((self.ceiling or 1.0) - 1.0) * rise

    def _pieced(self, hours: Floats, start: float) -> Floats:
        """The log growth of the pieces from the window's start to each hour."""
        bounds = [start, *(hours_of(point.at) for point in self.points)]
        rates = [
            log1p(rate) for rate in (self.growth_per_year or 0.0, *(point.growth_per_year for point in self.points))
        ]
        total = np.zeros(len(hours))
        for i, rate in enumerate(rates):
            low = bounds[i] if i else -np.inf
            high = bounds[i + 1] if i + 1 < len(bounds) else np.inf
            total += rate * ((np.clip(hours, low, high) - bounds[i]) / YEAR_HOURS)
        return _grown(total)

    def _levelled(self, hours: Floats) -> Floats:
        begins = np.array([hours_of(level.at) for level in self.levels])
        steps = np.array([1.0, *(level.level for level in self.levels)])
        return steps.take(np.searchsorted(begins, hours, side="right"))


def _grown(logarithms: Floats) -> Floats:
    return exp(np.clip(logarithms, -_LIMIT, _LIMIT))

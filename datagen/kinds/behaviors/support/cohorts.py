"""Cohorts: a multiplier for the entities born in a month, quarter or year (UTC)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.age_curves.base import Multiplier
from datagen.point_process.effects import Entity
from datagen.point_process.factors import Grouped
from datagen.time_units import format_instant, parse_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Period = Literal["month", "quarter", "year"]
Factors = Annotated[dict[str, Multiplier], Field(min_length=1, max_length=1200)]
"""Factors by cohort, written 2023-05, 2023Q2 or 2023. Other cohorts have 1."""

_SPELLED = {
    "month": (re.compile(r"((?:19|20|21)\d\d)-(0[1-9]|1[0-2])\Z"), 12, "2023-05"),
    "quarter": (re.compile(r"((?:19|20|21)\d\d)-?Q([1-4])\Z"), 4, "2023Q2"),
    "year": (re.compile(r"((?:19|20|21)\d\d)()\Z"), 1, "2023"),
}


def number(label: str, period: Period) -> int:
    """The cohort's number, counted in periods since year 0. Raises ValueError."""
    pattern, per_year, sample = _SPELLED[period]
    match = pattern.match(label)
    if not match:
        raise ValueError(f"'{label[:40]}' is not a {period} such as '{sample}'")
    return int(match[1]) * per_year + int(match[2] or 1) - 1


def begin(cohort: int, period: Period) -> int:
    """The start of a cohort, microseconds since 1970."""
    per_year = _SPELLED[period][1]
    year, part = divmod(cohort, per_year)
    return parse_instant(dt.date(year, 1 + part * (12 // per_year), 1).isoformat())


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """The factor of each birth: `factors[k]` from `starts[k]` on (microseconds, ascending)."""

    starts: Ints
    factors: Floats

    @classmethod
    def of(cls, period: Period, factors: Mapping[str, float]) -> Cohorts:
        """The factors of the named cohorts, 1 elsewhere."""
        named = {number(label, period): factor for label, factor in factors.items()}
        edges = sorted({*named, *(cohort + 1 for cohort in named)})
        values = [1.0, *(named.get(cohort, 1.0) for cohort in edges)]
        return cls(np.array([begin(cohort, period) for cohort in edges], np.int64), np.array(values))

    def at(self, born: Ints) -> Floats:
        """The factor of births (microseconds), shape (n,)."""
        return self.factors.take(np.searchsorted(self.starts, born, side="right"))


def cohort_factor(period: Period, factors: Mapping[str, float], born: Callable[[Entity], Ints]) -> Grouped:
    """The named cohorts, and all others, as a factor."""
    spans = [(begin(n := number(label, period), period), begin(n + 1, period)) for label in factors]
    starts = np.array([start for start, _ in spans], np.int64)
    ends = np.array([end for _, end in spans], np.int64)
    order = np.argsort(starts)

    def code(entity: Entity) -> Ints:
        births = born(entity)
        at = order[np.maximum(np.searchsorted(starts[order], births, side="right") - 1, 0)]
        return np.where((births >= starts[at]) & (births < ends[at]), at, len(starts))

    planted = np.array([*factors.values(), 1.0])
    return Grouped("cohort", (*factors, "others"), planted, judged_by="each", code=code)


def cohort_problems(scope: Scope, period: Period, factors: Mapping[str, float], *keys: str | int) -> Iterator[Problem]:
    """Cohorts that are not periods, or in which no entity of the window can be born."""
    for label in factors:
        try:
            cohort = number(label, period)
        except ValueError as error:
            yield scope.problem("invalid-value", str(error), "write the period's own spelling", *keys, label)
            continue
        if scope.window is not None and begin(cohort, period) >= scope.window.end:
            end = format_instant(scope.window.end)
            yield scope.problem(
                "no-effect", f"nobody is born in {label} before the window ends ({end})", "leave it out", *keys, label
            )
    if all(factor == 1 for factor in factors.values()):
        yield scope.problem("no-effect", "every cohort has factor 1", "leave it out, or use different factors", *keys)

"""Realism test of the rate of arrivals at the window's start: no step or spike that the rest of the table does not
have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.realism.base import RealismTest
from datagen.validation.realism.event_times import MOST_DAYS
from datagen.validation.report.chart_data import series

PAST = 1100
"""Days before the window that are counted."""
SPANS = (7, 28, 91)
"""Days before and after the start that are compared."""
FACTOR = 1.5
"""The smallest step that is judged, and how much larger than any other its logarithm must be."""
SURE = 5.0
"""Standard errors of a step that is no chance."""
YEAR = 365


class Step(NamedTuple):
    """A step of the rate at the start: days compared on each side, its factor, and the largest one elsewhere, upwards
    or downwards.
    """

    span: int
    factor: float
    elsewhere: float

    @property
    def sudden(self) -> bool:
        size = abs(float(np.log(self.factor)))
        return bool(size >= np.log(FACTOR) and size >= FACTOR * np.log(self.elsewhere))


@dataclass(frozen=True, eq=False)
class StartJump:
    """The times of `column` at which the rows of a root table arrive, around the window's start."""

    table: str
    column: str
    start: int
    end: int
    name: ClassVar[str] = "StartJump"
    group: Group = "realism"

    def observe(self, part: Slice) -> Ints | None:
        """Rows per day, from `PAST` days before the window to its end, int64 (days,)."""
        block = part.block(self.table)
        days = (self.end - self.start) // DAY
        if block is None or days > MOST_DAYS:
            return None
        values = block.columns[self.column]
        day = (values.data - self.start) // DAY + PAST
        kept = present(values.valid, len(block)) & (day >= 0) & (day < PAST + days)
        return np.bincount(day[kept], minlength=PAST + days)

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        sign = RealismTest(self.name, self.table, self.column)
        if state is None or not state[:PAST].any():
            return [sign.not_applicable("there are no rows before the window")]
        steps = list(_steps(state))
        if not steps:
            return [sign.not_applicable("too few rows around the window's start, or no start a year away to compare")]
        worst = max(steps, key=lambda step: (step.sudden, abs(np.log(step.factor))))
        message = (
            f"the {worst.span} days from the window's start on have {worst.factor:.2f} times the rows of those before; "
            f"elsewhere neighbouring spans differ by at most {worst.elsewhere:.2f} times"
        )
        shown = series(f"{self.table} per week", *_weeks(state, self.start), y="rows per week")
        return [sign.finding(worst.sudden, worst.factor, FACTOR, message, shown)]


def _steps(days: Ints) -> Iterator[Step]:
    """The steps at the start that chance does not explain, or all that could be seen."""
    first = int(np.flatnonzero(days)[0])
    total = np.concatenate([[0], np.cumsum(days)])
    for span in SPANS:
        places = np.arange(first + span, len(days) - span + 1)
        before, after = total[places] - total[places - span], total[places + span] - total[places]
        logs: Floats = np.log((after + 0.5) / (before + 0.5))
        far = np.abs(places - PAST) >= 2 * span  # a spike at the start ends beside it
        here = np.flatnonzero(places == PAST)
        yearly = np.isin([PAST - YEAR, PAST + YEAR], places).any()  # a season would come again there
        if not len(here) or not yearly:
            continue
        b, a, step = int(before[here[0]]), int(after[here[0]]), float(logs[here[0]])
        error = float(np.sqrt(1 / (b + 0.5) + 1 / (a + 0.5)))
        if np.log(FACTOR) >= SURE * error or abs(step) >= SURE * error:
            yield Step(span, float(np.exp(step)), float(np.exp(np.abs(logs[far]).max())))


def _weeks(days: Ints, start: int) -> tuple[Ints, Ints]:
    """The beginnings of whole weeks counted from the window's start, and the rows in them."""
    past = PAST // 7 * 7
    shown = days[PAST - past :]
    weeks = shown[: len(shown) // 7 * 7].reshape(-1, 7).sum(axis=1)
    return start + (np.arange(len(weeks)) * 7 - past) * DAY, weeks

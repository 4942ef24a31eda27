"""Fourier cycles: cosines of a day, a week, a year or any other period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.point_process.grid import MOST_CELLS, Grid
from datagen.random.math.elementary import cos, sin
from datagen.registry import Strict
from datagen.time_units import YEAR_HOURS, Duration

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

HOUR_MICROS = 3_600_000_000.0
_TURN = float.fromhex("0x1.921fb54442d18p+2")  # 2 pi
CELLS_PER_WAVE = 48
"""The fewest cells of the grid per wave. Rates are constant within a cell, which reduces the amplitude by 0.14 %."""
_PERIODS = {"day": (24.0, 0.0), "week": (168.0, 96.0), "year": (YEAR_HOURS, 0.0)}
"""Length in hours, and the start of one in hours since 1970. 1970 began on a Thursday; the first week begins on its
Monday.
"""


class FourierTerm(Strict):
    """amplitude x cos(2 pi order (t - peak) / period), added to 1."""

    period: Literal["day", "week", "year"] | None = Field(default=None, description="a year has 365.25 days")
    period_days: float | None = Field(
        default=None, ge=1e-6, le=36525, description="any other period, counted from 1970-01-01"
    )
    order: int = Field(default=1, ge=1, le=50, description="the number of waves per period")
    amplitude: float = Field(gt=0, le=1, description="0.3 gives multipliers from 0.7 to 1.3")
    peak: Duration = Field(
        default=0,
        description="the time of the maximum in the period: '18h' of a day, '5d' of a week that begins on Monday",
    )

    @property
    def _form(self) -> tuple[float, float]:
        return _PERIODS[self.period] if self.period else (24.0 * (self.period_days or 1.0), 0.0)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the term on its own."""
        if (self.period is None) == (self.period_days is None):
            found = "neither" if self.period is None else "both"
            yield scope.problem("missing", f"needs either 'period' or 'period_days', has {found}", "keep one")
        elif self.peak / HOUR_MICROS >= self._form[0]:
            yield scope.problem("range", "the peak is beyond the period", "write a time within the period", "peak")
        elif self._form[0] / self.order < 2:
            yield scope.problem(
                "range",
                "waves of less than two hours cannot be shown on a grid of hours",
                "choose a smaller order",
                "order",
            )

    def wave(self, hours: Floats) -> Floats:
        """The term at local hours since 1970, shape (n,)."""
        length, origin = self._form
        turns = (hours - (origin + self.peak / HOUR_MICROS)) / length
        turns = (turns - np.floor(turns)) * self.order
        return self.amplitude * cos((turns - np.floor(turns)) * _TURN)

    def mean(self, middles: Floats, widths: Floats) -> Floats:
        """The mean of the term over cells with these middles (local hours since 1970) and widths
        (hours), shape (n,).
        """
        half = widths * (self.order * _TURN / (2.0 * self._form[0]))
        return self.wave(middles) * (sin(half) / half)

    @property
    def cells_per_hour(self) -> int:
        """The number of cells per hour that a wave needs."""
        return int(np.ceil(CELLS_PER_WAVE * self.order / self._form[0]))


def waves(terms: Sequence[FourierTerm], hours: Floats) -> Floats:
    """1 plus all terms at local hours since 1970, shape (n,)."""
    total = np.ones(len(hours))
    for term in terms:
        total += term.wave(hours)
    return np.maximum(total, 0.0)


def mean_waves(terms: Sequence[FourierTerm], middles: Floats, widths: Floats) -> Floats:
    """1 plus the means of all terms over cells, shape (n,)."""
    total = np.ones(len(middles))
    for term in terms:
        total += term.mean(middles, widths)
    return np.maximum(total, 0.0)


def wave_cuts(terms: Sequence[FourierTerm], grid: Grid) -> Ints:
    """The hours of a grid divided into the cells that the shortest wave needs, microseconds."""
    parts = max((term.cells_per_hour for term in terms), default=1)
    if parts * grid.hours > MOST_CELLS:
        raise grid.too_fine(parts * grid.hours)
    inner = np.arange(1, parts) * int(HOUR_MICROS) // parts
    cuts: Ints = (grid.edges[:-1, np.newaxis] + inner).ravel()
    return cuts

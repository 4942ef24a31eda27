"""Residuals of daily counts after trend, season and weekday, from a log-linear fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints

YEAR = 365.2425
_HARMONICS = 3
_LEAST_DAYS = 120
_SLIGHT = 0.03
"""Weeks that differ by less than this have no season, even if it repeats exactly, because the bend of a trend does,
too.
"""


@dataclass(frozen=True, eq=False)
class Days:
    """Rows per whole day, int64 (days,); `first` counts days since 1970 (1970-01-01 was a Thursday)."""

    counts: Ints
    first: int

    @property
    def mean(self) -> float:
        return float(self.counts.mean()) if len(self.counts) else 0.0

    @cached_property
    def residuals(self) -> tuple[Floats, Floats]:
        """Residuals of log(count) and fitted counts, of days with at least 20 expected rows, (days,) each; NaN
        elsewhere.

        Outliers (holidays, sales) are clipped at three robust standard deviations, so that single days do not dominate.
        """
        day = np.arange(len(self.counts), dtype=np.float64)
        weekday = (self.first + np.arange(len(self.counts)) + 3) % 7
        design = np.column_stack([_trend(day), _season(day), *(weekday == d for d in range(6))])
        fit = _fitted(design, np.log(self.counts + 0.5))
        expected = np.exp(fit)
        left = np.where(expected >= 20, np.log(self.counts + 0.5) - fit, np.nan)
        return _cut(left), expected

    @property
    def roughness(self) -> float:
        """Residual variance over that of Poisson counts: 1 for pure chance."""
        left, expected = self.residuals
        known = np.isfinite(left)
        return float((left[known] ** 2 * expected[known]).mean()) if known.any() else 0.0

    @property
    def evenness(self) -> float:
        """The variance of second differences of days a week apart over that of Poisson counts: 1 for pure chance, 0 for
        equidistant times.

        It removes a trend and weekdays. NaN for fewer than 120 days.
        """
        if len(self.counts) < _LEAST_DAYS:
            return float("nan")
        one, two, three = self.counts[:-14], self.counts[7:-7], self.counts[14:]
        return float(((one - 2 * two + three) ** 2).sum() / max((one + 4 * two + three).sum(), 1))

    @property
    def memory(self) -> float:
        """Correlation of the residuals of successive days."""
        left, _ = self.residuals
        one, two = left[:-1], left[1:]
        known = np.isfinite(one) & np.isfinite(two)
        if known.sum() < 30:
            return float("nan")
        centered = left - np.nanmean(left)
        spread = float(np.nanmean(centered**2))
        return float((centered[:-1] * centered[1:])[known].mean() / spread) if spread else 0.0

    @property
    def yearly_strength(self) -> float:
        """The share of the variance of weeks, beyond the bend of each year, that repeats every year."""
        years = len(self.counts) // 364
        weeks = self.counts[len(self.counts) - years * 364 :].reshape(years, 52, 7).sum(axis=2)
        week = np.arange(52.0)
        bend = np.column_stack([np.ones(52), week, week**2])
        left = np.array([_cut(y - _fitted(bend, y)) for y in np.log(weeks + 0.5)])
        common = [float((left[i] * left[j]).mean()) for i in range(years) for j in range(i)]
        spread = float((left**2).mean())
        return max(0.0, sum(common) / len(common) / (spread + _SLIGHT**2))


def _cut(left: Floats) -> Floats:
    """Residuals kept within three robust standard deviations of their median."""
    if not np.isfinite(left).any():
        return left
    middle = float(np.nanmedian(left))
    robust = 1.4826 * float(np.nanmedian(np.abs(left - middle)))
    return np.clip(left, middle - 3 * robust, middle + 3 * robust) if robust else left


def _trend(day: Floats) -> Floats:
    """Hat functions on knots half a year apart: any bend, but no season."""
    knots = np.linspace(day[0], day[-1], max(round((day[-1] - day[0]) / (YEAR / 2)), 1) + 1)
    gap = max(knots[1] - knots[0], 1.0)
    hats: Floats = np.clip(1.0 - np.abs(day[:, None] - knots) / gap, 0.0, None)
    return hats


def _season(day: Floats) -> Floats:
    angle = 2 * np.pi * day[:, None] / YEAR * np.arange(1, _HARMONICS + 1)
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _fitted(design: Floats, y: Floats) -> Floats:
    solved, *_ = np.linalg.lstsq(design.astype(np.float64), y, rcond=None)
    fit: Floats = design @ solved
    return fit

"""Verdicts on a rate: base, factors, daily noise, dispersion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.columnar.block import Floats
from datagen.point_process.factors import Timed
from datagen.point_process.ground_truth import KnownFactor
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.daily_noise import (
    DailyChance,
    common_noise,
    daily_findings,
    day_findings,
    shares_by_day,
)
from datagen.validation.metrics.rates.dispersion import parent_findings
from datagen.validation.metrics.rates.log_ratios import Contrast, CountVariance, contrast
from datagen.validation.metrics.rates.state import FactorSums, RateParameters, RateState
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable
from datagen.validation.report.chart_data import series

_MOST_DRAWN = 1500


def rate_findings(metric: RateParameters, state: RateState | None) -> list[Finding]:
    """All findings on the rate of a table."""
    if state is None or not state.tallies[0].expected.sum():
        return [not_identifiable(_base(metric), "there are no events, or none to expect")]
    if metric.planted.tangled:
        return [not_identifiable(_base(metric), "other effects depend on the end of lives with breaks")]
    found = [*_base_finding(metric, state)]
    for known, tally in zip(metric.known, state.tallies[1:], strict=True):
        place = FactorLocation(metric.table, None, known.behavior)
        found += factor_findings(place, known.factor, estimates(metric, state, known, tally))
    chance = DailyChance(metric.base.fano, _turnover(metric, state))
    found += daily_findings(metric.table, metric.planted.daily, state.days, chance)
    first = metric.window[0] // DAY
    found += day_findings(metric.table, metric.planted.daily, first, state.days, chance)
    found += parent_findings(metric, state)
    return found


def estimates(metric: RateParameters, state: RateState, known: KnownFactor | None, tally: FactorSums) -> Contrast:
    """The log ratios of a factor's categories, with the common effect of daily noise."""
    chance = _chance(metric, state, tally)
    if not metric.planted.daily:
        return contrast(tally, chance=chance)
    codes = None
    if known is not None and isinstance(known.factor, Timed):
        codes = known.factor.codes[0] if len(known.factor.codes) == 1 else known.factor.codes[-1]
    shares = shares_by_day(metric, state, tally, codes)
    return contrast(tally, common_noise(shares, metric.planted), chance)


def _chance(metric: RateParameters, state: RateState, tally: FactorSums) -> CountVariance:
    """The declared variance of a parent's events; hidden lives count as differences between parents.

    If a share S of parents is alive, the relative variance of who is alive is 1 / S - 1.
    """
    second, square = float(state.sums[1]), float(state.moments[0][3, 3])
    lives = max(second / square - 1.0, 0.0) if square > 0 else 0.0
    whole, each = (1.0 / one.living - 1.0 for one in (state.tallies[0], tally))
    lives_of = lives * each / max(float(whole[0]), 1e-9) if lives else np.zeros(len(each))
    return CountVariance(metric.base.max_fano, _second_moment(metric, state) * (1.0 + lives_of) - 1.0)


def _second_moment(metric: RateParameters, state: RateState) -> float:
    """The mean square of the hidden multipliers of a parent, whose mean is 1."""
    return (1.0 + metric.base.dispersion) * (1.0 + metric.planted.spread(state.missing_truth))


def _turnover(metric: RateParameters, state: RateState) -> float:
    """Half the mean square of the relative change of all parents' rate from one day to the next, as they begin and
    leave.
    """
    spans = state.tallies[0].spans
    level = float(spans.sum()) ** 2 * state.days.shape[1] / spans.size**2
    scale = float(state.days[1].sum()) / max(float(spans.sum()), 1e-9)
    return float(0.5 * _second_moment(metric, state) * state.turnover / max(level * max(scale, 1.0), 1e-9))


def _base(metric: RateParameters) -> Parameter:
    base = metric.base
    return Parameter(
        metric.table, None, metric.name, f"mean per {base.unit}", base.mean, size=0.5, log=True
    )  # fmt: skip


def _base_finding(metric: RateParameters, state: RateState) -> Iterator[Finding]:
    whole = estimates(metric, state, None, state.tallies[0])
    if not whole.usable[0]:
        yield not_identifiable(_base(metric), f"{whole.expected[0]:.0f} expected events are too few")
        return
    value, error = whole.of(np.ones(1))
    details = _volume(metric, state.days)
    yield compare(_base(metric), metric.base.mean * float(np.exp(value)), error, details)


def _volume(metric: RateParameters, days: Floats) -> dict[str, object]:
    """Events by day (or week, if days are many) against their expectation."""
    step = 1 if days.shape[1] <= _MOST_DRAWN else 7
    width = days.shape[1] // step * step
    seen, expected = np.add.reduce(days[:, :width].reshape(2, -1, step), axis=2)[:, :_MOST_DRAWN]
    first = metric.window[0] // DAY
    times = [(first + k * step) * DAY for k in range(len(seen))]
    unit = "day" if step == 1 else "week"
    return series(f"{metric.table} per {unit}", times, seen, expected, x="date (UTC)", y=f"rows per {unit}")

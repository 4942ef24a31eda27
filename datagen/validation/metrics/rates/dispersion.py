"""Verdicts on dispersion, children per parent, and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from datagen.columnar.block import Floats
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.rates.daily_noise import common_noise, shares_by_day
from datagen.validation.metrics.rates.log_ratios import FEW_PARENTS
from datagen.validation.metrics.rates.per_parent import bin_starts
from datagen.validation.metrics.rates.state import RateParameters, RateState
from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable, where_most
from datagen.validation.report.chart_data import counts

_LEAST_PARENTS = 200
_SHAPE_THRESHOLD = 0.01
_ALLOWED = 2.58
"""The two-sided 1 % quantile of the normal distribution; the distance of the numbers is judged at 1 %, too."""
_DRAWN = 41
_BLUR = 0.3
"""The effect of daily noise of variance 1 on the local variation of gaps, as a standard error: at most its variance."""


def parent_findings(metric: RateParameters, state: RateState) -> Iterator[Finding]:
    """The findings from the sample of parents."""
    if not metric.base.apart:
        yield _dispersion(metric, state)
    yield _children(metric, state)
    yield from _gaps(metric, state)


def dispersion(table: str, own: float, spread: float) -> Parameter:
    """The dispersion of a table; hidden multipliers of this variance act in addition to its own."""
    planted = (1.0 + own) * (1.0 + spread) - 1.0
    return Parameter(
        table, None, "DispersionRecovery", "dispersion (variance of the parents' multipliers)", planted,
        size=max(planted, 0.2), group="cardinality",
    )  # fmt: skip


def _lasting(metric: RateParameters) -> bool:
    """Whether lives end permanently, independently of events."""
    return all(survival.monotone for _, survival in metric.planted.survival_factors)


def _dispersion(metric: RateParameters, state: RateState) -> Finding:
    """By factorial moments: n (n - 1) of a parent has the mean (1 + dispersion) times the second moment of its
    expectation.
    """
    fano, spread = metric.base.fano, metric.planted.spread(state.missing_truth)
    parameter = dispersion(metric.table, metric.base.dispersion, spread)
    parents = float(state.children[0].sum())
    if fano is None or not _lasting(metric) or parents < _LEAST_PARENTS:
        return not_identifiable(parameter, "there are too few parents, or gaps and returns hide it")
    pairs, square, seen, mean = state.sums
    if square <= 0 or mean <= 0 or seen <= 0:
        return not_identifiable(parameter, "there are no events")
    level = seen / mean
    excess = pairs - (fano - 1.0) * seen
    found = excess / (level**2 * square) - 1.0
    # the derivative of the estimate by each parent's (n (n - 1), second moment, n, mean)
    weights = np.array(
        [
            1.0 / (level**2 * square),
            -(1.0 + found) / square,
            -2.0 * (1.0 + found) / seen - (fano - 1.0) / (level**2 * square),
            2.0 * (1.0 + found) / mean,
        ]
    )
    # samples without the most active parents underestimate the error: that of a simulation is the minimum; a sample
    # without any parent of two events has none: the variance of n (n - 1) of Poisson numbers is at least twice the
    # squared mean
    alone = 2.0 * fano / (level**2 * square)
    error = float(np.sqrt(max(*(weights @ moments @ weights for moments in state.moments), alone)))
    return compare(parameter, float(found), error)


def _children(metric: RateParameters, state: RateState) -> Finding:
    """Children per parent against the planted rate, lives and multipliers."""
    parameter = Parameter(
        metric.table, None, "CardinalityShapeSimilarity", "children per parent", 1.0, group="cardinality"
    )
    found, planted = state.children
    if metric.base.fano != 1.0 or not _lasting(metric) or state.missing_truth or found.sum() < _LEAST_PARENTS:
        return not_identifiable(parameter, "there are too few parents, or gaps and returns give another distribution")
    shares, planted_shares = found / found.sum(), planted / planted.sum()
    distance, message = apart(shares, planted_shares)
    independent = float(state.together[0] ** 2 / state.together[1])
    allowed = float(1.63 * np.sqrt(1.25 / independent)) + _by_days(metric, state, planted_shares)
    fits = close(parameter, distance, allowed, _SHAPE_THRESHOLD, chart(metric.table, shares, planted_shares))
    return where_most(fits, message)


def _by_days(metric: RateParameters, state: RateState, planted_shares: Floats) -> float:
    """The distance explained by daily noise, which is common to all parents and shifts all their numbers together."""
    if not metric.planted.daily:
        return 0.0
    shares = shares_by_day(metric, state, state.tallies[0], None)
    error = float(common_noise(shares, metric.planted)[0, 0]) ** 0.5
    starts, reached = np.log(bin_starts()[1:]), np.cumsum(planted_shares)[: len(bin_starts()) - 1]
    moved = [np.interp(starts + sign * _ALLOWED * error, starts, reached) for sign in (-1.0, 1.0)]
    return float(max(np.abs(one - reached).max() for one in moved))


def apart(shares: Floats, planted_shares: Floats) -> tuple[float, str]:
    """The distance of two distributions of numbers of children, and its largest deviation as text."""
    reached, due = np.cumsum(shares), np.cumsum(planted_shares)
    most = int(np.abs(reached - due).argmax())
    number = bin_starts()[most + 1] - 1 if most + 1 < len(bin_starts()) else bin_starts()[most]
    few = f"have {number:,} or fewer" if number else "have none"
    return float(abs(reached[most] - due[most])), f"{reached[most]:.1%} of the parents {few}, planted {due[most]:.1%}"


def chart(table: str, shares: Floats, planted_shares: Floats) -> dict[str, object]:
    """Shares of parents by number of children; the last bar is for all larger numbers."""
    last = min(int(np.searchsorted(np.cumsum(planted_shares), 0.98)) + 1, _DRAWN - 1, len(shares) - 1)
    tails = [np.append(part[:last], part[last:].sum()) for part in (shares, planted_shares)]
    return counts(f"{table} per parent", bin_starts()[: last + 1], *tails, open_end=True)


def _gaps(metric: RateParameters, state: RateState) -> Iterator[Finding]:
    """Local variation of gaps: 1 for a Poisson process, below it regular, above it clustered."""
    planted = metric.base.variation
    if planted is None:
        return
    parameter = Parameter(
        metric.table, None, "GapRecovery", f"local variation of gaps ({metric.base.gaps})", planted,
        size=max(abs(planted - 1.0), 0.25), group="time",
    )  # fmt: skip
    found, error, number = _mean_variation(state.variation[0])
    if number < _LEAST_PARENTS:
        yield not_identifiable(parameter, "too few parents have three events or more")
        return
    expected, doubt, simulated = _mean_variation(state.variation[1])
    if simulated:  # breaks in lives make some gaps longer
        parameter = replace(parameter, planted=expected)
        error = float(np.hypot(error, doubt))
    unobserved = float(metric.planted.day_covariance(1)[0])  # the planted clock does not include daily noise
    yield compare(parameter, found, float(np.hypot(error, _BLUR * unobserved)))


def _mean_variation(sums: Floats) -> tuple[float, float, float]:
    """The mean local variation, its standard error over parents, and the number of pairs of gaps.

    For few parents, whose differences give little information on the error, that of gamma gaps of this variation is
    added; half as much again for pairs that share a gap.
    """
    total, number, squares, cross, numbers = sums.tolist()
    pairs = max(number, 1.0)
    found = total / pairs
    few = FEW_PARENTS * numbers / (pairs * pairs + FEW_PARENTS * numbers)
    alone = 1.5 * found**2 * max(6.0 - 2.0 * found, 0.5) / (3.0 + 2.0 * found) / pairs
    variance = (squares - 2.0 * found * cross + found**2 * numbers) / pairs**2 + few * alone
    return found, max(variance, 1e-18) ** 0.5, number

"""The judgement of what multiplies values: mean ratios by category of each factor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Floats
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.distribution.state import FitState, ValueTally
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.log_ratios import LEAST_EXPECTED, Contrast, residual

if TYPE_CHECKING:
    from datagen.point_process.ground_truth import GroundTruth
    from datagen.validation.metrics.distribution.metric import DistributionFit


def value_findings(measure: DistributionFit, state: FitState | None) -> Iterator[Finding]:
    """Every factor on the values of a column."""
    if state is None or measure.planted is None:
        return
    logarithmic = all(case.logarithmic for case in measure.cases)
    for known, tally in zip(measure.known, state.tallies, strict=True):
        place = FactorLocation(measure.table, measure.column, known.behavior)
        yield from factor_findings(place, known.factor, estimates(tally, measure.planted, logarithmic))


def estimates(tally: ValueTally, planted: GroundTruth, logarithmic: bool) -> Contrast:
    """The log of the mean ratio of found to planted values in each category."""
    cells = np.maximum(tally.cells, 1.0)
    usable = tally.cells >= LEAST_EXPECTED
    mean = tally.total / cells
    variance = np.maximum(tally.square / cells - mean * mean, 1e-18)
    covariance = np.diag(variance / cells)
    if planted.unseen:
        covariance = residual(tally.products, mean) / np.outer(cells, cells) + _daily(tally, planted)
    slope = np.ones(len(mean))
    if not logarithmic:
        slope = 1.0 / np.maximum(1.0 + mean, 0.05)
        mean = np.log(np.maximum(1.0 + mean, 0.05))
    covariance = covariance * np.outer(slope, slope)
    ratio = np.where(usable, mean, 0.0)
    return Contrast(ratio, np.where(np.outer(usable, usable), covariance, 0.0), tally.cells, usable, tally.cells)


def _daily(tally: ValueTally, planted: GroundTruth) -> Floats:
    """What daily noise adds, as if the days of a category were a random part of a year of them."""
    variance = sum(d.sd**2 * (1.0 + d.rho) / (1.0 - d.rho) for d in planted.daily)
    days = 365.0 * tally.cells / max(float(tally.cells.sum()), 1.0)
    found: Floats = np.diag(variance / np.maximum(days, 1.0))
    return found

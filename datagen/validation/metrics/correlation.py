"""Recovers declared correlations from the normal scores of two columns.

A rounded number or a choice stands for an interval of the normal distribution. The correlation of such scores is a
power series in rho, whose coefficients are the Hermite moments of the cells (Mehler's formula); it is solved for rho.
The moments are estimated from two independent positions of each cell within its interval, so they need no knowledge of
how cells were made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from datagen.columnar.block import Bools, Floats, Rows
from datagen.errors import Absent
from datagen.random.math.normal import normal_ppf
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

MOST_ROWS = 400_000
FEWEST = 50
TERMS = 24
_MOST = 0.9999
_SMALLEST = 1e-12
_FARTHEST = 2.5e-4
"""The limit of scores, because powers of larger ones would dominate the sums."""

Scale = Literal["rho", "tau"]
Places = Callable[[Rows, str], Floats]
"""The quantile of each cell in its distribution, 0 to 1, nan for none; random within an interval, drawn under this
name.
"""


@dataclass(frozen=True)
class ScoreSums:
    """Sums over pairs of normal scores (a, b): `moments` of 1, aa, bb, ab and of the products for the standard error;
    `hermite[k]` of a h_k(a'), b h_k(b') where a' and b' are other positions of the same cells.
    """

    moments: Floats
    hermite: Floats

    def __add__(self, other: ScoreSums) -> ScoreSums:
        return ScoreSums(self.moments + other.moments, self.hermite + other.hermite)


@dataclass(frozen=True, eq=False)
class CorrelationRecovery:
    """The correlation of `column` and `other`, `planted` as Kendall's tau or as rho.

    `seen(rows)` is False for rows that show only a part of a distribution, such as delays that the window's end may cut
    off.
    """

    table: str
    column: str
    other: str
    scale: Scale
    planted: float
    places: tuple[Places, Places]
    seen: Callable[[Rows], Bools]
    rows: Callable[[], int]
    name: ClassVar[str] = "Correlation"
    group: Group = "dependence"

    def observe(self, part: Slice) -> ScoreSums | None:
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block, sample_rows(block.ids, MOST_ROWS / max(self.rows(), len(block), 1)))
        try:
            found = [places(rows, lot) for places in self.places for lot in ("place", "other place")]
            seen = self.seen(rows)
        except Absent:
            return None
        for one in found:
            seen = seen & ~np.isnan(one)
        a, a_again, b, b_again = (_scores(one[seen]) for one in found)
        hermite = [[float(x.dot(h)) for h in _hermite(again)] for x, again in ((a, a_again), (b, b_again))]
        return ScoreSums(_moments(a, b), np.array(hermite))

    def merge(self, one: ScoreSums, other: ScoreSums) -> ScoreSums:
        return one + other

    def findings(self, state: ScoreSums | None) -> list[Finding]:
        size = max(abs(self.planted), 0.1)
        subject = f"{self.scale} of '{self.column}' and '{self.other}'"
        parameter = Parameter(self.table, self.column, self.name, subject, self.planted, size, group=self.group)
        if state is None or state.moments[0] < FEWEST:
            seen = 0 if state is None else int(state.moments[0])
            return [not_identifiable(parameter, f"there are {seen} rows that show both")]
        rho, error = estimate(state)
        if self.scale == "rho":
            return [compare(parameter, rho, error)]
        slope = 2.0 / math.pi / math.sqrt(1.0 - rho * rho)
        return [compare(parameter, 2.0 / math.pi * math.asin(rho), error * slope)]


def estimate(state: ScoreSums) -> tuple[float, float]:
    """Rho and its standard error, which is infinite if the cells do not determine it."""
    n, aa, bb, ab, *fourth = state.moments
    spread = math.sqrt(aa * bb)
    observed = ab / spread
    series = _coefficients(state.hermite[0] / aa, n) * _coefficients(state.hermite[1] / bb, n)
    rho = _solved(series, observed)
    error = _error(observed, (n, aa, bb), fourth)
    slope = abs(_derivative(series, rho))
    return rho, error / slope if slope > _SMALLEST else math.inf


def _coefficients(found: Floats, n: float) -> Floats:
    """Hermite moments, 0 if not significant: all but the first for a column that is not rounded."""
    degrees = np.arange(1, TERMS + 1)
    return np.where((degrees == 1) | (np.abs(found) > 4.0 * np.sqrt((2.0 * degrees + 1.0) / n)), found, 0.0)


def _error(r: float, moments: tuple[float, float, float], fourth: list[float]) -> float:
    """The standard error of a correlation about known means, from fourth moments (the delta method)."""
    n, aa, bb = moments
    a, b = math.sqrt(aa / n), math.sqrt(bb / n)
    s22, s31, s13, s40, s04 = fourth
    both = s22 / n / (a * a * b * b)
    mixed = s31 / n / (a**3 * b) + s13 / n / (a * b**3)
    single = s40 / n / a**4 + s04 / n / b**4 + 2.0 * both
    return math.sqrt(max(both - r * mixed + r * r / 4.0 * single, 0.0) / n)


def _solved(series: Floats, observed: float) -> float:
    """The rho at which the series has this value, by bisection; the nearest end if there is none."""
    low, high = -_MOST, _MOST
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _value(series, middle) < observed else (low, middle)
    return 0.5 * (low + high)


def _value(series: Floats, rho: float) -> float:
    return float(series.dot(rho ** np.arange(1, len(series) + 1)))


def _derivative(series: Floats, rho: float) -> float:
    powers = np.arange(1, len(series) + 1)
    return float(series.dot(powers * rho ** (powers - 1)))


def _scores(places: Floats) -> Floats:
    """Normal scores, limited to the resolution of the tabulated distributions."""
    return np.asarray(normal_ppf(np.clip(places, _FARTHEST, 1.0 - _FARTHEST)))


def _hermite(scores: Floats) -> list[Floats]:
    """The normalized Hermite polynomials of degree 1 to TERMS: orthonormal under the normal distribution."""
    found = [np.ones(len(scores)), scores]
    for k in range(1, TERMS):
        found.append((scores * found[k] - math.sqrt(k) * found[k - 1]) / math.sqrt(k + 1.0))
    return found[1:]


def _moments(a: Floats, b: Floats) -> Floats:
    aa, bb, ab = a * a, b * b, a * b
    products = (aa, bb, ab, ab * ab, aa * ab, ab * bb, aa * aa, bb * bb)
    return np.array([float(len(a)), *(float(one.sum()) for one in products)])

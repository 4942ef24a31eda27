"""Pearson's index of dispersion of arrival counts, two-sided.

Given the number in a stratum, the counts of its cells are multinomial, so Pearson's statistic has known moments
(Haldane 1937, "The exact value of the moments of the distribution of chi-squared"). The statistic over its mean is 1
for a Poisson process, near 0 for equidistant times, above 1 for clusters. Its cube root is nearly normal (Wilson and
Hilferty 1931). If daily noise is declared, every day is a stratum, which removes the variation between days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.declarations.rates import ArrivalSegment
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_EVEN = 512
"""Cells of equal share in each segment."""
_PARTS = 8
"""Cells of a day, if days are strata."""
_LEAST_CELL = 1.0
_MEAN_CELL = 2.5
_LEAST_FREEDOM = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of time between `edges` (microseconds, ascending, (n + 1,)) and the planted `shares` of arrivals in them,
    (n,).

    Each belongs to one larger cell of each of several sizes, `groups` (sizes, n), within its stratum, (n,).
    """

    edges: Ints
    shares: Floats
    groups: Ints
    stratum: Ints

    @classmethod
    def of(cls, segments: Sequence[ArrivalSegment], *, noisy: bool) -> Cells:
        """Cells that have the days and the edges of all segments among their edges."""
        begin, end = segments[0].begin, segments[-1].end
        step = DAY // _PARTS if noisy else DAY
        regular = np.arange(begin // step + 1, -(-end // step)) * step
        own = [edge for segment in segments for edge in (segment.begin, segment.end)]
        even = [] if noisy else [segment.even(_EVEN) for segment in segments]
        edges = np.unique(np.concatenate([np.array(own), regular, *even]))
        shares = np.diff(sum((segment.reached(edges) for segment in segments), np.zeros(len(edges))))
        at = edges[:-1]
        segment = np.searchsorted(np.array([c.begin for c in segments]), at, side="right") - 1
        if noisy:
            stratum = (at // DAY) * len(segments) + segment
            sizes = [at // step // part for part in (1, 2, 4)]
        else:
            cell = np.searchsorted(np.concatenate(even), at, side="right") + segment
            stratum, sizes = segment, [cell // 2**k for k in range(5)]
        return cls(edges, shares, np.array(sizes), stratum)

    def counts(self, times: Ints) -> Floats:
        """The number of times in each cell, (n,); times outside are in the first or last cell."""
        at = np.searchsorted(self.edges, times, side="right") - 1
        return np.bincount(np.clip(at, 0, len(self.shares) - 1), minlength=len(self.shares)).astype(np.float64)


def dispersion_finding(parameter: Parameter, counts: Floats, cells: Cells) -> Finding:
    """The finding on the index of dispersion of counts by cell."""
    found = _index(counts, cells)
    if found is None:
        return not_identifiable(parameter, "too few arrivals in too few cells of time")
    index, variance = found
    freedom = 2.0 / variance
    z = (index ** (1.0 / 3.0) - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)) ** 0.5
    gap, usual = index - 1.0, variance**0.5
    return compare(parameter, index, gap / z if abs(gap) > usual else usual)  # the z-score from the cube root


def _index(counts: Floats, cells: Cells) -> tuple[float, float] | None:
    """The index of dispersion and its variance for a Poisson process; None if there are too few cells."""
    for group in cells.groups:
        expected, seen, stratum = _merged(counts, cells, group)
        if len(expected) and float(expected.mean()) >= _MEAN_CELL:
            break
    return _pearson(expected, seen, stratum)


def _merged(counts: Floats, cells: Cells, group: Ints) -> tuple[Floats, Floats, Ints]:
    """Expected and observed counts of larger cells with at least one expected row, and their strata."""
    low = group.min(initial=0)
    key = cells.stratum * (group.max(initial=0) - low + 1) + group - low
    _, first, code = np.unique(key, return_index=True, return_inverse=True)
    expected = np.bincount(code, cells.shares) * counts.sum()
    seen = np.bincount(code, counts)
    enough = expected >= _LEAST_CELL
    return expected[enough], seen[enough], cells.stratum[first][enough]


def _pearson(expected: Floats, seen: Floats, stratum: Ints) -> tuple[float, float] | None:
    _, code = np.unique(stratum, return_inverse=True)
    number = np.bincount(code).astype(np.float64)
    mass, total = np.bincount(code, expected), np.bincount(code, seen)
    share = expected / mass.take(code)
    square = np.bincount(code, seen * seen / share) / np.maximum(total, 1.0) - total
    inverse = np.bincount(code, 1.0 / share)
    variance = 2.0 * (number - 1.0) + (inverse - number * number - 2.0 * number + 2.0) / np.maximum(total, 1.0)
    usable = (number > 1.0) & (total > 1.0)
    freedom = float((number[usable] - 1.0).sum())
    if freedom < _LEAST_FREEDOM:
        return None
    return float(square[usable].sum()) / freedom, float(variance[usable].sum()) / freedom**2

"""Realism test of dependence: no column depends on another one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints
from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.realism.row_sample import Sample, SampledColumn, ranks

FEWEST = 3000
FEWEST_PAIRS = 3
"""With fewer pairs of columns, independence is plausible."""
MOST_PAIRS = 60
MOST_VALUES = 60
BANDS = 6
"""The number of equal-size bands of numbers for comparison with categories."""


def independent(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """The strongest association of a drawn column of the table with another one, or with an attribute of a process."""
    sign = RealismTest("IndependentColumns", table)
    seen = [facet for facet in facets if (facet.drawn or facet.of_process) and facet.form in ("number", "category")]
    pairs = [(a, b) for a, b in combinations(seen, 2) if any(x.own and x.drawn for x in (a, b))][:MOST_PAIRS]
    coded = RankedColumns(sample)
    found = [(strength, a, b) for a, b in pairs if (strength := association(coded, a, b)) is not None]
    if len(found) < FEWEST_PAIRS:
        yield sign.not_applicable("fewer than three pairs of columns to compare, or fewer than 3,000 rows")
        return
    most, one, two = max(found, key=lambda pair: pair[0])
    message = (
        f"of {len(found)} pairs of columns, '{one.name}' and '{two.name}' have the strongest association: "
        f"{apart(most, 0.05, 2)}"
    )
    yield sign.finding(most < 0.05, most, 0.05, message)


class RankedColumns:
    """The ranks and codes of columns. Those of whole columns are computed once for all pairs."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._ranks: dict[str, Floats] = {}
        self._codes: dict[str, Ints | None] = {}

    def ranks(self, facet: SampledColumn, both: Bools) -> Floats:
        data = self.sample.cells[facet.name].data
        if not both.all():
            return ranks(data[both])
        if facet.name not in self._ranks:
            self._ranks[facet.name] = ranks(data)
        return self._ranks[facet.name]

    def codes(self, facet: SampledColumn, both: Bools) -> Ints | None:
        data = self.sample.cells[facet.name].data
        if not both.all():
            return codes(data[both], facet)
        if facet.name not in self._codes:
            self._codes[facet.name] = codes(data, facet)
        return self._codes[facet.name]


def association(coded: RankedColumns, one: SampledColumn, two: SampledColumn) -> float | None:
    """Spearman's rank correlation (its absolute value), or bias-corrected Cramer's V; None for too few rows."""
    both = coded.sample.cells[one.name].valid & coded.sample.cells[two.name].valid
    if np.count_nonzero(both) < FEWEST:
        return None
    if one.form == two.form == "number":
        return _spearman(coded.ranks(one, both), coded.ranks(two, both))
    left, right = coded.codes(one, both), coded.codes(two, both)
    return None if left is None or right is None else cramers_v(left, right)


def codes(data: Floats | Ints, facet: SampledColumn) -> Ints | None:
    """Codes of categories, bands of numbers; None if there is one value only, or too many."""
    values, found = np.unique(data, return_inverse=True)
    if facet.form == "number" and len(values) > BANDS:
        found = (ranks(data) * BANDS / len(data)).astype(np.int64)
        return np.unique(found, return_inverse=True)[1]
    return found if 2 <= len(values) <= MOST_VALUES else None


def _spearman(a: Floats, b: Floats) -> float | None:
    a, b = a - a.mean(), b - b.mean()
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return abs(float((a * b).sum())) / spread if spread else None


def cramers_v(left: Ints, right: Ints) -> float | None:
    """Bergsma 2013."""
    r, k, n = int(left.max()) + 1, int(right.max()) + 1, len(left)
    if min(r, k) < 2:
        return None
    table = np.bincount(left * k + right, minlength=r * k).reshape(r, k)
    due = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = float(((table - due) ** 2 / np.where(due > 0, due, 1)).sum()) / n
    phi = max(0.0, phi - (k - 1) * (r - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    return float(np.sqrt(phi / max(min(rows, columns) - 1, 1e-9)))

"""Realism tests of nulls: no nulls, or nulls completely at random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.columnar.block import Bools, Floats
from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.realism.dependence import codes
from datagen.validation.realism.row_sample import Sample, SampledColumn, ranks

FEWEST = 1000
OUTSIDE = 0.52
"""An area under the curve beyond chance; its mirror image is .48."""


def missing(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """Whether any cell of nullable columns is missing, and whether another column predicts which."""
    may = [facet for facet in facets if facet.own and facet.nullable and facet.plain]
    if len(sample) < FEWEST or not may:
        return
    gone = {facet.name: 1.0 - float(sample.cells[facet.name].valid.mean()) for facet in may}
    most = max(gone, key=lambda name: gone[name])
    if gone[most] or any(facet.drawn for facet in may):  # a computed column need not have nulls
        message = (
            f"up to {gone[most]:.1%} of the cells of one column are missing" if gone[most] else "no cell is missing"
        )
        yield RealismTest("NoNulls", table, most).finding(gone[most] == 0, gone[most], 0.0, message)
    partly_missing = [facet for facet in may if _enough(sample.cells[facet.name].valid)]
    pairs = [(facet, other) for facet in partly_missing for other in facets if other != facet]
    if not pairs:
        why = "there is no other column" if partly_missing else "no column has enough missing cells"
        yield RealismTest("RandomNulls", table).not_applicable(why)
        return
    best, name = max((null_dependence(sample, facet, other), facet.name) for facet, other in pairs)
    message = (
        f"how well another column predicts where '{name}' is missing: area under the curve "
        f"{apart(best, OUTSIDE, 2)} (0.50: not at all)"
    )
    yield RealismTest("RandomNulls", table, name).finding(best < OUTSIDE, best, OUTSIDE, message)


def _enough(valid: Bools) -> bool:
    return min(int(np.count_nonzero(~valid)), int(np.count_nonzero(valid))) >= 50


def null_dependence(sample: Sample, facet: SampledColumn, other: SampledColumn) -> float:
    """The area under the curve of predicting by `other` which cells of `facet` are missing; .5 for no association."""
    gone, cells = ~sample.cells[facet.name].valid, sample.cells[other.name]
    if not cells.valid.any() or other.form == "text":
        return 0.5
    if other.form == "category":
        score = _shares(sample, other, gone)
    else:
        score = np.where(cells.valid, cells.data, cells.data[cells.valid].min()).astype(np.float64)
    area = _area(score, gone)
    return max(area, 1.0 - area)


def _shares(sample: Sample, other: SampledColumn, gone: Bools) -> Floats:
    """Half of the rows give the share of missing cells per category, which predicts the other half, and vice versa."""
    cells = sample.cells[other.name]
    found = codes(np.where(cells.valid, cells.data, 0), other)
    if found is None:
        return np.zeros(len(gone))
    half = np.arange(len(gone)) % 2
    rates = [
        np.bincount(found[half == h], weights=gone[half == h], minlength=found.max() + 1)
        / np.maximum(np.bincount(found[half == h], minlength=found.max() + 1), 1)
        for h in (0, 1)
    ]
    return np.where(half == 0, rates[1][found], rates[0][found])


def _area(score: Floats, gone: Bools) -> float:
    place = ranks(score)
    n, m = np.count_nonzero(gone), np.count_nonzero(~gone)
    return float((place[gone].sum() - n * (n - 1) / 2) / (n * m))

"""Realism tests of categories: equal shares, few distinct texts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest
from datagen.validation.realism.event_times import entropy
from datagen.validation.realism.row_sample import Sample, SampledColumn

MOST = 50


def equal(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """Entropy relative to that of equal shares."""
    for facet in facets:
        if facet.form != "category" or not facet.own or not facet.drawn:
            continue
        cells = sample.cells[facet.name]
        many = np.unique(cells.data[cells.valid], return_counts=True)[1]
        if not 3 <= len(many) <= MOST or many.sum() < 50 * len(many):
            continue
        found = entropy(many) / float(np.log(len(many)))
        message = f"{len(many)} values have {found:.1%} of the entropy of equal shares"
        yield RealismTest("EqualCategories", table, facet.name).finding(found > 0.97, found, 0.97, message)


def cycling(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """Few different texts with equal frequency."""
    for facet in facets:
        if facet.form != "text" or not facet.own:
            continue
        sign = RealismTest("TextCycling", table, facet.name)
        cells = sample.cells[facet.name]
        many = np.unique(cells.data[cells.valid], return_counts=True)[1]
        if many.sum() < 5000:
            yield sign.not_applicable("fewer than 5,000 texts")
            continue
        share = len(many) / max(sample.rows * float(cells.valid.mean()), 1.0)
        few = len(many) < many.sum() / 4 and share < 0.01
        flat = len(many) == 1 or entropy(many) / float(np.log(len(many))) > 0.97
        message = f"about {len(many):,} different texts in {sample.rows:,} rows"
        yield sign.finding(few and flat, share, 0.01, message)

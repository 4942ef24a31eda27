"""Realism tests of amounts: no long tail, no fit to Benford's law, prices without usual endings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.realism.numeric_shape import FEWEST
from datagen.validation.realism.row_sample import Sample, SampledColumn

_AMOUNT = re.compile(r"(^|_)(amount|total|revenue|income|salary|spend|principal|sales|turnover|payment)(_|$)")
_UNIT = re.compile(r"(^|_)(cost|price|rate|fee|unit|list|replacement|limit|threshold|max|min)(_|$)")
"""Amounts per piece, or amounts set by people, which need no tail."""
_PRICE = re.compile(r"(^|_)(price|fare|msrp)(_|$)")
MOST_COMMON = 20
LISTED = 0.3
"""A share of the most frequent amounts that only prices of a list have."""
_FIRST = np.log10(1 + 1 / np.arange(1, 10))


def money(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    for facet in facets:
        if facet.form != "number" or not facet.own or facet.of_process:
            continue
        if _AMOUNT.search(facet.name.lower()) and not _UNIT.search(facet.name.lower()):
            yield from _amounts(table, sample, facet)
        elif _PRICE.search(facet.name.lower()):
            yield _points(table, sample, facet)


def _amounts(table: str, sample: Sample, facet: SampledColumn) -> Iterator[Finding]:
    tail, digits = RealismTest("MoneyTail", table, facet.name), RealismTest("FirstDigits", table, facet.name)
    numbers = np.abs(sample.floats(facet))
    numbers = np.sort(numbers[numbers > 0])
    if len(numbers) < FEWEST / 2:
        yield tail.not_applicable("fewer than 1,000 amounts")
        return
    low, middle, high = (float(numbers[int(q * (len(numbers) - 1))]) for q in (0.005, 0.5, 0.99))
    message = f"one in a hundred is above {apart(high / middle, 4, 1)} times the median"
    if len(np.unique(numbers)) <= MOST_COMMON:
        yield tail.not_applicable(f"there are at most {MOST_COMMON} different amounts, as in a list of prices")
    else:
        yield tail.finding(high / middle < 4, high / middle, 4.0, message)
    top = float(numbers[int(0.995 * (len(numbers) - 1))])
    if top / low < 100:
        yield digits.not_applicable("the amounts span less than two decades")
        return
    if _share_of_commonest(numbers) >= LISTED:
        yield digits.not_applicable(f"{MOST_COMMON} amounts make up {LISTED:.0%} or more, as list prices do")
        return
    first = (numbers / 10.0 ** np.floor(np.log10(numbers) + 1e-12)).astype(np.int64).clip(1, 9)
    off = float(np.abs(np.bincount(first, minlength=10)[1:] / len(first) - _FIRST).mean())
    yield digits.finding(
        off > 0.015, off, 0.015, f"first digits are {apart(off, 0.015, 3)} from Benford's law on average"
    )


def _points(table: str, sample: Sample, facet: SampledColumn) -> Finding:
    sign = RealismTest("PricePoints", table, facet.name)
    cells = sample.cells[facet.name]
    prices = cells.data[cells.valid]
    if len(prices) < FEWEST / 2 or facet.scale != 2:
        return sign.not_applicable("fewer than 1,000 prices, or prices without cents")
    ends = float(np.isin(prices % 100, (99, 95, 0)).mean())
    top = _share_of_commonest(prices)
    message = f"{ends:.0%} of the prices end in .99, .95 or .00; the {MOST_COMMON} most frequent make up {top:.0%}"
    return sign.finding(ends < 0.2 and top < LISTED, ends, 0.2, message)


def _share_of_commonest(amounts: Floats | Ints) -> float:
    """The share of the `MOST_COMMON` most frequent amounts."""
    return float(np.sort(np.unique(amounts, return_counts=True)[1])[-MOST_COMMON:].sum() / len(amounts))

"""Realism tests of numbers: exactly normal, exactly uniform, or concentrated at the ends of a range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.normal import normal_ppf
from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.realism.row_sample import Sample, SampledColumn

FEWEST = 2000
CONTINUOUS = 50
"""The fewest different values of a continuous column."""


def continuous(sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[tuple[SampledColumn, Floats]]:
    """The table's own numeric columns with many different values, and those values."""
    for facet in facets:
        if facet.form != "number" or not facet.own:
            continue
        numbers = sample.floats(facet)
        if len(numbers) >= FEWEST and len(np.unique(numbers)) >= CONTINUOUS:
            yield facet, numbers


def textbook_normal(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    sign = RealismTest("TextbookNormals", table)
    columns = [(facet, numbers) for facet, numbers in continuous(sample, facets) if facet.drawn]
    if len(columns) < 2:
        yield sign.not_applicable("fewer than two columns of drawn numbers")
        return
    normal = [facet.name for facet, numbers in columns if _normal(numbers)]
    share = len(normal) / len(columns)
    message = f"{len(normal)} of {len(columns)} columns of numbers are exactly normal"
    yield sign.finding(len(normal) > 1 and share > 0.4, share, 0.4, message)


def _normal(numbers: Floats) -> bool:
    """Shapiro-Francia W above .97, skew below .15, excess kurtosis below .5."""
    spread = float(numbers.std())
    if not spread:
        return False
    z = np.sort(numbers - numbers.mean()) / spread
    places: Floats = (np.arange(1, len(z) + 1, dtype=np.float64) - 0.375) / (len(z) + 0.25)
    scores = normal_ppf(places)
    w = float((scores * z).sum()) ** 2 / float((scores**2).sum() * (z**2).sum())
    return w > 0.97 and abs(float((z**3).mean())) < 0.15 and abs(float((z**4).mean()) - 3) < 0.5


def uniform(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """The Kolmogorov distance to the uniform distribution between the minimum and the maximum."""
    for facet, numbers in continuous(sample, facets):
        if not facet.drawn or len(numbers) < 5000:
            continue
        low, high = float(numbers.min()), float(numbers.max())
        place = (np.sort(numbers) - low) / (high - low)
        at = np.arange(len(place))
        distance = float(np.maximum(np.abs(place - at / len(at)), np.abs((at + 1) / len(at) - place)).max())
        message = f"the numbers have a distance of {apart(distance, 0.02, 3)} from the uniform distribution"
        yield RealismTest("UniformNumbers", table, facet.name).finding(distance < 0.02, distance, 0.02, message)


def clipped(table: str, sample: Sample, facets: tuple[SampledColumn, ...]) -> Iterator[Finding]:
    """A concentration at the minimum or maximum, well above the neighbouring values."""
    for facet, numbers in continuous(sample, facets):
        if not facet.drawn:
            continue  # the most expensive product may be popular
        values, times = np.unique(numbers, return_counts=True)
        ends = [(values[0], times[0], times[1]), (values[-1], times[-1], times[-2])]
        heaps = [(n / len(numbers), end) for end, n, beside in ends if end != 0 and n > 5 * beside]
        share, end = max(heaps, default=(0.0, values[0]))
        message = f"{share:.1%} of the numbers are {end:g}, an end of their range"
        yield RealismTest("Clipping", table, facet.name).finding(share > 0.01, share, 0.01, message)

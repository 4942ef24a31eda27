"""The smallest and the largest multiplier of all declared effects on one target together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats
from datagen.point_process.factors import REST, Aged, Daily, Grouped
from datagen.point_process.ground_truth import GroundTruth, KnownFactor
from datagen.random.distributions import lognormal
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import exp, log1p

_OFTEN = 0.05
"""The chance of multipliers that are drawn, per entity or day, that a range must have room for."""


@dataclass(frozen=True, slots=True)
class MultiplierRange:
    """The product of what effects multiply with, from `low` to `high`, and the behaviors that take part in each end."""

    low: float
    high: float
    lowering: tuple[str, ...]
    raising: tuple[str, ...]


def multiplier_range(planted: GroundTruth) -> MultiplierRange:
    """The interval product of all that is declared: by group, by age, and of the calendar as a whole, hour by hour."""
    low, high = 1.0, 1.0
    lowering: list[str] = []
    raising: list[str] = []
    for names, values in (*_grouped(planted), *_aged(planted.known), *_timed(planted)):
        least, most = float(np.min(values, initial=1.0)), float(np.max(values, initial=1.0))
        low, high = low * least, high * most
        lowering += names if least < 1.0 else ()
        raising += names if most > 1.0 else ()
    return MultiplierRange(low, high, tuple(dict.fromkeys(lowering)), tuple(dict.fromkeys(raising)))


def by_whom(names: Sequence[str]) -> str:
    """The subject of a sentence about what behaviors multiply."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) == 1:
        return f"{quoted[0]} multiplies"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]} together multiply"


def _grouped(planted: GroundTruth) -> Iterator[tuple[list[str], Floats]]:
    """Factors of the groups of one column are multiplied group by group: no row is in two of them. Treatments have a
    least and a largest one in each group.
    """
    found: dict[tuple[object, str | None], list[tuple[str, Mapping[str, Floats]]]] = {}
    for one in planted.known:
        if isinstance(one.factor, Grouped):
            values = dict(zip(one.factor.labels, np.stack([one.factor.planted] * 2).T, strict=True))
            name = f"{one.behavior} by {one.factor.name}"
            found.setdefault((one.owner, one.factor.name), []).append((name, values))
    for number, (_, treatment) in enumerate(planted.rate.treatments):
        if treatment.ends is not None:
            ends = treatment.ends
            values = dict(zip(ends.labels, np.stack([ends.least, ends.most]).T, strict=True))
            place = number if ends.column is None else (ends.owner, None)
            found.setdefault((place, ends.column), []).append((ends.name, values))
    for factors in found.values():
        labels = dict.fromkeys(label for _, values in factors for label in values)
        others = [values.get(REST, np.ones(2)) for _, values in factors]
        product = [
            math.prod(values.get(label, rest) for (_, values), rest in zip(factors, others, strict=True))
            for label in labels
        ]
        yield [name for name, _ in factors], np.array(product)


def _aged(known: tuple[KnownFactor, ...]) -> Iterator[tuple[list[str], Floats]]:
    return (([one.behavior], one.factor.planted) for one in known if isinstance(one.factor, Aged))


def _timed(planted: GroundTruth) -> Iterator[tuple[list[str], Floats]]:
    names = [one.behavior for one in planted.known if not isinstance(one.factor, Grouped | Aged)]
    if names:
        yield names, np.array([end for row in planted.rate.calendars for end in (row.min(), row.max())])


def drawn_often(planted: GroundTruth) -> float:
    """The largest of the drawn multipliers of mean 1 that one in twenty entities or days exceeds; 1 where nothing is
    drawn.
    """
    return max(
        (_upper(distribution) for distribution in (*planted.distributions(), *map(_daily, planted.daily))), default=1.0
    )


def _daily(daily: Daily) -> InverseCdfTable:
    variance = float(log1p(np.array([daily.sd * daily.sd]))[0])
    return lognormal(float(exp(np.array([-variance / 2.0]))[0]), math.sqrt(variance))


def _upper(distribution: InverseCdfTable) -> float:
    return float(distribution.at(np.array([int((1.0 - _OFTEN) * 2.0**64)], np.uint64))[0])

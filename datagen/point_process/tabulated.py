"""A declared age curve with its integral, for expected counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import log

_OLDEST = 40 * 8766.0
_POINTS = 8000
_YOUNGEST = 1e-3  # hours
_LEAST = 1e-3  # of the highest value: what is less does not count as a change


@dataclass(frozen=True, slots=True, eq=False)
class TabulatedCurve:
    """`values` at `ages` (hours, from 0), and the `area` below the curve up to each; before birth the
    value of age 0.
    """

    ages: Floats
    values: Floats
    area: Floats

    @classmethod
    def of(cls, curve: Callable[[Floats], Floats]) -> TabulatedCurve:
        """The curve at geometrically spaced ages, by Simpson's rule between them."""
        ages = np.concatenate(([0.0], np.geomspace(_YOUNGEST, _OLDEST, _POINTS)))
        values, middles = curve(ages), curve((ages[1:] + ages[:-1]) * 0.5)
        pieces = (values[1:] + values[:-1] + 4.0 * middles) * np.diff(ages) / 6.0
        return cls(ages, values, np.concatenate(([0.0], np.cumsum(pieces))))

    def times(self, other: TabulatedCurve) -> TabulatedCurve:
        """The product of two curves."""
        return TabulatedCurve.of(lambda ages: self.at(ages) * other.at(ages))

    def at(self, ages: Floats) -> Floats:
        """The multiplier at ages in hours, shape (n,)."""
        found: Floats = np.interp(ages, self.ages, self.values)
        return found

    def mean(self, low: Floats, high: Floats) -> Floats:
        """The mean multiplier between two ages in hours, shape (n,) each; the value if they are equal."""
        width = high - low
        mean: Floats = np.where(
            width > 1e-6, (self._until(high) - self._until(low)) / np.maximum(width, 1e-6), self.at(low)
        )
        return mean

    def _until(self, ages: Floats) -> Floats:
        """The area up to each age."""
        inside: Floats = np.interp(ages, self.ages, self.area)
        inside += np.minimum(ages, 0.0) * self.values[0]
        inside += np.maximum(ages - _OLDEST, 0.0) * self.values[-1]
        return inside

    def bins(self, oldest: float, change: float, most: int) -> Floats:
        """Ages in whole hours, from 0 to below `oldest`, between which the logarithm changes by about `change`: at most
        `most` of them.
        """
        logs = log(self.values + max(_LEAST * float(self.values.max()), 1e-300))
        reached = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(logs)))))
        total = float(np.interp(oldest, self.ages, reached))
        number = int(np.clip(np.ceil(total / change), 1, most))
        inner = np.interp(np.arange(1, number) * (total / number), reached, self.ages)
        edges = np.unique(np.concatenate(([0.0], np.ceil(inner))))
        return edges[edges < max(oldest, 1.0)]

"""The state of the distribution metric: additive histograms of quantiles and sums by category."""

from __future__ import annotations

from dataclasses import dataclass, fields

from datagen.columnar.block import Floats

PLACES = 256


@dataclass(frozen=True, slots=True, eq=False)
class ValueTally:
    """One factor of k categories: cells, sums and sums of squares of their distances from the centre, (k,) each;
    products of each family's [sum, cells] with itself, (2k, 2k).
    """

    cells: Floats
    total: Floats
    square: Floats
    products: Floats

    def __add__(self, other: ValueTally) -> ValueTally:
        return ValueTally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class FitState:
    """Cells by case and quantile, (cases, 256); by value for the chart, (bins,); and by factor."""

    places: Floats
    bins: Floats
    tallies: tuple[ValueTally, ...]

    def __add__(self, other: FitState) -> FitState:
        tallies = tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True))
        return FitState(self.places + other.places, self.bins + other.bins, tallies)

"""Recovers the share of outliers and their size, where the distribution of the column has almost no mass."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Bools, Floats, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.values import OutlierDeclaration
from datagen.random.stratified_stream import golden_ratio_sequence
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.distribution.metric import DistributionCase
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 30
_CUTS = 400
_LEAST_SIZE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Cells above a `cut`, or below it: the shares of the distribution and of its outliers in it; mean and standard
    deviation of the logarithms (of magnitudes) there, and the share of outliers among them.
    """

    cut: float
    above: bool
    usual: float
    outlying: float
    mean: float = 0.0
    sd: float = 0.0
    part: float = 0.0

    def holds(self, values: Floats) -> Bools:
        return values > self.cut if self.above else values < self.cut

    def information(self, share: float) -> float:
        """The information per cell about the share of outliers; 0 for a region with more regular cells."""
        there = (1.0 - share) * self.usual + share * self.outlying
        return max(self.outlying - self.usual, 0.0) ** 2 / max(there * (1.0 - there), 1e-12)


@judges(OutlierDeclaration)
@dataclass(frozen=True, eq=False)
class OutlierRecovery(OutlierDeclaration):
    """The cells of `column` follow `distribution`, rounded to `step` and multiplied by `planted`.

    A share of them, the first of `outliers`, is also multiplied by a factor, uniform between the other two.
    """

    distribution: DistributionCase
    name: ClassVar[str] = "OutlierRecovery"
    group: Group = "distribution"

    @classmethod
    def of(cls, declared: OutlierDeclaration) -> OutlierRecovery:
        """The metric of a declaration."""
        given = {one.name: getattr(declared, one.name) for one in fields(declared)}
        return cls(**{**given, "distribution": DistributionCase.of(declared.distribution)})

    @property
    def share(self) -> float:
        return self.outliers[0]

    @cached_property
    def samples(self) -> tuple[Floats, Floats]:
        """Cells of the distribution, and outliers."""
        low, high = self.distribution.low, self.distribution.high
        usual = np.clip(self.distribution.grid, -np.inf if low is None else low, np.inf if high is None else high)
        if self.step and not self.planted.rate:
            usual = np.rint(usual / self.step) * self.step
        _, least, most = self.outliers
        return usual, usual * (least + (most - least) * golden_ratio_sequence(len(usual)))

    @cached_property
    def region(self) -> Region:
        """The region with the most information about the share."""
        usual, outlying = (np.sort(part) for part in self.samples)
        both = np.sort(np.concatenate([usual, outlying]))
        cuts = np.unique(both[:: max(len(both) // _CUTS, 1)]) + self.step / 2.0
        size = len(usual)
        below = [np.searchsorted(part, cuts, side="left") / size for part in (usual, outlying)]
        most = [np.searchsorted(part, cuts, side="right") / size for part in (usual, outlying)]
        regions = [
            Region(cut, above, *((1.0 - m, 1.0 - n) if above else (b, c)))
            for cut, b, c, m, n in zip(cuts.tolist(), *below, *most, strict=True)
            for above in (True, False)
        ]
        return self._described(max(regions, key=lambda region: region.information(self.share)))

    def _described(self, region: Region) -> Region:
        inside = [part[region.holds(part)] for part in self.samples]
        logs = [np.log(np.maximum(np.abs(part), 1e-12)) for part in inside]
        weights = [(1.0 - self.share) * len(logs[0]), self.share * len(logs[1])]
        total = max(sum(weights), 1e-12)
        mean, square = (
            sum(w * float((part**power).mean()) for w, part in zip(weights, logs, strict=True) if len(part)) / total
            for power in (1, 2)
        )
        sd = max(square - mean * mean, 0.0) ** 0.5
        return Region(region.cut, region.above, region.usual, region.outlying, mean, sd, weights[1] / total)

    def observe(self, part: Slice) -> Floats | None:
        """Cells, those in the region, and the sum of their logarithms, shape (3,)."""
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        cells = rows.column(self.column)
        factor = self.planted.at(rows, moments(rows)) if self.planted.rate else np.ones(len(rows))
        values = cells.as_floats() / np.where(factor > 0, factor, 1.0)
        values = values if cells.valid is None else values[cells.valid]
        inside = values[self.region.holds(values)]
        return np.array([len(values), len(inside), np.log(np.maximum(np.abs(inside), 1e-12)).sum()])

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        middle = abs(self.outliers[1] + self.outliers[2]) / 2.0
        share = Parameter(
            self.table, self.column, self.name, "share of outliers", self.share, self.share, group=self.group,
            weight=0.5
        )  # fmt: skip
        size = Parameter(
            self.table, self.column, self.name, "size of outliers (1: as planted)", 1.0,
            max(abs(float(np.log(max(middle, 1e-6)))), _LEAST_SIZE), True, self.group, 0.5,
        )  # fmt: skip
        why = self._why_not(state)
        if why or state is None:
            return [not_identifiable(share, why), not_identifiable(size, why)]
        return [self._share(share, state), self._size(size, state)]

    def _why_not(self, state: Floats | None) -> str:
        if self.planted.unobserved:
            return "hidden multipliers act on the values, too"
        expected = 0.0 if state is None else float(state[0]) * self.share * self.region.outlying
        return "" if expected >= _FEWEST else "too few are expected"

    def _share(self, parameter: Parameter, state: Floats) -> Finding:
        rows, inside, _ = state.tolist()
        region = self.region
        there = (1.0 - self.share) * region.usual + self.share * region.outlying
        found = (inside / rows - region.usual) / (region.outlying - region.usual)
        return compare(parameter, found, (there * (1.0 - there) / rows) ** 0.5 / abs(region.outlying - region.usual))

    def _size(self, parameter: Parameter, state: Floats) -> Finding:
        _, inside, logs = state.tolist()
        if inside < _FEWEST:
            return not_identifiable(parameter, "there are too few")
        region = self.region
        moved = (logs / inside - region.mean) / max(region.part, 1e-9)
        return compare(parameter, float(np.exp(moved)), region.sd / inside**0.5 / max(region.part, 1e-9))

"""Values as planted: each cell at its place in its law, once what multiplies it is taken out; all places are equally likely.

The place of a cell is the chance of a smaller one (the probability integral transform). A rounded or clipped cell stands for a
stretch of the law, and takes a place in it by lot, the same lot for everybody: so rounding, ranges and multipliers need no
allowance, and the places of unbroken data are uniform exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.values import Distribution, DistributionDeclaration
from datagen.errors import Absent
from datagen.point_process.ground_truth import KnownFactor
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.distribution.factors import value_findings
from datagen.validation.metrics.distribution.state import PLACES, FitState, ValueTally
from datagen.validation.metrics.distribution.verdicts import Drawn, fit_findings, shape_of
from datagen.validation.metrics.rates.state import products
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import row_uniforms, sample_rows

MOST_ROWS = 400_000


@dataclass(frozen=True, eq=False)
class DistributionCase(Distribution):
    """One law of a column: `quantiles()` at (k + 1/2) / n, ascending, and the range that cells are clipped to.

    `name` tells the case apart from others; empty where there is one law. `mean_only`: cells are rounded by lot, so only their mean
    is held against the law. `shifting` is how multipliers move a law with bounds; others are multiplied as they are.
    """

    @classmethod
    def of(cls, declared: Distribution) -> DistributionCase:
        """The case of a declared distribution."""
        return cls(
            declared.quantiles, declared.name, declared.low, declared.high, declared.mean_only, declared.shifting
        )

    @cached_property
    def grid(self) -> Floats:
        return self.quantiles()

    @cached_property
    def logarithmic(self) -> bool:
        """Whether values are compared by their logarithms."""
        return bool(self.grid[0] > 0) and not self.mean_only

    @cached_property
    def centre(self) -> float:
        """The mean of the logarithm, else of the value."""
        grid = np.log(self.grid) if self.logarithmic else self.grid
        return float(grid.sum() / len(grid))

    def chance(self, values: Floats) -> Floats:
        """The chance of a smaller value, shape (n,)."""
        size = len(self.grid)
        places = (np.arange(size) + 0.5) / size
        found: Floats = np.interp(values, self.grid, places, left=0.0, right=1.0)
        return found

    def moved(self, factor: Floats) -> tuple[Floats, Floats]:
        """What cells are divided by, and the power of their place, under each multiplier: it leads back to the law as declared."""
        ones = np.ones(len(factor))
        if self.shifting is None:
            return np.where(factor > 0, factor, 1.0), ones
        found = self.shifting.at(factor)
        return (ones, found) if self.shifting.tilts else (np.where(found > 0, found, 1.0), ones)

    def at(self, places: Floats) -> Floats:
        """The values at these places, shape (n,)."""
        return np.interp(places, (np.arange(len(self.grid)) + 0.5) / len(self.grid), self.grid)


@judges(DistributionDeclaration)
@dataclass(frozen=True, eq=False)
class DistributionFit(DistributionDeclaration):
    """The values of a column against their laws, and every factor that multiplies them.

    `reading(rows)` gives cells in the units of the laws; a cell stands for the values from `steps[0]` below to `steps[1]` above it.
    `case(rows)` is the number of each row's law, -1 for rows without one. Cells beyond `limit(rows)` would not be there. `unit` is how a value is told to people.
    """

    cases: tuple[DistributionCase, ...]
    name: ClassVar[str] = "KSComplement"
    group: Group = "distribution"

    @classmethod
    def of(cls, declared: DistributionDeclaration) -> DistributionFit:
        """The metric of a declaration."""
        given = {one.name: getattr(declared, one.name) for one in fields(declared)}
        return cls(**{**given, "cases": tuple(map(DistributionCase.of, declared.cases))})

    @property
    def known(self) -> Sequence[KnownFactor]:
        return self.planted.known if self.planted is not None else ()

    @cached_property
    def drawn(self) -> Drawn:
        return shape_of(self.cases)

    def observe(self, part: Slice) -> FitState | None:
        block = part.block(self.table)
        if block is None:
            return None
        share = MOST_ROWS / max(self.size(), len(block), 1)
        at = sample_rows(block.ids, share)
        rows = Rows(block, at)
        cells = self.reading(rows) if self.reading else rows.column(self.column)
        return self._seen(rows, cells, row_uniforms(rows.ids, "ties"))

    def _seen(self, rows: Rows, cells: Column, drawn: Floats) -> FitState:
        kept, codes, values = self._cells(rows, cells)
        rows = rows.take(kept)
        times = moments(rows)
        places, plain = self._all_placed(rows, times, (codes, values), drawn[kept])
        tallies = tuple(self._tally(known, rows, times, plain) for known in self.known)
        return FitState(self._places(codes, places), self._bins(codes, places), tallies)

    def places(self, rows: Rows, lot: str = "place") -> Floats:
        """The place of each cell in its law, multipliers taken out, 0 to 1, shape (n,); nan where there is none.

        `lot` names the lot by which a cell that stands for a stretch takes a place in it.
        """
        cells = self.reading(rows) if self.reading else rows.column(self.column)
        kept, codes, values = self._cells(rows, cells)
        drawn, chosen = row_uniforms(rows.ids, f"{lot} of {self.column}")[kept], rows.take(kept)
        found = np.full(len(rows), np.nan)
        found[kept] = self._all_placed(chosen, moments(chosen), (codes, values), drawn)[0]
        return found

    def _cells(self, rows: Rows, cells: Column) -> tuple[Ints, Ints, Floats]:
        """Positions of the cells that have a law, the number of it, and their values."""
        codes = self.case(rows).astype(np.int64) if self.case else np.zeros(len(rows), np.int64)
        kept = np.flatnonzero(codes >= 0 if cells.valid is None else (codes >= 0) & cells.valid)
        return kept, codes[kept], cells.take(kept).as_floats()

    def _all_placed(
        self, rows: Rows, times: Ints | None, cells: tuple[Ints, Floats], drawn: Floats
    ) -> tuple[Floats, Floats]:
        """Each cell, of a case and a value, at its place in its law, and its distance from the centre."""
        codes, values = cells
        factor = self.planted.at(rows, times) if self.planted and self.planted.rate else np.ones(len(rows))
        limit = self.limit(rows) if self.limit else None
        places, plain = np.zeros(len(rows)), np.zeros(len(rows))
        for number, case in enumerate(self.cases):
            at = np.flatnonzero(codes == number)
            within = None if limit is None else limit[at] / case.moved(factor[at])[0]
            places[at], plain[at] = self._placed(case, (values[at], factor[at]), drawn[at], within)
        return places, plain

    def _placed(
        self, case: DistributionCase, cells: tuple[Floats, Floats], drawn: Floats, limit: Floats | None
    ) -> tuple[Floats, Floats]:
        """The place of each cell in its law, and how far its value lies from the law's centre; without its multiplier."""
        values, factor = cells
        divisor, power = case.moved(factor)
        if case.mean_only:
            return drawn, values / divisor / case.centre - 1.0
        low = case.chance((values - self.steps[0]) / divisor) ** power
        high = case.chance((values + self.steps[1]) / divisor) ** power
        if case.low is not None:
            low = np.where(values <= case.low, 0.0, low)
        if case.high is not None:
            high = np.where(values >= case.high, 1.0, high)
        places = low + drawn * (high - low)
        if limit is not None:
            places = np.clip(places / np.maximum(case.chance(limit) ** power, 1e-9), 0.0, 1.0)
        if case.shifting is None:
            places = np.where(factor > 0, places, drawn)  # a cell multiplied by 0 tells nothing of its law
        tilts = case.shifting is not None and case.shifting.tilts
        bare = case.at(case.chance(values) ** power) if tilts else values / divisor
        return places, self._plain(case, bare, places)

    def _plain(self, case: DistributionCase, bare: Floats, places: Floats) -> Floats:
        """The distance from the centre: of the value itself where hidden multipliers act on it, else of the one at its place."""
        if not self.known:
            return places
        hidden = self.planted is not None and bool(self.planted.unseen)
        values = bare if hidden else case.at(places)
        if case.logarithmic:
            return np.log(np.maximum(values, 1e-12)) - case.centre
        return values / case.centre - 1.0 if case.centre else values

    def _places(self, codes: Ints, places: Floats) -> Floats:
        place = np.minimum((places * PLACES).astype(np.int64), PLACES - 1)
        cells = np.bincount(codes * PLACES + place, minlength=len(self.cases) * PLACES)
        return cells.reshape(len(self.cases), PLACES).astype(np.float64)

    def _bins(self, codes: Ints, places: Floats) -> Floats:
        """Rows by value, multipliers taken out, as they are drawn."""
        total = np.zeros(len(self.drawn.edges) - 1)
        for number, case in enumerate(self.cases):
            values = np.clip(case.at(places[codes == number]), self.drawn.edges[0], self.drawn.edges[-1])
            total += np.histogram(values, self.drawn.edges)[0]
        return total

    def _tally(self, known: KnownFactor, rows: Rows, times: Ints | None, plain: Floats) -> ValueTally:
        """Sums by category of a factor; with hidden multipliers the products of whole families, too."""
        size = len(known.factor.planted)
        assert self.planted is not None
        try:
            codes = known.codes(rows, times, self.planted.rate.grid)
        except Absent:
            codes = np.full(len(rows), -1, np.int64)
        kept = codes >= 0
        codes, plain = codes[kept], plain[kept]
        count, total, square = (_sums(codes, w, size) for w in (np.ones(len(codes)), plain, plain * plain))
        together = np.zeros((2 * size, 2 * size))
        if self.planted.unseen:
            whose = _family(rows)[kept]
            cells, number = whose * size + codes, (int(whose.max(initial=-1)) + 1) * size
            by_family = [_sums(cells, w, number).reshape(-1, size) for w in (plain, np.ones(len(cells)))]
            together = products(*by_family)
        return ValueTally(count, total, square, together)

    def merge(self, one: FitState, other: FitState) -> FitState:
        return one + other

    def findings(self, state: FitState | None) -> list[Finding]:
        return [*fit_findings(self, state), *value_findings(self, state)]


def _family(rows: Rows) -> Ints:
    """The number of each row's topmost ancestor in its slice."""
    top = rows
    while top.block.parent is not None:
        top = top.up()
    return np.arange(len(rows)) if top.at is None else top.at


def _sums(codes: Ints, weights: Floats, size: int) -> Floats:
    """The weights of each code, (size,)."""
    return np.bincount(codes, weights, minlength=size).astype(np.float64)

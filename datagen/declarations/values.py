"""Values of columns: distributions, shares of nulls, references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from datagen.columnar.block import Bools, Column, Floats, Ints, Rows
from datagen.declarations.base import Declaration
from datagen.point_process.factors import Daily, Grouped, Spread, SurvivalFactor
from datagen.point_process.ground_truth import GroundTruth
from datagen.random.shifting import Shifting

Unit = Literal["number", "date", "timestamp", "duration"]
"""The unit of values: numbers, days since 1970, microseconds since 1970, or microseconds."""

Coding = Callable[[Column], Ints]
"""The position of each cell's value among the declared ones, -1 for others and missing ones."""

ReferenceFactor = tuple[str, Grouped, Callable[[], Ints]]
"""A behavior, its factor, and the category of each candidate row."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """One distribution of a column: `quantiles()` at (k + 1/2) / n, ascending, and the clipping range of cells.

    `name` is the name of the case; empty for a single distribution. `mean_only`: cells are rounded at random, so only
    their mean is compared. `shifting` is how multipliers move a distribution with bounds; others are multiplied.
    """

    quantiles: Callable[[], Floats]
    name: str = ""
    low: float | None = None
    high: float | None = None
    mean_only: bool = False
    shifting: Shifting | None = None


class DistributionDeclaration(Declaration):
    """The distributions of the values of a column, by case, and every factor that multiplies them.

    `reading(rows)` gives cells in the units of the distributions; a cell stands for the values from `steps[0]` below to
    `steps[1]` above it. `size()` is the number of rows. `case(rows)` is the case of each row, -1 for none. Cells beyond
    `limit(rows)` are not observed. A cell from 0 up to `raised` stands for all values from 0, and one below 0
    for none above. `unit` is the unit in reports.
    """

    column: str
    cases: tuple[Distribution, ...]
    steps: tuple[float, float]
    size: Callable[[], int]
    case: Callable[[Rows], Ints] | None = None
    planted: GroundTruth | None = None
    reading: Callable[[Rows], Column] | None = None
    limit: Callable[[Rows], Floats] | None = None
    subject: str = "values"
    unit: Unit = "number"
    raised: float = 0.0


class HiddenEffectsDeclaration(DistributionDeclaration):
    """The multipliers of the same values that no column shows: of entities, shared by their rows, and of days."""

    @classmethod
    def beside(cls, declared: DistributionDeclaration) -> Iterator[HiddenEffectsDeclaration]:
        """That of a column with such multipliers, if all of them are known."""
        unobserved = [one for _, one in declared.planted.unobserved] if declared.planted else []
        known = all(isinstance(one, Spread | Daily) for one in unobserved) and declared.limit is None
        plain = declared.planted is not None and not declared.planted.survival_factors
        if unobserved and known and plain and not any(case.mean_only for case in declared.cases):
            yield cls(**{one.name: getattr(declared, one.name) for one in fields(declared)})


class SharesDeclaration(Declaration):
    """The shares of the values of `column`: `planted[case, value]`, rows of sum 1. `case(rows)` is the case, -1 for
    none.
    """

    column: str
    labels: tuple[str, ...]
    planted: Floats
    coding: Coding
    cases: tuple[str, ...] = ("",)
    case: Callable[[Rows], Ints] | None = None


class NullRateDeclaration(Declaration):
    """The share of missing cells of `column` in each case: `case` is the case of the rows, negative for none.
    `due(rows)` selects the counted rows; None for all.
    """

    column: str
    labels: tuple[str, ...]
    shares: tuple[float, ...]
    case: Callable[[Rows], Ints]
    due: Callable[[Rows], Bools] | None = None

    @classmethod
    def of_all(
        cls, table: str, column: str, share: float, due: Callable[[Rows], Bools] | None = None
    ) -> NullRateDeclaration:
        """The share of missing cells among all rows, or all that are `due`."""
        return cls(table, column, ("all",), (share,), lambda rows: np.zeros(len(rows), np.int64), due)


class OutlierDeclaration(Declaration):
    """The cells of `column` follow `distribution`, rounded to `step` and multiplied by `planted`.

    A share of them, the first of `outliers`, is also multiplied by a factor, uniform between the other two.
    """

    column: str
    distribution: Distribution
    step: float
    outliers: tuple[float, float, float]
    planted: GroundTruth


class CensoringDeclaration(Declaration):
    """Cells of `column` are missing if the delay is longer than `left(rows)`, the time until the window's end. Only
    rows that are `due` count. `planted` multiplies the delays of `distribution`.
    """

    column: str
    distribution: Distribution
    left: Callable[[Rows], Floats]
    due: Callable[[Rows], Bools]
    planted: GroundTruth


@dataclass(frozen=True, slots=True, eq=False)
class OpenEnd:
    """Times that follow those of column `start`, missing beyond the window's `end` (microseconds). `due(rows)` are the
    rows with such a time, bool (n,); None for all.
    """

    start: str
    end: int
    due: Callable[[Rows], Bools | None]


class SurvivalDeclaration(Declaration):
    """Entities whose life ends at `column`, missing beyond the window's `end` (microseconds). `horizon` is the largest
    observable age, in hours.
    """

    column: str
    survival: Callable[[], SurvivalFactor]
    end: int
    horizon: float


class PopularityDeclaration(Declaration):
    """References of `column` to `size()` rows whose keys begin at `start`. The k-th most popular one has a share in
    proportion to 1 / (k + shift) ** planted.
    """

    column: str
    start: int
    size: Callable[[], int]
    planted: float
    shift: float = 0.0


class LastingPopularityDeclaration(Declaration):
    """References of `column` to rows whose keys begin at `start`, each chosen among the first `limits(rows)` of them.

    A row of rank k has the permanent weight 1 / (k + shift) ** exponent; `distribution` is exponent and shift, `logs()`
    is log(k + shift) of every row.
    """

    column: str
    start: int
    distribution: tuple[float, float]
    logs: Callable[[], Floats]
    limits: Callable[[Rows], Ints]


class RestrictedChoiceDeclaration(Declaration):
    """References of `column` to rows whose keys begin at `start`, each chosen among some of them by permanent weights.

    `weights()` are the rows in some order and the weight of each, (size,) each. `spans(rows)` are the first of each
    row's candidates in this order and their number, int64 (n,) each. `factors(rows)`, if not None, is a function from
    rows and candidates, int64 (m,) each, to what multiplies their weight, bool or float64 (m,): 0 for those that cannot
    be chosen. `by_seed`: the weights follow from the seed, not from cells alone. `size()` is the number of rows of
    `table`, `most()` that of rows to choose from, `window` the time of the dataset (microseconds), if it has one.
    """

    column: str
    start: int
    size: Callable[[], int]
    most: Callable[[], int]
    window: tuple[int, int] | None
    weights: Callable[[], tuple[Ints, Floats]]
    spans: Callable[[Rows], tuple[Ints, Ints]]
    factors: Callable[[Rows], Callable[[Ints, Ints], Bools | Floats] | None]
    by_seed: bool = True


class ReferenceFactorDeclaration(Declaration):
    """References of `column` to `size()` rows whose keys begin at `start`, each in proportion to its weight."""

    column: str
    start: int
    size: Callable[[], int]
    weights: Callable[[], Floats]
    known: tuple[ReferenceFactor, ...]


class AutocorrelationDeclaration(Declaration):
    """Cells of `column` have this mean and standard deviation, rounded to multiples of `unit` (0: not); the correlation
    with the row before below the same parent is `planted`.
    """

    column: str
    planted: float
    mean: float
    sd: float
    unit: float


class LabelDeclaration(Declaration):
    """`column` labels a share `recall` of the rows where column `truth` is true, and a share `false_positive_rate` of
    the others.
    """

    column: str
    truth: str
    recall: float
    false_positive_rate: float


class DriftingSharesDeclaration(Declaration):
    """Each value has a share that goes in a straight line from the first to the second number of `shares` while `place`
    goes from 0 to 1, float64 (n,).
    """

    column: str
    shares: Mapping[str, tuple[float, float]]
    place: Callable[[Rows], Floats]


class WalkStepsDeclaration(Declaration):
    """Each cell is that of the row before below the same parent plus a normal step of this mean and standard deviation;
    `relative`: so is its logarithm. Cells are rounded to multiples of `unit` (0: not).
    """

    column: str
    mean: float
    sd: float
    relative: bool
    unit: float

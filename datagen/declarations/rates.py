"""Numbers and times of rows: rates of events, arrivals, numbers of children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.base import Declaration
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.ground_truth import GroundTruth
from datagen.random.inverse_cdf import InverseCdfTable


class ActivityPeriod(Protocol):
    """The exposure of parents by the table's own declaration, microseconds."""

    @property
    def bounds(self) -> tuple[int, int]:
        """The window."""

    def __call__(self, rows: Rows) -> tuple[Ints, Ints]:
        """Start and end for each parent, shape (n,)."""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The declared rate of a table: `mean` per `unit` of `hours`, its dispersion, the local variation and the variance
    over mean of its gaps (None if unknown).
    """

    mean: float
    unit: str
    hours: float
    dispersion: float = 0.0
    gaps: str = "poisson"
    variation: float | None = 1.0
    fano: float | None = 1.0
    max_fano: float = 1.0
    """The largest variance over mean, over intervals of any length; known for every distribution."""
    apart: bool = False
    """Whether a metric of the gaps also estimates the dispersion."""
    distribution: Callable[[], InverseCdfTable | None] = lambda: None
    """The distribution of the gaps, mean 1, if they are independent."""

    @property
    def per_hour(self) -> float:
        return self.mean / self.hours


class RateDeclaration(Declaration):
    """The rate of a table of events, its multipliers, and the dispersion over parents. `parents()` is the number of
    rows of the parent table. Rows with a value in the column `cause` have been triggered, and do not count.
    """

    planted: GroundTruth
    base: BaseRate
    stay: ActivityPeriod
    parents: Callable[[], int]
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Excitation:
    """The mean number of events that an event triggers, their mean delay in hours, and the table's rate per hour and
    dispersion.
    """

    branching: float
    decay: float
    per_hour: float
    dispersion: float

    @property
    def reach(self) -> float:
        """The mean distance between the events of a cluster: hours at a multiplier of 1."""
        return self.decay / (1.0 - self.branching)


class ExcitationDeclaration(Declaration):
    """The events of a table trigger further events of the same parent."""

    planted: GroundTruth
    declared: Excitation
    stay: ActivityPeriod
    parents: Callable[[], int]


class IntervalsDeclaration(Declaration):
    """Intervals of one parent, one after the other: gaps pass at the rate `planted`, and lengths in real time.

    `column` and `ends` show when each begins and ends; an end beyond the `window` (microseconds) is missing. `gaps()`
    and `lengths()` are quantiles of the distributions, ascending, microseconds, shape (n,). `parents()` is the number
    of rows of the parent table.
    """

    column: str
    ends: str
    planted: GroundTruth
    gaps: Callable[[], Floats]
    lengths: Callable[[], Floats]
    window: tuple[int, int]
    parents: Callable[[], int]


class BgNbdDeclaration(Declaration):
    """Customers born within the window whose purchases, rows of `table`, have rate `per_hour` until they leave."""

    planted: GroundTruth
    per_hour: float
    stay: ActivityPeriod
    parents: Callable[[], int]


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalSegment:
    """A `share` of all arrivals within `[begin, end)` (microseconds), in proportion to the increments of `clock`."""

    clock: CumulativeIntensity
    begin: int
    end: int
    share: float
    base: float
    mass: float

    @classmethod
    def of(cls, clock: CumulativeIntensity, span: tuple[int, int], share: float) -> ArrivalSegment:
        base, reached = clock.at(np.array(span)).tolist()
        return cls(clock, *span, share, base, max(reached - base, 1e-300))

    def reached(self, times: Ints) -> Floats:
        """The share of all arrivals before each time, shape (n,)."""
        gained: Floats = self.clock.at(np.clip(times, self.begin, self.end)) - self.base
        return gained * (self.share / self.mass)

    def even(self, cells: int) -> Ints:
        """The times that divide the arrivals into this many equal shares, ascending, shape (cells - 1,)."""
        values = self.base + np.arange(1.0, cells) * (self.mass / cells)
        return np.clip(self.clock.inverse(values), self.begin, self.end)


class ArrivalDeclaration(Declaration):
    """Entities that arrive along `segments()`, without noise; the window begins at `start` (microseconds).

    `before` is the share that arrived before the window, None if not declared. `key` is the column of integers that
    grow with the time of arrival, from `first_key` on, for about `size()` rows; None if the data does not show it.
    """

    column: str
    planted: GroundTruth
    segments: Callable[[], tuple[ArrivalSegment, ...]]
    start: int
    before: float | None = None
    key: str | None = None
    first_key: int = 1
    size: Callable[[], int] = lambda: 0


CountProbabilities = Callable[[Floats], Floats]
"""From the multipliers of many parents to quantiles of the number of their children."""


class ChildCountDistributionDeclaration(Declaration):
    """The rows of `table` below each row of its parent; `planted` multiplies the mean of `distribution`."""

    distribution: CountProbabilities
    planted: GroundTruth


@dataclass(frozen=True, slots=True)
class Fatigue:
    """Diminishing returns: a trigger has 1 / (1 + load / `half_at`) of its effect. `load(owners, kinds, times)` is what
    earlier triggers have left of it, shape (n,).
    """

    half_at: float
    load: Callable[[Ints, Ints, Ints], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class StayTable:
    """The table of the stays of a process, its columns `state`, `entered_at` and `left_at`, the `names` of states, and
    the `codes` of those that count.
    """

    table: str
    shown: Mapping[str, str]
    names: tuple[str, ...]
    codes: tuple[int, ...]


class SharedMultiplierDeclaration(Declaration):
    """Rows of `table` and of a sibling whose numbers below one parent share a hidden multiplier of this `variance`."""

    own: RateDeclaration | ChildCountDistributionDeclaration
    others: RateDeclaration | ChildCountDistributionDeclaration
    variance: float


class TriggerDeclaration(Declaration):
    """The mean number of rows triggered by a row of `trigger`, by kind: `effects` of the `kinds` in its column `by`.

    `label` is the column that shows the kind of each row's cause; of alike triggers (no `by`) the one that shows the
    cause. `cause` and `key` are the columns with the key of the cause and of the trigger, if there are such. Rows come
    at a delay, of which the share `arrived(microseconds)` is over by then, while the parent is exposed: while it may
    `stay`, and if `during` is given in these stays. `unknown` says why effects cannot be judged; it is empty if they
    can.
    """

    trigger: str
    by: str | None
    label: str | None
    cause: tuple[str, str] | None
    kinds: tuple[str, ...]
    effects: tuple[float, ...]
    moment: str
    stay: ActivityPeriod
    arrived: Callable[[Ints], Floats]
    fatigue: Fatigue | None
    during: StayTable | None
    unknown: str


class CascadeDeclaration(Declaration):
    """Members of a cascade refer others: `mean` each, with this `dispersion`; `seen(times)` is the share of them within
    the window.

    Columns: `joined`, `generation`, and the `referrer` by its `key`, or by its number below the parent where `key` is
    None.
    """

    joined: str
    generation: str
    referrer: str
    key: str | None
    mean: float
    dispersion: float
    seen: Callable[[Ints], Floats]

"""Lengths of stays: durations drawn per entity and step, and times of competing hazards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Block, Bools, Floats, Ints, Rows, Words
from datagen.errors import PlanError, ValueFault
from datagen.kinds.behaviors.support.lifetime_behavior import later
from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.generators.constant import Constant
from datagen.kinds.generators.support.distribution_declarations import quantiles
from datagen.kinds.generators.support.numeric_fields import number
from datagen.kinds.lifetimes.base import NEVER, Continuous, Lifetime
from datagen.kinds.lifetimes.exponential import ExponentialLife
from datagen.kinds.processes.support.covariates import Modulation
from datagen.point_process.first_passage import NEVER_REACHED, reached, timed
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers, copies
from datagen.random.distributions import exponential
from datagen.random.math.elementary import exp, expm1
from datagen.random.streams import Stream, mix
from datagen.time_units import HOUR, UNIT_HOURS

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_WORD = 2.0**64
_LARGEST = 2.0**60
_MOST_CANDIDATES = 10_000
_TOGETHER = 65_536
"""About the most rows of several copies that are taken together."""


def dwell_problems(dwell: Generator, scope: Scope) -> Iterator[Problem]:
    """Problems of the distribution of a stay, which must be a distribution of durations or a constant."""
    if dwell.modifiers or not isinstance(dwell, Numeric | Constant):
        message = f"a stay cannot be drawn by a generator of type '{dwell.type}'" + " with modifiers" * bool(
            dwell.modifiers
        )
        yield scope.problem("type", message, "write a duration, or a distribution of durations such as 'lognormal'")
        return
    yield from dwell.problems(scope)
    type_ = dwell.result(scope)
    if type_ is not None and type_.name != "duration":
        yield scope.problem("type", f"the stay is of type {type_}", "write amounts with units, such as '2h'")


def bound_dwell(dwell: Generator, scope: Scope) -> Callable[[Words], Ints]:
    """A function from the identities of steps to durations, int64 microseconds, shape (n,)."""
    fill, table = dwell.bind(scope), scope.table.name

    def draw(ids: Words) -> Ints:
        lengths: Ints = np.maximum(fill(Rows(Block(table, 0, ids))).data, 0)
        return lengths

    return draw


def typical_hours(dwell: Generator | Lifetime, scope: Scope) -> float:
    """The median length of a stay in hours."""
    if isinstance(dwell, Lifetime):
        return float(
            np.median(dwell.hours(Stream.named(0, "typical"), np.arange(1, 4096, dtype=np.uint64) << np.uint64(50)))
        )
    if isinstance(dwell, Constant):
        return float(bound_dwell(dwell, scope)(np.zeros(1, np.uint64))[0]) / HOUR
    assert isinstance(dwell, Numeric)
    middle = float(quantiles(dwell, scope)[4096])
    low, high = (None if bound is None else number(bound) for bound in (dwell.min, dwell.max))
    return float(np.clip(middle, low if low is not None else -np.inf, high if high is not None else np.inf)) / HOUR


def scaled(lengths: Ints, factor: Floats) -> Ints:
    """Durations times a factor, rounded, shape (n,)."""
    product = np.minimum(np.rint(lengths * factor), _LARGEST)
    return product.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Hazard:
    """The hazard of one exit: its distribution since entry, multiplied by behaviors at the entity, by age and calendar.

    With a constant hazard, the time is the inverse of the cumulative hazard over age and calendar at a unit exponential
    (time change). Any other distribution only takes constant multipliers of an entity: S(t) ** factor.
    """

    lifetime: Lifetime
    rate: Rate
    stream: Stream

    @property
    def timed(self) -> bool:
        return timed(self.rate)

    def leave(
        self,
        rows: Rows,
        ids: Words,
        entered: Ints,
        kept: Floats | None = None,
        modulation: Modulation | None = None,
    ) -> Ints:
        """When each entity that entered then takes this exit, int64 microseconds, shape (n,), if no other comes first.

        `kept` multiplies the hazard during the whole stay, shape (n,), and `modulation` in time.
        """
        if not self.rate and kept is None and modulation is None:
            return later(entered, self.lifetime.hours(self.stream, ids))
        cured = self.stream.substream(1).uniforms(ids) < self.lifetime.cure_share if self.lifetime.cure_share else None
        words = self.stream.words(ids)
        kept = np.ones(len(ids)) if kept is None else kept
        if modulation is not None or self.rate.treatments:
            left = self._thinned(rows, words, entered, kept, Thinning.of(self.rate, rows, modulation))
        else:
            left = self._reached(rows, words, entered, kept)
        return left if cured is None else np.where(cured, later(entered, np.full(len(ids), NEVER)), left)

    def _reached(self, rows: Rows, words: Words, entered: Ints, kept: Floats) -> Ints:
        """When the cumulative hazard without treatments reaches a unit exponential, given by random words."""
        static = self.rate.static(rows) * kept
        if self.timed:
            return self._along(rows, exponential(1.0).at(words), entered, static)
        return later(entered, self._hours(words, static))

    def _thinned(self, rows: Rows, words: Words, entered: Ints, kept: Floats, factor: Thinning) -> Ints:
        """The same with treatments and covariates, by thinning: the first candidate that is kept, of the process and of
        copies of it.

        Candidates follow each other by unit exponentials of the cumulative hazard; the first is the exit without them.
        """
        first, thinned = np.full(len(rows), NEVER_REACHED, np.int64), self.stream.substream(2)
        most = factor.most.copy()
        for copy, at, addresses in copies(rows.ids, most, self.stream.substream(3), _TOGETHER):
            own = mix(words[at] ^ addresses) if copy.any() else words
            unit, candidate = exponential(1.0).at(own), 0
            while len(at):
                left = self._reached(rows.take(at), own, entered[at], kept[at])
                there = thinned.uniforms(mix(own, candidate)) < factor.at(at, left) - copy
                np.minimum.at(first, at[there], left[there])
                on = ~there & (left < np.minimum(factor.over[at], first[at])) & (left < self._horizon)
                copy, at, own, unit = copy[on], at[on], own[on], unit[on]
                candidate += 1
                if candidate == _MOST_CANDIDATES:
                    raise ValueFault(
                        f"multipliers of '{self.rate.target or 'a hazard'}' keep too few exits; raise them"
                    )
                unit = unit + exponential(1.0).at(mix(own, ~candidate))
                own = _words_of(unit)
            np.minimum(most, factor.before(first), out=most)
        return first

    @property
    def _horizon(self) -> int:
        grid = self.rate.grid
        return (grid.start + grid.hours) * HOUR

    def _hours(self, words: Words, factor: Floats) -> Floats:
        """Hours until the exit under a hazard multiplied by `factor`."""
        assert isinstance(self.lifetime, Continuous)
        with np.errstate(divide="ignore", over="ignore"):
            unit = exponential(1.0).at(words) / factor
        moved = np.where(factor == 1.0, words, _words_of(unit))
        hours: Floats = np.minimum(self.lifetime.distribution().at(moved) * UNIT_HOURS[self.lifetime.unit], NEVER)
        return np.where(factor > 0.0, hours, NEVER)

    def _along(self, rows: Rows, unit: Floats, entered: Ints, static: Floats) -> Ints:
        """The same by time change: the cumulative hazard is integrated over ages and calendars."""
        if bool((entered < self.rate.grid.start * HOUR).any()):
            raise PlanError(
                f"a stay begins before the calendar of '{self.rate.target}'; start the process at the arrival time"
            )
        with np.errstate(divide="ignore"):
            return reached(self.rate, rows, entered, unit / (static * self._per_hour()))

    def _per_hour(self) -> float:
        assert isinstance(self.lifetime, ExponentialLife)
        return 1.0 / (self.lifetime.mean_life * UNIT_HOURS[self.lifetime.unit])


@dataclass(frozen=True, slots=True, eq=False)
class Thinning:
    """What treatments and covariates multiply a hazard with: a bound and the time from which on it is 1, shape (n,)
    each, and its value in the rows at some positions at their times.
    """

    most: Floats
    over: Ints
    parts: tuple[Multipliers | Modulation, ...]

    @classmethod
    def of(cls, rate: Rate, rows: Rows, modulation: Modulation | None = None) -> Thinning:
        treatments = Multipliers.of(rate, rows) if rate.treatments else None
        parts = tuple(part for part in (treatments, modulation) if part is not None)
        most, over = np.ones(len(rows)), np.full(len(rows), -NEVER_REACHED, np.int64)
        for part in parts:
            most = most * part.most
        ends = [end for _, end in treatments.spans] if treatments is not None else []
        for end in [*ends, *([modulation.over] if modulation is not None else [])]:
            over = np.maximum(over, end)
        return cls(most, over, parts)

    def at(self, positions: Ints, times: Ints) -> Floats:
        product = np.ones(len(times))
        for part in self.parts:
            product *= part.at(positions, times)
        return product

    def before(self, times: Ints) -> Floats:
        """A bound of it before the time of each row, shape (n,)."""
        product = np.ones(len(times))
        for part in self.parts:
            product *= part.before(times) if isinstance(part, Modulation) else part.most
        return product


def _words_of(unit: Floats) -> Words:
    """The words at which an inverse CDF gives the value with cumulative hazard `unit`: 1 - exp(-unit) of all words."""
    upper = exp(-unit)
    lower = -expm1(-unit)
    below = np.minimum(lower, 0.5) * _WORD
    above = np.minimum(upper, 0.5) * _WORD
    low: Bools = lower < 0.5
    return np.where(low, below.astype(np.uint64), ~above.astype(np.uint64))

"""The declared effects on one target for validation: mean multiplier, factors, latent variation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.point_process.effects import NEVER_BORN, Entity
from datagen.point_process.factors import (
    Aged,
    AnyFactor,
    Daily,
    Grouped,
    Latency,
    LatentVariation,
    Spread,
    SurvivalFactor,
)
from datagen.point_process.grid import Grid
from datagen.point_process.rate import EntityOf, Rate
from datagen.random.distributions import gamma
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import exp, log1p, power
from datagen.time_units import HOUR


@dataclass(frozen=True, slots=True, eq=False)
class KnownFactor:
    """A factor with the way from a row to its entity, whose table is `owner`; of rows that refer to it, with the
    reference.
    """

    reach: EntityOf
    factor: AnyFactor
    behavior: str
    owner: tuple[str, str | None] = ("", None)

    def codes(self, rows: Rows, times: Ints | None, grid: Grid) -> Ints:
        """The category of each row at its time (microseconds), int64 (n,), -1 for none; `grid` is that
        of the target.
        """
        factor, entity = self.factor, self.reach(rows)
        if isinstance(factor, Grouped):
            return factor.code(entity)
        if times is None:
            return np.full(len(rows), -1, np.int64)
        if isinstance(factor, Aged):
            born = factor.born(entity)
            age = np.maximum(times - born, 0) * (1.0 / HOUR)
            step: Ints = np.searchsorted(factor.edges, age, side="right") - 1
            return np.where(born == NEVER_BORN, -1, step)
        cell = grid.cell(times)
        if factor.group is None:
            one: Ints = factor.codes[0].take(cell)
            return one
        flat: Ints = factor.codes.ravel().take(cell + factor.group(entity) * factor.codes.shape[1])
        return flat


@dataclass(frozen=True, slots=True, eq=False)
class KnownLife:
    """A life whose end is in a column, if another effect on the target depends on that end. The end is then known, and
    not random, for the rows of that effect.
    """

    reach: EntityOf
    born: Callable[[Entity], Ints]
    column: str


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruth:
    """`rate` has the known effects, `survival_factors` those of lives that end; both average over `unobserved`."""

    rate: Rate
    survival_factors: tuple[tuple[EntityOf, SurvivalFactor], ...] = ()
    known: tuple[KnownFactor, ...] = ()
    unobserved: tuple[tuple[str, LatentVariation], ...] = ()
    """Hidden effects, each with the table of its entity."""
    ends: tuple[KnownLife, ...] = ()
    tangled: bool = False
    """Whether something depends on the end of a life with breaks, so that the spells are unknown."""
    crowding: frozenset[str] = frozenset()
    """Of values, the keys of hidden multipliers that also multiply the number of rows."""
    shared: str | None = None
    """Of rates, the topmost table above the parents whose rows have a hidden effect in common to parents below them."""

    def at(self, rows: Rows, times: Ints | None) -> Floats:
        """The mean multiplier of each row at its time, shape (n,), without lives."""
        return self.rate.at(rows, times)

    def clip_to_lives(self, rows: Rows, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """These intervals (microseconds, shape (n,) each) from the start of all lives to the end of a known one."""
        for reach, survival in self.survival_factors:
            born = survival.born(reach(rows))
            start = np.where(born == NEVER_BORN, start, np.maximum(start, born))
        for life in self.ends:
            entity = life.reach(rows)
            born, cells = life.born(entity), entity.column(life.column)
            start = np.where(born == NEVER_BORN, start, np.maximum(start, born))
            end = np.where(True if cells.valid is None else cells.valid, np.minimum(end, cells.data), end)
        return start, np.maximum(start, end)

    def spread(self, missing_truth: Collection[str] = ()) -> float:
        """The variance of all hidden constant multipliers; the data lacks the hidden columns in `missing_truth`."""
        product = 1.0
        for unobserved in self._kept(missing_truth):
            product *= 1.0 + unobserved.variance
        return product - 1.0

    def distributions(self, missing_truth: Collection[str] = ()) -> tuple[InverseCdfTable, ...]:
        """The distributions of the same multipliers, each of mean 1; of hidden columns only the variance is known."""
        return tuple(distribution_of(unobserved) for unobserved in self._kept(missing_truth) if unobserved.variance > 0)

    def _kept(self, missing_truth: Collection[str]) -> Iterator[Spread | Latency]:
        for _, unobserved in self.unobserved:
            if isinstance(unobserved, Spread) or (
                isinstance(unobserved, Latency) and unobserved.column in missing_truth
            ):
                yield unobserved

    @property
    def daily(self) -> tuple[Daily, ...]:
        """The daily noise."""
        return tuple(unobserved for _, unobserved in self.unobserved if isinstance(unobserved, Daily))

    def day_covariance(self, lags: int) -> Floats:
        """The covariance of the daily multiplier with that of 0, 1, 2 ... days later, shape (lags,)."""
        total = np.ones(lags)
        for daily in self.daily:
            total *= exp(log1p(daily.sd**2) * power(daily.rho, np.arange(float(lags))))
        return total - 1.0


def distribution_of(unobserved: Spread | Latency) -> InverseCdfTable:
    """The distribution of a constant multiplier."""
    distribution = unobserved.distribution if isinstance(unobserved, Spread) else None
    return gamma(1.0 / unobserved.variance, 1.0) if distribution is None else distribution


def alive(survival: SurvivalFactor, entity: Entity, born: Ints, ages: Floats) -> Floats:
    """The survival probability of each entity at an age in hours, shape (n,)."""
    step = np.maximum(np.searchsorted(survival.edges, ages, side="right") - 1, 0)
    case = 0 if survival.case is None else survival.case(entity, born)
    found: Floats = survival.alive[case, step]
    return found

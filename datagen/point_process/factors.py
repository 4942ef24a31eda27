"""Factors that validation can recover, and latent variation.

A factor groups the rows of a target: by a value of the entity, by its age, or by the calendar. Validation compares the
number of events (or the mean value) of each category with its expectation under all other effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Words
from datagen.point_process.effects import Entity
from datagen.random.inverse_cdf import InverseCdfTable

REST = "others"
"""The label of entities in none of the named groups."""
JudgedBy = Literal["each", "strength"]


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """A parameter that is a function of a trend's strength: `value` as declared, compound or simple, per year."""

    value: float
    compound: bool


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Categories with `labels` and the multipliers `planted`, float64 (categories,).

    `judged_by` says how it is judged: category by category, or as a whole by its strength, the slope of the found on
    the planted logarithms (1: as declared, 0: no effect). `shape` is the form of its chart.
    """

    name: str
    labels: tuple[str, ...]
    planted: Floats
    judged_by: JudgedBy = "strength"
    shape: Literal["bars", "cycle", "curve"] = "bars"
    growth: Growth | None = None
    at: tuple[float, ...] = ()
    """The positions of the categories, for a curve; in `unit`."""
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped(Factor):
    """Categories of the entity: `code(entity)` is int64 (n,), -1 for none of them."""

    code: Callable[[Entity], Ints] = field(kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Aged(Factor):
    """Categories by age: category k begins at `edges[k]` whole hours (edges[0] = 0), the last one has no end."""

    born: Callable[[Entity], Ints] = field(kw_only=True)
    edges: Floats = field(kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Timed(Factor):
    """Categories by the calendar: `codes[g, c]` in cell c of the target's grid for entities of group g, -1 for none."""

    codes: Ints = field(kw_only=True)
    group: Callable[[Entity], Ints] | None = field(default=None, kw_only=True)


AnyFactor = Grouped | Aged | Timed


@dataclass(frozen=True, slots=True, eq=False)
class SeenAlive:
    """Entities that are known to be alive at `since`, microseconds, shape (n,)."""

    entity: Entity
    since: Ints

    def __len__(self) -> int:
        return len(self.entity)

    @property
    def ids(self) -> Words:
        return self.entity.ids

    def column(self, name: str) -> Column:
        return self.entity.column(name)


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalFactor:
    """A hidden life, by its survival probability: an entity of case g is alive with `alive[g, k]` from age `edges[k]`
    hours to the next.

    `case(entity, born)` is int64 (n,). `monotone`: there is no reactivation. `histories(case, words)`, if given, draws
    lives by random words, (n,) each: the spells, in time order, as hours since birth, `[from, to)`, shape (n,) each.
    """

    born: Callable[[Entity], Ints]
    edges: Floats
    alive: Floats
    case: Callable[[Entity, Ints], Ints] | None = None
    monotone: bool = True
    histories: Callable[[Ints, Words], list[tuple[Floats, Floats]]] | None = None
    seen: Callable[[], SurvivalFactor] | None = None
    """The same lives of entities that are `SeenAlive`, where rows above the target come only during them."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A multiplier of mean 1 that each entity keeps and no column shows, of this variance; gamma without a
    `distribution`.

    `key` is the same for all targets that share it; empty where it is unknown whether others do.
    """

    variance: float
    distribution: InverseCdfTable | None = None
    key: str = ""
    crowded: Callable[[int], tuple[float, Spread]] | None = None
    """The mean and the rest of the multiplier among rows whose number it multiplied, at this many levels above."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A hidden segment: equivalent to a multiplier of this variance if the data lacks the column."""

    column: str
    variance: float


@dataclass(frozen=True, slots=True)
class Daily:
    """A multiplier of mean 1 by day (UTC), lognormal AR(1): standard deviation and correlation of successive
    logarithms.
    """

    sd: float
    rho: float


@dataclass(frozen=True, slots=True)
class BgNbdDropout:
    """Each entity leaves after an event with a chance of its own, Beta(a, b); its rate is Gamma(r) times the mean."""

    r: float
    a: float
    b: float


LatentVariation = Spread | Latency | Daily | BgNbdDropout
MOST_LEVELS = 8


def by_level(factor: Floats, widths: Floats) -> tuple[Ints, Floats, tuple[str, ...]]:
    """Cells grouped by their multiplier, float64 (n,): a code each, and multipliers and labels of at most 8 levels.

    A few different multipliers are a level each; many are binned into equally many cells, with their mean over time.
    """
    levels, codes = np.unique(np.round(factor, 9), return_inverse=True)
    if len(levels) > MOST_LEVELS:
        cuts = np.unique(np.quantile(factor, np.arange(1, MOST_LEVELS) / MOST_LEVELS))
        codes = np.unique(np.searchsorted(cuts, factor, side="right"), return_inverse=True)[1]
        levels = np.bincount(codes, factor * widths) / np.bincount(codes, widths)
    return codes.astype(np.int64), levels, tuple(f"x {level:.3g}" for level in levels.tolist())

"""The forms of multipliers that a behavior can give for the rate or value of a target.

An `Entity` is the row that carries the behavior, seen from a row of the target. Its columns can be read, whether it is
an ancestor or referenced. All functions are vectorized over n entities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Words
from datagen.point_process.grid import Grid
from datagen.time_units import HOUR

Interval = tuple[Ints, Ints]

NEVER_BORN = 2**61
"""The birth for a null reference, microseconds."""


class Entity(Protocol):
    """The entities of n rows of a target, in row order."""

    def __len__(self) -> int: ...

    @property
    def ids(self) -> Words:
        """Row identities of the entities, shape (n,)."""

    def column(self, name: str) -> Column:
        """A column of the entities, shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """A constant multiplier of an entity: `factor(entity)` is float64, shape (n,), at least 0."""

    factor: Callable[[Entity], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Aging:
    """A multiplier by age: `values[k]` from age `edges[k]` (whole hours, edges[0] = 0) to the next edge; the last piece
    has no end.

    `born(entity)` is int64 microseconds. `smooth`, if given, is the exact curve (age in hours -> multiplier), used for
    values. Rates use the pieces, which are linear with `slopes[k]` per hour, or constant without slopes.
    """

    born: Callable[[Entity], Ints]
    edges: Floats
    values: Floats
    smooth: Callable[[Floats], Floats] | None = None
    slopes: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A multiplier by time: `weights[g, c]` is its mean over cell c of the target's grid for entities of group g.

    `group(entity)` gives the row of `weights`, int64, shape (n,); None for a single group. `exact(times, group)`, if
    given, is the multiplier at instants (microseconds, shape (n,)) for entities of these groups, used for values; rates
    use the cells.
    """

    weights: Floats
    group: Callable[[Entity], Ints] | None = None
    exact: Callable[[Ints, Ints], Floats] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Alive:
    """Restricts events to an entity's spells: `[start, end)` pairs in time order, int64 microseconds, shape (n,) each.

    Every entity has the same number of spells; unused ones are empty (end <= start).
    """

    spells: Callable[[Entity], Sequence[Interval]]


@dataclass(frozen=True, slots=True, eq=False)
class MaxEvents:
    """At most `limit(entity)` events occur, int64, shape (n,): the entity ends with the last of them."""

    limit: Callable[[Entity], Ints]


@dataclass(frozen=True, slots=True, eq=False)
class MultiplierEnds:
    """The `least` and the largest multiplier (`most`) of a treatment in each group of its entities, shape (groups,).

    The groups are those `labels` of `column` of table `owner`, one where it is None. `name` is the treatment's.
    """

    name: str
    owner: str
    column: str | None
    labels: tuple[str, ...]
    least: Floats
    most: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """A multiplier `factor(entity)`, shape (n,), from an entity's own exposure on until the end of it: `span(entity)`,
    microseconds.

    `left(hours)` is the share of the deviation from 1 that is left so long after exposure; None where nothing of it
    wears off. Events that happen without a treatment keep their identities and times: a multiplier below 1 thins them,
    one above 1 superposes others.
    """

    factor: Callable[[Entity], Floats]
    span: Callable[[Entity], Interval]
    left: Callable[[Floats], Floats] | None = None
    ends: MultiplierEnds | None = None
    """None where a factor says so."""

    def at(self, entity: Entity, times: Ints) -> Floats:
        """The multiplier of each entity at its time (microseconds), shape (n,)."""
        return treated(self.factor(entity), self.span(entity), self.left, times)


def treated(factor: Floats, span: Interval, left: Callable[[Floats], Floats] | None, times: Ints) -> Floats:
    """The multiplier at times of who has `factor` within a span, shape (n,)."""
    begin, end = span
    deviation = factor - 1.0
    if left is not None:
        deviation = deviation * left(np.maximum(times - begin, 0) * (1.0 / HOUR))
    found: Floats = np.where((begin <= times) & (times < end), 1.0 + deviation, 1.0)
    return found


Effect = Static | Aging | Calendar | Alive | MaxEvents | Treatment

__all__ = [
    "NEVER_BORN",
    "Aging",
    "Alive",
    "Calendar",
    "Effect",
    "Entity",
    "Grid",
    "Interval",
    "MaxEvents",
    "Static",
    "Treatment",
    "treated",
]

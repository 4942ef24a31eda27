"""The product of all multipliers of one target: at a time (values, counts) or as an exposure (events)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.errors import PlanError
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.effects import (
    Aging,
    Alive,
    Calendar,
    Effect,
    Entity,
    Grid,
    Interval,
    MaxEvents,
    Static,
    Treatment,
)
from datagen.point_process.grid import MOST_CELLS
from datagen.time_units import HOUR, YEAR_HOURS

EntityOf = Callable[[Rows], Entity]
"""From rows to the entities of a behavior, one for each row."""

MOST_CALENDARS = 256
MOST_PRODUCT = 1e30
"""The largest product of multipliers; larger ones are a mistake and would overflow."""


@dataclass(frozen=True, eq=False)
class Rate:
    """The effects on one target, each with the function from its rows (for a rate: its parents) to the entity."""

    target: str
    grid: Grid
    effects: tuple[tuple[EntityOf, Effect], ...] = ()

    def _of(self, form: type) -> list[tuple[EntityOf, Effect]]:
        return [(reach, effect) for reach, effect in self.effects if isinstance(effect, form)]

    def __bool__(self) -> bool:
        return bool(self.effects)

    def static(self, rows: Rows) -> Floats:
        """The product of the static multipliers, shape (n,)."""
        product = np.ones(len(rows))
        with np.errstate(over="ignore", invalid="ignore"):  # overflow is refused below
            for reach, effect in self._of(Static):
                assert isinstance(effect, Static)
                product *= effect.factor(reach(rows))
        self._finite(product)
        return product

    def _finite(self, product: Floats) -> None:
        """Raises PlanError if the product of multipliers is too large."""
        if not (product <= MOST_PRODUCT).all():
            raise PlanError(
                f"the multipliers of '{self.target}' have a product above {MOST_PRODUCT:.0e}; lower the multipliers"
            )

    def spells(self, rows: Rows) -> list[Interval] | None:
        """The active periods of each row, as pairs of starts and ends in time order; None if no lifetime bounds it."""
        spells: list[Interval] | None = None
        for reach, effect in self._of(Alive):
            assert isinstance(effect, Alive)
            own = list(effect.spells(reach(rows)))
            spells = own if spells is None else [_both(a, b) for a in spells for b in own]
        return spells

    def quota(self, rows: Rows) -> Ints | None:
        """The most events of each row; None if there is no limit."""
        least: Ints | None = None
        for reach, effect in self._of(MaxEvents):
            assert isinstance(effect, MaxEvents)
            own = effect.limit(reach(rows))
            least = own if least is None else np.minimum(least, own)
        return least

    def agings(self, rows: Rows) -> list[tuple[Ints, Aging]]:
        """Each age effect with the births of the entities, int64 microseconds, shape (n,)."""
        found = []
        for reach, effect in self._of(Aging):
            assert isinstance(effect, Aging)
            found.append((effect.born(reach(rows)), effect))
        return found

    @cached_property
    def calendars(self) -> tuple[Floats, ...]:
        """The product of all calendars for every combination of their groups, by cell of the grid."""
        self._within_bounds()
        product = [np.ones(self.grid.cells)]
        for effect in self._timed:
            with np.errstate(over="ignore", invalid="ignore"):  # as above
                product = [weights * row for weights in product for row in effect.weights]
        for weights in product:
            self._finite(weights)
        return tuple(product)

    @cached_property
    def _timed(self) -> list[Calendar]:
        return [effect for _, effect in self.effects if isinstance(effect, Calendar)]

    def _within_bounds(self) -> None:
        """Raises PlanError for too many calendars, or too many cells of them."""
        number = 1
        for effect in self._timed:
            number *= len(effect.weights)
        if number > MOST_CALENDARS:
            raise PlanError(
                f"'{self.target}' has more than {MOST_CALENDARS} different calendars; use fewer groups or time zones"
            )
        if number * self.grid.cells > MOST_CELLS:
            years = self.grid.hours / YEAR_HOURS
            message = (
                f"'{self.target}' has {number} different calendars of {years:.0f} years with {self.grid.cells:,} "
                f"cells each"
            )
            raise PlanError(
                f"{message}, more than {MOST_CELLS:,} cells; use fewer groups or time zones, or a shorter window"
            )

    @cached_property
    def clocks(self) -> tuple[CumulativeIntensity, ...]:
        """The clock of each calendar."""
        return tuple(CumulativeIntensity.on(self.grid, weights) for weights in self.calendars)

    def group(self, rows: Rows) -> Ints | None:
        """The calendar of each row, shape (n,); None for a single calendar."""
        code: Ints | None = None
        for reach, effect in self._of(Calendar):
            assert isinstance(effect, Calendar)
            groups = len(effect.weights)
            if groups > 1:
                own = effect.group(reach(rows)) if effect.group is not None else np.zeros(len(rows), np.int64)
                code = own if code is None else code * groups + own
        return code

    @cached_property
    def treatments(self) -> tuple[tuple[EntityOf, Treatment], ...]:
        """Each treatment with the way to its entity."""
        return tuple((reach, effect) for reach, effect in self.effects if isinstance(effect, Treatment))

    @cached_property
    def untreated(self) -> Rate:
        """Everything but the treatments."""
        rest = tuple(one for one in self.effects if not isinstance(one[1], Treatment))
        return self if len(rest) == len(self.effects) else Rate(self.target, self.grid, rest)

    def at(self, rows: Rows, times: Ints | None) -> Floats:
        """The whole multiplier of each row at its time, shape (n,). Without times, only the static part."""
        product = self.static(rows)
        if times is None:
            return product
        for reach, treatment in self.treatments:
            product *= treatment.at(reach(rows), times)
        for born, effect in self.agings(rows):
            product *= age_factor(effect, times - born)
        if self._of(Calendar):
            product *= self._calendar_at(rows, times)
        spells = self.spells(rows)
        if spells is not None:
            alive = np.zeros(len(rows), np.bool_)
            for start, end in spells:
                alive |= (start <= times) & (times < end)
            product *= alive
        return product

    def _calendar_at(self, rows: Rows, times: Ints) -> Floats:
        """The product of all calendars at the times: exact for continuous ones, else of the cell."""
        cell, product = self.grid.cell(times), np.ones(len(rows))
        for reach, effect in self._of(Calendar):
            assert isinstance(effect, Calendar)
            grouped = len(effect.weights) > 1 and effect.group is not None
            group = effect.group(reach(rows)) if grouped and effect.group else np.zeros(len(rows), np.int64)
            if effect.exact is not None:
                product *= effect.exact(times, group)
            else:
                product *= effect.weights.ravel().take(cell + group * self.grid.cells if grouped else cell)
        return product


def age_factor(effect: Aging, ages: Ints) -> Floats:
    """The multiplier at ages in microseconds, shape (n,); before birth that of age 0."""
    hours = np.maximum(ages, 0) * (1.0 / HOUR)
    if effect.smooth is not None:
        return effect.smooth(hours)
    k = np.searchsorted(effect.edges, hours, side="right") - 1
    return effect.values.take(np.maximum(k, 0))


def _both(one: Interval, other: Interval) -> Interval:
    """The intersection of two spells."""
    return np.maximum(one[0], other[0]), np.minimum(one[1], other[1])

"""Interventions: effects with a date, such as campaigns, outages and price changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from datagen.columnar.block import Bools, Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.factor_categories import seen
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior, alike
from datagen.kinds.behaviors.support.value_codes import ValueCodes, impossible
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.literals import spelled
from datagen.point_process.effects import NEVER_BORN, Calendar, Effect, Entity
from datagen.point_process.factors import AnyFactor, Timed
from datagen.point_process.grid import Grid
from datagen.random.math.elementary import exp, expm1, log
from datagen.registry import Strict
from datagen.time_units import DAY, HOUR, Instant, format_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.generators.base import ColumnRef
    from datagen.scope import Scope


_STEPS = 48
"""Steps of a fast ramp, and of each halving of a fast decay."""
_HALVINGS = 12


def _spelled(data: Any) -> Any:
    items = data if isinstance(data, list | tuple) else (data,)
    return tuple(spelled(item) if isinstance(item, bool | int) else item for item in items)


class DatedWhere(Strict):
    """Only entities whose column holds one of the values."""

    column: str = Field(
        description="a category, int or bool column of the entity, or of a table above as `table.column`"
    )
    values: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000), BeforeValidator(_spelled)]


class DatedEffect(Strict):
    """Between `from` and `to`, `multiply` times as much."""

    from_: Instant = Field(alias="from", description="when it begins (UTC)")
    to: Instant | None = Field(default=None, description="when it is over; it stays if not said")
    multiply: float = Field(ge=0, le=1e6, description="the multiplier at full strength; 0 is an outage")
    shape: Literal["step", "ramp", "decay"] = Field(
        default="step",
        description="step: all at once; ramp: evenly up over `ramp_days`, and down before `to`; decay: at once, then halved again and again",
    )
    ramp_days: float | None = Field(
        default=None, ge=1e-6, le=36525, description="ramp: days from 1 to the full multiplier"
    )
    half_life_days: float | None = Field(
        default=None, ge=1e-6, le=36525, description="decay: days in which the deviation from 1 halves"
    )
    where: DatedWhere | None = Field(default=None, description="whom it touches; everybody if not said")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with the effect by itself."""
        if self.to is not None and self.to <= self.from_:
            message = f"ends ({format_instant(self.to)}) before it begins ({format_instant(self.from_)})"
            yield scope.problem("range", message, "swap from and to", "to")
        if self.multiply == 1:
            yield scope.problem(
                "no-effect", "a multiplier of 1 changes nothing", "leave it out, or write another", "multiply"
            )
        for shape, field in (("ramp", "ramp_days"), ("decay", "half_life_days")):
            said_so = getattr(self, field) is not None
            if self.shape == shape and not said_so:
                yield scope.problem("missing", f"a {shape} needs '{field}'", f'write "{field}": 2, for example')
            if self.shape != shape and said_so:
                yield scope.problem(
                    "no-effect", f"a {self.shape} does not use '{field}'", f'write "shape": "{shape}"', field
                )

    def factor(self, grid: Grid) -> Floats:
        """The mean multiplier in each cell of a grid, shape (cells,)."""
        begin, end = self._span
        low, high = grid.edges[:-1] * (1.0 / HOUR), grid.edges[1:] * (1.0 / HOUR)
        if self.shape == "ramp" and self.ramp_days:
            share = np.clip(np.minimum(grid.middles - begin, end - grid.middles) / (24.0 * self.ramp_days), 0.0, 1.0)
        else:
            open_, shut = np.maximum(low, begin), np.minimum(high, end)
            share = np.clip(shut - open_, 0.0, None) / (high - low)
            if self.shape == "decay" and self.half_life_days:
                share *= self._left(open_, np.maximum(shut - open_, 0.0))
        return 1.0 + (self.multiply - 1.0) * share

    def at(self, times: Ints) -> Floats:
        """The multiplier at instants (microseconds), shape (n,)."""
        begin, end = self._span
        hours = times * np.float64(1.0 / HOUR)
        share: Floats = ((times >= self.from_) & (times < (NEVER_BORN if self.to is None else self.to))).astype(
            np.float64
        )
        if self.shape == "ramp" and self.ramp_days:
            share = np.clip(np.minimum(hours - begin, end - hours) / (24.0 * self.ramp_days), 0.0, 1.0)
        if self.shape == "decay" and self.half_life_days:
            share = share * exp(np.maximum(hours - begin, 0.0) * -self._pace)
        return 1.0 + (self.multiply - 1.0) * share

    @property
    def cuts(self) -> Ints:
        """Where it begins, ends and bends, and the steps in which a fast ramp or decay is resolved, microseconds."""
        ends = [self.from_, *(() if self.to is None else (self.to,))]
        if self.shape == "ramp" and self.ramp_days and self.ramp_days < 2:
            steps = np.rint(np.arange(_STEPS + 1) * (self.ramp_days * DAY / _STEPS)).astype(np.int64)
            return np.concatenate([self.from_ + steps, *([self.to - steps] if self.to is not None else ())])
        if self.shape == "ramp" and self.ramp_days:
            length = round(self.ramp_days * DAY)
            ends += [self.from_ + length, *(() if self.to is None else (self.to - length,))]
        if self.shape == "decay" and self.half_life_days and self.half_life_days < 2:
            steps = np.arange(_STEPS * _HALVINGS) * (self.half_life_days * DAY / _STEPS)
            ends += (self.from_ + np.rint(steps).astype(np.int64)).tolist()
        return np.array(ends, np.int64)

    @property
    def _span(self) -> tuple[float, float]:
        return self.from_ * (1.0 / HOUR), np.inf if self.to is None else self.to * (1.0 / HOUR)

    @property
    def _pace(self) -> float:
        """Of a decay: the part of its deviation that goes in an hour, continuously."""
        return float(log(2.0)) / (24.0 * (self.half_life_days or 1.0))

    def _left(self, begin: Floats, width: Floats) -> Floats:
        """Of a decay: the mean share that is left in stretches from `begin` on (hours since 1970), `width` hours long."""
        gone = width * self._pace
        whole = -expm1(-gone) / np.where(gone > 0, gone, 1.0)
        return exp(np.maximum(begin - self._span[0], 0.0) * -self._pace) * np.where(gone > 0, whole, 1.0)


class Dated(TimeBehavior):
    """Multipliers that hold from one instant to another, for all or for some; where effects overlap, they multiply.

    They are deviations from what would be otherwise: nothing is taken from other days. Effects begin and end to the microsecond. Rates follow ramps and decays in steps of an hour or
    less, each with the mean; values follow the curve itself.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        orders_with(
            {
                "type": "interventions",
                "effects": [
                    {"from": "2023-11-01", "to": "2023-11-15", "multiply": 1.8, "shape": "ramp", "ramp_days": 2},
                    {"from": "2024-02-10T08:00:00", "to": "2024-02-10T20:00:00", "multiply": 0},
                    {
                        "from": "2024-05-01",
                        "multiply": 1.5,
                        "where": {"column": "customers.segment", "values": ["vip"]},
                    },
                ],
            },
            {"type": "interventions", "of": "amount", "effects": [{"from": "2024-01-01", "multiply": 1.06}]},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("dated", "dated_effects", "campaigns", "changepoints")

    type: Literal["interventions"] = "interventions"
    effects: Annotated[tuple[DatedEffect, ...], Field(min_length=1, max_length=1000)] = Field(
        description="what happens when, to whom"
    )

    def _columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(effect.where.column for effect in self.effects if effect.where))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        for i, effect in enumerate(self.effects):
            yield from effect.problems(scope.at("effects", i))
            yield from self._unseen(scope, effect, i)
            if effect.where is not None:
                there = scope.at("effects", i, "where")
                problems = list(self.unreadable(there, effect.where.column, "column"))
                yield from problems or impossible(there, effect.where.column, effect.where.values, "values")

    def _unseen(self, scope: Scope, effect: DatedEffect, index: int) -> Iterator[Problem]:
        """Effects beyond the window; those before it are seen by rows that arrived then."""
        window = scope.window
        if window is None:
            return
        late = effect.from_ >= window.end
        early = effect.to is not None and effect.to <= window.start and "arrival_time" not in scope.table.row_times
        if late or early:
            message = f"lies {'after' if late else 'before'} the window, so it has no effect"
            yield scope.problem(
                "no-effect", message, "choose a time within it", "effects", index, "from" if late else "to"
            )

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        for i, effect in enumerate(self.effects):
            if effect.where is None:
                yield from alike(scope, target, "effects", i)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        grid = scope.grid()
        general = tuple(effect for effect in self.effects if effect.where is None)
        found = []
        if general:
            weights = _product([effect.factor(grid) for effect in general], grid.cells)
            exact = _Exact((general,)) if any(effect.shape != "step" for effect in general) else None
            found.append(Calendar(weights[np.newaxis], None, exact))
        return (*found, *(self._particular(column, grid) for column in self._columns()))

    def cuts(self, scope: Scope, grid: Grid) -> Ints:
        return np.concatenate([effect.cuts for effect in self.effects])

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """Each effect by itself: when it acts, and when not."""
        grid, inside = scope.grid(), seen(scope)
        return tuple(_told(effect, grid, inside) for effect in self.effects)

    def _particular(self, column: str, grid: Grid) -> Calendar:
        """The effects on those whom `column` tells apart: one group for each value named, the first for all others."""
        effects = [
            (effect, effect.where.values) for effect in self.effects if effect.where and effect.where.column == column
        ]
        values = tuple(dict.fromkeys(value for _, chosen in effects for value in chosen))
        touching = ((), *(tuple(effect for effect, chosen in effects if value in chosen) for value in values))
        rows = [_product([effect.factor(grid) for effect in group], grid.cells) for group in touching]
        exact = _Exact(touching) if any(effect.shape != "step" for effect, _ in effects) else None
        names = ValueCodes(values)

        def group(entity: Entity) -> Ints:
            return names.codes(entity.column(column)) + 1

        return Calendar(np.stack(rows), group, exact)


@dataclass(frozen=True, slots=True, eq=False)
class _Exact:
    """The multiplier at instants; `touching[g]` are the effects on entities of group g."""

    touching: tuple[tuple[DatedEffect, ...], ...]

    def __call__(self, times: Ints, group: Ints) -> Floats:
        factor = np.ones(len(times))
        for number, effects in enumerate(self.touching):
            at = np.flatnonzero(group == number) if len(self.touching) > 1 else slice(None)
            for effect in effects:
                factor[at] *= effect.at(times[at])
        return factor


def _product(factors: list[Floats], cells: int) -> Floats:
    product = np.ones(cells)
    for factor in factors:
        product *= factor
    return product


def _told(effect: DatedEffect, grid: Grid, inside: Bools) -> Timed:
    """When an effect acts on whom it touches, against all other times."""
    factor = effect.factor(grid)
    acting = np.abs(factor - 1.0) > 1e-6
    codes = np.where(inside, acting.astype(np.int64), -1)
    here, widths = factor[acting & inside], grid.widths[acting & inside]
    planted = np.array([1.0, float((here * widths).sum() / widths.sum()) if len(here) else effect.multiply])
    end = "" if effect.to is None else f" to {format_instant(effect.to)}"
    name, labels = f"from {format_instant(effect.from_)}{end}", ("otherwise", "then")
    if effect.where is None:
        return Timed(name, labels, planted, told="each", codes=codes[np.newaxis])
    names, column = ValueCodes(effect.where.values), effect.where.column

    def group(entity: Entity) -> Ints:
        return (names.codes(entity.column(column)) >= 0).astype(np.int64)

    never = np.where(inside, 0, -1)
    return Timed(name, labels, planted, told="each", codes=np.stack([never, codes]), group=group)

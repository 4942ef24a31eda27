"""Interventions: effects at given times, such as campaigns, outages and price changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from datagen.columnar.block import Bools, Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.factor_categories import seen
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior, choice_problems
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
    from datagen.scope import ColumnRef, Scope


_STEPS = 48
"""Steps of a fast ramp, and of each halving of a fast decay."""
_HALVINGS = 12


def _spelled(data: Any) -> Any:
    items = data if isinstance(data, list | tuple) else (data,)
    return tuple(spelled(item) if isinstance(item, bool | int) else item for item in items)


class InterventionWhere(Strict):
    """Restricts an effect to entities whose column has one of the values."""

    column: str = Field(
        description="a category, int or bool column of the entity, or of a table above as `table.column`"
    )
    values: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000), BeforeValidator(_spelled)] = Field(
        description="the values of the column for which the effect holds"
    )


class Intervention(Strict):
    """A multiplier that holds from `from` to `to`."""

    from_: Instant = Field(alias="from", description="start (UTC)")
    to: Instant | None = Field(default=None, description="end; without it, the effect is permanent")
    multiply: float = Field(ge=0, le=1e6, description="the multiplier at full strength; 0 is an outage")
    shape: Literal["step", "ramp", "decay"] = Field(
        default="step",
        description=(
            "step: immediate; ramp: linear over `ramp_days`, and back before `to`; decay: immediate, then a "
            "halving deviation from 1"
        ),
    )
    ramp_days: float | None = Field(
        default=None, ge=1e-6, le=36525, description="ramp: days from a multiplier of 1 to the full one"
    )
    half_life_days: float | None = Field(
        default=None, ge=1e-6, le=36525, description="decay: days in which the deviation from 1 halves"
    )
    where: InterventionWhere | None = Field(default=None, description="the affected entities; the default is all")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the effect on its own."""
        if self.to is not None and self.to <= self.from_:
            message = f"ends ({format_instant(self.to)}) before its start ({format_instant(self.from_)})"
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
        """Its start, end and bends, and the steps of a fast ramp or decay, in microseconds."""
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
        """For a decay: the hourly rate at which its deviation decreases."""
        return float(log(2.0)) / (24.0 * (self.half_life_days or 1.0))

    def _left(self, begin: Floats, width: Floats) -> Floats:
        """For a decay: the mean remaining share in intervals from `begin` on (hours since 1970), `width` hours long."""
        gone = width * self._pace
        whole = -expm1(-gone) / np.where(gone > 0, gone, 1.0)
        return exp(np.maximum(begin - self._span[0], 0.0) * -self._pace) * np.where(gone > 0, whole, 1.0)


class Interventions(TimeBehavior):
    """Multipliers that hold from one instant to another, for all or for some entities. Overlapping effects multiply.

    They are deviations: other days keep their values. Effects begin and end to the microsecond. Rates follow ramps and
    decays in steps of an hour or less, each with the mean. Values follow the curve itself.
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
    effects: Annotated[tuple[Intervention, ...], Field(min_length=1, max_length=1000)] = Field(
        description="the effects, in any order"
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

    def _unseen(self, scope: Scope, effect: Intervention, index: int) -> Iterator[Problem]:
        """Effects outside the window. Effects before it are visible to rows that arrived then."""
        window = scope.window
        if window is None:
            return
        late = effect.from_ >= window.end
        early = effect.to is not None and effect.to <= window.start and "arrival_time" not in scope.table.row_times
        if late or early:
            message = f"is {'after' if late else 'before'} the window, so it has no effect"
            yield scope.problem(
                "no-effect", message, "choose a time within it", "effects", index, "from" if late else "to"
            )

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        for i, effect in enumerate(self.effects):
            if effect.where is None:
                yield from choice_problems(scope, target, "effects", i)

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
        """Each effect on its own: active or not."""
        grid, inside = scope.grid(), seen(scope)
        return tuple(_factor(effect, grid, inside) for effect in self.effects)

    def _particular(self, column: str, grid: Grid) -> Calendar:
        """The effects by groups of `column`: one group for each named value; group 0 is all others."""
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

    touching: tuple[tuple[Intervention, ...], ...]

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


def _factor(effect: Intervention, grid: Grid, inside: Bools) -> Timed:
    """The contrast of the times of an effect, for the entities that it affects, with all other times."""
    factor = effect.factor(grid)
    acting = np.abs(factor - 1.0) > 1e-6
    codes = np.where(inside, acting.astype(np.int64), -1)
    here, widths = factor[acting & inside], grid.widths[acting & inside]
    planted = np.array([1.0, float((here * widths).sum() / widths.sum()) if len(here) else effect.multiply])
    end = "" if effect.to is None else f" to {format_instant(effect.to)}"
    name, labels = f"from {format_instant(effect.from_)}{end}", ("otherwise", "then")
    if effect.where is None:
        return Timed(name, labels, planted, judged_by="each", codes=codes[np.newaxis])
    names, column = ValueCodes(effect.where.values), effect.where.column

    def group(entity: Entity) -> Ints:
        return (names.codes(entity.column(column)) >= 0).astype(np.int64)

    never = np.where(inside, 0, -1)
    return Timed(name, labels, planted, judged_by="each", codes=np.stack([never, codes]), group=group)

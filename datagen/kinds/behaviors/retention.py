"""Retention: lifetimes of entities, and reactivation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Bools, Floats, Ints
from datagen.errors import Note
from datagen.kinds.behaviors.support.birth_time import births, oldest
from datagen.kinds.behaviors.support.cohorts import Cohorts, Factors, Period, cohort_problems
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior, Spells, first_spell, later
from datagen.kinds.behaviors.support.lives_seen import seen_lives
from datagen.kinds.behaviors.support.survival_curves import (
    IDS,
    SAMPLE,
    SurvivalCurve,
    common_edges,
    drawn_lives,
    life_hours,
    tenure,
)
from datagen.kinds.behaviors.support.target_rules import (
    choosing_over_time,
    ending_below,
    own_rate,
    rates_only,
    rates_reached,
)
from datagen.kinds.behaviors.support.time_behavior import Targets
from datagen.kinds.behaviors.support.value_codes import ValueCodes, unreadable
from datagen.kinds.lifetimes.base import NEVER, Lifetime
from datagen.point_process.effects import Alive, Effect, Entity, Interval
from datagen.point_process.factors import AnyFactor, SurvivalFactor
from datagen.random.streams import Stream
from datagen.registry import Strict

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope


class LifetimeBy(Strict):
    """Lifetimes by the value of a column. Other values have the behavior's own `lifetime`."""

    column: str = Field(description="a category, int or bool column of the entity")
    cases: Annotated[dict[str, Lifetime], Field(min_length=1, max_length=1000)] = Field(
        description="lifetime of each value"
    )


class LifetimeCohorts(Strict):
    """Factors on the length of life by the period of birth."""

    period: Period = Field(description="the length of a cohort")
    scale: Factors = Field(description="factor of each cohort")


class Reactivation(Strict):
    """A share of those who stopped return, after some time, for a further life of the same distribution."""

    share: float = Field(gt=0, le=1, description="share of those who stopped that return")
    after: Lifetime = Field(description="the distribution of the time away")
    most: int = Field(default=1, ge=1, le=3, description="the largest number of returns")


class Retention(LifetimeBehavior):
    """Entities live from their birth for a time drawn from `lifetime`. They have no events outside it, and none of
    their intervals begins outside it.

    Life begins at birth even before the window. Entities that died before the window have no events in it, so an old
    population is thinned out as in reality. `truth_column` names a hidden column with the end of the last spell, null
    if it lies beyond the window.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped(
            {"type": "retention", "lifetime": {"type": "sbg", "alpha": 0.7, "beta": 4}, "truth_column": "alive_until"}
        ),
        shaped(
            {
                "type": "retention",
                "of": ["orders"],
                "lifetime": {"type": "weibull", "shape": 0.8, "scale": 10, "cure_share": 0.1},
                "by": {"column": "segment", "cases": {"vip": {"type": "exponential", "mean": 30}}},
                "cohorts": {"period": "quarter", "scale": {"2024Q2": 1.5}},
                "never_active_share": 0.05,
                "reactivation": {"share": 0.2, "after": {"type": "exponential", "mean": 3}, "most": 2},
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "churn",
        "survival",
        "lifetime",
    )
    type: Literal["retention"] = "retention"
    of: Targets | None = Field(
        default=None,
        description="tables of events or intervals that end with the life; the default is all of them below the entity",
    )
    lifetime: Lifetime = Field(description="the distribution of lifetimes")
    by: LifetimeBy | None = Field(default=None, description="other lifetimes for some values of a column")
    cohorts: LifetimeCohorts | None = Field(default=None, description="longer or shorter lives by the period of birth")
    never_active_share: float = Field(default=0.0, ge=0, lt=1, description="share of entities that are never active")
    reactivation: Reactivation | None = Field(default=None, description="coming back")

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(self.of if self.of is not None else ending_below(scope))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        by = {(scope.table.name, self.by.column)} if self.by and "." not in self.by.column else set()
        return super().needs(scope) | by

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from own_rate(scope, self.targets(scope))
        yield from rates_only(scope, self.of or (), "of")
        if not self.targets(scope):
            message = f"no events or intervals are below '{scope.table.name}'"
            yield scope.problem("no-effect", message, self._others(scope))
        yield from self.lifetime.problems(scope.at("lifetime"))
        if self.by is not None:
            yield from unreadable(scope.at("by"), self.by.column, self.by.cases, "cases")
            for name, lifetime in self.by.cases.items():
                yield from lifetime.problems(scope.at("by", "cases", name))
        if self.cohorts is not None:
            yield from cohort_problems(scope.at("cohorts"), self.cohorts.period, self.cohorts.scale, "scale")
        if self.reactivation is not None:
            yield from self.reactivation.after.problems(scope.at("reactivation", "after"))

    def notes(self, scope: Scope) -> Iterator[Note]:
        """References choose entities whatever their lives, unless `of` names their table."""
        own = ending_below(scope)
        for table, column in choosing_over_time(scope).items() if self.of is None else ():
            message = f"'{table}.{column}' also chooses rows of '{scope.table.name}' whose life is over"
            hint = f'to choose only those that are alive, write "of": {json.dumps([*own, table])}'
            yield Note(scope.keys, message, hint)

    def _others(self, scope: Scope) -> str:
        """The hint that names tables whose rows can end with the life: those that choose, or numbers of rows."""
        reached = rates_reached(scope)
        return f'write "of": {json.dumps(list(reached[:3]))}' if reached else "name a table in 'of'"

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return (Alive(self.spells(scope)),)

    def marginal(self, scope: Scope, target: str) -> tuple[SurvivalFactor, ...]:
        return (self.survival_factor(scope),)

    def survival_factor(self, scope: Scope) -> SurvivalFactor:
        """The survival probability by age, for each case and each factor on the length of life."""
        horizon = oldest(scope, self.born)
        scales = np.unique([1.0, *(self.cohorts.scale.values() if self.cohorts else ())])
        scales = scales[scales > 0]
        spread = [self._curve(lifetime, float(scale)) for lifetime in self._lifetimes() for scale in scales]
        edges = common_edges(spread, horizon)
        alive = np.stack([one.between(edges, horizon) for one in spread])
        names = ValueCodes(tuple(self.by.cases)) if self.by else None
        factors = Cohorts.of(self.cohorts.period, self.cohorts.scale) if self.cohorts else None

        def case(entity: Entity, born: Ints) -> Ints:
            code = (
                names.codes(entity.column(self.by.column)) + 1 if names and self.by else np.zeros(len(born), np.int64)
            )
            code *= len(scales)
            return code if factors is None else code + np.searchsorted(scales, factors.at(born))

        once = self.reactivation is None
        histories = None if once else partial(drawn_lives, spread)
        plain = SurvivalFactor(births(scope, self.born), edges, alive, case, once, histories)
        return replace(plain, seen=seen_lives(spread, horizon, plain, once=once))

    def _lifetimes(self) -> tuple[Lifetime, ...]:
        """The behavior's own lifetime and that of each case."""
        return self.lifetime, *(self.by.cases.values() if self.by else ())

    def _curve(self, lifetime: Lifetime, scale: float = 1.0) -> SurvivalCurve:
        return SurvivalCurve(tuple(self._sampled_spells(lifetime, scale)), 1.0 - self.never_active_share)

    def _sampled_spells(self, lifetime: Lifetime, scale: float) -> Iterator[tuple[Floats, Floats]]:
        """The spells of many entities born at 0, in hours. `scale` multiplies lives, but not times away."""
        start, end = np.zeros(SAMPLE), np.minimum(life_hours(lifetime) * scale, NEVER)
        gone = np.zeros(SAMPLE, np.bool_)
        yield start, end
        for number in range(1, self.reactivation.most + 1) if self.reactivation else ():
            assert self.reactivation is not None
            gone |= Stream.named(0, "return", str(number)).uniforms(IDS) >= self.reactivation.share
            away = self.reactivation.after.hours(Stream.named(0, "away", str(number)), IDS)
            start = np.minimum(end + np.where(gone, 0.0, away), NEVER)
            end = np.minimum(start + np.where(gone, 0.0, life_hours(lifetime, number) * scale), NEVER)
            yield start, end

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        return tenure(
            self._curve(self.lifetime), births(scope, self.born), oldest(scope, self.born), self.lifetime.unit
        )

    def spells(self, scope: Scope) -> Spells:
        born, start, live, again = (
            births(scope, self.born),
            scope.stream("start"),
            self._lives(scope),
            self._returns(scope),
        )
        never, most = self.never_active_share, self.reactivation.most if self.reactivation else 0

        def spells(entity: Entity) -> list[Interval]:
            birth = born(entity)
            hours = live(entity, birth, 0)
            if never:
                hours[start.uniforms(entity.ids) < never] = 0.0
            found, gone = [first_spell(birth, hours)], hours == 0.0
            for number in range(1, most + 1):
                returning, away = again(entity, number)
                gone |= ~returning
                begin = later(found[-1][1], np.where(gone, 0.0, away))
                found.append((begin, later(begin, np.where(gone, 0.0, live(entity, birth, number)))))
            return found

        return spells

    def _returns(self, scope: Scope) -> Callable[[Entity, int], tuple[Bools, Floats]]:
        """Which entities return for the n-th time, and after how many hours."""

        def returns(entity: Entity, number: int) -> tuple[Bools, Floats]:
            assert self.reactivation is not None
            chance, away = scope.stream("return", str(number)), scope.stream("away", str(number))
            return chance.uniforms(entity.ids) < self.reactivation.share, self.reactivation.after.hours(
                away, entity.ids
            )

        return returns

    def _lives(self, scope: Scope) -> Callable[[Entity, Ints, int], Floats]:
        """Hours of the n-th life of entities with these births."""
        factors = Cohorts.of(self.cohorts.period, self.cohorts.scale) if self.cohorts else None

        def lives(entity: Entity, born: Ints, number: int) -> Floats:
            hours = self._drawn(entity, scope.stream("life", str(number)))
            return hours if factors is None else hours * factors.at(born)

        return lives

    def _drawn(self, entity: Entity, stream: Stream) -> Floats:
        """Hours of life by each entity's own distribution. All distributions use the same random words."""
        ids = entity.ids
        if self.by is None:
            return self.lifetime.hours(stream, ids)
        codes = ValueCodes(tuple(self.by.cases)).codes(entity.column(self.by.column))
        hours = np.empty(len(ids))
        for code, lifetime in enumerate((self.lifetime, *self.by.cases.values()), start=-1):
            at = np.flatnonzero(codes == code)
            hours[at] = lifetime.hours(stream, ids[at])
        return hours

"""Vintage: multipliers by age and by cohort.

Birth plus age is calendar time, so a linear trend can be moved from one effect to the other two without changing any
number. The document must say which of the three has none. Source: Fosse and Winship (2019), Analyzing age-period-cohort
data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve
from datagen.kinds.age_curves.points import Points
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.birth_time import birth_needs, birth_problems, births
from datagen.kinds.behaviors.support.cohorts import Cohorts, Factors, Period, cohort_factor, cohort_problems, number
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.survival_curves import labels_of
from datagen.kinds.behaviors.support.target_rules import own_rate
from datagen.kinds.behaviors.trend import Trend
from datagen.point_process.effects import Aging, Effect, Static
from datagen.point_process.factors import Aged, AnyFactor
from datagen.point_process.tabulated import TabulatedCurve
from datagen.random.math.elementary import log
from datagen.registry import Strict
from datagen.time_units import UNIT_HOURS, AgeUnit

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

_AMOUNT = {"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2}
_UNITS_SEEN = 24
_MOST_AGES = 9
_CHANGE = 0.06
_TOLERANCE = 1e-6


class VintageCohorts(Strict):
    """Multipliers by the period of birth (acquisition)."""

    period: Period = Field(description="the length of a cohort")
    multiply: Annotated[dict[str, Factors], Field(min_length=1)] = Field(
        description="the multiplier of each cohort, for each target"
    )

    def series(self, target: str) -> list[float]:
        """The multipliers of all cohorts from the first named to the last."""
        named = {number(label, self.period): factor for label, factor in self.multiply[target].items()}
        return [named.get(cohort, 1.0) for cohort in range(min(named), max(named) + 1)]


class Vintage(Behavior):
    """Multiplies rates and values by the entity's age at each event, and by its cohort.

    Age counts from `born` in mean units (a month is 730.5 hours). Values follow the curve itself; rates approximate it
    to a thousandth of the multiplier from the first hour on. If age, cohort and a trend act on one target, their linear
    parts are not identifiable. `zero_trend` then names the one that has none. Its multipliers must have a log-linear
    slope of 0, over the declared points or cohorts, or the first 24 units of a curve.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped(
            {
                "type": "vintage",
                "born": "created_at",
                "unit": "month",
                "multiply": {
                    "orders": {"type": "points", "values": [1.0, 0.75, 0.6, 0.5, 0.45, 0.4]},
                    "orders.amount": {"type": "logarithmic", "slope": 0.1, "unit": "year"},
                },
            },
            amount=_AMOUNT,
        ),
        shaped(
            {
                "type": "vintage",
                "multiply": {"orders": {"type": "decay_by", "less": 0.75, "after": 6}},
                "cohorts": {"period": "quarter", "multiply": {"orders": {"2024Q1": 1.2, "2024Q2": 0.9, "2024Q3": 1.2}}},
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "age",
        "decay",
        "tenure",
        "cohort_age",
        "aging",
    )
    type: Literal["vintage"] = "vintage"
    born: str | None = Field(
        default=None, description="timestamp of the birth; the default is the arrival or event time"
    )
    unit: AgeUnit = Field(default="month", description="unit of age of curves that declare none")
    multiply: dict[str, AgeCurve] = Field(default={}, description="an age curve for each target")
    cohorts: VintageCohorts | None = Field(default=None, description="multipliers by the period of birth")
    zero_trend: Literal["age", "cohort", "period"] | None = Field(
        default=None, description="which of age, cohort and period has no linear part, where all three act on a target"
    )

    @property
    def varies(self) -> bool:
        return bool(self.multiply)

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(self.multiply) | frozenset(self.cohorts.multiply if self.cohorts else ())

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return birth_needs(scope, self.born)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from birth_problems(scope, self.born)
        yield from own_rate(scope, self.targets(scope))
        if not self.targets(scope):
            yield scope.problem(
                "missing", "multiplies nothing", 'write multipliers, as in {"orders": [1, 0.8, 0.6]}', "multiply"
            )
        ones = all(isinstance(curve, Points) and set(curve.values) == {1.0} for curve in self.multiply.values())
        for target, curve in () if ones else self.multiply.items():  # a general rule reports multipliers that are all 1
            yield from curve.problems(scope.at("multiply", target))
        wrong = list(self._cohort_problems(scope))
        yield from wrong or self._unidentified(scope)

    def _cohort_problems(self, scope: Scope) -> Iterator[Problem]:
        for target, factors in self.cohorts.multiply.items() if self.cohorts else ():
            assert self.cohorts is not None
            yield from cohort_problems(scope.at("cohorts"), self.cohorts.period, factors, "multiply", target)

    def _unidentified(self, scope: Scope) -> Iterator[Problem]:
        """Targets on which age, cohort and period all act without the constraint, or against it."""
        shapes = dict(_trended(scope))
        both = [
            target for target in self.multiply if self.cohorts and target in self.cohorts.multiply and target in shapes
        ]
        for target in both:
            if self.zero_trend is None:
                message = f"age, cohort and a trend act on '{target}', and their linear parts are not identifiable"
                yield scope.problem(
                    "not-identifiable",
                    message,
                    "name the one without a linear part in 'zero_trend': age, cohort or period",
                )
            elif self._slope(target, shapes[target]) > _TOLERANCE:
                message = (
                    f"the {self.zero_trend} multipliers of '{target}' have a linear part "
                    f"({self._slope(target, shapes[target]):.3g} per unit)"
                )
                yield scope.problem(
                    "not-identifiable", message, "remove it, or move it to another of the three", "zero_trend"
                )
        if self.zero_trend is not None and not both:
            message = "no target has an age, a cohort and a trend, so there is nothing to identify"
            yield scope.problem("no-effect", message, "leave it out", "zero_trend")

    def _slope(self, target: str, trend: str) -> float:
        """The slope per unit of the log multipliers of the effect that must have no linear part."""
        if self.zero_trend == "cohort":
            assert self.cohorts is not None
            return abs(slope(self.cohorts.series(target)))
        if self.zero_trend == "period":
            return 0.0 if trend == "piecewise" else 1.0
        curve = self.multiply[target]
        units = len(curve.values) if isinstance(curve, Points) else _UNITS_SEEN
        return abs(slope(curve.at(np.arange(units, dtype=np.float64) + 0.5).tolist()))

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        born, effects = births(scope, self.born), list[Effect]()
        if target in self.multiply:
            effects.append(self.multiply[target].aging(born, self.unit))
        if self.cohorts is not None and target in self.cohorts.multiply:
            cohorts = Cohorts.of(self.cohorts.period, self.cohorts.multiply[target])
            effects.append(Static(lambda entity: cohorts.at(born(entity))))
        return tuple(effects)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        """Age intervals of the curve, and the named cohorts."""
        born, found = births(scope, self.born), list[AnyFactor]()
        if target in self.multiply:
            curve = self.multiply[target]
            unit = curve.unit or self.unit
            aging = curve.aging(born, self.unit)
            edges, planted = _coarse(aging, float(scope.grid().hours))
            at = tuple(edge / UNIT_HOURS[unit] for edge in edges.tolist())
            labels = labels_of(edges.tolist(), UNIT_HOURS[unit], unit)
            found.append(
                Aged("age", labels, planted, shape="curve", at=at, unit=unit, born=born, edges=edges)
            )  # fmt: skip
        if self.cohorts is not None and target in self.cohorts.multiply:
            found.append(cohort_factor(self.cohorts.period, self.cohorts.multiply[target], born))
        return tuple(found)


def _coarse(aging: Aging, horizon: float) -> tuple[Floats, Floats]:
    """At most 9 age intervals below the horizon: their starts in hours, and the mean multipliers of
    the declared curve.
    """
    if aging.smooth is not None:
        curve = TabulatedCurve.of(aging.smooth)
        edges = curve.bins(horizon, _CHANGE, _MOST_AGES)
        return edges, curve.mean(edges, np.append(edges[1:], max(horizon, float(edges[-1]) + 1.0)))
    within = int(np.searchsorted(aging.edges, horizon))
    edges, values = aging.edges[:within], aging.values[:within]
    first = np.unique(np.linspace(0, len(edges) - 1, min(len(edges), _MOST_AGES)).astype(np.int64))
    width = np.diff(np.append(edges, max(horizon, edges[-1] + 1.0)))
    return edges[first], np.add.reduceat(values * width, first) / np.add.reduceat(width, first)


def slope(multipliers: Sequence[float]) -> float:
    """The least-squares slope of the logarithm per step. Zeros have no logarithm and are left out."""
    points = [(k, log(float(m))) for k, m in enumerate(multipliers) if m > 0]
    if len(points) < 2:
        return 0.0
    middle = sum(k for k, _ in points) / len(points)
    return sum((k - middle) * y for k, y in points) / sum((k - middle) ** 2 for k, _ in points)


def _trended(scope: Scope) -> Iterator[tuple[str, str]]:
    """The targets of every trend of the document, each with the trend's shape."""
    for table in scope.tables().values():
        for behavior in table.behaviors:
            if not isinstance(behavior, Trend):
                continue
            for target in behavior.of:
                yield _resolved(scope, table.name, target), behavior.shape


def _resolved(scope: Scope, table: str, target: str) -> str:
    """The full name of a target. `rows` is the table's own rate; a bare name is a column of it unless it is a table."""
    if target == "rows":
        return table
    return target if "." in target or target in scope.tables() else f"{table}.{target}"

"""Adoption: each entity adopts at the quantile of a diffusion curve that its own uniform selects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Block, Floats, Ints, Rows, Words
from datagen.declarations.processes import DeclaredDwell, ObservedStays, ProcessRecovery
from datagen.errors import PlanError
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.behaviors.support.value_codes import ValueCodes, unreadable
from datagen.kinds.processes.support.covariates import Modulation
from datagen.kinds.processes.support.diffusion import AnyDiffusion, DiffusionCurve
from datagen.kinds.processes.support.dwell import Hazard, Thinning
from datagen.kinds.processes.support.examples import subscribed
from datagen.kinds.processes.support.one_step import OneStepProcess, OneStepRecovery, one_step, transition
from datagen.kinds.processes.support.simulation import MemoizedSimulation
from datagen.names import ColumnName
from datagen.point_process.expected_counts import treatment_curves
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.random.distributions import exponential
from datagen.random.math.elementary import exp, expm1, log1p
from datagen.registry import Strict
from datagen.scope import ColumnRef, Simulation
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.scope import Scope

ROGERS = {"innovator": 0.025, "early_adopter": 0.16, "early_majority": 0.5, "late_majority": 0.84, "laggard": 1.0}
"""Categories of adopters with the share of the curve at which each ends (Rogers, 1962, "Diffusion of Innovations")."""
NONE = "non_adopter"
_LATEST = 2.0**60


class AdoptionCase(Strict):
    """The curve and the potential of entities with one value of a column; what is left out is that of all others."""

    curve: AnyDiffusion | None = Field(default=None, description="their curve of diffusion")
    potential: float | None = Field(default=None, gt=0, le=1, description="the share of them that ever adopts")


class Adoption(OneStepProcess):
    """Two states, `waiting` and `adopted`. An entity adopts when the curve F reaches its own uniform, if it is there by
    then; who comes later adopts
    by the hazard that is left, as if it had waited.

    A share `potential` ever adopts. Behaviors multiply the hazard (`adoption.waiting>adopted`): segments, frailty and
    experiments. The attribute
    `adopter` is Rogers' category, by the share of the curve at the time of adoption: innovators are the first 2.5 %,
    then come 13.5 %, 34 %, 34 % and 16 %; `non_adopter` is who never adopts.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        subscribed(
            {"type": "adoption", "curve": {"type": "bass", "p": 0.02, "q": 0.4, "launch": "2024-01-15"}},
            {"type": "segments", "column": "plan", "multiply": {"pro": {"subscription.waiting>adopted": 2}}},
        ),
        subscribed(
            {
                "type": "adoption",
                "curve": {"type": "logistic", "midpoint": "2024-07-01", "steepness_per_year": 8},
                "potential": 0.6,
            }
        ),
        subscribed(
            {
                "type": "adoption",
                "curve": {"type": "bass", "p": 0.02, "q": 0.4, "launch": "2024-01-15"},
                "column": "plan",
                "cases": {
                    "pro": {
                        "curve": {"type": "bass", "p": 0.05, "q": 0.5, "launch": "2024-01-15"},
                        "potential": 0.9,
                    }
                },
            }
        ),
        subscribed(
            {"type": "adoption", "curve": {"type": "gompertz", "peak": "2024-05-01", "steepness_per_year": 5}},
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("diffusion", "bass_model", "innovation", "uptake")
    type: Literal["adoption"] = "adoption"
    curve: AnyDiffusion = Field(description="the share of potential adopters by time: bass, logistic or gompertz")
    potential: float = Field(default=1.0, gt=0, le=1, description="share of entities that ever adopt")
    column: ColumnName | None = Field(
        default=None, description="a column of the entity, such as a segment, for `cases`"
    )
    cases: Annotated[dict[str, AdoptionCase], Field(max_length=100)] = Field(
        default={}, description="for values of `column`, a curve and a potential of their own"
    )

    @property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]:
        return {"adopter": (*ROGERS, NONE)}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from self.curve.problems(scope.at("curve"))
        if (self.column is None) != (not self.cases):
            yield scope.problem("conflict", "'column' and 'cases' belong together", "write both, or neither", "cases")
        elif self.column is not None:
            yield from unreadable(scope, self.column, self.cases, "cases")
        for value, case in self.cases.items():
            if case.curve is not None:
                yield from case.curve.problems(scope.at("cases", value, "curve"))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        known = self.column is not None and self.column in scope.table.columns
        return super().needs(scope) | ({(scope.table.name, self.column or "")} if known else set())

    def parts(self, rows: Rows) -> Iterator[tuple[Ints, DiffusionCurve, float]]:
        """The positions of the entities of each case, with their curve and potential."""
        codes = np.full(len(rows), -1, np.int64)
        if self.column is not None:
            codes = ValueCodes((*self.cases,)).codes(rows.column(self.column))
        for code, case in enumerate((*self.cases.values(), AdoptionCase()), 0):
            at = np.flatnonzero(codes == (code if code < len(self.cases) else -1))
            yield at, case.curve or self.curve, self.potential if case.potential is None else case.potential

    def reached(self, rows: Rows, times: Ints) -> Floats:
        """The cumulative hazard of each entity's curve at its time (microseconds), shape (n,)."""
        found = np.zeros(len(times))
        for at, curve, _ in self.parts(rows):
            found[at] = curve.hazard(times[at])
        return found

    def adopting(self, rows: Rows) -> Floats:
        """The share of entities such as each of these that ever adopt, shape (n,)."""
        found = np.ones(len(rows))
        for at, _, potential in self.parts(rows):
            found[at] = potential
        return found

    def multiplier_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        if behavior.varies and not hasattr(behavior, "arms"):
            message = f"a '{behavior.type}' changes with time, and adoption has a curve of its own"
            return "conflict", message, "multiply with segments, frailty or an experiment"
        return super().multiplier_problem(path, behavior)

    def recovery(self, scope: Scope) -> ProcessRecovery:
        return _AdoptionRecovery(scope, self)

    def bind(self, scope: Scope) -> Simulation:
        assert scope.window is not None
        rate = scope.multipliers(transition(scope))
        hazard = _CurveHazard(self, rate, scope.stream("adoption"))
        if hazard.timed:
            raise PlanError(
                f"'{rate.target}' has a curve of its own; multiply it with segments, frailty or an experiment"
            )
        return _AdoptionSimulation(self, scope, hazard, ".".join(map(str, scope.keys)), scope.window.end)


@dataclass(frozen=True, eq=False)
class _CurveHazard(Hazard):
    """The hazard of a curve in calendar time; the distribution is the process itself."""

    lifetime: Any

    def leave(
        self,
        rows: Rows,
        ids: Words,
        entered: Ints,
        kept: Floats | None = None,
        modulation: Modulation | None = None,
    ) -> Ints:
        words, kept = self.stream.words(ids), np.ones(len(ids))
        if self.rate.treatments:
            left = self._thinned(rows, words, entered, kept, Thinning.of(self.rate, rows))
        else:
            left = self._reached(rows, words, entered, kept)
        never = self.stream.substream(1).uniforms(ids) >= self.lifetime.adopting(rows)
        return np.where(never, OPEN, left)

    def _reached(self, rows: Rows, words: Words, entered: Ints, kept: Floats) -> Ints:
        declared: Adoption = self.lifetime
        with np.errstate(divide="ignore"):
            unit = exponential(1.0).at(words) / self.rate.static(rows)
        target, hours = np.minimum(declared.reached(rows, entered) + unit, 1e9), np.zeros(len(rows))
        for at, curve, _ in declared.parts(rows):
            hours[at] = curve.when(target[at])
        times = np.minimum(np.rint(hours * HOUR), _LATEST).astype(np.int64)
        return np.maximum(times, entered)


@dataclass(frozen=True, eq=False)
class _AdoptionSimulation(MemoizedSimulation):
    declared: Adoption
    scope: Scope
    hazard: _CurveHazard
    name: str
    end: int

    def simulated(self, parents: Block, end: int) -> Trajectory:
        rows = Rows(parents)
        born = births(self.scope, self.declared.born)(rows)
        at = self.hazard.leave(rows, rows.ids, born)
        return one_step(born, at, end, {"adopter": self._category(rows, at)})

    def _category(self, rows: Rows, at: Ints) -> Ints:
        share = -expm1(-self.declared.reached(rows, np.minimum(at, 2**60)))
        code = np.searchsorted(np.array(list(ROGERS.values())[:-1]), share, side="right")
        return np.where(at >= OPEN, len(ROGERS), code).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _AdoptionRecovery(OneStepRecovery):
    """The probability to have adopted by a time, given when the entity came."""

    declared: Adoption

    def dwells(self) -> Iterable[DeclaredDwell]:
        yield DeclaredDwell(0, 1, self._ended, bool(self.truth.unobserved))

    def _reached(self, seen: ObservedStays) -> Floats:
        """The cumulative hazard of those who may adopt, from entry until each stay was seen."""
        rate, reached = self.truth.rate, partial(self.declared.reached, seen.rows)
        parts = [(seen.entered, seen.until, np.ones(len(seen.entered)))]
        for treatment in treatment_curves(rate, seen.rows, seen.until):
            parts = [part for whole in parts for part in treatment.split(whole)]
        total = np.zeros(len(seen.entered))
        for low, high, value in parts:
            total += (reached(np.maximum(high, low)) - reached(low)) * value
        return total * rate.static(seen.rows)

    def expected(self, seen: ObservedStays) -> tuple[Floats, Floats]:
        cured = 1.0 - self.declared.adopting(seen.rows)
        found = -log1p((1.0 - cured) * expm1(-self._reached(seen)))
        return found, found

    def _ended(self, seen: ObservedStays) -> Floats:
        found: Floats = self.declared.adopting(seen.rows) * (1.0 - exp(-self._reached(seen)))
        return found

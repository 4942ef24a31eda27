"""Contagion: adoption that spreads between the members of a community, the rows of one parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Block, Floats, Ints, Rows
from datagen.declarations.processes import (
    CommunityExposure,
    ContagionDeclaration,
    DeclaredDwell,
    ObservedStays,
    ProcessRecovery,
    StaysDeclaration,
)
from datagen.errors import PlanError
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.processes.support.communities import Communities, CommunityHazard, Draws
from datagen.kinds.processes.support.one_step import OneStepProcess, OneStepRecovery, one_step, transition
from datagen.kinds.processes.support.simulation import MemoizedSimulation
from datagen.point_process.effects import Aging, Alive, Calendar, MaxEvents
from datagen.point_process.expected_counts import treatment_curves
from datagen.point_process.rate import Rate
from datagen.point_process.thinning import Multipliers
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.random.distributions import exponential
from datagen.random.streams import Stream
from datagen.time_units import UNIT_HOURS, AgeUnit, Instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.point_process.effects import Entity
    from datagen.scope import Scope, Simulation

CAUSES = ("innovation", "imitation", "none")


def _schools() -> dict[str, Any]:
    stay = {name: {"type": "row_attribute", "attribute": name} for name in ("entered_at", "left_at", "next_state")}
    return {
        "datagen": 1,
        "name": "classes",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "schools": {"rows": 8, "columns": {"school_id": {"type": "key"}}},
            "teachers": {
                "parent": "schools",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 25}},
                "columns": {
                    "teacher_id": {"type": "key"},
                    "school_id": {"type": "parent_key"},
                    "joined_at": {"type": "uniform", "min": "2022-01-01", "max": "2024-06-01"},
                    "age": {"type": "choice", "values": {"young": 1, "old": 2}},
                },
                "processes": {
                    "tool": {"type": "contagion", "p": 0.02, "q": 0.6, "launch": "2024-02-01", "born": "joined_at"}
                },
                "behaviors": [
                    {"type": "segments", "column": "age", "multiply": {"young": {"tool.waiting>adopted": 1.5}}}
                ],
            },
            "states": {
                "parent": "teachers",
                "rows": {"type": "stays", "process": "tool"},
                "columns": {
                    "teacher_id": {"type": "parent_key"},
                    "state": {"type": "row_attribute", "attribute": "state"},
                    **stay,
                    "adopted_by": {"type": "row_attribute", "attribute": "adopted_by", "hidden": True},
                },
            },
        },
    }


class Contagion(OneStepProcess):
    """Two states, `waiting` and `adopted`. The rows of one parent are a community, and each adoption raises the hazard
    of the other members: it is p + q times the share of the members present who have adopted, from the launch on.

    This is the model of Bass (1969) within a community of finite size, a pure birth process (Bailey 1975, "The
    Mathematical Theory of Infectious Diseases"), simulated exactly: a member adopts when the hazard that its community
    has accumulated since it came reaches its own exponential threshold (Sellke 1983). Communities do not influence each
    other. Segments, frailty and experiments multiply a member's hazard (`contagion.waiting>adopted`). The attribute
    `adopted_by` is the truth: `imitation` if the hazard of q came first, `innovation` if that of p did, `none` for who
    has not adopted.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (_schools(),)
    synonyms: ClassVar[tuple[str, ...]] = ("peer_effect", "social_influence", "epidemic", "si_model", "spread")
    type: Literal["contagion"] = "contagion"
    p: float = Field(gt=0, le=10, description="the hazard without adopters (innovation), per unit")
    q: float = Field(gt=0, le=100, description="what a community of adopters adds to it (imitation), per unit")
    unit: AgeUnit = Field(default="month", description="the unit of time of p and q")
    launch: Instant = Field(description="when it begins; nobody adopts before")

    @property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]:
        return {"adopted_by": CAUSES}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.until is not None:
            message = "entities that end would still act on others"
            yield scope.problem("conflict", message, "leave it out", "until")
        if scope.window is not None and self.launch >= scope.window.end:
            yield scope.problem("range", "the launch comes after the window", "choose a time before its end", "launch")
        if scope.table.parent is None:
            message = f"'{scope.table.name}' has no parent, so its rows are in no community"
            yield scope.problem("missing", message, "put it below a table of communities, or write an 'adoption'")

    def multiplier_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        if behavior.varies and not hasattr(behavior, "arms"):
            message = f"a '{behavior.type}' changes with time, and thresholds of members are drawn once"
            return "conflict", message, "multiply with segments, frailty or an experiment"
        return super().multiplier_problem(path, behavior)

    @property
    def spread(self) -> CommunityHazard:
        hours = UNIT_HOURS[self.unit]
        return CommunityHazard(self.p / hours, self.q / hours, self.launch)

    def interaction(self, scope: Scope, stays: StaysDeclaration) -> ContagionDeclaration:
        recovery = _ContagionRecovery(scope, self)
        truth = recovery.truth
        return ContagionDeclaration(
            stays.table, stays.shown, stays.names, stays.values, stays.end, stays.until, self.p, self.q, self.unit,
            recovery.exposure, bool(truth.unobserved),
        )  # fmt: skip

    def recovery(self, scope: Scope) -> ProcessRecovery:
        return _ContagionRecovery(scope, self)

    def bind(self, scope: Scope) -> Simulation:
        assert scope.window is not None
        rate = scope.multipliers(transition(scope))
        if any(isinstance(effect, Calendar | Aging | Alive | MaxEvents) for _, effect in rate.effects):
            raise PlanError(
                f"'{rate.target}' has thresholds drawn once; multiply it with segments, frailty or an experiment"
            )
        streams = scope.stream("threshold"), scope.stream("cause")
        label = ".".join(map(str, scope.keys))
        return _ContagionSimulation(self.spread, births(scope, self.born), rate, streams, label, scope.window.end)


@dataclass(frozen=True, eq=False)
class _ContagionSimulation(MemoizedSimulation):
    spread: CommunityHazard
    born: Callable[[Entity], Ints]
    rate: Rate
    streams: tuple[Stream, Stream]
    name: str
    end: int

    def simulated(self, parents: Block, end: int) -> Trajectory:
        rows = Rows(parents)
        assert parents.parent_row is not None
        born = self.born(rows)
        static = self.rate.static(rows)
        with np.errstate(divide="ignore", over="ignore"):  # beyond the largest float: never
            threshold = exponential(1.0).at(self.streams[0].words(rows.ids)) / static
        treated = Multipliers.of(self.rate, rows) if self.rate.treatments else None
        again = Draws(rows.ids, self.streams[0].substream(1), static) if treated and treated.decays else None
        communities = Communities(parents.parent_row, born, threshold, treated, again)
        left, hazard = communities.adoptions(self.spread, end)
        imitated = self.streams[1].uniforms(rows.ids) * hazard >= self.spread.p
        cause = np.where(left >= OPEN, CAUSES.index("none"), np.where(imitated, 1, 0)).astype(np.int64)
        return one_step(born, left, end, {"adopted_by": cause})


@dataclass(frozen=True, eq=False)
class _ContagionRecovery(OneStepRecovery):
    """The hazard that each community has accumulated, by the adoptions that files show."""

    declared: Contagion

    def dwells(self) -> Iterable[DeclaredDwell]:
        return ()

    def exposure(self, rows: Rows, community: Ints, entered: Ints, left: Ints) -> CommunityExposure:
        assert self.scope.window is not None
        rate, parts = self.truth.rate, [(entered, left, np.ones(len(entered)))]
        for treatment in treatment_curves(rate, rows, left):
            parts = [part for whole in parts for part in treatment.split(whole)]
        static = rate.static(rows)
        weighed = [(low, np.maximum(high, low), value * static) for low, high, value in parts]
        return self.declared.spread.exposure(community, (entered, left), weighed, self.scope.window.end)

    def expected(self, seen: ObservedStays) -> tuple[Floats, Floats]:
        owner = seen.rows.block.parent_row
        assert owner is not None
        community = owner if seen.rows.at is None else owner[seen.rows.at]
        found, spread = self.exposure(seen.rows, community, seen.entered, seen.until), self.declared.spread
        expected = spread.p * found.hours + spread.q * found.shared
        return expected, expected


__all__ = ["Contagion"]

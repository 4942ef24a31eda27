"""Attributes of an experiment per entity: the arm assigned, the arm received, the time of exposure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import CATEGORY, TIMESTAMP, Column, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.expressions.ranges import CALENDAR
from datagen.kinds.behaviors.experiment import Experiment
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


def _sample() -> dict[str, Any]:
    arms = {"control": {}, "treatment": {"multiply": {"orders": 1.3}}}
    document = shaped({"type": "experiment", "name": "checkout", "arms": arms})
    shown = {"type": "experiment_attribute", "experiment": "checkout", "attribute": "exposed_at"}
    document["tables"]["customers"]["columns"]["first_seen_at"] = shown
    return document


class ExperimentAttribute(Generator):
    """An attribute of an `experiment` of the table for each entity; missing if it takes no part."""

    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)
    synonyms: ClassVar[tuple[str, ...]] = ("experiment_arm", "assigned_arm")
    type: Literal["experiment_attribute"] = "experiment_attribute"
    experiment: str = Field(description="the name of the experiment")
    attribute: Literal["recorded", "assigned", "received", "exposed_at"] = Field(
        default="recorded",
        description=(
            "assigned: the arm; recorded: the arm, with attrition; received: the arm of its effects; "
            "exposed_at: the time of exposure"
        ),
    )

    def _found(self, context: StaticContext) -> tuple[int, Experiment] | None:
        for number, behavior in enumerate(context.table.behaviors):
            if isinstance(behavior, Experiment) and behavior.name == self.experiment:
                return number, behavior
        return None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        found = self._found(scope)
        column = (found[1].exposed if found else None) or scope.table.moment
        read = (column, found[1].assigned_by if found else None)
        return frozenset((scope.table.name, name) for name in read if name is not None and "." not in name)

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP if self.attribute == "exposed_at" else CATEGORY

    @property
    def missing_by_rule(self) -> bool:
        """Who takes part is drawn at random by design."""
        return not self.modifiers

    def nullable(self, scope: Scope) -> bool:
        return True

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        found = self._found(context)
        return tuple(found[1].arms) if found is not None and self.attribute != "exposed_at" else None

    def extent(self, scope: Scope) -> Extent | None:
        return CALENDAR[TIMESTAMP] if self.attribute == "exposed_at" else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self._found(scope) is None:
            names = [one.name for one in scope.table.behaviors if isinstance(one, Experiment)]
            message = f"'{scope.table.name}' has no experiment '{self.experiment[:60]}'"
            hint = did_you_mean(self.experiment, names) if names else "declare it in 'behaviors'"
            yield scope.problem("missing", message, hint, "experiment")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """It agrees with the hidden column that holds the assigned arm."""
        found = self._found(scope)
        if found is None or not self.intact or scope.column == found[1].truth:
            return
        experiment, span = found[1], found[1].exposure(scope.behavior(found[0]))
        if self.attribute == "received" and experiment.noncompliance:
            return
        lost = self.attribute == "recorded" and any(arm.attrition for arm in experiment.arms.values())
        what = "the time of exposure" if self.attribute == "exposed_at" else f"the arm in '{experiment.truth}'"

        def due(rows: Rows) -> Column:
            arm = rows.column(experiment.truth)
            return arm if self.attribute != "exposed_at" else Column(TIMESTAMP, span(rows)[0], arm.valid)

        yield DerivedColumnDeclaration(
            scope.table.name, scope.column, fill=due, what=what, may_miss=lost or bool(self.modifiers)
        )

    def bind(self, scope: Scope) -> Fill:
        found = self._found(scope)
        assert found is not None
        place, experiment = scope.behavior(found[0]), found[1]
        assignment, recorded = experiment.assignment(place), experiment.recorded(place)
        span, what = experiment.exposure(place), self.attribute

        def fill(rows: Rows) -> Column:
            assigned, received = assignment(rows)
            if what == "exposed_at":
                begin = span(rows)[0]
                return Column(TIMESTAMP, np.where(assigned >= 0, begin, 0)).where(assigned >= 0)
            if what == "received":
                return experiment.words(received)
            return experiment.words(recorded(rows, assigned) if what == "recorded" else assigned)

        return fill

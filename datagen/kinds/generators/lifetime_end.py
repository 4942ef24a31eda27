"""The end of an entity's life as a hidden column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import TIMESTAMP, Column, Rows, Type
from datagen.declarations.constraints import BeforeDeclaration, NotBeforeDeclaration
from datagen.declarations.values import SurvivalDeclaration
from datagen.kinds.behaviors.base import behavior_of
from datagen.kinds.behaviors.support.birth_time import oldest
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior
from datagen.kinds.generators.base import Fill, Generator
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope


def _sample() -> dict[str, Any]:
    document = shaped({"type": "retention", "lifetime": {"type": "exponential", "mean": 9}})
    document["tables"]["customers"]["columns"]["alive_until"] = {"type": "lifetime_end", "hidden": True}
    return document


class LifetimeEnd(Generator):
    """The end of the last spell that the table's retention (or `pareto_nbd`) gives each entity; null beyond the
    window's end.

    A life may end before the window. Entities that are never active have their birth here.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "alive_until",
        "churned_at",
        "end_of_life",
        "death",
        "died_at",
    )
    type: Literal["lifetime_end"] = "lifetime_end"

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        found = behavior_of(scope, LifetimeBehavior, "truth_column")
        return found[1].needs(scope) if found else frozenset()

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if behavior_of(scope, LifetimeBehavior, "truth_column") is None:
            message = f"'{scope.table.name}' needs exactly one behavior that ends lives"
            yield scope.problem(
                "missing", message, f"give it one 'retention', or one with truth_column '{scope.column}'"
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """The distribution of lifetimes, births before ends, and no events after the end."""
        found, window = behavior_of(scope, LifetimeBehavior, "truth_column"), scope.window
        if found is None or window is None or not self.intact:
            return
        place, table, column = scope.behavior(found[0]), scope.table.name, scope.column or ""
        targets = found[1].targets(place)
        if not targets:
            return
        survival_factor = found[1].survival_factor(place)
        yield NotBeforeDeclaration(table, column, bound=survival_factor.born, what="the birth")
        yield from _over(scope, targets)
        if survival_factor.monotone:
            yield SurvivalDeclaration(table, column, lambda: survival_factor, window.end, oldest(place, found[1].born))

    def bind(self, scope: Scope) -> Fill:
        found = behavior_of(scope, LifetimeBehavior, "truth_column")
        assert found is not None and scope.window is not None
        spells, end = found[1].spells(scope.behavior(found[0])), scope.window.end

        def fill(rows: Rows) -> Column:
            ends = spells(rows)[-1][1]
            return Column(TIMESTAMP, np.minimum(ends, end)).where(ends < end)

        return fill


def _over(scope: Scope, targets: Iterable[str]) -> Iterator[Declaration]:
    """The tables whose rows stop when an entity's life is over."""
    tables, entity, column = scope.tables(), scope.table, scope.column or ""
    for target in sorted(targets):
        facts = tables[target]
        moment = facts.moment
        if facts.root == entity.root and facts.depth > entity.depth and moment is not None:
            ends = partial(_above, facts.depth - entity.depth, column)
            yield BeforeDeclaration(target, moment, bound=ends, what=f"the end of life in '{entity.name}.{column}'")


def _above(steps: int, column: str, rows: Rows) -> Column:
    """The cells of a column of the ancestor this many levels up."""
    for _ in range(steps):
        rows = rows.up()
    return rows.column(column)
